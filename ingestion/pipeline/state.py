"""What a warehouse was built from, as one hash: a run over the same has nothing to build."""

import hashlib
from datetime import date
from pathlib import Path

from ingestion.forgotten import FORGOTTEN
from ingestion.inbox import is_refusal
from ingestion.land import Context
from ingestion.loads import MANIFESTS, is_manifest
from ingestion.store import Store, StoredObject

CELLS = ("dbt_project.yml", "models", "macros", "seeds", "snapshots")
"""What of the checkout decides the cells of the warehouse."""

PROJECT = (*CELLS, "tests/generic", "tests/singular", "pages")
"""That, and what decides whether they may be published, and what pages show."""


def state_of(context: Context, as_of: date | None) -> str:
    """SHA-256 in hex over the lake's loads (manifests never change), what is refused, the dbt project and the day.

    A refused file changes no figure, but whether the figures are complete: pages and the roles' files say that too.
    """
    digest = hashlib.sha256(repr(as_of).encode())
    for key in sorted(told for f in context.store.list(MANIFESTS) if (told := _decides(f))):
        digest.update(f"{key}\n".encode())
    _add_files(digest, context.settings.project_dir, PROJECT)
    return digest.hexdigest()


def hash_of_the_macros(project: Path) -> str:
    """SHA-256 in hex over the macros and the settings of the project."""
    digest = hashlib.sha256()
    _add_files(digest, project, ("dbt_project.yml", "macros", "tests/generic"))
    return digest.hexdigest()


def hash_of_the_project(project: Path) -> str:
    """SHA-256 in hex over what makes cells of extracts: what another version has built is not grown, but built anew."""
    digest = hashlib.sha256()
    _add_files(digest, project, CELLS)
    return digest.hexdigest()


def _decides(found: StoredObject) -> str:
    """What the warehouse owes to a record of the lake, as text; empty for one that it does not read."""
    if is_refusal(found.key):
        return f"{found.key} {found.etag}"
    return found.key if is_manifest(found.key) or found.key.startswith(FORGOTTEN) else ""


def forgettings(store: Store) -> list[str]:
    """The persons who were forgotten, by what names each in the lake's list; sorted."""
    return sorted(found.key.removeprefix(FORGOTTEN) for found in store.list(FORGOTTEN))


def _add_files(digest: "hashlib._Hash", project: Path, names: tuple[str, ...]) -> None:
    found = [project / names[0]]
    for name in names[1:]:
        found += [path for path in (project / name).rglob("*") if path.is_file()]
    for path in sorted(found):
        digest.update(f"{path.relative_to(project)}\n".encode())
        digest.update(path.read_bytes())

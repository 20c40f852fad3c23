"""What a warehouse was built from, as one hash: a run over the same has nothing to build."""

import hashlib
from datetime import date
from pathlib import Path

from ingestion.land import Context
from ingestion.manifest import MANIFESTS, is_manifest

PROJECT = (
    "dbt_project.yml",
    "models",
    "macros",
    "seeds",
    "snapshots",
    "tests/generic",
    "tests/singular",
)
"""What of the checkout decides the cells of the warehouse, or whether they may be published."""


def state_of(context: Context, as_of: date | None) -> str:
    """SHA-256 in hex over the lake's loads (manifests never change), the dbt project and the day it is built for."""
    digest = hashlib.sha256(repr(as_of).encode())
    for key in sorted(f.key for f in context.store.list(MANIFESTS) if is_manifest(f.key)):
        digest.update(f"{key}\n".encode())
    for path in _files(context.settings.project_dir):
        digest.update(f"{path.relative_to(context.settings.project_dir)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(project: Path) -> list[Path]:
    found = [project / PROJECT[0]]
    for name in PROJECT[1:]:
        found += [path for path in (project / name).rglob("*") if path.is_file()]
    return sorted(found)

"""What a warehouse was built from, in parts: a run builds what lies downstream of the parts that have changed."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ingestion.forgotten import FORGOTTEN
from ingestion.inbox import REFUSALS
from ingestion.land import Context
from ingestion.loads import Loads, read_loads
from ingestion.store import Store

CELLS = ("dbt_project.yml", "models", "macros", "seeds", "snapshots")
"""The files of the checkout that decide the cells of the warehouse. A fact of other files is rebuilt, not grown."""

MACROS = ("dbt_project.yml", "macros", "tests/generic")
"""The macros and the settings of the project."""

PROJECT_FILES = (*CELLS, "tests/generic", "tests/singular", "pages")
"""These, and the files that decide about publishing and the content of pages."""


State = Mapping[str, str]
"""What decides the cells of a warehouse, in parts: each part's name, and a hash or a day. What is absent is nothing."""

PROJECT = "project"
"""The part of a state with the dbt project, the day and the persons who were forgotten: they change any node."""

REFUSED = "refusals"
"""The part with what is refused. It changes no figure, but whether the figures are complete."""

LOADS_OF = "loads of "
"""What the name of a part begins with that is the loads of a table: source.table follows."""

NEWEST_OF = "newest extract of "
"""What the name of a part begins with that is the newest day of a source: it follows."""


def state_of(context: Context, as_of: date | None) -> dict[str, str]:
    """What decides the cells of the warehouse now: the lake's loads (manifests never change) table by table, the
    newest extract of each source, what is refused, and the dbt project with the day.
    """
    refused = sorted(f"{found.key} {found.etag}\n" for found in context.store.list(REFUSALS))
    first = repr((as_of, forgettings(context.store))).encode()
    parts = {
        PROJECT: hash_of_files(context.settings.project_dir, PROJECT_FILES, first),
        REFUSED: hashlib.sha256("".join(refused).encode()).hexdigest(),
    }
    return parts | _of_loads(read_loads(context.store))


def _of_loads(loads: Loads) -> dict[str, str]:
    """A hash for each table, over the names of its loads, and the newest day of each source."""
    hashes: dict[str, hashlib._Hash] = defaultdict(hashlib.sha256)
    newest: dict[str, date] = {}
    for load in loads:
        hashes[load.full_name].update(f"{load.load_id}\n".encode())
        if loads.is_counted(load):
            newest[load.source] = max(load.extract_date, newest.get(load.source, date.min))
    tables = {f"{LOADS_OF}{name}": digest.hexdigest() for name, digest in hashes.items()}
    return tables | {f"{NEWEST_OF}{source}": day.isoformat() for source, day in newest.items()}


def hash_of_files(project: Path, names: Sequence[str], first: bytes = b"") -> str:
    """SHA-256 in hex over `first`, then these files of the project and those in these folders, with their names."""
    digest = hashlib.sha256(first)
    found = {path for name in names for path in [project / name, *(project / name).rglob("*")]}
    for path in sorted(path for path in found if path.is_file()):
        digest.update(f"{path.relative_to(project)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def forgettings(store: Store) -> list[str]:
    """The forgotten persons, by their names in the lake's list; sorted."""
    return sorted(found.key.removeprefix(FORGOTTEN) for found in store.list(FORGOTTEN))

"""The table `readme` of each DuckDB file: its schemas, the purpose of each, and the one to begin with.

It is in `main`, the schema in which DuckDB begins, so that a person who opens the file sees it first.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from ingestion.access.declaration import MARTS, RAW, README, Relation
from ingestion.sql import literal, quoted

FIRST = "operations"
"""The area that says whether the figures of the others may be used."""

_COLUMNS = {
    "place": "integer",
    "schema_name": "varchar",
    "holds": "varchar",
    "tables": "bigint",
    "reads": "varchar",
}
TABLE = Relation("main", "readme", README, tuple(_COLUMNS))

_BEGIN = "Begin here: {first}.figures_status says whether an area's figures may be used. "
_LANDERS = f"{RAW}_landfall"
_INNER = {
    "staging": "How the marts are made: the newest state of each source's tables, cleaned.",
    "intermediate": "How the marts are made: joins and rules on the way from staging.",
    "snapshots": "How the marts are made: every version of each row, with the days on which it was valid.",
    f"{RAW}_base": "What the sources delivered, load by load, under the names that the models use.",
    _LANDERS: "The records of loads, quarantined rows, refusals, acts and runs.",
}
_THE_LAKE = "the lake: its files must still be where they were"
_THIS_FILE = "this file"


def write_readme(built: Path, relations: Iterable[Relation], areas: Mapping[str, str]) -> None:
    """Write the table into the built file; `areas` says what each area answers, in a sentence."""
    with duckdb.connect(str(built)) as connection:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in _COLUMNS.items())
        connection.execute(f"create or replace table {TABLE.full_name} ({columns})")
        told = "The schemas, what each is for, and the order in which to read them: by place."
        connection.execute(f"comment on table {TABLE.full_name} is {literal(told)}")
        connection.executemany(
            f"insert into {TABLE.full_name} values (?, ?, ?, ?, ?)",
            [list(row) for row in readme(relations, areas)],
        )


def readme(
    relations: Iterable[Relation], areas: Mapping[str, str]
) -> Iterator[tuple[int, str, str, int, str]]:
    """A row for each schema: its place in the order of reading, its name, content, tables, and where they are read."""
    found: dict[str, list[Relation]] = {}
    for relation in relations:
        found.setdefault(relation.schema, []).append(relation)
    for place, schema in enumerate(sorted(found, key=lambda name: _order(found[name][0])), 1):
        first = found[schema][0]
        is_delivered = first.place.startswith(f"{RAW}.") and schema != _LANDERS
        holds = areas.get(schema) or _INNER.get(schema) or "What a source delivered, load by load."
        if schema == FIRST:
            holds = _BEGIN.format(first=FIRST) + holds
        yield place, schema, holds, len(found[schema]), _THE_LAKE if is_delivered else _THIS_FILE


def _order(relation: Relation) -> tuple[int, bool, str]:
    """The verdicts, the marts of each area, names and contacts, the layers below them, the deliveries."""
    kinds = (MARTS, "restricted", "staging", "intermediate", "snapshots", RAW)
    kind = kinds.index(relation.place.partition(".")[0])
    return kind, relation.schema != FIRST, relation.schema

"""The gate over the files of the roles: finds content beyond the role's rights."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from ingestion.access import README_TABLE, Relation, read_declaration
from tests.privacy.gates import graph
from tests.privacy.sought import Sought
from tools.lineage import AS_IS, relation
from tools.project import ROOT

Held = Mapping[str, Mapping[str, frozenset[str] | None]]
"""For each relation of a file its columns, with the columns of sources whose values may be in it; None is masked."""

_NO_TABLES = {
    "view": "duckdb_views() where not internal",
    "macro": "duckdb_functions() where not internal",
    "type": "duckdb_types() where not internal",
    "sequence": "duckdb_sequences()",
    "index": "duckdb_indexes()",
}
_NAMED = ("schemas", "tables", "columns")


def roles() -> dict[str, str]:
    """The roles that have a file of their own, with the ending of its name."""
    declaration = read_declaration(ROOT)
    return {
        name: declaration.file_of(name)
        for name, role in declaration.roles.items()
        if not role.is_inner
    }


def known_relations() -> list[Relation]:
    """The models of the project, with the places by which the declaration names them."""
    found = []
    for node in graph("duckdb").nodes.values():
        if node["resource_type"] == "model":
            schema, name = relation(node).split(".")
            place = ".".join(Path(node["original_file_path"]).parts[1:3])
            columns = tuple(column.lower() for column in node["columns"])
            found.append(Relation(schema, name, place, columns))
    return found


def may_hold(role: str) -> Held:
    """What the declaration lets a role read, and what each column is made of, by the lineage."""
    declaration, read = read_declaration(ROOT), graph("duckdb")
    held: dict[str, Mapping[str, frozenset[str] | None]] = {
        README_TABLE.full_name: dict.fromkeys(README_TABLE.columns, frozenset())
    }
    for known in known_relations():
        if declaration.may_read(role, known):
            carried = read.lineage.relations[known.full_name]
            held[known.full_name] = {
                column: frozenset(origin for origin, form in carried[column] if form == AS_IS)
                if how == "shown"
                else None
                for column, how in declaration.columns(role, known).items()
            }
    return held


def leaks(path: Path, held: Held, sought: Sought) -> list[str]:
    """A line for everything in a file, or beside it, that is not as declared or has a canary where none may be."""
    found = [f"{path.name}.wal is there"] if path.with_name(f"{path.name}.wal").exists() else []
    with duckdb.connect(str(path), read_only=True) as connection:
        found += _catalog(connection, sought)
        for schema, table, column in connection.execute(
            "select table_schema, table_name, lower(column_name) from information_schema.columns"
            " order by all"
        ).fetchall():
            name = f"{schema}.{table}"
            if column not in held.get(name, {}):
                found.append(f"{name}.{column} is not declared")
                continue
            found += _column(connection, name, column, held[name][column], sought)
    anywhere = {
        origin for columns in held.values() for own in columns.values() for origin in own or ()
    }
    bare = sought.places_in_bytes(path.read_bytes()) - _with_the_same_value(anywhere, sought)
    return found + [f"its bytes hold {place}" for place in sorted(bare)]


def _catalog(connection: duckdb.DuckDBPyConnection, sought: Sought) -> Iterator[str]:
    """Problems outside the cells: objects other than tables; names, comments and defaults; free pages."""
    for kind, listed in _NO_TABLES.items():
        (count,) = connection.execute(f"select count(*) from {listed}").fetchall()
        if count[0]:
            yield f"it has a {kind}"
    for kind in _NAMED:
        for row in connection.execute(f"from duckdb_{kind}() where not internal").fetchall():
            for place in sorted(sought.places_in(json.dumps(row, default=str).casefold())):
                yield f"its {kind} tell {place}"
    (free,) = connection.execute("select free_blocks from pragma_database_size()").fetchall()
    if free[0]:
        yield f"{free[0]} of its pages are free, and may hold what was deleted"


def _column(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    origins: frozenset[str] | None,
    sought: Sought,
) -> Iterator[str]:
    asked = f'select distinct cast("{column}" as varchar) from {table}'
    texts = [
        cell.casefold() for (cell,) in connection.execute(asked).fetchall() if cell is not None
    ]
    if origins is None:
        if {*texts} - {"***"}:
            yield f"{table}.{column} is not masked"
        return
    allowed = _with_the_same_value(origins, sought)
    name = table.partition(".")[2]
    places = {place for text in texts for place in sought.places_in(text, name)} - allowed
    for place in sorted(places):
        yield f"{table}.{column} holds {place}"


def _with_the_same_value(origins: set[str] | frozenset[str], sought: Sought) -> set[str]:
    """These places, and those of columns where the same person is named by the same value."""
    return {place for shared in sought.shared.values() if shared & origins for place in shared}

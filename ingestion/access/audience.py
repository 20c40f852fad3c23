"""The DuckDB files of the roles: each holds only what its role may read, as tables.

They are written beside the whole warehouse and compared with the declaration before any of them is published.
"""

import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.access.declaration import Declaration, Relation, rule_as_sql
from ingestion.access.readme import TABLE
from ingestion.sql import literal, quoted
from ingestion.store import sync

MASK = "'***'"
"""The value of a masked text for readers; any other type is null."""

_AUDIENCE = "audience_of_a_role"


@dataclass(frozen=True)
class AudienceFile:
    """The file of one role, at `path`, with the columns of each relation, and its mode; `rows`: {relation: {column:
    [value]}} of those that it holds in part.
    """

    role: str
    path: Path
    mode: int
    holds: dict[str, dict[str, str]]
    rows: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def write(self, warehouse: Path) -> None:
        """Write the file from the built warehouse; it is on disk, with its mode, when this returns."""
        self.path.unlink(missing_ok=True)
        with duckdb.connect(str(warehouse)) as connection:
            # views carry the name of the warehouse's database, so we connect to that one
            connection.execute(f"attach {literal(str(self.path))} as {_AUDIENCE}")
            schemas = sorted({name.partition(".")[0] for name in self.holds})
            known = _columns(connection)
            # one transaction: a commit for each table, or comment, costs more than the rows
            connection.begin()
            for schema in schemas:
                connection.execute(f"create schema if not exists {_AUDIENCE}.{quoted(schema)}")
            for name, columns in self.holds.items():
                _copy(connection, name, columns, known[name], schemas, self.rows.get(name, {}))
            connection.commit()
            connection.execute(f"detach {_AUDIENCE}")
        self.path.chmod(self.mode)
        sync(self.path)


def audience_files(
    declaration: Declaration, relations: Iterable[Relation], warehouse: Path
) -> list[AudienceFile]:
    """The files of all roles that do not read the whole one, beside `warehouse`.

    A relation whose columns are not described is in none of them: access must be declared.
    """
    known = [relation for relation in relations if relation.columns]
    return [
        AudienceFile(
            name,
            warehouse.with_name(f"{warehouse.stem}_{declaration.file_of(name)}.duckdb"),
            int(role.file_mode, 8),
            {
                relation.full_name: dict(declaration.columns(name, relation))
                for relation in known
                if declaration.may_read(name, relation)
            },
            role.rows,
        )
        for name, role in declaration.roles.items()
        if not role.is_inner
    ]


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str, str | None]]]:
    """Name, type and comment of each column of each relation: asked once, as DuckDB binds every view for it."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, list((lower(column_name), data_type, comment))"
        " from duckdb_columns() where database_name = current_database() group by all"
    ).fetchall()
    return dict(rows)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, str],
    known: list[tuple[str, str, str | None]],
    schemas: list[str],
    chosen_rows: Mapping[str, Sequence[str]],
) -> None:
    """Copy a relation with its rows, or those that a rule chooses, and its comments; masked columns keep their type.

    Of the readme the lines of `schemas` alone.
    """
    schema, _, table = name.partition(".")
    full = f"{quoted(schema)}.{quoted(table)}"
    types = {column: kind for column, kind, _ in known}
    chosen = ", ".join(
        quoted(column) if how == "shown" else f"{_masked(types[column])} as {quoted(column)}"
        for column, how in columns.items()
    )
    rows = f"select {chosen} from {full}"
    if name == TABLE.full_name:
        rows += f" where schema_name in ({', '.join(map(literal, schemas))}) order by place"
    elif chosen_rows:
        rows += f" where {rule_as_sql(chosen_rows)}"
    connection.execute(f"create table {_AUDIENCE}.{full} as {rows}")
    for column, _, comment in known:
        if comment is not None and column in columns:
            place = f"{_AUDIENCE}.{full}.{quoted(column)}"
            connection.execute(f"comment on column {place} is {literal(comment)}")


def _masked(kind: str) -> str:
    return MASK if kind == "VARCHAR" else f"cast(null as {kind})"


def differences(files: Iterable[AudienceFile]) -> list[str]:
    """A line for each file whose relations, columns or mode differ from the declaration."""
    found = []
    for file in files:
        if not file.path.exists():
            found.append(f"{file.path.name}: is not there")
            continue
        mode = stat.S_IMODE(file.path.stat().st_mode)
        if mode != file.mode:
            found.append(f"{file.path.name}: its mode is {mode:04o}, declared is {file.mode:04o}")
        held = _held(file.path)
        wanted = {name: [*columns] for name, columns in file.holds.items()}
        found += [
            f"{file.path.name}: {'holds' if name in held else 'lacks'} {name}"
            for name in sorted(held.keys() ^ wanted.keys())
        ]
        found += [
            f"{file.path.name}: {name} has other columns than declared"
            for name in sorted(held.keys() & wanted.keys())
            if held[name] != wanted[name]
        ]
        found += [
            f"{file.path.name}: {name} has other rows than declared" for name in _beyond(file)
        ]
    return found


def _beyond(file: AudienceFile) -> list[str]:
    """The relations with a row that no rule of the role lets through."""
    with duckdb.connect(str(file.path), read_only=True) as connection:
        return [
            name
            for name, rule in file.rows.items()
            if connection.execute(
                f"select 1 from {name} where coalesce({rule_as_sql(rule)}, false) = false limit 1"
            ).fetchone()
        ]


def _held(path: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name, list(lower(column_name) order by column_index)"
            " from duckdb_columns() where not internal group by all"
        ).fetchall()
    return dict(rows)

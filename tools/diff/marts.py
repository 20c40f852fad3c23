"""Two warehouses compared, every mart cell by cell: rows added, removed and changed per column, as counts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Difference:
    """The differences of a mart from base to head. `changed` has the rows that differ by column; `columns` names the
    columns of only one side, with + or -."""

    mart: str
    added: int = 0
    removed: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.columns or self.note)

    def __str__(self) -> str:
        told = [f"{self.added} rows added"] if self.added else []
        told += [f"{self.removed} rows removed"] if self.removed else []
        told += [f"{name}: {count} rows changed" for name, count in self.changed.items()]
        told += [f"columns {', '.join(self.columns)}"] if self.columns else []
        told += [self.note] if self.note else []
        return f"{self.mart}: {'; '.join(told) or 'the same'}"


def compared(
    base: Path,
    head: Path,
    grains: dict[str, list[str]],
    schemas: frozenset[str],
    of_a_run: frozenset[str] = frozenset(),
) -> Iterator[Difference]:
    """Each mart of these schemas; `grains` has the key of each, by `schema.name`.

    The rows of the schemas `of_a_run` differ in every build: of their marts only the columns are compared.
    """
    with duckdb.connect() as connection:
        for side, file in (("base", base), ("head", head)):
            connection.execute(f"attach '{file}' as {side} (read_only)")
        there = {side: _tables(connection, side, schemas) for side in ("base", "head")}
        for mart in sorted(there["base"] | there["head"]):
            if mart not in there["base"]:
                yield Difference(mart, note="a new mart")
            elif mart not in there["head"]:
                yield Difference(mart, note="the mart is gone")
            else:
                cells = mart.split(".")[0] not in of_a_run
                yield _of_mart(connection, mart, grains.get(mart, []), cells=cells)


def _tables(connection: duckdb.DuckDBPyConnection, side: str, schemas: frozenset[str]) -> set[str]:
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = ?"
        " union all select schema_name || '.' || view_name from duckdb_views()"
        " where database_name = ? and not internal",
        [side, side],
    ).fetchall()
    return {name for (name,) in found if name.split(".")[0] in schemas}


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    found = connection.execute(f"describe {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in found}


def _of_mart(
    connection: duckdb.DuckDBPyConnection, mart: str, grain: list[str], *, cells: bool
) -> Difference:
    base, head = _columns(connection, f"base.{mart}"), _columns(connection, f"head.{mart}")
    only = [f"-{name}" for name in base if name not in head]
    only += [f"+{name}" for name in head if name not in base]
    if not cells:
        return Difference(mart, columns=tuple(only))
    shared = [name for name in base if name in head]
    if not grain or not set(grain) <= set(shared) or not _is_key(connection, mart, grain):
        return _as_bags(connection, mart, shared, tuple(only))
    joined = " and ".join(f'b."{name}" is not distinct from h."{name}"' for name in grain)
    others = [name for name in shared if name not in grain]
    counts = ", ".join(
        f'count(*) filter (b.here and h.here and b."{name}" is distinct from h."{name}")'
        for name in others
    )
    row = connection.execute(
        "select count(*) filter (b.here is null), count(*) filter (h.here is null)"
        + (f", {counts}" if counts else "")
        + f" from (select *, true as here from base.{mart}) as b"
        f" full join (select *, true as here from head.{mart}) as h on {joined}"
    ).fetchone()
    assert row is not None
    changed = {name: count for name, count in zip(others, row[2:], strict=True) if count}
    return Difference(mart, row[0], row[1], changed, tuple(only))


def _is_key(connection: duckdb.DuckDBPyConnection, mart: str, grain: list[str]) -> bool:
    """Whether the grain is unique on both sides."""
    names = ", ".join(f'"{name}"' for name in grain)
    return all(
        connection.execute(
            f"select count(*) = (select count(*) from (select distinct {names} from {side}.{mart}))"
            f" from {side}.{mart}"
        ).fetchone()
        == (True,)
        for side in ("base", "head")
    )


def _as_bags(
    connection: duckdb.DuckDBPyConnection, mart: str, shared: list[str], only: tuple[str, ...]
) -> Difference:
    """Without a key on both sides: whole rows that only one side has."""
    names = ", ".join(f'"{name}"' for name in shared)

    def surplus(mine: str, theirs: str) -> int:
        """Rows of one side that the other has not, or less often."""
        found = connection.execute(
            f"select count(*) from (select {names} from {mine}.{mart}"
            f" except all select {names} from {theirs}.{mart})"
        ).fetchone()
        return int(found[0]) if found else 0

    return Difference(mart, surplus("head", "base"), surplus("base", "head"), columns=only)

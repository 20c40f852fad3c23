"""The SQL with which dbt makes history, as it left dbt once, run over raw tables in memory.

dbt compiles the macros and sends their statements; they are written down, and from then on they run
by themselves: some milliseconds a day instead of the better part of a second.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from ingestion.contract import Project
from ingestion.loads import Loads, placed
from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.clerk import State
from tests.warehouse.history.invariants import states, until
from tests.warehouse.memory import in_memory
from tests.warehouse.raw_tables import LANDFALL_TABLES, Load, raw_columns, raw_name, raw_row
from tools.quick import HEARD

NO_CAP = "date '9999-12-31'"
WRITES = ("create", "insert", "update", "delete", "drop", "alter")
RECORDS = ("taken_loads", "history_sizes", "changed_versions")
OF_LOADS = ("base_landfall__loads", "base_landfall__quarantined_rows")
Versions = list[dict[str, Any]]


@dataclass(frozen=True)
class Statements:
    """What dbt sends for one snapshot: its base views, on its first day, on a later one, for the backfill; and the
    query that gives the state."""

    table: str
    snapshot: str
    bases: tuple[str, ...]
    first: tuple[str, ...]
    later: tuple[str, ...]
    backfill: str
    state: str


def statements_of(warehouse: Warehouse, days: Mapping[str, Sequence[Load]]) -> list[Statements]:
    """Let dbt take two days of each snapshot's table and build them again, and write down what it
    sends. `days` has two loads of each."""
    names = ["--select", *days]
    warehouse.raw.write([loads[0] for loads in days.values()])
    first = sent(warehouse, "snapshot", *names)
    warehouse.raw.write([load for loads in days.values() for load in loads])
    later = sent(warehouse, "snapshot", *names)
    words = json.dumps({"snapshots": [*days], "full_refresh": True})
    built = sent(warehouse, "run-operation", "backfill_history", "--args", words)
    bases = {name: [name.replace("snap_", "base_"), *OF_LOADS] for name in days}
    compiled = {
        result.node.name: str(result.node.compiled_code)
        for result in warehouse.dbt("compile", *names, "tag:base").result.results
    }
    return [
        Statements(
            table=loads[0].table,
            snapshot=name,
            bases=tuple(f"create view raw_base.{base} as {compiled[base]}" for base in bases[name]),
            first=tuple(text for text in first if name in text),
            later=tuple(text for text in later if name in text),
            backfill=_query_of(f"create table warehouse.snapshots.{name}__backfill as\n", built),
            state=compiled[name],
        )
        for name, loads in days.items()
    ]


def sent(warehouse: Warehouse, *words: str) -> list[str]:
    """The statements that one dbt command sends and that change something, but for the records."""
    found: list[str] = []

    def listen(event: Any) -> None:
        if event.info.name == "SQLQuery":
            found.append(re.sub(r"/\*.*?\*/", "", event.data.sql, count=1, flags=re.DOTALL).strip())

    HEARD.add("SQLQuery")  # also where other tests spare dbt its messages
    done = warehouse.dbt(*words, callbacks=[listen])
    assert done.success, done.exception
    changing = [text for text in found if text.startswith(WRITES)]
    return [text for text in changing if not any(name in text for name in RECORDS)]


def _query_of(opening: str, texts: Sequence[str]) -> str:
    return next(text for text in texts if text.startswith(opening)).removeprefix(opening)


class CompiledWarehouse:
    """One raw table and its history in memory, driven by the statements that dbt once sent."""

    def __init__(self, project: Project, statements: Statements) -> None:
        self.table, self.statements = project.table(statements.table), statements
        self.is_begun = self._looked_back = False
        self._landed: list[Load] = []
        self._connection = in_memory()
        for schema in ("raw_landfall", f"raw_{self.table.source}", "raw_base", "snapshots"):
            self._connection.execute(f"create schema {schema}")
        for name in ("loads", "quarantined_rows"):
            self._connection.execute(f"create table raw_landfall.{name} ({LANDFALL_TABLES[name]})")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in raw_columns(self.table).items())
        self._connection.execute(f"create table {raw_name(self.table)} ({columns})")
        for view in statements.bases:
            self._connection.execute(view)

    def land(self, load: Load) -> None:
        """Write one load and number all of them anew."""
        self._landed.append(load)
        places = enumerate(load.rows, start=1)
        self._insert(raw_name(self.table), [raw_row(self.table, load, r, p) for p, r in places])
        source, name, unreadable = self.table.source, self.table.name, load.withheld.count(None)
        self._insert(
            "raw_landfall.quarantined_rows",
            [[source, name, load.load_id, 2, 2, None, "bad_date", key] for key in load.withheld],
        )
        self._connection.execute(
            "insert into raw_landfall.loads (source_name, table_name, load_id, extract_date,"
            " extracted_at, kind, is_counted, quarantined, unreadable_keys)"
            " values (?, ?, ?, ?, ?, ?, true, ?, ?)",
            [source, name, load.load_id, load.day, load.extracted_at, load.kind,
             len(load.withheld), unreadable],
        )  # fmt: skip
        self._number()

    def retract(self, load: Load) -> None:
        """Let a load count no longer; its rows leave the catalogue."""
        self._landed.remove(load)
        self._connection.execute(
            f"delete from {raw_name(self.table)} where load_id = '{load.load_id}';"
            f"update raw_landfall.loads set is_counted = false where load_id = '{load.load_id}'"
        )
        self._number()

    def take(self, days: Sequence[date], in_order: bool) -> None:
        """The way that the product would go; where it builds all anew, a replay must agree."""
        if in_order:
            self.snapshot()
            return
        self.replay(days)
        replayed = self.history()
        self._run([f"create or replace table {self._history} as {self.statements.backfill}"])
        assert self.history() == replayed, "the backfill is not what daily snapshots make"

    def replay(self, days: Sequence[date]) -> None:
        """Take each day by itself, as if history had been made every evening."""
        self._run([f"drop table if exists {self._history}"])
        self.is_begun = False
        for day in days:
            self.snapshot(day)

    def snapshot(self, cap: date | None = None) -> None:
        """What `dbt snapshot` does."""
        self._run(self.statements.later if self.is_begun else self.statements.first, cap)
        self.is_begun = True

    def history(self) -> Versions:
        """The history as it stands."""
        return self._versions(f"from {self._history}") if self.is_begun else []

    def check_otherwise(self, history: Versions, day: date, state: State) -> None:
        """The state and the backfill: today's at each step, and by turns those as of `day`, or that
        a second snapshot changes nothing."""
        current = [version for version in history if version["dbt_valid_to"] is None]
        assert self.state() == states(current), "the state is not what the history has open"
        assert self.backfilled() == history, "the backfill is not what daily snapshots make"
        self._looked_back = not self._looked_back
        if self._looked_back:
            assert self.state(day) == state, "the state as of a day is not what was known then"
            assert self.backfilled(day) == until(history, day), "an as-of backfill knows other days"
        else:
            self.snapshot()
            assert self.history() == history, "a second run changes something"

    def backfilled(self, cap: date | None = None) -> Versions:
        """The history as the backfill would build it."""
        return self._versions(_capped(self.statements.backfill, cap))

    def state(self, cap: date | None = None) -> State:
        """What a snapshot would be given."""
        columns = "thing_id, word, number"
        query = f"select {columns} from ({_capped(self.statements.state, cap)})"
        rows = self._connection.execute(query).fetchall()
        assert len({row[0] for row in rows}) == len(rows), "a key stands twice in the state"
        return {row[0]: (row[1], row[2]) for row in rows}

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def _insert(self, table: str, rows: list[list[Any]]) -> None:
        if rows:
            marks = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * len(rows))
            cells = [cell for row in rows for cell in row]
            self._connection.execute(f"insert into {table} values {marks}", cells)

    def _number(self) -> None:
        places = placed(Loads(load.manifest for load in self._landed).counted(self.table.full_name))
        rows = ", ".join(
            f"('{place.load.load_id}', {place.load_number}, {place.state_from}, "
            f"{place.closed_by or 'null'})"
            for place in places
        )
        self._connection.execute(
            "update raw_landfall.loads"
            " set load_number = number, state_from = since, closed_by = closer"
            f" from (values {rows}) as place (load_id, number, since, closer)"
            " where loads.load_id = place.load_id"
        )

    @property
    def _history(self) -> str:
        return f"snapshots.{self.statements.snapshot}"

    def _run(self, statements: Sequence[str], cap: date | None = None) -> None:
        for text in statements:
            self._connection.execute(_capped(text, cap))

    def _versions(self, query: str) -> Versions:
        return versions_of(self._connection, query)


def versions_of(connection: duckdb.DuckDBPyConnection, query: str) -> Versions:
    """The rows of a history by their column's names, in an order of their own."""
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return sorted(rows, key=lambda row: str(row["dbt_scd_id"]))


def _capped(text: str, cap: date | None) -> str:
    return text if cap is None else text.replace(NO_CAP, f"date '{cap}'")

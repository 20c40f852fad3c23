"""A raw table and its history, brought up to date by dbt itself, as `run` does it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.clerk import State
from tests.warehouse.history.compiled import Versions, versions_of
from tests.warehouse.history.invariants import until
from tests.warehouse.raw_tables import Load


class DbtWarehouse:
    """One table of the toy source; every step is a command of dbt."""

    def __init__(self, make: Callable[[], Warehouse], snapshot: str) -> None:
        self._make, self._warehouse, self._snapshot = make, make(), snapshot
        self._loads: list[Load] = []
        self._turn = 0

    def land(self, load: Load) -> None:
        """Make the load count; one that has far fewer rows was released."""
        load.warnings = '{"row_floor": 1}'
        self._loads.append(load)
        self._warehouse.raw.write(self._loads)

    def retract(self, load: Load) -> None:
        """Make the load count no longer."""
        load.retracted = True
        self._warehouse.raw.write(self._loads)

    def take(self, days: list[date], in_order: bool) -> None:
        """What `run` does, which finds out by itself what is due."""
        self._backfill(self._warehouse, False)
        done = self._warehouse.dbt("snapshot", "--select", self._snapshot)
        assert done.success, [result.message for result in done.result.results]

    def history(self) -> Versions:
        """The history as it stands."""
        return self._read(self._warehouse.path)

    def check_otherwise(self, history: Versions, day: date, state: State) -> None:
        """By turns a second run, the backfill from nothing, and that of `day` beside it."""
        self._turn += 1
        if self._turn % 3 == 0:
            self.take([], True)
            assert self.history() == history, "a second run changes something"
        elif self._turn % 3 == 1:
            assert self._built_aside() == history, "the backfill is not what daily snapshots make"
        else:
            known = until(history, day)
            assert self._built_aside(as_of=str(day)) == known, "an as-of backfill knows other days"

    def close(self) -> None:
        """Nothing is held open."""

    def _built_aside(self, **variables: Any) -> Versions:
        aside = self._make()
        aside.raw.write(self._loads)
        self._backfill(aside, True, **variables)
        return self._read(aside.path)

    def _backfill(self, warehouse: Warehouse, full_refresh: bool, **variables: Any) -> None:
        words = json.dumps({"snapshots": [self._snapshot], "full_refresh": full_refresh})
        done = warehouse.dbt("run-operation", "backfill_history", "--args", words, **variables)
        assert done.success, done.exception

    def _read(self, path: Path) -> Versions:
        with duckdb.connect(str(path)) as connection:
            return versions_of(connection, f"from snapshots.{self._snapshot}")

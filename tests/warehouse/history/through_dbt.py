"""A raw table and its history, brought up to date by dbt itself, as `run` does it."""

import json
import shutil
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

    def __init__(self, warehouse: Warehouse, snapshot: str) -> None:
        self._warehouse, self._snapshot = warehouse, snapshot
        self._loads: list[Load] = []

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
        self._backfill(self._warehouse)
        done = self._warehouse.dbt("snapshot", "--select", self._snapshot)
        assert done.success, [result.message for result in done.result.results]

    def history(self) -> Versions:
        """The history as it stands."""
        return self._read(self._warehouse.path)

    def check_otherwise(self, history: Versions, day: date, state: State) -> None:
        """A second run; the backfill from nothing, and that of `day` into a place of its own."""
        self.take([], True)
        assert self.history() == history, "a second run changes something"
        assert self._built_aside() == history, "the backfill is not what daily snapshots make"
        assert self._built_aside(as_of=str(day)) == until(history, day), "another as-of"

    def close(self) -> None:
        """Nothing is held open."""

    def _built_aside(self, **variables: Any) -> Versions:
        aside = Warehouse(**vars(self._warehouse))
        aside.path = self._warehouse.path.parent / "aside" / self._warehouse.path.name
        aside.path.parent.mkdir(exist_ok=True)
        shutil.copyfile(self._warehouse.path, aside.path)
        aside.execute("drop schema snapshots cascade")
        self._backfill(aside, **variables)
        return self._read(aside.path)

    def _backfill(self, warehouse: Warehouse, **variables: Any) -> None:
        words = json.dumps({"snapshots": [self._snapshot], "full_refresh": bool(variables)})
        done = warehouse.dbt("run-operation", "backfill_history", "--args", words, **variables)
        assert done.success, done.exception

    def _read(self, path: Path) -> Versions:
        with duckdb.connect(str(path)) as connection:
            return versions_of(connection, f"from snapshots.{self._snapshot}")

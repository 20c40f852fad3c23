"""History by its two ways on each engine: a few days of every kind of extract, with the project's own SQL.

Each engine takes three days at once, one more by a snapshot, and then one that came late. After each of them its
history must say what a clerk with a plain dictionary knows, and have the same cells as on the others.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.session import Session
from dbt.cli.main import dbtRunner

from ingestion.contract import read_project
from ingestion.land import land, open_context
from ingestion.settings import Settings
from tests.warehouse.conftest import QUIET, manifest_of, toy_project
from tests.warehouse.history.invariants import Version, check_history
from tests.warehouse.history.test_named_histories import changes, dms_full, full, newer
from tests.warehouse.raw_tables import Load, RawTables
from tools.athena.engine import Athena
from tools.project import KEY
from tools.quick import shared
from tools.redshift.engine import redshift_engine
from tools.standins.aws import BUCKET

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]

# a change, an empty cell and back, a delete and a return; the fifth is missing
AT_ONCE = [
    *(full(2, "1a 2b 3c"), full(3, "1- 2b"), full(4, "1a 2b 3c")),
    *(dms_full(2, "1a 2b 3c"), changes(3, "1- 3!"), changes(4, "1a 3c")),
    *(newer(2, "1a 2b 3c"), newer(3, "1- 3!"), newer(4, "1a 3c")),
]
# a change, a delete and an insert
ONE_MORE = [full(6, "1b 3c 4d"), changes(6, "1b 2! 4d"), newer(6, "1b 2! 4d")]
# the missing one
LATE = [full(5, "1a 2x 3c"), changes(5, "2x"), newer(5, "2x")]

STEPS = {"several days at once": AT_ONCE, "one more day": ONE_MORE, "a day that is late": LATE}
TABLES = ("toy.listed", "toy.changed", "toy.flagged")
SNAPSHOTS = {table: f"snap_{table.replace('.', '__')}" for table in TABLES}
COLUMNS = ("thing_id", "word", "number", "row_hash", "dbt_scd_id", "dbt_valid_from", "dbt_valid_to")
ASIDE = "histories"
"""The prefix of each schema, and of the lake: other tests have theirs on the same engine."""
LAKE = f"s3://{BUCKET}/{ASIDE}"

Histories = dict[str, list[Version]]


@dataclass
class Leg:
    """An engine with the project parsed for it; `read` gives the rows of a query."""

    project: Path
    settings: dict[str, str]
    read: Callable[[str], Sequence[Sequence[Any]]]
    taken: dict[str, Histories] = field(default_factory=dict)
    _manifest: Any = None

    def dbt(self, *words: str) -> Any:
        """One command; what it results in."""
        target = self.settings["LANDFALL_TARGET"]
        places = ("--project-dir", str(self.project), "--profiles-dir", str(self.project))
        more = ("--target-path", f"{self.project}/target/{target}")
        given = ("--target", target, "--vars", json.dumps({"into": ASIDE}))
        with environment(self.settings):
            if not self._manifest:
                self._manifest = manifest_of(
                    dbtRunner().invoke([*QUIET, "parse", *places, *more, *given])
                )
            runner = dbtRunner(manifest=self._manifest)
            done = runner.invoke([*QUIET, *words, *places, *more, *given])
        assert done.success, done.exception or [each.message for each in done.result.results]
        return done.result

    def take(self, step: str) -> None:
        """Bring the histories up to date by the way that the step is for, and keep what they say."""
        if step == "one more day":
            self.dbt("snapshot", "--select", *SNAPSHOTS.values())
        else:
            self.dbt("run", "--select", "tag:base")
            words = json.dumps({"snapshots": list(SNAPSHOTS.values())})
            self.dbt("run-operation", "backfill_history", "--args", words)
        self.taken[step] = {table: self._history(name) for table, name in SNAPSHOTS.items()}

    def _history(self, snapshot: str) -> list[Version]:
        query = f"select {', '.join(COLUMNS)} from {ASIDE}_snapshots.{snapshot}"
        versions = [version_of(row) for row in self.read(query)]
        return sorted(versions, key=lambda version: str(version["dbt_scd_id"]))


def version_of(cells: Sequence[Any]) -> Version:
    """One version, whatever its engine gives for a number or a time."""
    row = dict(zip(COLUMNS, cells, strict=True))
    times = {
        name: datetime.fromisoformat(str(row[name])) if row[name] is not None else None
        for name in ("dbt_valid_from", "dbt_valid_to")
    }
    return row | times | {"thing_id": int(row["thing_id"])}


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """This process has these settings, and nothing of this machine's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("LANDFALL", "DBT", "AWS"))]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


def deliver(loads: Sequence[Load], athena: Athena, settings: dict[str, str], project: Path) -> None:
    """Land extracts as their source would send them."""
    columns = {f"{table.source}.{table.name}": table.columns for table in read_project(project)}
    for load in loads:
        names = [column.name for column in columns[load.table]]
        key, body = extract_of(load, names)
        athena.s3.put_object(Bucket=BUCKET, Key=f"{ASIDE}/inbox/{key}", Body=body.encode())
    with environment(settings):
        outcomes = land(open_context(Settings.from_environment(settings, project)))
    assert [outcome.outcome for outcome in outcomes] == ["landed"] * len(loads)


def extract_of(load: Load, columns: Sequence[str]) -> tuple[str, str]:
    """Where an extract lies in the inbox, and what is in it."""
    name, is_changes = load.table.removeprefix("toy."), load.kind == "changes"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(["op"] if is_changes else []), *columns])
    for row in load.rows:
        operation = [row["_operation"]] if is_changes else []
        writer.writerow([*operation, *(row.get(column) for column in columns)])
    where = f"{name}/{load.day:%Y%m%d}-120000000.csv" if is_changes else f"{load.day}/{name}.csv"
    return f"toy/{where}", text.getvalue()


def only_the_toy_source(folder: Path) -> Path:
    """The project without any other source: each has a schema and tables of its own on every engine."""
    folder.mkdir()
    toy_project(folder)
    for name, own in (
        ("models/base", ("landfall", "toy")),
        ("models/staging", ("landfall", "toy")),
        ("snapshots", ("toy",)),
    ):
        for path in (folder / name).iterdir():
            if path.name not in own:
                shutil.rmtree(path)
    return folder


@pytest.fixture(scope="module")
def legs(athena: Athena, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Leg]]:
    """The three engines after all steps: Athena and Redshift over one lake, DuckDB over tables made by hand."""
    folder = tmp_path_factory.mktemp("histories")
    project, file = only_the_toy_source(folder / "project"), folder / "warehouse.duckdb"
    own = {"LANDFALL_LAKE": LAKE, "LANDFALL_KEY": KEY, "DO_NOT_TRACK": "1"}

    def read_duckdb(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file)) as connection:
            return connection.execute(query).fetchall()

    with redshift_engine(athena.url) as redshift, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "create_client", shared(Session.create_client))
        by_hand = {"LANDFALL_TARGET": "duckdb", "LANDFALL_WAREHOUSE": str(file)}
        made = {
            "duckdb": Leg(project, by_hand, read_duckdb),
            "redshift": Leg(project, redshift.settings | own, redshift.rows),
            "athena": Leg(project, athena.settings | own, athena.rows),
        }
        raw, loads = RawTables(file, project), []
        for step, more in STEPS.items():
            loads += more
            raw.write(loads)
            deliver(more, athena, made["athena"].settings, project)
            for leg in made.values():
                leg.take(step)
        yield made


@pytest.mark.parametrize("name", ["athena", "redshift"])
def test_history_says_what_was_known_and_has_the_same_cells_as_on_duckdb(
    name: str, legs: dict[str, Leg]
) -> None:
    loads: list[Load] = []
    for step, more in STEPS.items():
        loads += more
        found = legs[name].taken[step]
        for table in TABLES:
            check_history(found[table], [load for load in loads if load.table == table])
        assert found == legs["duckdb"].taken[step], step


def test_every_step_added_to_what_was_known_of_the_lists(legs: dict[str, Leg]) -> None:
    counts = [len(histories["toy.listed"]) for histories in legs["duckdb"].taken.values()]
    assert counts == [6, 8, 9]

"""The whole product on the three engines over one lake, a deployed stack's: six days by backfill, then one by snapshot.

On Athena it runs with what the stack gives to its task of runs, and its calls of AWS are recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest

from ingestion.outcome import Outcome
from tests.deploy.deploying import Stack, deployed
from tests.engines.parity import extracts
from tests.engines.parity.cells import Relation
from tests.engines.parity.lake import Lake
from tests.engines.parity.legs import (
    Leg,
    athena_reader,
    athena_rows,
    duckdb_reader,
    environment,
    published,
    reachable,
    redshift_reader,
    relations,
)
from tests.warehouse.practice import keep_the_practice_alone
from tools.athena.engine import Athena
from tools.project import KEY, copy_of_the_project
from tools.quick import NO_TESTS_OF_COLUMNS, spare_dbt_work
from tools.redshift.engine import Redshift, redshift_engine


@dataclass
class Parity:
    """What was built. `said` is what each leg's runs said, in order."""

    lake: Lake
    legs: dict[str, Leg]
    athena: Athena
    redshift: Redshift
    stack: Stack
    calls: Path
    outcomes: list[Outcome] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)
    runs: dict[str, dict[str, bytes]] = field(default_factory=dict)
    before: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _cells: dict[str, dict[str, Relation]] = field(default_factory=dict)

    def run(self, name: str, *, only_history: bool = False) -> None:
        """One run on an engine, which sees the records of its own runs and of no other's; or its first step alone."""
        leg, said = self.legs[name], self.said.setdefault(name, [])
        if only_history:
            leg.dbt("run", "--select", "tag:base")
            said.append(leg.dbt("run-operation", "backfill_history"))
            # a record of a run before, as the other has one
            self.runs[name] = dict(self.runs["duckdb"])
            return
        self.before[name] = self.runs.get(name, {})
        with self.lake.holding(self.before[name]):
            try:
                said.append(leg.ingestion("run"))
            finally:
                self.runs[name] = self.lake.runs()

    def small_leg(self, name: str, folder: Path) -> Leg:
        """The engine with the practice's models alone: for commands with variables of their own, for which dbt must
        parse the project anew."""
        leg = self.legs[name]
        project = copy_of_the_project(folder)
        keep_the_practice_alone(project)
        return replace(
            leg, project=project, environment=leg.environment | {"LANDFALL_PROJECT": str(project)}
        )

    def cells(self, name: str, relation: str) -> Relation:
        """The cells of a relation on an engine. All are read at once, as for each change of the lake Redshift looks
        through all that is registered."""
        if name not in self._cells:
            # where a mart is a view it reads the lake: as the last run saw it, before its own record
            with self.lake.holding(self.before[name]):
                if name == "duckdb":
                    # its file holds what was registered, the others look into the lake
                    self.legs[name].ingestion("register")
                self._cells[name] = self.legs[name].read(self.relations)
        return self._cells[name][relation]

    def ask(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query on an engine, over the lake as it is."""
        if name == "athena":
            return athena_rows(self.athena, sql)
        if name == "redshift":
            return [tuple(row) for row in self.redshift.rows(sql)]
        with published(self.legs[name].environment) as file:
            return file.execute(sql).fetchall()

    def dbt(self, name: str, *words: str) -> str:
        """A dbt command on an engine, over the lake as its last run saw it; returns its output."""
        with self.lake.holding(self.before[name]):
            return self.legs[name].dbt(*words)

    @cached_property
    def relations(self) -> list[str]:
        """Every relation whose cells must be the same."""
        return relations(self.legs["duckdb"].manifest())


@pytest.fixture(scope="session")
def parity(athena: Athena, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parity]:
    """The seven days, landed once and built on each engine, one after the other."""
    spare_dbt_work()  # for who asks dbt in this process
    with redshift_engine(athena.url) as redshift:
        made = _parity(athena, redshift, tmp_path_factory)
        for last_day in (False, True):
            folder = tmp_path_factory.mktemp("inbox")
            made.outcomes += made.lake.deliver(extracts.inbox(folder, last_day=last_day))
            for name in made.legs:
                # A build takes a stand-in minutes: before the last day they do what `run` does first
                made.run(name, only_history=name != "duckdb" and not last_day)
        yield made


def _stack(athena: Athena) -> Stack:
    """The template, deployed at the stand-in, with the tests' key; the stand-in is reached without TLS."""
    with reachable(athena.settings):
        stack = deployed()
        boto3.client("s3").delete_bucket_policy(Bucket=stack.outputs["Lake"])
        secrets = boto3.client("secretsmanager")
        secrets.put_secret_value(SecretId=stack.outputs["KeySecret"], SecretString=KEY)
    return stack


def _parity(athena: Athena, redshift: Redshift, folders: pytest.TempPathFactory) -> Parity:
    stack, calls = _stack(athena), folders.mktemp("calls") / "athena"
    with reachable(athena.settings):
        of_task = stack.settings
    lake = {"LANDFALL_LAKE": of_task["LANDFALL_LAKE"]}
    settings = {
        "duckdb": athena.settings | lake | {"LANDFALL_TARGET": "duckdb"},
        "redshift": redshift.settings | lake,
        "athena": athena.settings | of_task | {"RECORD_CALLS_INTO": str(calls)},
    }
    projects = {
        name: copy_of_the_project(folders.mktemp(name), "pages", target=name) for name in settings
    }
    environments = {name: environment(projects[name], settings[name]) for name in settings}
    for name in ("athena", "redshift"):
        # a failure on one of these engines alone would be a cell that differs
        environments[name] |= NO_TESTS_OF_COLUMNS
    readers = {
        "duckdb": duckdb_reader(environments["duckdb"]),
        "redshift": redshift_reader(redshift, projects["redshift"]),
        "athena": athena_reader(athena),
    }
    legs = {name: Leg(name, projects[name], environments[name], readers[name]) for name in settings}
    of_athena = legs["athena"]
    lake_of_all = Lake(athena.s3, of_athena.environment, of_athena.project)
    return Parity(lake_of_all, legs, athena, redshift, stack, calls)

"""The unchanged dbt adapter over the stand-in: two days of a tiny project."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult

from ingestion.pages.answers import answers_told
from tools.athena.engine import Athena
from tools.project import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]

PROJECT = Path(__file__).parent / "tiny_project"
QUIET = ("--no-use-colors", "--log-level", "none", "--log-level-file", "none")


class Tiny:
    """The project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dbt(self, *words: str, day: str) -> dbtRunnerResult:
        places = ("--project-dir", str(self.folder), "--profiles-dir", str(self.folder))
        result = dbtRunner().invoke([*QUIET, *words, *places, "--vars", json.dumps({"day": day})])
        assert result.success, result.exception or [
            (node.node.name, node.message)
            for node in result.result
            if node.status in ("error", "fail")
        ]
        return result


@pytest.fixture(scope="module")
def built(athena: Athena, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """The project after its first and its second day."""
    folder = tmp_path_factory.mktemp("tiny") / "project"
    shutil.copytree(PROJECT, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in athena.settings.items():
            patch.setenv(name, value)
        tiny = Tiny(folder)
        tiny.dbt("build", day="2026-11-20")
        tiny.dbt("build", day="2026-11-21")
        yield tiny


def test_the_second_day_replaces_the_table(athena: Athena, built: Tiny) -> None:
    rows = athena.rows("select id, label, amount, seen_on from tiny.dim_visits order by id")
    assert rows == [
        ("1", "Adult cleaning", "90.00", "2026-11-20"),
        ("2", "Exam, first", "40.00", "2026-11-20"),
        ("4", "Adult cleaning", None, "2026-11-21"),
    ]


def test_the_merge_updates_and_adds_and_keeps_what_is_gone(athena: Athena, built: Tiny) -> None:
    rows = athena.rows("select id, amount, merged_on from tiny.fct_visits order by id")
    assert rows == [
        ("1", "90.00", "2026-11-21"),
        ("2", "40.00", "2026-11-21"),
        ("3", "41.25", "2026-11-20"),
        ("4", None, "2026-11-21"),
    ]


def test_the_snapshot_closes_what_changed_and_what_is_gone(athena: Athena, built: Tiny) -> None:
    rows = athena.rows(
        "select id, amount, dbt_valid_to is null from tiny.snap_visits order by id, dbt_valid_from"
    )
    assert rows == [
        ("1", "95.50", "false"),
        ("1", "90.00", "true"),
        ("2", "40.00", "true"),
        ("3", "41.25", "false"),
        ("4", None, "true"),
    ]


def test_nothing_of_the_rebuild_is_left(athena: Athena, built: Tiny) -> None:
    assert athena.rows("show tables in tiny") == [
        ("dim_visits",),
        ("fct_visits",),
        ("procedures",),
        ("snap_visits",),
        ("visits",),
    ]


def test_descriptions_reach_the_catalogue(athena: Athena, built: Tiny) -> None:
    table = athena.glue.get_table(DatabaseName="tiny", Name="dim_visits")["Table"]
    assert table["Description"] == "One row per visit; it's a table."
    assert table["StorageDescriptor"]["Columns"][0]["Comment"] == "the key"


def test_the_documentation_knows_every_table(built: Tiny) -> None:
    built.dbt("docs", "generate", day="2026-11-21")
    catalog = json.loads((built.folder / "target" / "catalog.json").read_text())
    assert sorted(name.split(".")[-1] for name in catalog["nodes"]) == [
        "dim_visits",
        "fct_visits",
        "procedures",
        "snap_visits",
        "visits",
    ]


def test_a_full_refresh_swaps_the_merged_table(athena: Athena, built: Tiny) -> None:
    built.dbt("build", "--full-refresh", "--select", "fct_visits", day="2026-11-21")
    assert athena.rows("select count(*) from tiny.fct_visits") == [("3",)]


def test_decimals_reach_the_pages_as_numbers_although_the_adapter_hands_on_texts(
    built: Tiny,
) -> None:
    macros = built.folder / "macros"
    macros.mkdir(exist_ok=True)
    for name in ("operations/answers.sql", "dialect/decimals.sql"):
        shutil.copy(ROOT / "macros" / name, macros)
    sql = (
        "select cast(1.50 as decimal(12, 2)) as amount, '1.50' as code, date '2022-03-01' as day,"
        " cast(null as decimal(12, 2)) as none, 7 as visits, true as is_open order by 1"
    )
    told: list[str] = []
    places = ("--project-dir", str(built.folder), "--profiles-dir", str(built.folder))
    words = ("run-operation", "answers_as_json", "--args", json.dumps({"queries": {"one": sql}}))
    listener = dbtRunner(callbacks=[lambda event: told.append(event.info.msg)])
    assert listener.invoke([*QUIET, *words, *places]).success
    (answer,) = [line for line in told if line.startswith('{"query"') or '"query": "one"' in line]
    assert answers_told([answer])["one"] == [
        {
            "amount": Decimal("1.50"),
            "code": "1.50",
            "day": date(2022, 3, 1),
            "none": None,
            "visits": Decimal(7),
            "is_open": True,
        }
    ]

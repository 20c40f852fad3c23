"""`make demo` does what the README says of it, over fewer days; and its marts answer as its files do."""

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import read_project
from ingestion.land.withheld import withheld_rows
from ingestion.loads import read_loads
from ingestion.store import open_store
from samples import demo
from tests.warehouse.answers import QUESTIONS, Answers
from tools.demonstration import DAYS, Demonstration, demonstrated
from tools.project import ROOT


@pytest.fixture(scope="module")
def shown() -> Demonstration:
    return demonstrated()


@pytest.fixture(scope="module")
def answers(shown: Demonstration) -> Answers:
    """The answers from the archive of the demo."""
    return Answers(open_store(str(shown.lake)))


@pytest.mark.slow
@pytest.mark.parametrize("question", list(QUESTIONS))
def test_the_marts_answer_as_the_archived_files_do(
    shown: Demonstration, answers: Answers, question: str
) -> None:
    with duckdb.connect(str(shown.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(QUESTIONS[question]).fetchall()
    assert len(rows) == len(set(rows)) > 0
    assert set(rows) == getattr(answers, question)()


@pytest.mark.slow
def test_status_misses_the_rows_that_the_warehouse_misses(shown: Demonstration) -> None:
    store = open_store(str(shown.lake))
    loads = read_loads(store)
    lacking = {
        table.full_name: withheld_rows(store, table, loads.counted(table.full_name))
        for table in read_project(ROOT)
    }
    query = "select source_name || '.' || table_name, quarantined_rows from operations.table_status"
    with duckdb.connect(str(shown.warehouse), read_only=True) as warehouse:
        assert lacking == dict(warehouse.execute(query).fetchall())
    withheld = {load.full_name for load in loads if load.quarantined}
    assert {name for name, rows in lacking.items() if rows} < withheld


@pytest.mark.slow
def test_the_demo_lands_a_month_then_a_day_and_shows_what_came_out(
    shown: Demonstration,
) -> None:
    for title, _ in demo.FIGURES:
        assert title in shown.said
    folder = shown.folder / "demo"
    assert "refused unknown_column" in (folder / "run_of_the_month.txt").read_text()
    # two screens, and three files to open
    assert len(shown.said.splitlines()) <= 120
    for name in ("report/index.html", "report/operations.html", "warehouse_marts.duckdb"):
        assert name in shown.said and (folder / name).exists()
    with duckdb.connect(str(shown.warehouse), read_only=True) as warehouse:
        count = "select count(*) from operations.data_validations where verdict = {}"
        assert warehouse.execute(count.format("'differs'")).fetchone() == (0,)
        assert warehouse.execute(count.format("'holds'")).fetchone() > (0,)
        # an export of changes stays part of the state, so what it could not give is missing
        withheld = (
            "select finding, rows_found from operations.data_findings"
            " where table_name = 'trips_table' and place = 'quarantine'"
        )
        assert warehouse.execute(withheld).fetchall() == [("bad_json", 1)]
        rides = "select verdict from operations.figures_status where area = 'rides'"
        assert warehouse.execute(rides).fetchall() == [
            ("incomplete: 1 row of taxi.trips_table in quarantine",)
        ]
        taken = (
            "select taken_by, count(distinct extract_date) from snapshots.taken_loads group by 1"
        )
        assert dict(warehouse.execute(taken).fetchall()) == {"backfill": DAYS - 1, "snapshot": 1}


@pytest.mark.slow
def test_what_is_open_by_age_adds_up_to_the_ledgers_balance_and_to_the_pages(
    shown: Demonstration,
) -> None:
    table = shown.said.partition("(billing.ar_ageing)\n")[2].partition("\n\n")[0]
    head, *lines = (line.split() for line in table.splitlines())
    assert head[-1] == "balance_amount"
    *ages, (*name, items, owed, credited, balance) = lines
    assert name == ["in", "all"]
    sums = [sum(Decimal(line[column]) for line in ages) for column in range(1, 5)]
    assert [*map(str, sums)] == [items, owed, credited, balance]
    with duckdb.connect(str(shown.warehouse), read_only=True) as warehouse:
        ledger = (
            "select sum(signed_amount) from billing.fct_ledger_entries where not is_future_dated"
        )
        assert warehouse.execute(ledger).fetchone() == (Decimal(balance),)
    page = (shown.folder / "demo/report/index.html").read_text()
    assert f"balance: <strong>${Decimal(balance):,}</strong>" in page


def test_the_demo_says_which_step_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "show", lambda: demo.command({}, "no_such_module"))
    assert demo.main() == 1
    assert re.search(
        r"^demo: python -m no_such_module: exit code 1, not 0$", capsys.readouterr().err
    )


def test_settings_for_the_shell_are_for_the_owner_alone(tmp_path: Path) -> None:
    values = demo.prepare(tmp_path / "demo")
    script = tmp_path / "demo" / "settings.sh"
    assert script.stat().st_mode & 0o077 == 0
    assert f"export LANDFALL_KEY='{values['LANDFALL_KEY']}'" in script.read_text()

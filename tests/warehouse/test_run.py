"""`run` as its users meet it: what it publishes, what it leaves alone when something fails, what it never says."""

import json
import re

import pytest

from ingestion.contract import read_project
from samples.practice import Options, write
from tests.warehouse.practice import Practice, keep_the_practice_alone

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]
CANARY = "Zyxwvutcanary"
DELIVERED = Options(days=8, patients=60, employees=8, seed=3, clean=True)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """A practice after its first run, over eight days of extracts without dirt but for one name that must not leak."""
    made = Practice(tmp_path_factory.mktemp("practice"))
    write(made.lake / "inbox", DELIVERED)
    newest = sorted((made.lake / "inbox/clinic").glob("2*/patient.csv"))[-1]
    lines = newest.read_text().split("\n")
    cells = lines[1].split(",")
    newest.write_text("\n".join([lines[0], ",".join([cells[0], CANARY, *cells[2:]]), *lines[2:]]))
    return after_its_first_run(made)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """The same without the other sources' models, for what does not depend on them: a run takes a third of the time."""
    made = Practice(tmp_path_factory.mktemp("small"))
    keep_the_practice_alone(made.project)
    write(made.lake / "inbox", DELIVERED)
    return after_its_first_run(made)


def after_its_first_run(made: Practice) -> Practice:
    made.first = made.command("run")
    assert made.first.returncode == 0, made.first.stdout + made.first.stderr
    return made


def test_the_first_run_publishes_marts_with_their_verdicts(practice: Practice) -> None:
    said = practice.first.stdout
    assert f"published: {practice.warehouse}" in said
    assert practice.query("select count(*) > 0 from clinic.fct_appointments") == [(True,)]
    verdicts = dict(practice.query("select area, verdict from operations.figures_status"))
    assert {"clinic", "billing"} <= set(verdicts)
    assert practice.query("select distinct verdict from raw_landfall.runs") == [("complete",)]


def test_sources_that_never_delivered_are_empty_and_disturb_nothing(practice: Practice) -> None:
    verdicts = dict(practice.query("select area, verdict from operations.figures_status"))
    assert verdicts.pop("clinic") == verdicts.pop("billing") == "complete"
    assert len(verdicts) > 1
    assert set(verdicts.values()) == {"nothing: no extract has been landed yet"}
    assert practice.query("select count(*) from commerce.fct_orders") == [(0,)]
    assert practice.query("select count(*) from stock.fct_stock_balances") == [(0,)]
    differing = "select count(*) from operations.data_validations where verdict = 'differs'"
    assert practice.query(differing) == [(0,)]


def test_a_run_with_nothing_new_builds_nothing(practice: Practice) -> None:
    before = practice.fingerprint()
    again = practice.command("run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing new since the last build" in again.stdout
    assert len(before) > 10 and practice.fingerprint() == before


def test_everything_built_again_from_the_raw_extracts_has_the_same_cells(
    practice: Practice,
) -> None:
    before = practice.fingerprint()
    again = practice.command("run", "--full-refresh")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "backfilled" in again.stdout
    assert practice.fingerprint() == before


def test_a_failed_test_publishes_nothing_and_the_next_run_goes_on(small: Practice) -> None:
    before = small.warehouse.read_bytes()
    failing = small.project / "tests/singular/nobody_is_ever_a_patient.sql"
    failing.write_text(
        "{{ config(enabled=true) }}\nselect patient_key from {{ ref('dim_patients') }}\n"
    )
    failed = small.command("run")
    assert failed.returncode == 1
    assert "nobody_is_ever_a_patient" in failed.stdout and "not published" in failed.stdout
    assert small.warehouse.read_bytes() == before
    failing.unlink()
    mended = small.command("run")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert small.query(
        "select count(distinct run_id) from raw_landfall.runs where verdict = 'failed'"
    ) == [(1,)]


def test_an_earlier_day_is_built_aside_and_the_published_warehouse_stays(
    practice: Practice,
) -> None:
    before = practice.warehouse.read_bytes()
    days = [
        row[0]
        for row in practice.query("select distinct extract_date from raw_clinic.patient order by 1")
    ]
    done = practice.command("run", "--as-of", str(days[3]), "--into", "audit")
    assert done.returncode == 0, done.stdout + done.stderr
    audit = practice.warehouse.with_name("audit.duckdb")
    newest = "select max(balance_date) from billing.fct_account_balances"
    assert practice.query(newest, audit) == [(days[3],)]
    assert practice.query(newest) == [(days[-1],)]
    assert practice.warehouse.read_bytes() == before


def test_an_earlier_day_is_never_built_over_the_live_history(small: Practice) -> None:
    before = small.warehouse.read_bytes()
    days = small.query("select distinct extract_date from raw_clinic.patient order by 1")
    refused = small.command("run", "--as-of", str(days[3][0]))
    assert refused.returncode == 1 and "--into" in refused.stdout + refused.stderr
    assert small.warehouse.read_bytes() == before


def test_a_second_run_at_the_same_time_is_told_who_is_at_work(small: Practice) -> None:
    lease = {"holder": "another", "since": "2026-01-01T00:00:00", "expires": "2999-01-01T00:00:00"}
    place = small.lake / "manifests/lease.json"
    kept = place.read_bytes()
    place.write_text(json.dumps(lease))
    told = small.command("run")
    place.write_bytes(kept)
    assert told.returncode == 4
    assert told.stderr.count("\n") == 1 and "another run is at work: another" in told.stderr


def test_no_cell_is_in_anything_that_a_run_says_or_leaves_outside_the_lake(
    practice: Practice,
) -> None:
    assert practice.query(
        f"select count(*) from restricted.dim_patient_identities where first_name = '{CANARY}'"
    )
    said = practice.first.stdout + practice.first.stderr
    assert CANARY not in said
    for path in practice.project.rglob("*"):
        if path.is_file() and "lake" not in path.parts and path.suffix != ".duckdb":
            assert CANARY.encode() not in path.read_bytes(), path


def test_no_direct_identifier_is_a_cell_of_any_area(practice: Practice) -> None:
    direct = {
        str(value)
        for table in read_project(practice.project)
        for column in table.columns
        if column.sensitivity == "direct" and column.type.name == "string"
        for (value,) in practice.query(
            f'select distinct "{column.name}" from raw_{table.source}."{table.name}"'
            f' where "{column.name}" is not null'
        )
    }
    assert CANARY in direct and len(direct) > 300
    shown = practice.query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema not in ('staging', 'intermediate', 'snapshots', 'restricted')"
        " and table_schema not like 'raw\\_%' escape '\\' and data_type = 'VARCHAR'"
    )
    assert len(shown) > 50
    with practice.connected() as connection:
        for schema, table, column in shown:
            asked = connection.execute(f'select distinct "{column}" from {schema}.{table}')
            assert not {str(cell) for (cell,) in asked.fetchall()} & direct, (table, column)


def test_every_unit_test_passes(practice: Practice) -> None:
    said = practice.dbt("test", "--select", "test_type:unit").stdout
    assert re.search(r"PASS=\d{2,} WARN=0 ERROR=0 SKIP=0", said), said[-2000:]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--into", "audit"], "--into needs --as-of"),
        (["--as-of", "2022-03-01", "--into", "a-b"], "letters, digits and _"),
    ],
)
def test_words_that_do_not_go_together_are_one_line(
    practice: Practice, words: list[str], told: str
) -> None:
    refused = practice.command("run", *words)
    assert refused.returncode == 2 and told in refused.stderr
    assert refused.stderr.count("\n") == 1

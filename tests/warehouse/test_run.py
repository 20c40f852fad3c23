"""`run` as its users meet it: what it publishes, what it leaves alone when something fails, what it never says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import read_project
from ingestion.store import open_store
from samples.practice import Options, write
from tests.warehouse.answers import QUESTIONS, Answers
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
    assert "Warning" not in practice.first.stderr
    assert practice.query("select count(*) > 0 from clinic.fct_appointments") == [(True,)]
    verdicts = dict(practice.query("select area, verdict from operations.figures_status"))
    assert {"clinic", "billing"} <= set(verdicts)
    assert practice.query("select distinct verdict from raw_landfall.runs") == [("complete",)]


def test_no_run_of_these_tests_makes_the_tests_of_columns(practice: Practice) -> None:
    made = re.search(r"^test +pass +(\d+)$", practice.first.stdout, re.MULTILINE)
    assert made and 100 < int(made[1]) < 300


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_the_marts_answer_as_the_archived_files_do(practice: Practice, question: str) -> None:
    """As test_demo.py has it, over another practice."""
    rows = practice.query(QUESTIONS[question])
    assert set(rows) == getattr(Answers(open_store(str(practice.lake))), question)()
    assert len(rows) == len(set(rows))


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
    assert "clinic" in again.stdout.split("nothing new")[1], "the verdicts are shown all the same"
    assert len(before) > 10 and practice.fingerprint() == before


def test_a_run_with_nothing_new_does_not_load_dbt(practice: Practice) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ingestion", "run"],
        cwd=practice.project,
        env=practice.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "ingestion.pipeline.steps" in loaded
    assert [name for name in loaded if name.split(".")[0] == "dbt"] == []


def test_everything_built_again_from_the_raw_extracts_has_the_same_cells(
    small: Practice,
) -> None:
    before = small.fingerprint()
    again = small.command("run", "--full-refresh")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "backfilled" in again.stdout
    assert small.fingerprint() == before


FAILED = "select count(distinct run_id) from raw_landfall.runs where verdict = 'failed'"


def test_a_failed_test_publishes_nothing_and_the_next_run_goes_on(small: Practice) -> None:
    """What is published says of the failure, and has the figures that it had."""
    before, others = small.fingerprint(), small.every_cell()
    published = small.query("from raw_landfall.built_from")
    failing = small.project / "tests/singular/nobody_is_ever_a_patient.sql"
    failing.write_text(
        "{{ config(enabled=true) }}\nselect patient_key from {{ ref('dim_patients') }}\n"
    )
    failed = small.command("run")
    assert failed.returncode == 1
    assert "nobody_is_ever_a_patient" in failed.stdout and "not published" in failed.stdout
    built = re.search(r"what was built, until the next run: (\S+)", failed.stdout)
    assert built and Path(built[1]).is_file(), "the file in which the test's rows can be seen"
    assert small.fingerprint() == before
    assert small.every_cell() == others
    assert small.query("from raw_landfall.built_from") == published
    assert small.query(FAILED) == [(1,)], "it is told at once"
    failing.unlink()
    again = small.command("run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert small.query(FAILED) == [(1,)]


def test_an_earlier_day_is_built_aside_and_the_published_warehouse_stays(
    small: Practice,
) -> None:
    before = small.warehouse.read_bytes()
    days = [
        row[0]
        for row in small.query("select distinct extract_date from raw_clinic.patient order by 1")
    ]
    not_landed = small.lake / "inbox/clinic/2099-01-01/patient.csv"
    not_landed.parent.mkdir()
    not_landed.write_text("what --into leaves where it is\n")
    done = small.command("run", "--as-of", str(days[3]), "--into", "audit")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing landed: --into builds from what was landed before" in done.stdout
    assert "1 objects lie in the inbox" in done.stdout and not_landed.exists()
    not_landed.unlink()
    audit = small.warehouse.with_name("audit.duckdb")
    newest = "select max(balance_date) from billing.fct_account_balances"
    assert small.query(newest, audit) == [(days[3],)]
    assert small.query(newest) == [(days[-1],)]
    assert small.warehouse.read_bytes() == before


def test_an_earlier_day_is_never_built_over_the_live_history(small: Practice) -> None:
    before = small.every_cell()
    days = small.query("select distinct extract_date from raw_clinic.patient order by 1")
    refused = small.command("run", "--as-of", str(days[3][0]))
    assert refused.returncode == 1
    # once, though each history has taken a later day
    assert refused.stderr.count("--into NAME") == 1 and "--into" not in refused.stdout
    assert small.every_cell() == before


def test_a_schema_that_the_project_does_not_know_is_not_published(small: Practice) -> None:
    before = small.warehouse.read_bytes()
    with duckdb.connect(str(small.warehouse)) as connection:
        connection.execute("create schema dbt_test__audit; create table dbt_test__audit.a (b int)")
    copied = small.every_cell()
    refused = small.command("run", "--full-refresh")
    stays = small.every_cell() == copied
    small.warehouse.write_bytes(before)
    assert refused.returncode == 1 and stays, refused.stdout + refused.stderr
    assert "schema.landfall.dbt_test__audit: a schema that the project does not know" in (
        refused.stdout
    )
    assert "dbt build" not in refused.stdout


def test_a_relation_that_the_project_does_not_know_is_told_and_stays(small: Practice) -> None:
    """A later version, or one before, has made it: no run renews it."""
    before = small.warehouse.read_bytes()
    with duckdb.connect(str(small.warehouse)) as connection:
        connection.execute("create view billing.of_another_version as select 1 as a")
    done = small.command("run", "--full-refresh")
    stays = small.query("select a from billing.of_another_version") == [(1,)]
    told = small.query(
        "select node, status from raw_landfall.runs where resource_type = 'relation'"
    )
    small.warehouse.write_bytes(before)
    assert done.returncode == 0 and stays, done.stdout + done.stderr
    assert "billing.of_another_version: the project does not know it" in done.stdout
    assert told == [("billing.of_another_version", "warn")]
    assert done.stdout.count("the project does not know it") == 1


BOOKS = {
    "ledger": "select count(*), sum(signed_amount) from billing.fct_ledger_entries",
    "charges": "select count(*), sum(charge_amount), sum(balance_amount) from billing.fct_charges",
    "ageing": "select age_bucket, sum(balance_amount) from billing.ar_ageing group by 1 order by 1",
    "payers": "select sum(charge_amount), sum(payment_amount) from billing.payer_mix",
    "balances": "select count(*), sum(balance_amount) from billing.fct_account_balances",
    "visits": "select count(*) from clinic.fct_encounters",
    "appointments": "select count(*) from clinic.fct_appointments",
}


def test_a_forgotten_patient_is_nowhere_and_the_books_are_as_they_were(small: Practice) -> None:
    for aside in small.warehouse.parent.glob("audit*.duckdb"):
        aside.unlink()
    ((who, entries),) = small.query(
        "select patient_id, count(*) from staging.stg_billing__ledger_entries"
        " group by all order by 2 desc, 1 limit 1"
    )
    before = {name: small.query(sql) for name, sql in BOOKS.items()}
    unknown = (
        "select count(*) from billing.fct_ledger_entries where patient_durable_key = 'unknown'"
    )
    ((nameless,),) = small.query(unknown)

    told = small.command("forget", "person", "--reason", "asked for it", stdin=f"{who}\n")
    assert told.returncode == 0, told.stdout + told.stderr
    assert str(who) not in told.stdout + told.stderr
    ran = small.command("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr

    assert {name: small.query(sql) for name, sql in BOOKS.items()} == before
    assert small.query(unknown) == [(nameless + entries,)]
    checked = small.command("verify", "--bytes")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "everything is there" in checked.stdout, checked.stdout
    assert _cells_with(small, str(who)) == []
    for path in [*small.lake.rglob("*"), *small.warehouse.parent.glob("*.duckdb*")]:
        if path.is_file():
            assert str(who).encode() not in path.read_bytes(), path


def _cells_with(practice: Practice, text: str) -> list[str]:
    """The tables, and views, of the warehouse that have a cell which holds this text."""
    with practice.connected() as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
        return [
            table
            for (table,) in tables
            if connection.execute(
                f"select 1 from {table} as t where cast(t as varchar) like ? limit 1", [f"%{text}%"]
            ).fetchone()
        ]


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


def test_a_run_records_each_node_once(practice: Practice) -> None:
    counted = practice.query(
        "select count(*), count(distinct (run_id, node, area)) from raw_landfall.runs"
    )
    assert counted[0][0] == counted[0][1] > 500


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

"""OpenEMR's tables in a real MariaDB: read whole, in one snapshot, as their contract takes them in."""

import csv
import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ingestion import land as lander
from ingestion.extract import extract
from ingestion.extract.mysql import MySQL
from ingestion.land import Context, open_context
from tests.ingestion.extract.conftest import Server
from tests.ingestion.extract.openemr import NEW, TABLES, statements
from tests.ingestion.lakes import Lake
from tools.project import ROOT

pytestmark = pytest.mark.slow  # a MariaDB takes seconds to begin with


@pytest.fixture
def context(local_lake: Lake) -> Context:
    """A lake of the project itself, an evening in February."""
    settings = replace(local_lake.settings, project_dir=ROOT)
    return replace(open_context(settings), clock=lambda: datetime(2026, 2, 4, 2, 0))


def landed(context: Context) -> dict[str | None, tuple[str, int, int]]:
    return {o.table: (o.outcome, o.landed, o.quarantined) for o in lander.land(context)}


def test_every_table_lands_and_nothing_is_left_out_unsaid(
    mysql: Server, context: Context, local_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    mysql.run(*statements())
    with caplog.at_level(logging.WARNING, "ingestion.extract"):
        done = extract(context, "openemr", address=mysql.address)
    assert {e.extract for e in done} == {f"openemr/2026-02-03/{name}.csv" for name in TABLES}
    assert caplog.messages == []
    assert landed(context) == {e.table: ("landed", e.rows, 0) for e in done}
    assert sum(e.rows for e in done) == 26
    read = local_lake.query
    assert read(
        "select pid, lname, dob::varchar, provider_id, postal_code from raw_openemr.patient_data order by pid"
    ) == [("7", "O'Neil", "1980-03-14", 1, "10001-2345"), ("8", "Null", None, None, "501")]
    assert read(
        "select pid, level, insurance_company_id, starts_on::varchar, copay from raw_openemr.insurance_data order by id"
    ) == [
        ("7", "primary", 3, "2025-01-01", "$15.00"),
        ("7", "secondary", None, None, None),
        ("8", "primary", None, None, "none"),
    ]
    assert read(
        "select pc_eid, pc_aid, pc_pid, pc_event_date::varchar, pc_end_date::varchar, pc_start_time, pc_apptstatus,"
        " pc_facility, pc_time::varchar from raw_openemr.openemr_postcalendar_events order by 1"
    ) == [
        (11, 1, "7", "2026-02-03", None, "09:30:00", ">", 1, "2026-01-20 17:00:00"),
        (12, 1, None, "2026-02-03", None, None, "-", None, "2026-01-20 17:00:00"),
    ]
    assert read("select list_id, option_id from raw_openemr.list_options order by 1") == [
        ("", ""),
        ("apptstat", ">"),
    ]
    assert read(
        "select payer_id, patient_id, created_time::varchar, post_to_date, pay_total::varchar"
        " from raw_openemr.ar_session"
    ) == [(3, None, "2026-02-03 15:30:00", None, "80.00")]
    assert read(
        "select sequence_no, pay_amount::varchar, adj_amount::varchar, code, deleted::varchar"
        " from raw_openemr.ar_activity order by 1"
    ) == [(1, "80.00", "0.00", "99213", None), (2, "0.00", "-5.25", None, "2026-02-03 22:00:00")]
    same = read(
        "select count(distinct pseudonym) from (select pid_pseudonym as pseudonym from raw_openemr.patient_data"
        " where pid = '7' union all select pc_pid_pseudonym from raw_openemr.openemr_postcalendar_events"
        " where pc_pid = '7' union all select patient_id_pseudonym from raw_openemr.claims)"
    )
    assert same == [(1,)]


def test_an_older_version_lands_with_what_it_lacks_as_null(
    mysql: Server, context: Context, local_lake: Lake
) -> None:
    mysql.run(*statements(without_new=True))
    done = extract(context, "openemr", address=mysql.address)
    assert landed(context) == {e.table: ("landed", e.rows, 0) for e in done}
    assert set(NEW) <= {e.table for e in done}
    assert local_lake.query("select count(*), count(deleted) from raw_openemr.ar_activity") == [
        (2, 0)
    ]


def test_a_column_of_the_sites_own_is_named_and_never_read(
    mysql: Server, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    mysql.run(
        *statements(), "alter table patient_data add column nickname varchar(20) default 'Zzz'"
    )
    with caplog.at_level(logging.WARNING, "ingestion.extract"):
        extract(context, "openemr", ["patient_data", "billing"], address=mysql.address)
    assert caplog.messages == [
        "openemr.patient_data: left out, as no contract names them: nickname"
    ]
    (file,) = (f for f in context.store.list("inbox/") if f.key.endswith("patient_data.csv"))
    content = context.store.read(file.key) or b""
    assert b"Zzz" not in content
    assert content.count(b"\r\n") == 3  # the header and two patients


def test_an_old_table_is_named_with_the_statement_that_converts_it(
    mysql: Server, context: Context
) -> None:
    mysql.run(*statements(), "alter table billing engine = MyISAM")
    done = extract(context, "openemr", address=mysql.address)
    (problem,) = (e.problem for e in done if e.problem)
    assert problem == (
        "openemr.billing: not kept by InnoDB but by MyISAM, which has no snapshots:"
        " alter table billing engine=InnoDB"
    )
    assert sum(e.problem is None for e in done) == len(TABLES) - 1
    mysql.run(problem.split("snapshots: ")[1])
    (again,) = extract(context, "openemr", ["billing"], address=mysql.address)
    assert (again.problem, again.rows) == (None, 2)


def test_money_that_is_posted_meanwhile_is_in_all_tables_or_in_none(
    mysql: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    mysql.run(*statements())
    copy, times = MySQL.copy, iter(range(2, 99))

    def disturbed(self: MySQL, selection: Any, target: Any) -> int:
        n = next(times)
        mysql.run(
            f"insert into ar_session (session_id, payer_id, patient_id, pay_total) values ({n}, 3, 0, 1)",
            "insert into ar_activity (pid, encounter, sequence_no, payer_type, post_time, session_id, pay_amount)"
            f" values (7, 100, {n + 1}, 1, '2026-02-03 18:00:00', {n}, 1)",
        )
        return copy(self, selection, target)

    monkeypatch.setattr(MySQL, "copy", disturbed)
    tables = ["ar_session", "ar_activity", "claims"]
    done = extract(context, "openemr", tables, address=mysql.address)
    sums = []
    for one, column in zip(done[:2], ("pay_total", "pay_amount"), strict=True):
        text = (context.store.read(f"inbox/{one.extract}") or b"").decode()
        sums.append(sum(float(row[column]) for row in csv.DictReader(text.splitlines())))
    assert sums == [80.0, 80.0]

"""The clinic's database, a real MariaDB: read whole, in one snapshot, as the clinic's contract takes it in."""

import contextlib
import errno
import io
import os
import tracemalloc
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ingestion import land as lander
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract import extract
from ingestion.extract import mysql as mysql_module
from ingestion.extract.mysql import MySQL
from ingestion.land import Context, open_context
from tests.ingestion.extract.conftest import Server
from tests.ingestion.lakes import Lake
from tools.project import ROOT

pytestmark = pytest.mark.slow  # a MariaDB takes seconds to begin with

TABLES = (
    "create table insurance (insid varchar(30) primary key, plan varchar(60))",
    "create table patient (person_id varchar(12) primary key, first_name varchar(30), last_name varchar(30),"
    " email varchar(45), dob varchar(10), address varchar(30), zip varchar(5), insurance varchar(30))",
    "create table employee (employee_id varchar(15) primary key, first_name varchar(30), last_name varchar(30),"
    " email varchar(45), phone_number varchar(12), title varchar(40))",
    "create table appointment (appId varchar(12) primary key, physician varchar(15), app_date varchar(10),"
    " app_time varchar(10), scheduled_by varchar(20))",
    "create table encounter (encounter_id varchar(12) primary key, patient varchar(12), start_time varchar(15),"
    " status varchar(20))",
    # dates as MySQL has them: the extract spells them as the contract does
    "create table account (accountId varchar(12) primary key, member_id varchar(30), last_payment decimal(12,2),"
    " payment_due date, account_balance decimal(12,2), patient varchar(12))",
)
ROWS = (
    "insert into insurance values ('INS1', 'Plan, with \"quotes\"')",
    "insert into patient values"
    " ('P1', 'Zoë', 'Null', null, '3/14/1980', 'Line 1\\nLine 2', '00501', 'INS1'),"
    " ('P2', '李', 'O''Neil', '', '12/1/1999', 'a\\\\b', '10001', null)",
    "insert into employee values ('E0007', 'A', 'B', 'a@b.example', '555-0100', 'Physician')",
    "insert into appointment values ('APPO1', 'E0007', '2/3/2026', '10:08 AM', 'desk')",
    "insert into encounter values ('EN1', 'P1', '10:08 AM', 'Completed')",
    "insert into account values ('ACC0001', 'INS1', 7, '2026-02-03', -12.5, 'P1'),"
    " ('ACC0002', 'INS1', null, null, 1933.2, null)",
)


@pytest.fixture
def clinic(mysql: Server) -> Server:
    """The practice's tables with a few rows."""
    mysql.run(*TABLES, *ROWS)
    return mysql


@pytest.fixture
def context(local_lake: Lake) -> Context:
    """A lake of the project itself, an evening in February."""
    settings = replace(local_lake.settings, project_dir=ROOT)
    return replace(open_context(settings), clock=lambda: datetime(2026, 2, 4, 2, 0))


def test_every_table_lands_as_the_contract_says(
    clinic: Server, context: Context, local_lake: Lake
) -> None:
    done = extract(context, "clinic", address=clinic.address)
    assert {e.extract for e in done} == {
        f"clinic/2026-02-03/{name}.csv"
        for name in ("patient", "employee", "insurance", "appointment", "encounter", "account")
    }
    landed = {
        o.table: (o.outcome, o.landed, o.quarantined, o.warnings) for o in lander.land(context)
    }
    assert landed == {e.table: ("landed", e.rows, 0, {}) for e in done}
    patients = local_lake.query(
        "select person_id, first_name, last_name, email, dob::text, address, zip, insurance"
        " from raw_clinic.patient order by 1"
    )
    assert patients == [
        ("P1", "Zoë", "Null", None, "1980-03-14", "Line 1\nLine 2", "00501", "INS1"),
        ("P2", "李", "O'Neil", None, "1999-12-01", "a\\b", "10001", None),
    ]
    accounts = local_lake.query(
        "select last_payment::text, payment_due::text, account_balance::text from raw_clinic.account order by accountid"
    )
    assert accounts == [("7.00", "2026-02-03", "-12.50"), (None, None, "1933.20")]


def test_a_view_of_another_system_is_read_as_the_guides_example_says(
    clinic: Server, context: Context, local_lake: Lake
) -> None:
    """Its SQL, with the database of the test in the place of the schemas that it names."""
    guide = (ROOT / "docs/guides/practice_systems.md").read_text()
    view = guide.split("```sql\n")[1].split("```")[0]
    clinic.run(
        "drop table appointment",
        "create table bookings (id int primary key, doctor_id varchar(9), day date, starts time,"
        " entered_by varchar(9), patient_no varchar(9), state char(1), length_minutes int,"
        " created datetime, deleted int)",
        "insert into bookings values"
        " (1, 'E0007', '2026-02-02', '09:05:00', 'desk', 'P1', 'K', 20, '2026-01-31 23:59:59', 0),"
        " (2, 'E0007', '2026-02-02', '13:30:00', 'web', 'P2', 'L', 40, '2026-02-01 08:00:00', 0),"
        " (3, 'E0007', '2026-02-09', '00:10:00', 'web', 'P2', 'P', null, null, 0),"
        " (4, 'E0007', '2026-02-02', '14:30:00', 'web', 'P2', 'N', 20, '2026-02-01 08:00:00', 1)",
        view.replace("practice.", "").replace("emr.", "").strip().removesuffix(";"),
    )
    extract(context, "clinic", address=clinic.address)
    assert {o.outcome for o in lander.land(context)} == {"landed"}
    booked = local_lake.query(
        "select appid, physician, app_date::text, app_time, patient, status, office, minutes, booked_on::text"
        " from raw_clinic.appointment order by appid"
    )
    assert booked == [
        ("A1", "E0007", "2026-02-02", "09:05", "P1", "completed", None, 20, "2026-01-31"),
        ("A2", "E0007", "2026-02-02", "13:30", "P2", "late cancelled", None, 40, "2026-02-01"),
        ("A3", "E0007", "2026-02-09", "00:10", "P2", "booked", None, None, None),
    ]


def test_all_tables_come_from_one_snapshot(
    clinic: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = MySQL.copy

    def disturbed(self: MySQL, selection: Any, target: Any) -> int:
        clinic.run(
            "insert into patient (person_id) select concat('N', count(*)) from patient",
            "delete from account limit 1",
        )
        return copy(self, selection, target)

    monkeypatch.setattr(MySQL, "copy", disturbed)
    rows = {e.table: e.rows for e in extract(context, "clinic", address=clinic.address)}
    assert (rows["patient"], rows["account"]) == (2, 2)


def test_a_table_without_snapshots_is_left_out_and_stops_no_other(
    clinic: Server, context: Context
) -> None:
    clinic.run("alter table encounter engine = MyISAM")
    done = extract(context, "clinic", address=clinic.address)
    problems = {one.table: one.problem for one in done if one.problem}
    assert list(problems) == ["encounter"]
    assert str(problems["encounter"]).startswith("clinic.encounter: not kept by InnoDB")
    assert len(list(context.store.list("inbox/"))) == 2 * (len(TABLES) - 1)
    with pytest.raises(BadSettings, match=r"^clinic.encounter: not kept by InnoDB"):
        extract(context, "clinic", ["encounter"], address=clinic.address)


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (
            (
                "create user {name}@localhost",
                "create definer = {name}@localhost sql security definer view encounter as select * from visits",
                "drop user {name}@localhost",
            ),
            1449,
        ),
        (
            (
                "create function until_4000(n int) returns int deterministic begin"
                " if n > 4000 then signal sqlstate '45000'; end if; return n; end",
                "create view encounter as select visits.* from visits inner join seq_1_to_5000 as numbers"
                " on until_4000(numbers.seq) > 0",
            ),
            1644,
        ),
    ],
)
def test_a_view_that_fails_is_left_out_and_the_rest_is_of_one_snapshot(
    clinic: Server,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    statements: tuple[str, ...],
    code: int,
) -> None:
    """Whether it fails before its first row or after many."""
    clinic.run("rename table encounter to visits")
    clinic.run(*(one.format(name=clinic.address.database) for one in statements))
    copy = MySQL.copy

    def disturbed(self: MySQL, selection: Any, target: Any) -> int:
        clinic.run("insert into patient (person_id) select concat('N', count(*)) from patient")
        return copy(self, selection, target)

    monkeypatch.setattr(MySQL, "copy", disturbed)
    done = extract(context, "clinic", ["encounter", "patient"], address=clinic.address)
    problem = f"clinic.encounter: the database refuses the query (code {code})"
    assert [(e.table, e.rows, e.problem) for e in done] == [
        ("patient", 2, None),
        ("encounter", 0, problem),
    ]


def test_an_incremental_table_stays_behind_by_its_overlap(mysql: Server, live_lake: Lake) -> None:
    mysql.run(
        "create table sale (sale_id int primary key, note text, amount decimal(10,2), sold_on date,"
        " paid bool, last_updated timestamp(3) null)",
        "insert into sale values (1, 'old', 1, null, 1, utc_timestamp() - interval 2 hour),"
        " (2, 'new', 1, '2026-02-03', 0, utc_timestamp())",
    )
    for expected in (2, 1, 1):
        (done,) = extract(live_lake.context, "shop", ["sale"], address=mysql.address)
        assert done.rows == expected
    assert [(o.landed, o.quarantined) for o in live_lake.land()] == [(2, 0), (1, 0), (1, 0)]


@pytest.mark.parametrize(
    ("words", "said", "kind"),
    [
        ({"password": "s3cret"}, "does not let us in", BadSettings),
        ({"database": "nothing"}, "does not let us in", BadSettings),
        ({"port": 1}, "does not answer", LandingFailed),
        ({"tls_root": "/no/such", "tls": "verify-full"}, "sslrootcert cannot be read", BadSettings),
        ({"tls": "verify-full"}, "it has no TLS", LandingFailed),
    ],
)
def test_an_error_is_one_line(
    clinic: Server, context: Context, words: dict[str, Any], said: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=said) as raised:
        extract(context, "clinic", address=replace(clinic.address, **words))
    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_user_who_may_not_read_is_told(clinic: Server, context: Context) -> None:
    name = clinic.address.database
    clinic.run(
        f"create user {name}@'127.0.0.1' identified by 'p'",
        f"grant insert on {name}.* to {name}@'127.0.0.1'",
    )
    with pytest.raises(BadSettings, match=r"^clinic.patient: the user may not read it"):
        extract(context, "clinic", address=replace(clinic.address, user=name, password="p"))
    clinic.run(f"drop user {name}@'127.0.0.1'")


def test_a_limit_of_rows_in_the_servers_settings_cuts_no_table(
    clinic: Server, context: Context
) -> None:
    clinic.run("set global sql_select_limit = 1")
    try:
        rows = {e.table: e.rows for e in extract(context, "clinic", address=clinic.address)}
    finally:
        clinic.run(f"set global sql_select_limit = {2**64 - 1}")
    assert (rows["patient"], rows["account"]) == (2, 2)


def test_a_table_that_others_have_locked_is_left_out(
    clinic: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql_module, "_SESSION", mysql_module._SESSION.replace("= 60", "= 1"))
    with contextlib.closing(clinic.session()) as session:
        session.cursor().execute("lock tables account write")
        done = extract(context, "clinic", ["account", "patient"], address=clinic.address)
    said = "clinic.account: the database refuses the query (code 1205)"
    assert [(e.table, e.problem) for e in done] == [("patient", None), ("account", said)]


def test_a_full_disk_is_not_taken_for_the_database(
    clinic: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    copy = MySQL.copy
    monkeypatch.setattr(MySQL, "copy", lambda self, selection, _: copy(self, selection, Full()))
    with pytest.raises(LandingFailed, match="No space left"):
        extract(context, "clinic", ["insurance"], address=clinic.address)


@pytest.mark.parametrize(("rows", "characters", "most"), [(40_000, 0, 4e6), (100, 1_000_000, 16e6)])
def test_memory_stays_flat(
    mysql: Server, live_lake: Lake, rows: int, characters: int, most: float
) -> None:
    """Rows come through a server-side cursor, one by one: many are never in memory, however large each is."""
    mysql.run(
        "create table tag (tagId longtext, sale_id int)",
        f"insert into tag select repeat('7', {characters}), seq from seq_1_to_{rows}",
    )
    tracemalloc.start()
    (done,) = extract(live_lake.context, "shop", ["tag"], address=mysql.address)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.rows == rows
    assert peak < most

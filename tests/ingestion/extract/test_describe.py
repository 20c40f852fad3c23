"""Drafts of live databases: a real MariaDB and a real PostgreSQL, from their own description to landed rows."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import yaml

from ingestion import drafting
from ingestion import land as lander
from ingestion.contract import UNDECIDED
from ingestion.errors import BadSettings
from ingestion.extract import extract
from ingestion.land import open_context
from tests.ingestion.extract.conftest import Server
from tests.ingestion.lakes import Lake

pytestmark = pytest.mark.slow  # a database takes seconds to begin with

MYSQL = (
    "create table room (roomId int primary key, roomName varchar(20)) comment 'One row per room.'",
    "create table stay (id bigint unsigned auto_increment primary key, room int comment 'The room, by its number.',"
    " began date not null, ended datetime, wakeTime time, price decimal(10,2), weight double, is_paid tinyint(1),"
    " bits bit(1), born varchar(12), photo blob, secretToken varchar(20), `order` varchar(9), kind enum('a','b'),"
    " changed timestamp default current_timestamp, foreign key (room) references room (roomId))"
    " comment 'One row per stay: of a guest.'",
    "create table old_log (n int, primary key (n)) engine=MyISAM",
    "insert into room values (7, 'Blue'), (8, null)",
    "set session sql_mode = ''",
    "insert into stay values"
    " (1, 7, '2026-02-01', '2026-02-03 10:30:00', '07:05:00', 12.50, 1.5, 1, 1, '3/14/1980', 'x', 's', 'o', 'a',"
    "  '2026-02-03 10:00:00'),"
    " (2, 8, '0000-00-00', '0000-00-00 00:00:00', null, 0, null, 0, 0, '12/1/1999', null, null, null, 'b',"
    "  '2026-02-03 11:00:00')",
)  # fmt: skip
POSTGRES = (
    "create schema hotel",
    'create table hotel.room ("roomId" int, "roomName" text, primary key ("roomId") include ("roomName"))',
    "comment on table hotel.room is 'One row per room.'",
    'create table hotel.stay (id bigint primary key, room int references hotel.room ("roomId"), began date not null,'
    ' ended timestamp, "wakeTime" time, price numeric(10,2), weight double precision, is_paid boolean, bits bit(1),'
    ' born text, photo bytea, "secretToken" text, "order" text, kind char(1), changed timestamptz)',
    "comment on table hotel.stay is 'One row per stay: of a guest.'",
    "comment on column hotel.stay.room is 'The room, by its number.'",
    "insert into hotel.room values (7, 'Blue'), (8, null)",
    "insert into hotel.stay values"
    " (1, 7, '2026-02-01', '2026-02-03 10:30:00', '07:05:00', 12.50, 1.5, true, '1', '3/14/1980', 'x', 's', 'o', 'a',"
    "  '2026-02-03 10:00:00+00'),"
    " (2, 8, '2026-02-02', null, null, 0, null, false, '0', '12/1/1999', null, null, null, 'b',"
    "  '2026-02-03 11:00:00+00')",
)


@pytest.fixture(params=["mysql", "postgres"])
def live(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    server.session = once(server) if request.param == "mysql" else server.session
    return server


def once(server: Server) -> Any:
    """Sessions that take a date of no day."""
    session = server.session

    def lenient() -> Any:
        connection = session()
        connection.cursor().execute("set session sql_mode = ''")
        return connection

    return lenient


def names(server: Server) -> tuple[str, ...]:
    return () if server.address.engine == "mysql" else ("hotel.room", "hotel.stay")


def test_a_draft_of_a_database_lands_once_its_sensitivities_are_decided(
    live: Server, local_lake: Lake
) -> None:
    is_mysql = live.address.engine == "mysql"
    live.run(*(MYSQL if is_mysql else POSTGRES))
    settings = local_lake.settings
    draft = drafting.draft_database(settings, "hotel", names(live), address=live.address)
    text = draft.text
    source = yaml.safe_load(text)["sources"][0]
    assert source["config"]["meta"].get("zero_dates_are_null") == (True if is_mysql else None)
    tables = {table["name"]: table for table in source["tables"]}
    stay = tables["stay"]
    assert (stay["description"], tables["room"]["description"]) == (
        "One row per stay: of a guest.",
        "One row per room.",
    )
    contract = stay["config"]["meta"]["contract"]
    assert contract["key"] == ["id"]
    assert contract["ignored_headers"] == (["photo", "secretToken"])
    columns = {column["name"]: column for column in stay["columns"]}
    assert {name: column["data_type"] for name, column in columns.items()} == {
        "id": "bigint", "room": "bigint", "began": "date", "ended": "timestamp", "wake_time": "string",
        "price": "decimal(10,2)", "weight": "double", "is_paid": "bigint" if is_mysql else "boolean",
        "bits": "boolean", "born": "date", "stay_order": "string", "kind": "string", "changed": "timestamp",
    }  # fmt: skip
    assert columns["room"]["description"] == "The room, by its number."
    assert columns["room"]["config"]["meta"]["refers_to"] == "room.room_id"
    assert not re.search("Blue|1980|12.50|07:05", text)
    assert ("alter table old_log engine=InnoDB" in text) == is_mysql

    assert settings.project_dir.joinpath("dbt_project.yml").exists()
    drafting.write(draft, settings.project_dir)
    path = settings.project_dir / str(draft.path)
    path.write_text(text.replace(f"sensitivity: {UNDECIDED}", "sensitivity: none"))
    context = replace(open_context(settings), clock=lambda: datetime(2026, 2, 4, 2, 0))
    done = extract(context, "hotel", address=live.address)
    assert [e.table for e in done if e.problem] == (["old_log"] if is_mysql else [])
    outcomes = {o.table: (o.outcome, o.landed, o.quarantined) for o in lander.land(context)}
    assert outcomes == {"room": ("landed", 2, 0), "stay": ("landed", 2, 0)}
    assert local_lake.query(
        "select id, room, began::varchar, ended::varchar, wake_time, price::varchar, weight, is_paid::int, bits,"
        " born::varchar, stay_order, kind, changed::varchar from raw_hotel.stay order by id"
    ) == [
        (1, 7, "2026-02-01", "2026-02-03 15:30:00", "07:05:00", "12.50", 1.5, 1, True, "1980-03-14", "o", "a",
         "2026-02-03 10:00:00"),
        (2, 8, None if is_mysql else "2026-02-02", None, None, "0.00", None, 0, False, "1999-12-01", None, "b",
         "2026-02-03 11:00:00"),
    ]  # fmt: skip


def test_a_table_without_rows_lands_by_its_draft(live: Server, local_lake: Lake) -> None:
    """A system has many tables that nobody uses."""
    live.run("create table bed (bed_id int primary key, kind varchar(9))")
    settings = local_lake.settings
    draft = drafting.draft_database(settings, "hotel", ("bed",), address=live.address)
    drafting.write(draft, settings.project_dir)
    path = settings.project_dir / str(draft.path)
    path.write_text(draft.text.replace(f"sensitivity: {UNDECIDED}", "sensitivity: none"))
    extract(local_lake.context, "hotel", address=live.address)
    assert [(one.table, one.outcome, one.code) for one in local_lake.land()] == [
        ("bed", "landed", None)
    ]
    assert local_lake.query("select count(*) from raw_hotel.bed") == [(0,)]


def test_a_table_that_is_not_there_is_one_line(live: Server, local_lake: Lake) -> None:
    for wanted, message in (
        (("none",), "none is not in the database"),
        ((), "shows this user no table"),
    ):
        with pytest.raises(BadSettings, match=message):
            drafting.draft_database(local_lake.settings, "hotel", wanted, address=live.address)


def test_a_table_that_cannot_be_read_is_a_comment_and_the_others_are_drafted(
    live: Server, local_lake: Lake
) -> None:
    is_mysql = live.address.engine == "mysql"
    name = live.address.database
    own = replace(live.address, user=name, password="p" if is_mysql else "")
    if is_mysql:
        live.run(
            "create table good (id int primary key)",
            "create table base2 (id int primary key)",
            "create function refuse() returns int deterministic"
            " begin if 1 then signal sqlstate '45000'; end if; return 1; end",
            "create definer = gone@localhost sql security definer view broken as select id from good",
            "create view shut as select id, refuse() as n from good",
            "insert into good values (1)",
            "create sequence numbers",
            f"create user {name}@'127.0.0.1' identified by 'p'",
            f"grant select on {name}.numbers to {name}@'127.0.0.1'",
            f"grant select on {name}.good to {name}@'127.0.0.1'",
            f"grant select on {name}.broken to {name}@'127.0.0.1'",
            f"grant select on {name}.shut to {name}@'127.0.0.1'",
            f"grant insert on {name}.base2 to {name}@'127.0.0.1'",
        )
    else:
        live.run(
            "create table good (id int primary key)",
            "create table base2 (id int primary key)",
            "create materialized view broken as select id from good with no data",
            'create table casing2 ("ID" int primary key, "id" int)',
            f"create role {name} login",
            f"grant select on good, broken, casing2 to {name}",
        )
    draft = drafting.draft_database(local_lake.settings, "hotel", address=own)
    comments = [line for line in draft.text.split("\n") if line.startswith("# left out")]
    assert comments == [
        "# left out, hotel.base2: the user may not read it, grant select",
        f"# left out, hotel.broken: the database refuses the query (code {1045 if is_mysql else 55000})",
        "# left out, hotel.shut: the database shows none of its columns"
        if is_mysql
        else "# left out, hotel.casing2: columns differ only in case or spaces: ID, id",
    ]
    tables = yaml.safe_load(draft.text)["sources"][0]["tables"]
    assert [table["name"] for table in tables] == ["good"]
    with pytest.raises(BadSettings, match=r"^hotel.base2: the user may not read it"):
        drafting.draft_database(local_lake.settings, "hotel", ["base2"], address=own)
    live.run(
        *(
            [f"drop user {name}@'127.0.0.1'"]
            if is_mysql
            else [f"drop owned by {name}", f"drop role {name}"]
        )
    )


def test_a_draft_of_one_table_refers_to_none_that_it_has_not(
    live: Server, local_lake: Lake
) -> None:
    live.run(*(MYSQL if live.address.engine == "mysql" else POSTGRES))
    wanted = names(live)[1:] or ("stay",)
    draft = drafting.draft_database(local_lake.settings, "hotel", wanted, address=live.address)
    assert "name: room, " in draft.text
    assert "refers_to" not in draft.text


def test_a_table_of_one_column_has_no_title(live: Server, local_lake: Lake) -> None:
    live.run(
        "create table note (words varchar(20))", "insert into note values ('a;b;c'), ('d;e;f')"
    )
    draft = drafting.draft_database(local_lake.settings, "hotel", ("note",), address=live.address)
    assert "name: words, " in draft.text


def test_what_no_type_of_a_contract_is_like_lands_by_its_draft_or_is_quarantined(
    postgres: Server, local_lake: Lake
) -> None:
    """Lists, money, amounts in a text, and numbers wider than any engine's: none lands as another value."""
    postgres.run(
        "create table odd (id int primary key, listed int[], told numeric(5,2)[], paid money, fee text,"
        " wide numeric(50,10), seen timestamptz)",
        "insert into odd values"
        " (1, '{1,null}', '{1.5}', '$1,234.50', '$5.00', 12345678901234567890.1234567891,"
        "  '2026-02-03 10:00:00.1234567+00'),"
        " (2, '{}', null, '-$0.01', '$6.10', 1234567890123456789012345678901.5, '2026-02-03 10:00:00+00')",
    )
    settings = local_lake.settings
    draft = drafting.draft_database(settings, "hotel", ("odd",), address=postgres.address)
    columns = yaml.safe_load(draft.text)["sources"][0]["tables"][0]["columns"]
    assert {column["name"]: column["data_type"] for column in columns} == {
        "id": "bigint", "listed": "string", "told": "string", "paid": "decimal(19,2)", "fee": "string",
        "wide": "decimal(38,10)", "seen": "timestamp",
    }  # fmt: skip
    assert "1 of 2 values" in draft.text
    drafting.write(draft, settings.project_dir)
    path = settings.project_dir / str(draft.path)
    path.write_text(draft.text.replace(f"sensitivity: {UNDECIDED}", "sensitivity: none"))
    context = replace(open_context(settings), clock=lambda: datetime(2026, 2, 4, 2, 0))
    extract(context, "hotel", address=postgres.address)
    (landed,) = lander.land(context)
    assert (landed.outcome, landed.landed, landed.quarantined) == ("landed", 1, 1)
    assert local_lake.query(
        "select listed, told, paid::varchar, fee, wide::varchar, seen::varchar from raw_hotel.odd"
    ) == [
        ("{1,NULL}", "{1.50}", "1234.50", "$5.00", "12345678901234567890.1234567891",
         "2026-02-03 10:00:00.123"),
    ]  # fmt: skip


def test_dates_of_no_day_are_told_where_most_are_none(mysql: Server, local_lake: Lake) -> None:
    mysql.session = once(mysql)
    mysql.run(
        "create table bed (id int primary key, made date)",
        "set session sql_mode = ''",
        "insert into bed values (1, '0000-00-00'), (2, '0000-00-00'), (3, '2026-01-02')",
    )
    draft = drafting.draft_database(local_lake.settings, "hotel", ("bed",), address=mysql.address)
    assert "sentinels: ['0000-00-00']" in draft.text and draft.text.count("3 of 3 values") == 2

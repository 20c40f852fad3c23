"""What a value of a live database is once it is landed: the same one, or quarantined; never another, and never null."""

import contextlib
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestion.contract.column import FORMATS
from ingestion.errors import BadSettings
from ingestion.extract import extract
from ingestion.land import Context, reland
from tests.ingestion.extract.conftest import Server
from tests.ingestion.lakes import Lake, write_project
from tools.redshift.postgres import connect

HEAD = """
sources:
  - name: shop
    config: {{meta: {{time_zone: {zone}{more}}}}}
    tables:
      - name: thing
        config: {{meta: {{contract: {{key: [id], {words} limits: {{reject_rows: 50}},
          deliveries: [{{path: "shop/{{folder_time}}/thing.csv", kind: {kind}{delivery}}}]}}}}}}
        columns:
"""
NEW_YORK = "America/New_York"


def contract(*columns: str, zone: str = NEW_YORK, kind: str = "full", **more: str) -> str:
    """A contract of one table: `name type` with the words of its meta behind it."""
    text = HEAD.format(zone=zone, kind=kind, **({"words": "", "delivery": "", "more": ""} | more))
    for column in ("id bigint", *columns):
        name, kind_, *words = column.split(" ", 2)
        meta = ", ".join(["sensitivity: none", *words])
        text += (
            f'          - {{name: {name}, data_type: "{kind_}", config: {{meta: {{{meta}}}}}}}\n'
        )
    return text


def landed(server: Server, lake: Lake, text: str, *columns: str) -> list[tuple[Any, ...]]:
    """Extract and land; the rows as text by id, and None in the place of a quarantined one."""
    write_project(lake.settings.project_dir, text)
    (done,) = extract(lake.context, "shop", address=server.address)
    (outcome,) = lake.land()
    assert (outcome.outcome, outcome.rows_in) == ("landed", done.rows), outcome
    chosen = ", ".join(f"cast({column} as varchar)" for column in columns)
    query = f"select id, {chosen} from raw_shop.thing"
    there = {row[0]: row[1:] for row in lake.query(query)}
    assert outcome.quarantined == done.rows - len(there)
    return [there.get(number) for number in range(1, done.rows + 1)]  # type: ignore[misc]


def test_an_instant_of_postgres_lands_as_itself_and_its_day_is_that_of_the_business(
    postgres: Server, local_lake: Lake
) -> None:
    """Whatever spelling the contract wants it in."""
    postgres.run(
        "create table thing (id int primary key, tz timestamptz, tzd timestamptz)",
        "insert into thing values (1, '2026-03-01 22:00:00-05', '2026-03-01 22:30:00-05')",
    )
    spellings = (
        "",
        "format: 'YYYY-MM-DD HH:MM:SS'",
        "format: 'YYYY-MM-DDTHH:MM:SSZ'",
        "format: 'YYYY-MM-DDTHH:MM:SS+0000'",
        "format: 'DD-MON-RR HH.MI.SSXFF AM'",
        "format: 'M/D/YYYY H:MM'",
        "format: ['DD-MON-RR', 'YYYY-MM-DD HH:MM', 'YYYY-MM-DDTHH:MM+HH:MM']",
    )
    names = [f"tz{number}" for number in range(len(spellings))]
    formats = ("YYYY-MM-DD", "M/D/YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD.MM.RR", "DD-MON-RR")
    days = {f"d{number}": text for number, text in enumerate(formats)}
    postgres.run(
        "create view v as select id, "
        + ", ".join([f"tz as {name}" for name in names] + [f"tzd as {name}" for name in days])
        + " from thing"
    )
    columns = [f"{n} timestamp {w}".strip() for n, w in zip(names, spellings, strict=True)]
    columns += [f"{n} date format: {f}" for n, f in days.items()]
    text = contract(*columns, words="extract_from: v,")
    rows = landed(postgres, local_lake, text, *names, *days)
    assert rows == [("2026-03-02 03:00:00",) * len(names) + ("2026-03-01",) * len(days)]


def test_every_format_of_the_contract_can_be_written(postgres: Server, local_lake: Lake) -> None:
    """On the server's side as on the contract's: none is known to one of them alone."""
    kinds = {"date": "date", "timestamp": "timestamp"}
    columns, made, wanted = [], [], []
    for kind, type_ in kinds.items():
        for number, word in enumerate(FORMATS[kind]):
            if word.endswith(("Z", "+0000", "+HH:MM")):
                continue
            columns.append(f"{kind[0]}{number} {kind} format: '{word}'")
            made.append(f"{type_} '2026-03-01' as {kind[0]}{number}")
            wanted.append("2026-03-01" if kind == "date" else "2026-03-01 05:00:00")
    postgres.run(f"create view thing as select 1 as id, {', '.join(made)}")
    names = [column.split(" ")[0] for column in columns]
    assert landed(postgres, local_lake, contract(*columns), *names) == [tuple(wanted)]


@pytest.mark.slow
def test_every_format_of_the_contract_can_be_written_by_mysql_too(
    mysql: Server, local_lake: Lake
) -> None:
    columns, made, wanted = [], [], []
    for kind, type_ in {"date": "date", "timestamp": "datetime"}.items():
        for number, word in enumerate(FORMATS[kind]):
            if word.endswith(("Z", "+0000", "+HH:MM")):
                continue
            columns.append(f"{kind[0]}{number} {kind} format: '{word}'")
            made.append(f"cast('2026-03-01' as {type_}) as {kind[0]}{number}")
            wanted.append("2026-03-01" if kind == "date" else "2026-03-01 05:00:00")
    mysql.run(f"create view thing as select 1 as id, {', '.join(made)}")
    names = [column.split(" ")[0] for column in columns]
    assert landed(mysql, local_lake, contract(*columns), *names) == [tuple(wanted)]


@pytest.mark.slow
def test_an_instant_of_mysql_lands_as_itself_and_a_time_without_zone_as_the_source_means_it(
    mysql: Server, local_lake: Lake
) -> None:
    mysql.run(
        "create table thing (id int primary key, ts timestamp(3) null, dtm datetime, d timestamp null)",
        "insert into thing values (1, '2026-03-02 03:00:00.25', '2026-03-01 22:00:00', '2026-03-02 03:00:00')",
        "insert into thing values (2, null, null, null), (3, '2026-11-01 06:30:00', null, null)",
    )
    text = contract("ts timestamp", "dtm timestamp", "d date format: [M/D/YYYY]")
    assert landed(mysql, local_lake, text, "ts", "dtm", "d") == [
        ("2026-03-02 03:00:00.25", "2026-03-02 03:00:00", "2026-03-01"),
        (None, None, None),
        ("2026-11-01 06:30:00", None, None),  # half past one, the second time that night
    ]


def test_infinity_and_other_eras_are_quarantined_and_never_null(
    postgres: Server, local_lake: Lake
) -> None:
    values = ("infinity", "-infinity", "0044-03-15 BC", "10044-03-15", "1947-08-15", "2026-03-01")
    postgres.run(
        "create table thing (id serial primary key, a date, b timestamp, c timestamptz, d date)",
        *(f"insert into thing (a) values ('{value}')" for value in values),
        *(f"insert into thing (b) values ('{value}')" for value in values),
        *(f"insert into thing (c) values ('{value}')" for value in values),
        *(f"insert into thing (d) values ('{value}')" for value in values),
    )
    text = contract(
        "a date format: M/D/YYYY", "b timestamp format: DD-MON-RR", "c timestamp", "d date format: YYYY-MM-DD"
    )  # fmt: skip
    rows = landed(postgres, local_lake, text, "a", "b", "c", "d")
    assert [row is None for row in rows] == [
        True, True, True, True, False, False,
        True, True, True, True, True, False,  # RR is of 1950 to 2049
        True, True, True, True, False, False,
        True, True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.slow
def test_zero_dates_are_quarantined_and_null_by_one_word_for_a_source(
    mysql: Server, local_lake: Lake
) -> None:
    mysql.run(
        "set sql_mode = ''",
        "create table thing (id int primary key, a date, b datetime(3), c timestamp null, d date, e date)",
    )
    mysql.run(
        "insert into thing values (1, '2026-03-01', '2026-03-01', '2026-03-01 12:00', '2026-03-01', null)"
    )
    session = mysql.session()
    with session.cursor() as cursor:
        cursor.execute("set sql_mode = 'ALLOW_INVALID_DATES'")
        for number, name in enumerate("abcde", 2):
            cursor.execute(
                f"insert into thing (id, {name}) values ({number}, '0000-00-00 00:00:00')"
            )
        cursor.execute("insert into thing (id, a) values (7, '2026-00-10')")
    columns = (
        "a date format: M/D/YYYY", "b timestamp", "c timestamp", "d date format: YYYY-MM-DD",
        "e timestamp",
    )  # fmt: skip
    rows = landed(mysql, local_lake, contract(*columns), *"abcde")
    assert [row is None for row in rows] == [False] + [True] * 6
    more = ", zero_dates_are_null: true"
    rows = landed(mysql, local_lake, contract(*columns, more=more), *"abcde")
    assert [row is None for row in rows] == [False] * 6 + [True]
    assert rows[1:6] == [(None,) * 5] * 5


@pytest.mark.slow
def test_bits_floats_binary_and_times_of_mysql(mysql: Server, local_lake: Lake) -> None:
    mysql.run(
        "create table thing (id int primary key, b bit(1), n bit(12), t bit(12), h varbinary(9), f float, m float,"
        " clock time, ampm time)",
        "insert into thing values (1, b'1', b'101', b'101', x'00ff0d', 16777216, 123456.78, '10:08:30', '22:08:00'),"
        " (2, b'0', null, null, x'', -0.1, 0.1, '00:00:00', '00:00:00')",
        "insert into thing (id, clock, ampm) values (3, null, null), (4, '25:00:00', null), (5, null, '10:08:30')",
    )  # fmt: skip
    text = contract(
        "b boolean", "n bigint", "t string", "h string binary: hex", "f bigint", "m decimal(10,2)",
        "clock string format: 'HH:MM:SS'", "ampm string format: 'h:MM AM'",
    ).replace("name: f, data_type: \"bigint\"", "name: f, data_type: \"double\"")  # fmt: skip
    rows = landed(mysql, local_lake, text, "b", "n", "t", "h", "f", "m", "clock", "ampm")
    assert rows == [
        ("true", "5", "000000000101", "00ff0d", "16777216.0", "123456.78", "10:08:30", "22:08"),
        ("false", None, None, None, "-0.10000000149011612", "0.10", "00:00:00", "00:00"),
        (None,) * 8,
        None,  # no time of a day
        None,  # `h:MM AM` has no room for the seconds
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "kind", "bits", "number"),
    [
        ("bit(3)", "decimal(5,0)", "101", "5"),
        ("bit(3)", "double", "101", "5.0"),
        ("bit varying(8)", "bigint", "101", "5"),
        ('"bit"', "decimal(5,0)", "101", "5"),  # of an expression in a view: no length
        ("bit varying", "bigint", "1" * 65, None),
        ("bit(64)", "decimal(20,0)", "1" + "0" * 62 + "1", "9223372036854775809"),
        ("bit(64)", "bigint", "1" + "0" * 62 + "1", None),
        ("bit(65)", "double", "1" * 65, None),
        ("bit(3)", "string", "101", "101"),
    ],
)
def test_bits_of_postgres_are_an_unsigned_number_or_quarantined(
    type_: str, kind: str, bits: str, number: str | None, postgres: Server, local_lake: Lake
) -> None:
    postgres.run(
        f"create table thing (id int primary key, b {type_})",
        f"insert into thing values (1, b'{bits}'), (2, null)",
    )
    rows = landed(postgres, local_lake, contract(f"b {kind}"), "b")
    assert rows == [number and (number,), (None,)]


def test_bits_binary_and_times_of_postgres(postgres: Server, local_lake: Lake) -> None:
    postgres.run(
        "create domain instant as timestamptz",
        "create domain moment as instant",
        "create table thing (id int primary key, b bit(1), n bit(12), h bytea, clock time, ampm time, seen moment)",
        "insert into thing values (1, '1', '000000000101', '\\x00ff0d', '10:08:30', '22:08', '2026-03-01 12:00Z'),"
        " (2, null, null, '', '24:00', null, null), (3, null, null, null, null, '22:08:01', null)",
    )
    text = contract(
        "b boolean", "n bigint", "h string binary: hex", "clock string format: 'HH:MM:SS'",
        "ampm string format: 'h:MM AM'", "seen timestamp",
    )  # fmt: skip
    rows = landed(postgres, local_lake, text, "b", "n", "h", "clock", "ampm", "seen")
    assert rows == [("true", "5", "00ff0d", "10:08:30", "22:08", "2026-03-01 12:00:00"), None, None]


@pytest.mark.slow
def test_bytes_beyond_what_mysqls_functions_return_are_not_null(
    mysql: Server, local_lake: Lake
) -> None:
    mysql.run(
        "create table thing (id int primary key, h longblob)",
        "insert into thing values (1, repeat('a', 20000))",
    )
    ((most,),) = mysql.run("select @@global.max_allowed_packet")
    mysql.run("set global max_allowed_packet = 32768")  # the hex digits would be longer
    try:
        rows = landed(mysql, local_lake, contract("h string binary: hex"), "h")
    finally:
        mysql.run(f"set global max_allowed_packet = {most}")
    assert rows == [("61" * 20_000,)]


def test_money_of_postgres_is_its_amount_whatever_the_servers_locale(
    postgres: Server, local_lake: Lake
) -> None:
    """Its text is $1,234.50 or 1.234,50 €."""
    postgres.run(
        "create table thing (id int primary key, paid money)",
        "insert into thing values (1, 1234.5), (2, -0.01), (3, null)",
    )
    rows = landed(postgres, local_lake, contract("paid decimal(19,2)"), "paid")
    assert rows == [("1234.50",), ("-0.01",), (None,)]


def test_a_cell_of_other_bytes_is_quarantined_from_a_postgres_without_an_encoding(
    postgres: Server, local_lake: Lake
) -> None:
    name = f"{postgres.address.database}_ascii"
    postgres.run(
        f"create database {name} encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'"
    )
    bare = Server(
        replace(postgres.address, database=name), lambda: connect(postgres.address.port, name)
    )
    bare.run(
        "create table thing (id int primary key, a text)",
        "insert into thing values (1, E'Zo\\xc3\\xab'), (2, E'\\xe9')",
    )
    rows = landed(bare, local_lake, contract("a string"), "a")
    postgres.run(f"drop database {name} with (force)")
    assert rows == [("Zoë",), None]


@pytest.mark.slow
def test_a_cell_of_other_bytes_is_quarantined_from_a_mysql_that_has_kept_them(
    mysql: Server, local_lake: Lake
) -> None:
    """Servers of today check what they are told; files of older ones have such bytes."""
    ((folder,),) = mysql.run("select @@datadir")
    files = Path(folder) / mysql.address.database
    mysql.run(
        "create table kept (id int primary key, a varbinary(9)) row_format = dynamic",
        "insert into kept values (1, 'x'), (2, x'636166e9')",
        "create table thing (id int primary key, a varchar(9) character set utf8mb4) row_format = dynamic",
        "alter table thing discard tablespace",
    )
    with contextlib.closing(mysql.session()) as session:
        session.cursor().execute("flush tables kept for export")
        shutil.copy(files / "kept.ibd", files / "thing.ibd")
    mysql.run("alter table thing import tablespace")
    assert landed(mysql, local_lake, contract("a string"), "a") == [("x",), None]


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mysql", marks=pytest.mark.slow)])
def test_binary_columns_are_refused_by_name_and_type(
    kind: str, request: pytest.FixtureRequest, local_lake: Lake
) -> None:
    server: Server = request.getfixturevalue(kind)
    type_ = {"postgres": "bytea", "mysql": "blob"}[kind]
    server.run(f"create table thing (id int primary key, photo {type_})")
    write_project(local_lake.settings.project_dir, contract("photo string"))
    said = rf"^shop.thing: column photo is {type_} in the database: say `binary: hex` for it"
    with pytest.raises(BadSettings, match=said):
        extract(local_lake.context, "shop", address=server.address)
    assert local_lake.inbox == []


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mysql", marks=pytest.mark.slow)])
@pytest.mark.parametrize("nulls", ["", ", nulls: 'NULL'"])
def test_cells_of_any_bytes_come_back_as_they_are(
    kind: str, nulls: str, request: pytest.FixtureRequest, local_lake: Lake
) -> None:
    """What a reader could take for structure, or for null, among all else that a text can hold."""
    server: Server = request.getfixturevalue(kind)
    dice = random.Random(20)
    pieces = [
        "\r",
        "\n",
        "\r\n",
        '"',
        ",",
        ";",
        "\t",
        "'",
        "\\",
        "\\.",
        "NULL",
        "sep=,",
        " ",
        "é",
        "李",
        "\u2028",
    ]
    pieces += [chr(code) for code in range(1, 128)] + [chr(code) for code in range(0x80, 0x100)]
    if kind == "mysql":
        pieces.append("\0")
    cells = [
        "".join(dice.choice(pieces) for _ in range(dice.randrange(6))) for _ in range(600)
    ] + [*pieces, None]  # fmt: skip
    words = "character set utf8mb4" if kind == "mysql" else ""
    server.run(f"create table thing (id int primary key, a text {words}, b text {words})")
    with server.session().cursor() as cursor:
        cursor.executemany(
            "insert into thing values (%s, %s, %s)",
            [(number, cell, f"{number}{cell or ''}x") for number, cell in enumerate(cells, 1)],
        )
    text = contract("a string", "b string", delivery=nulls)
    rows = landed(server, local_lake, text, "a", "b")
    for cell, row in zip(cells, rows, strict=True):
        if "\0" in (cell or ""):
            assert row is None
            continue
        assert row is not None and row[0] == (plain(cell or "") or None), (cell, row)


def plain(text: str) -> str:
    """A text as landing keeps it: without controls, and without blanks around it."""
    from ingestion.formats.values.cells import plain_text

    return plain_text(text)


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mysql", marks=pytest.mark.slow)])
@pytest.mark.parametrize("columns", [("a text",), ("a text", "b text")])
def test_rows_without_any_value_land_and_stay_when_landed_again(
    columns: tuple[str, ...], kind: str, request: pytest.FixtureRequest, local_lake: Lake
) -> None:
    """They are rows of a table; in a file that a spreadsheet wrote they would not be."""
    server = request.getfixturevalue(kind)
    text = contract(*(column.replace("text", "string") for column in columns))
    text = text.replace("key: [id]", "key: row").replace(
        '          - {name: id, data_type: "bigint", config: {meta: {sensitivity: none}}}\n', ""
    )
    write_project(local_lake.settings.project_dir, text)
    rows = [f"({', '.join([cell] * len(columns))})" for cell in ("'x'", "null", "''", "null")]
    server.run(
        f"create table thing ({', '.join(columns)})", f"insert into thing values {', '.join(rows)}"
    )
    extract(local_lake.context, "shop", address=server.address)
    (outcome,) = local_lake.land()
    assert (outcome.rows_in, outcome.landed, outcome.warnings) == (4, 4, {})
    load_id = local_lake.query("select distinct load_id from raw_shop.thing")[0][0]
    (again,) = reland(local_lake.context, "shop.thing", load_id)
    assert (again.rows_in, again.landed) == (4, 4)


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mysql", marks=pytest.mark.slow)])
@pytest.mark.parametrize("nulls", ["", ", nulls: ['NULL']"])
def test_a_row_whose_key_is_empty_is_quarantined(
    nulls: str, kind: str, request: pytest.FixtureRequest, local_lake: Lake
) -> None:
    server = request.getfixturevalue(kind)
    text = contract(delivery=nulls).replace('"bigint"', '"string"')
    write_project(local_lake.settings.project_dir, text)
    server.run("create table thing (id varchar(9))", "insert into thing values ('x'), (''), (null)")
    extract(local_lake.context, "shop", address=server.address)
    (outcome,) = local_lake.land()
    assert (outcome.rows_in, outcome.landed, outcome.quarantined) == (3, 1, 2)


def test_views_other_schemas_and_odd_names_are_read_under_the_name_that_the_contract_gives(
    postgres: Server, local_lake: Lake
) -> None:
    postgres.run(
        'create schema "Sales ""East"""',
        'create table "Sales ""East"""."Order" (id int, "From" timestamptz)',
        'insert into "Sales ""East"""."Order" values (1, \'2026-03-01 12:00Z\')',
        'create table thing (id int, "From" timestamptz)',
        'create materialized view "100%" as select 2 as id, now() as "From"',
    )
    text = contract(
        "since timestamp header: From", words="extract_from: ['Sales \"East\"', Order],"
    )
    assert landed(postgres, local_lake, text, "since") == [("2026-03-01 12:00:00",)]
    write_project(
        local_lake.settings.project_dir, text.replace("['Sales \"East\"', Order]", "100%")
    )
    (done,) = extract(local_lake.context, "shop", address=postgres.address)
    assert done.rows == 1


ZONES = ("Etc/GMT+12", NEW_YORK, "UTC", "Asia/Kathmandu", "Asia/Tokyo", "Etc/GMT-14")


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("type_", ["timestamp", "datetime"])
def test_a_watermark_of_mysql_loses_no_row_in_any_zone(
    mysql: Server, local_lake: Lake, zone: str, type_: str
) -> None:
    """What is inserted after an extract is in the next one, whatever the source's clocks say."""
    text = contract(
        "at timestamp", zone=zone, kind="incremental", words="watermark: at, may_be_empty: true, overlap_minutes: 0,"
    )  # fmt: skip
    write_project(local_lake.settings.project_dir, text)
    context: Context = local_lake.context
    hours = {"Etc/GMT+12": -12, "Asia/Kathmandu": 5.75, "Asia/Tokyo": 9, "Etc/GMT-14": 14, "UTC": 0}
    offset = hours.get(zone)
    now = (
        "utc_timestamp(3)"
        if offset is None
        else f"utc_timestamp(3) + interval {offset * 60} minute"
    )
    now = "now(3)" if type_ == "timestamp" or offset is None else now
    mysql.run(f"create table thing (id int primary key, at {type_}(3))")
    seen = 0
    for number in range(1, 4):
        mysql.run(f"insert into thing values ({number}, {now})")
        (done,) = extract(context, "shop", address=mysql.address)
        seen += done.rows
        assert done.rows >= 1, (zone, type_, number)
    (outcome, *_) = local_lake.land()
    assert outcome.outcome == "landed" and seen >= 3
    (count,) = local_lake.query("select count(distinct id) from raw_shop.thing")[0]
    assert count == 3


def test_a_watermark_must_tell_a_time(postgres: Server, local_lake: Lake) -> None:
    postgres.run("create table thing (id int, at text)")
    text = contract("at timestamp", kind="incremental", words="watermark: at,")
    write_project(local_lake.settings.project_dir, text)
    with pytest.raises(BadSettings, match="column at is text in the database: a watermark is a"):
        extract(local_lake.context, "shop", address=postgres.address)


def test_what_has_no_zone_is_never_written_as_utc(postgres: Server, local_lake: Lake) -> None:
    postgres.run("create table thing (id int, at timestamp)")
    text = contract("at timestamp format: 'YYYY-MM-DDTHH:MM:SSZ'")
    write_project(local_lake.settings.project_dir, text)
    with pytest.raises(BadSettings, match="none of its formats in the contract can tell that"):
        extract(local_lake.context, "shop", address=postgres.address)


def test_an_extract_never_replaces_one_in_the_inbox(postgres: Server, local_lake: Lake) -> None:
    postgres.run("create table thing (id int)", "insert into thing values (1)")
    text = contract().replace("folder_time", "date")
    write_project(local_lake.settings.project_dir, text)
    (done,) = extract(local_lake.context, "shop", address=postgres.address)
    before = local_lake.store.read(f"inbox/{done.extract}")
    with pytest.raises(BadSettings, match="still lies in the inbox: land it first"):
        extract(local_lake.context, "shop", address=postgres.address)
    assert local_lake.store.read(f"inbox/{done.extract}") == before
    local_lake.land()
    assert extract(local_lake.context, "shop", address=postgres.address)


def test_an_incremental_table_is_never_extracted_to_a_name_of_the_day(
    postgres: Server, local_lake: Lake
) -> None:
    postgres.run("create table thing (id int, at timestamp)")
    text = contract("at timestamp", kind="incremental", words="watermark: at,")
    write_project(local_lake.settings.project_dir, text.replace("folder_time", "date"))
    with pytest.raises(BadSettings, match=r"needs a delivery with \{folder_time\}"):
        extract(local_lake.context, "shop", address=postgres.address)

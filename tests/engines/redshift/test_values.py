"""What expressions give, asked through the driver that dbt uses: Redshift's answers, not PostgreSQL's."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from redshift_connector.error import ProgrammingError

from tools.redshift.engine import Redshift

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # dates
        ("datediff(day, timestamp '2026-01-01 23:00', timestamp '2026-01-02 01:00')", 1),
        ("datediff(month, date '2026-01-31', date '2026-02-01')", 1),
        ("datediff(week, date '2026-01-03', date '2026-01-04')", 1),
        ("datediff(quarter, date '2025-12-31', date '2026-04-01')", 2),
        ("datediff(year, date '2026-03-01', date '2025-03-01')", -1),
        ("datediff(hour, timestamp '2026-01-01 00:59:59', timestamp '2026-01-01 01:00:00')", 1),
        ("datediff(second, timestamp '2026-01-01', timestamp '2026-01-02')", 86400),
        ("dateadd(day, 1, date '2026-02-28')", datetime.datetime(2026, 3, 1)),
        ("dateadd(month, 1, date '2026-01-31')", datetime.datetime(2026, 2, 28)),
        ("dateadd(quarter, -1, timestamp '2026-01-31 10:00')", datetime.datetime(2025, 10, 31, 10)),
        ("date_trunc('month', date '2026-02-03')", datetime.datetime(2026, 2, 1)),
        ("last_day(date '2024-02-03')", datetime.date(2024, 2, 29)),
        ("add_months(date '2024-02-29', 1)", datetime.datetime(2024, 3, 31)),
        ("extract(dow from date '2026-11-22')", 0),
        ("extract(year from date '2026-11-22') / 10", 202),
        ("date_part(year, date '2026-11-22')", 2026.0),
        ("trunc(timestamp '2026-11-22 10:00')", datetime.date(2026, 11, 22)),
        (
            "convert_timezone('America/New_York', timestamp '2026-01-01 03:00')",
            datetime.datetime(2025, 12, 31, 22),
        ),
        ("getdate() = getdate() and extract(milliseconds from getdate())::int % 1000 = 0", True),
        ("date '2026-03-01' - date '2026-02-01'", 28),
        # texts
        ("regexp_replace('a1b2', '[0-9]', '')", "ab"),
        ("regexp_replace('a1b2', '([a-z])([0-9])', '$2$1')", "1a2b"),
        (r"regexp_replace('a1b2', '\\d', '')", "ab"),
        ("regexp_substr('abc', '[0-9]')", ""),
        ("regexp_substr('a12b', '[0-9]+')", "12"),
        (r"'a\\b'", r"a\b"),
        ("len('héé')", 3),
        ("octet_length('héé')", 5),
        ("charindex('b', 'abc')", 2),
        ("strtol('0cc175b9c0f1b6a', 16)", 0x0CC175B9C0F1B6A),
        ("strtol('-Z', 36)", -35),
        ("concat('a', null)", None),
        ("split_part('a-b', '-', 3)", ""),
        ("sha2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        ("""json_extract_path_text('{"a": {"b": "c"}}', 'a', 'b')""", "c"),
        # lengths in bytes
        ("cast('héé' as varchar(4))", "hé"),
        ("cast('héé' as varchar(5))", "héé"),
        ("len(cast(repeat('x', 300) as varchar))", 256),
        ("len(repeat('x', 300)::text)", 256),
        ("len(cast(repeat('x', 70000) as varchar(max)))", 65535),
        # numbers
        ("7 / 2", 3),
        ("cast(2.5 as decimal)", Decimal(3)),
        ("round(2.345, 2)", Decimal("2.35")),
        ("nvl(null, 3)", 3),
        ("nvl2(current_date, 1, 2)", 1),
    ],
)
def test_an_expression(redshift: Redshift, expression: str, expected: Any) -> None:
    found = redshift.value(f"select {expression} as found")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("avg(n)", 1),  # 1.67 of whole numbers
        ("avg(d)", Decimal("1.33")),  # 1.333… of two digits
        ("avg(n::double precision)", 5 / 3),
        ("median(d)", Decimal("1.50")),
        ("listagg(t, '+') within group (order by n desc, t)", "c+a+b"),
        ("listagg(distinct t, '') within group (order by t)", "abc"),
        ("count(distinct t)", 3),
        ("sum(d)", Decimal("4.00")),
        ("percentile_cont(0.5) within group (order by n)", 2.0),
    ],
)
def test_an_aggregate(redshift: Redshift, expression: str, expected: Any) -> None:
    source = """
        select 2 as n, 'a' as t, cast(1.00 as decimal(12, 2)) as d
        union all select 0, 'b', 1.50
        union all select 3, 'c', 1.50
        union all select null, null, null
    """
    found = redshift.value(f"select {expression} as found from ({source}) as t")
    assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select 1 / 0", "division by zero"),
        ("select true::varchar(5)", "cannot cast type boolean to character varying"),
        ("select cast('2026-01-02 03:04' as integer)", "invalid input syntax"),
        ("select count(*) filter (where true)", 'syntax error at or near "("'),
        ("select string_agg('a', ',')", "function string_agg does not exist"),
        ("select * from nowhere", 'relation "nowhere" does not exist'),
    ],
)
def test_an_error_reaches_the_client(redshift: Redshift, sql: str, message: str) -> None:
    with pytest.raises(ProgrammingError, match="(?s)" + message.replace("(", r"\(")):
        redshift.rows(sql)


def test_a_refusal_breaks_its_transaction(redshift: Redshift) -> None:
    connection = redshift.connect(autocommit=False)
    cursor = connection.cursor()
    with pytest.raises(ProgrammingError, match="DISTINCT ON"):
        cursor.execute("select distinct on (a) a from (select 1 as a) as t")
    with pytest.raises(ProgrammingError, match="current transaction is aborted"):
        cursor.execute("select 1")
    connection.rollback()
    cursor.execute("select 1")
    assert cursor.fetchone() == [1]
    connection.close()


def test_parameters_are_bound(redshift: Redshift) -> None:
    with redshift.connect() as connection, connection.cursor() as cursor:
        cursor.execute("select %s::varchar, %s + 1, nvl(%s, 'x')", ("it's", 2, None))
        assert cursor.fetchone() == ["it's", 3, "x"]


def test_it_says_that_it_is_redshift(redshift: Redshift) -> None:
    assert "Redshift" in redshift.value("select version()")
    assert redshift.value("select current_user") == "landfall"


def test_a_unit_test_compares_decimals_without_the_zeros_that_postgresql_adds(
    redshift: Redshift,
) -> None:
    sql = "select -cast(1.50 as decimal(12, 2)) as {0}, cast(2.50 as decimal(12, 2)) as b, null::numeric + 1, 'x.00'"
    assert [str(cell) for (row,) in [redshift.rows(sql.format("a"))] for cell in row] == [
        "-1.50",
        "2.50",
        "None",
        "x.00",
    ]
    found = redshift.rows(
        f"with dbt_internal_unit_test_actual as ({sql.format('a')}) select * from dbt_internal_unit_test_actual"
    )
    assert [str(cell) for cell in found[0]] == ["-1.5", "2.50", "None", "x.00"]

"""What each engine gets from macros/dialect: the text of every branch, and what DuckDB makes of it."""

import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner

from tests.warehouse.conftest import QUIET
from tools.project import ROOT

pytestmark = pytest.mark.warehouse

CALLS = {
    "as_text": "as_text('x')",
    "text_hash": "text_hash('x')",
    "remove_all": "remove_all('x', '[^0-9]')",
    "list_of": "list_of('x', 'y')",
    "int_div": "int_div('a', 'b')",
    "median_of": "median_of('x')",
    "all_bits": "all_bits('x')",
    "has_bit": "has_bit('a', 'b * 2')",
    "as_timestamp": "as_timestamp('x')",
    "engine_config": "engine_config(dist='k', sort=['s'])",
    "key_of": "key_of(['a', 'b'])",
    "key_or_null": "key_or_null('a')",
    "key_or_unknown": "key_or_unknown('a')",
    "ts_text": "ts_text('t')",
    "bool_text": "bool_text('c')",
    "part_of": "part_of('x', '-', 2)",
    "ratio": "ratio('a', 'b', 2)",
    "row_hash": "row_hash(['b', 'a'])",
    "version_id": "version_id('k', 't')",
    "month_start": "month_start('d')",
    "business_day": "business_day('t')",
    "external_schema": "external_schema('raw_x')",
    "safe_cast": "dbt.safe_cast('x', 'string')",
    "valid_on": "valid_on('versions', 'facts.day')",
}
KEY = "coalesce(cast(a as {0}), chr(30)) || chr(31) || coalesce(cast(b as {0}), chr(30))"
ROW = "coalesce('a=' || cast(a as {0}) || chr(31), '') || coalesce('b=' || cast(b as {0}) || chr(31), '')"
VERSION = (
    "coalesce(cast(k as {0}), '') || '|' || coalesce(substring(cast(t as varchar(30)), 1, 19), '')"
)
SAME = {
    "ts_text": "substring(cast(t as varchar(30)), 1, 19)",
    "bool_text": "case when c then 'true' when not (c) then 'false' end",
    "part_of": "nullif(split_part(x, '-', 2), '')",
    "ratio": "cast(cast(cast(a as decimal(38, 8)) / nullif(b, 0) as decimal(38, 8)) as decimal(18, 2))",
    "month_start": "cast(date_trunc('month', cast(d as date)) as date)",
}
EXPECTED = {
    "duckdb": SAME
    | {
        "external_schema": "",
        "safe_cast": "cast(x as string)",
        "as_text": "cast(x as varchar)",
        "text_hash": "md5(x)",
        "remove_all": "regexp_replace(x, '[^0-9]', '', 'g')",
        "list_of": "string_agg(x, ', ' order by y)",
        "int_div": "((a) // nullif(b, 0))",
        "median_of": "cast(median(cast(x as decimal(18, 4))) as decimal(18, 4))",
        "all_bits": "bit_or(x)",
        "has_bit": "((a & (b * 2)) > 0)",
        "as_timestamp": "cast(x as timestamp)",
        "business_day": "cast(timezone('America/New_York', timezone('UTC', t)) as date)",
        "engine_config": "{'enabled': True}",
        "key_of": f"md5({KEY.format('varchar')})",
        "row_hash": f"md5({ROW.format('varchar')})",
        "version_id": f"md5({VERSION.format('varchar')})",
    },
    "athena": SAME
    | {
        "external_schema": "",
        "safe_cast": "try_cast(x as string)",
        "as_text": "cast(x as varchar)",
        "text_hash": "lower(to_hex(md5(to_utf8(x))))",
        "remove_all": "regexp_replace(x, '[^0-9]', '')",
        "list_of": "listagg(x, ', ') within group (order by y)",
        "int_div": "((a) / nullif(b, 0))",
        "all_bits": "bitwise_or_agg(x)",
        "has_bit": "(bitwise_and(a, b * 2) > 0)",
        "as_timestamp": "cast(x as timestamp(6))",
        "business_day": "cast(cast(at_timezone(with_timezone(cast(t as timestamp(6)), 'UTC'), 'America/New_York')"
        " as timestamp(6)) as date)",
        "engine_config": "{'table_type': 'iceberg', 'format': 'parquet', 'write_compression': 'snappy', "
        "'partitioned_by': ['month(s)']}",
        "key_of": f"lower(to_hex(md5(to_utf8({KEY.format('varchar')}))))",
        "row_hash": f"lower(to_hex(md5(to_utf8({ROW.format('varchar')}))))",
        "version_id": f"lower(to_hex(md5(to_utf8({VERSION.format('varchar')}))))",
    },
    "redshift": SAME
    | {
        "external_schema": "create external schema if not exists raw_x from data catalog database 'raw_x' "
        "iam_role default;",
        "safe_cast": "cast(x as varchar(65535))",
        "as_text": "cast(x as varchar(65535))",
        "text_hash": "md5(x)",
        "remove_all": "regexp_replace(x, '[^0-9]', '')",
        "list_of": "listagg(x, ', ') within group (order by y)",
        "int_div": "((a) / nullif(b, 0))",
        "median_of": "cast(median(cast(x as decimal(18, 4))) as decimal(18, 4))",
        "all_bits": "bit_or(x)",
        "has_bit": "((a & (b * 2)) > 0)",
        "as_timestamp": "cast(x as timestamp)",
        "business_day": "cast(convert_timezone('UTC', 'America/New_York', t) as date)",
        "engine_config": "{'dist': 'k', 'sort': ['s']}",
        "key_of": f"md5({KEY.format('varchar(65535)')})",
        "row_hash": f"md5({ROW.format('varchar(65535)')})",
        "version_id": f"md5({VERSION.format('varchar(65535)')})",
    },
}


@pytest.fixture(scope="module")
def rendered(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The text of every call, for each engine, its white space made one."""
    os.environ["LANDFALL_WAREHOUSE"] = str(tmp_path_factory.mktemp("dialect") / "warehouse.duckdb")
    lines = "\n".join(f"@{name}: {{{{ {call} }}}}" for name, call in CALLS.items())
    found = {}
    for target in EXPECTED:
        words = ["--project-dir", str(project), "--profiles-dir", str(project), "--target", target]
        offline = ["--no-populate-cache", "--no-introspect", "--target-path", f"target_{target}"]
        offline += ["--vars", "partitioned_by_month: [inline_query]"]
        done = dbtRunner().invoke([*QUIET, "compile", "--inline", lines, *words, *offline])
        assert done.success, done.exception
        text = done.result.results[0].node.compiled_code
        found[target] = {
            name: re.sub(r"\s+", " ", value).strip()
            for name, value in re.findall(r"@(\w+): (.*?)(?=\n@|\Z)", text, re.DOTALL)
        }
    return found


@pytest.mark.parametrize(
    ("target", "name"), [(target, name) for target in EXPECTED for name in EXPECTED[target]]
)
def test_each_engine_gets_its_own_words(
    rendered: dict[str, dict[str, str]], target: str, name: str
) -> None:
    assert rendered[target][name].replace("( ", "(").replace(" )", ")") == EXPECTED[target][name]


def test_athena_takes_the_median_from_the_middle_of_the_sorted_values(
    rendered: dict[str, dict[str, str]],
) -> None:
    text = rendered["athena"]["median_of"]
    assert "array_sort(" in text
    assert "filter (where x is not null)" in text
    assert "(cardinality(" in text
    assert "median(" not in text


def value(rendered: dict[str, dict[str, str]], name: str, row: str) -> object:
    """What DuckDB makes of a macro over one row of columns."""
    (found,) = duckdb.sql(f"select {rendered['duckdb'][name]} from (select {row})").fetchall()
    return found[0]


def test_a_key_tells_a_null_from_an_empty_text_and_where_one_field_ends(
    rendered: dict[str, dict[str, str]],
) -> None:
    rows = [
        "'a' as a, 'b' as b",
        "'ab' as a, '' as b",
        "'ab' as a, null as b",
        "'' as a, 'ab' as b",
    ]
    assert len({value(rendered, "key_of", row) for row in rows}) == len(rows)


def test_a_field_that_is_null_has_no_key_or_the_unknown_members(
    rendered: dict[str, dict[str, str]],
) -> None:
    found = [
        [value(rendered, name, f"{cell} as a") for cell in ("'A1'", "null")]
        for name in ("key_or_null", "key_or_unknown")
    ]
    key = duckdb.sql("select md5('A1')").fetchone()
    assert key == (found[0][0],)
    assert found == [[found[0][0], None], [found[0][0], "unknown"]]


def test_a_row_hash_does_not_change_with_a_new_empty_column_and_does_with_a_lost_value(
    rendered: dict[str, dict[str, str]],
) -> None:
    with_both = value(rendered, "row_hash", "'1' as a, '2' as b")
    with_one = value(rendered, "row_hash", "'1' as a, null as b")
    without_the_column = duckdb.sql("select md5('a=1' || chr(31))").fetchone()
    assert without_the_column == (with_one,)
    assert with_one != with_both
    assert with_one != value(rendered, "row_hash", "null as a, '1' as b")


def test_a_quotient_is_exact_and_half_up_and_null_over_zero(
    rendered: dict[str, dict[str, str]],
) -> None:
    assert str(value(rendered, "ratio", "1 as a, 8 as b")) == "0.13"
    assert str(value(rendered, "ratio", "-1 as a, 8 as b")) == "-0.13"
    assert value(rendered, "ratio", "1 as a, 0 as b") is None


def test_every_match_is_removed(rendered: dict[str, dict[str, str]]) -> None:
    assert value(rendered, "remove_all", "'(555) 1-2' as x") == "55512"


def test_a_missing_part_is_null(rendered: dict[str, dict[str, str]]) -> None:
    assert value(rendered, "part_of", "'a' as x") is None
    assert value(rendered, "part_of", "'a-b' as x") == "b"


def test_the_day_of_an_instant_is_the_business_zones_in_winter_and_in_summer(
    rendered: dict[str, dict[str, str]],
) -> None:
    # New York is five hours behind in winter, four in summer: its midnight is 05:00 and 04:00 in UTC
    instants = ("2026-01-02 04:59", "2026-01-02 05:00", "2026-07-02 03:59", "2026-07-02 04:00")
    days = [
        str(value(rendered, "business_day", f"timestamp '{instant}' as t")) for instant in instants
    ]
    assert days == ["2026-01-01", "2026-01-02", "2026-07-01", "2026-07-02"]
    assert value(rendered, "business_day", "cast(null as timestamp) as t") is None


def test_a_fact_finds_its_version_by_the_key_and_is_not_compared_with_all(
    rendered: dict[str, dict[str, str]],
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table facts as select k, date '2026-01-02' as day from range(9) as facts(k)"
            " union all select 2, date '9999-12-31'"
        )
        connection.execute("create table versions (k bigint, valid_from date, valid_to date)")
        connection.execute("""
            insert into versions values
                (1, '1900-01-01', '2026-01-02'), (1, '2026-01-02', null), (2, '2026-01-03', null)
        """)
        joined = f"from facts left join versions on facts.k = versions.k and {rendered['duckdb']['valid_on']}"
        ((_, plan),) = connection.execute(f"explain {joined}").fetchall()
        found = connection.execute(
            f"select facts.k, valid_from {joined} where valid_from is not null"
        )
        assert sorted((k, str(day)) for k, day in found.fetchall()) == [
            (1, "2026-01-02"),
            (2, "2026-01-03"),
        ]
    assert "HASH_JOIN" in plan and "NL_JOIN" not in plan


@pytest.fixture(scope="module")
def of_a_day_and_of_a_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two tables, of which one is sorted by a day."""
    folder = tmp_path_factory.mktemp("partitions")
    (folder / "macros").mkdir()
    (folder / "models").mkdir()
    shutil.copy(ROOT / "macros/dialect/engine_config.sql", folder / "macros")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    settings = {"name": "landfall", "version": "1.0.0", "profile": "landfall"}
    settings["vars"] = {"partitioned_by_month": []}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    described = []
    for name, kind in (("of_a_day", "date"), ("of_a_key", "varchar")):
        sql = f"{{{{ config(**engine_config(sort=['{name}'])) }}}} select 1 as {name}"
        (folder / "models" / f"fct_{name}.sql").write_text(sql)
        columns = [{"name": name, "data_type": kind}]
        described.append({"name": f"fct_{name}", "columns": columns})
    (folder / "models" / "models.yml").write_text(yaml.safe_dump({"models": described}))
    return folder


@pytest.mark.parametrize(
    ("target", "name", "is_taken"),
    [
        ("duckdb", "fct_of_a_day", True),
        ("duckdb", "fct_of_a_dya", False),
        ("athena", "fct_of_a_day", True),
        ("athena", "fct_of_a_key", False),
    ],
)
def test_a_name_is_refused_that_cannot_be_partitioned_by_month(
    of_a_day_and_of_a_key: Path, target: str, name: str, is_taken: bool
) -> None:
    folder = str(of_a_day_and_of_a_key)
    words = ["--project-dir", folder, "--profiles-dir", folder, "--target", target]
    words += ["--target-path", f"target_{target}", "--vars", f"partitioned_by_month: [{name}]"]
    told: list[str] = []
    runner = dbtRunner(callbacks=[lambda event: told.append(event.info.msg)])
    done = runner.invoke([*QUIET, "run-operation", "refuse_unknown_facts", *words])
    assert done.success is is_taken
    problem = f"vars.partitioned_by_month: {name} is not a model that is sorted by a day"
    assert any(problem in line for line in told) is not is_taken

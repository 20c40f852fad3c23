"""Column types on their way into Iceberg, and cells on their way out."""

import re
from typing import Any

import pytest

from tools.athena.types import engine_type, iceberg_refusal
from tools.athena.values import column_info, datum, structure, text
from tools.athena.views import hive_type


@pytest.mark.parametrize(
    ("hive", "engine"),
    [
        ("string", "varchar"),
        ("int", "integer"),
        ("float", "real"),
        ("binary", "varbinary"),
        ("decimal(12,2)", "decimal(12, 2)"),
        ("timestamp", "timestamp(6)"),
        ("struct<a:int,b:array<timestamp>>", "row(a integer, b array(timestamp(6)))"),
        ("map<string,bigint>", "map(varchar, bigint)"),
    ],
)
def test_a_hive_type_becomes_the_engines(hive: str, engine: str) -> None:
    assert engine_type(hive) == engine


@pytest.mark.parametrize(
    ("engine", "hive"),
    [
        ("varchar", "string"),
        ("varchar(3)", "varchar(3)"),
        ("integer", "int"),
        ("timestamp(3)", "timestamp"),
        ("decimal(12,2)", "decimal(12,2)"),
        ("row(a integer, b array(varchar))", "struct<a:int,b:array<string>>"),
    ],
)
def test_a_views_type_is_written_as_hives(engine: str, hive: str) -> None:
    assert hive_type(engine) == hive


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("tinyint", "tinyint"),
        ("smallint", "smallint"),
        ("char(3)", "char"),
        ("timestamp(3)", r"precision \(3\)"),
        ("timestamp(0)", r"precision \(0\)"),
        ("timestamp(9)", r"precision \(9\)"),
        ("timestamp(3) with time zone", r"precision \(3\)"),
        ("array(timestamp(3))", r"precision \(3\)"),
        ('row(a integer, "b c" tinyint)', "tinyint"),
        ("map(varchar, smallint)", "smallint"),
    ],
)
def test_iceberg_lacks_a_type_however_deep(kind: str, complaint: str) -> None:
    refusal = iceberg_refusal(kind, "trino")
    assert refusal is not None and re.search(complaint, refusal)


@pytest.mark.parametrize(
    "kind",
    ["integer", "bigint", "varchar(3)", "timestamp(6)", "date", "decimal(38,4)", "varbinary"],
)
def test_iceberg_holds_a_type(kind: str) -> None:
    assert iceberg_refusal(kind, "trino") is None


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (True, "boolean", "true"),
        (1.0, "double", "1.0"),
        (0.1, "double", "0.1"),
        (1e7, "double", "1.0E7"),
        (1.5e-4, "double", "1.5E-4"),
        (123456789.25, "double", "1.2345678925E8"),
        (-0.0, "double", "-0.0"),
        (float("nan"), "double", "NaN"),
        (float("-inf"), "double", "-Infinity"),
        (b"ab", "varbinary", "61 62"),
        ("2026-11-21 10:00:00.000", "timestamp(3)", "2026-11-21 10:00:00.000"),
        ([1, None], "array(integer)", "[1, null]"),
        ({"a": 1}, "map(varchar, integer)", "{a=1}"),
        ([1, ["x"]], "row(a integer, b array(varchar))", "{a=1, b=[x]}"),
        ([[1, "x"]], "array(row(a integer, b varchar))", "[{a=1, b=x}]"),
    ],
)
def test_a_value_is_written_as_athena_writes_it(value: Any, kind: str, shown: str) -> None:
    assert text(value, structure(kind)) == shown


def test_a_null_is_no_text() -> None:
    assert datum(None, "varchar") == {}
    assert datum("", "varchar") == {"VarCharValue": ""}


def test_bytes_come_from_the_engine_in_base64() -> None:
    assert datum("YWI=", "varbinary") == {"VarCharValue": "61 62"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("integer", ("integer", 0, 0)),
        ("decimal(12,2)", ("decimal", 12, 2)),
        ("varchar", ("varchar", 2147483647, 0)),
        ("varchar(5)", ("varchar", 5, 0)),
        ("timestamp(3)", ("timestamp", 3, 0)),
        ("timestamp(3) with time zone", ("timestamp with time zone", 3, 0)),
        ("array(decimal(5,1))", ("array", 0, 0)),
    ],
)
def test_a_columns_type_precision_and_scale(kind: str, expected: tuple[str, int, int]) -> None:
    info = column_info("a", kind)
    assert (info["Type"], info["Precision"], info["Scale"]) == expected

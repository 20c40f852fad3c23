"""Cells and column types as GetQueryResults spells them."""

import base64
import math
from typing import Any

import sqlglot
from sqlglot import exp

UNBOUNDED = 2_147_483_647
ZONED = " with time zone"


def column_info(name: str, kind: str) -> dict[str, Any]:
    """A column's metadata; `kind` is the engine's type, such as `decimal(12,2)`."""
    base, _, rest = kind.partition("(")
    inside = rest.rpartition(")")[0].split(",")
    sizes = [int(size) for size in inside if size.strip().isdigit()]
    if base == "varchar" and not sizes:
        sizes = [UNBOUNDED]
    precision, scale = (*sizes, 0, 0)[:2]
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": base + (ZONED if kind.endswith(ZONED) and not base.endswith(ZONED) else ""),
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": base == "varchar",
    }


def structure(kind: str) -> exp.DataType | None:
    """A nested type, taken apart; None for a plain one."""
    if not kind.startswith(("array", "map", "row")):
        return None
    try:
        return exp.DataType.build(kind, dialect="trino")
    except sqlglot.errors.SqlglotError:
        return None


def datum(value: Any, kind: str, nested: exp.DataType | None = None) -> dict[str, str]:
    """A cell; a null is an empty object."""
    if value is None:
        return {}
    if kind == "varbinary":
        value = base64.b64decode(value)
    return {"VarCharValue": text(value, nested)}


def text(value: Any, nested: exp.DataType | None = None) -> str:
    """A value as Athena writes it: `true`, `1.0E10`, `61 62`, `[1, 2]`, `{a=1}`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, bytes):
        return value.hex(" ")
    inner = nested.expressions if nested else []
    if isinstance(value, dict):
        pairs = (f"{text(k)}={text(v, _at(inner, 1))}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        if nested and nested.this == exp.DataType.Type.STRUCT:
            fields = zip(inner, value, strict=True)
            return (
                "{" + ", ".join(f"{f.name}={text(v, f.args.get('kind'))}" for f, v in fields) + "}"
            )
        return "[" + ", ".join(text(one, _at(inner, 0)) for one in value) + "]"
    return str(value)


def _at(types: list[Any], place: int) -> exp.DataType | None:
    return types[place] if len(types) > place and isinstance(types[place], exp.DataType) else None


def _double(value: float) -> str:
    """As Java writes a double."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:.17f}".rstrip("0")
    digits, _, power = f"{value!r}".partition("e")
    if not power:
        digits, _, power = _shortest(value).partition("e")
    digits = digits if "." in digits else digits + ".0"
    return f"{digits}E{int(power)}"


def _shortest(value: float) -> str:
    """The shortest text with an exponent that gives the value back."""
    return next(t for d in range(17) if float(t := f"{value:.{d}e}") == value)

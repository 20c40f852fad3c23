"""Column types: translates Hive's names to the engine's, and refuses types that an Iceberg table on Athena can't hold.

The engine alone would silently turn a smallint into an integer where Athena refuses.
"""

import sqlglot
from sqlglot import exp

KINDS = exp.DataType.Type
LACKING = {KINDS.TINYINT: "tinyint", KINDS.SMALLINT: "smallint", KINDS.CHAR: "char"}
STAMPS = {KINDS.TIMESTAMP: "timestamp", KINDS.TIMESTAMPTZ: "timestamp with time zone"}
PRECISION = 6


def engine_type(hive: str) -> str:
    """A Hive type in the engine's spelling for Iceberg: `string` is varchar, a timestamp has 6 digits."""
    parsed = exp.DataType.build(hive, dialect="hive")
    for node in parsed.find_all(exp.DataType):
        if node.this in STAMPS and not node.expressions:
            size = exp.DataTypeParam(this=exp.Literal.number(PRECISION))
            node.set("this", KINDS.TIMESTAMP)
            node.set("expressions", [size])
    return parsed.sql(dialect="trino").lower()


def iceberg_refusal(type_text: str, dialect: str) -> str | None:
    """Athena's refusal of a column of this type in an Iceberg table; None when it takes it."""
    try:
        parsed = exp.DataType.build(type_text, dialect=dialect)
    except sqlglot.errors.SqlglotError:
        return None
    for node in parsed.find_all(exp.DataType):
        if node.this in LACKING:
            return f"Type not supported for Iceberg: {LACKING[node.this]}"
        if node.this in STAMPS and dialect == "trino":
            digits = int(node.expressions[0].name) if node.expressions else 3
            if digits != PRECISION:
                return (
                    f"Timestamp precision ({digits}) not supported for Iceberg."
                    f' Use "timestamp({PRECISION})" instead.'
                )
    return None

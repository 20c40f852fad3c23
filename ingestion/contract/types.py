"""The portable types of a contract, and what each is in arrow, Glue and DuckDB.

Only types that Athena, Spectrum and DuckDB read alike are here: timestamps carry milliseconds and no zone, integers
are 64 bit and signed (Glue's own rules: https://docs.aws.amazon.com/athena/latest/ug/data-types.html).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

_PATTERN = re.compile(r"(?P<name>[a-z]+)(?:\((?P<precision>\d+),\s*(?P<scale>\d+)\))?")
_PLAIN: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
    "boolean": pa.bool_(),
    "double": pa.float64(),
}
MAX_PRECISION = 38
NUMBERS = ("bigint", "decimal", "double")
"""The names of the types that hold numbers."""


@dataclass(frozen=True)
class PortableType:
    """A portable type; `precision` (digits in all) and `scale` (digits after the point) are a decimal's.

    As a text it is the type's name in a contract and in the Glue catalogue (Athena and Spectrum).
    """

    name: str
    precision: int | None = None
    scale: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PortableType":
        """The type that `text` names; ValueError for any other word, or a decimal without or beyond its bounds."""
        found = _PATTERN.fullmatch(text.strip().lower())
        if found and found["name"] in _PLAIN and found["precision"] is None:
            return cls(found["name"])
        if found and found["name"] == "decimal" and found["precision"] is not None:
            precision, scale = int(found["precision"]), int(found["scale"])
            if 1 <= precision <= MAX_PRECISION and scale <= precision:
                return cls("decimal", precision, scale)
        known = ", ".join([*_PLAIN, "decimal(p,s)"])
        raise ValueError(f"unknown type '{text}': use one of {known}")

    @classmethod
    def decimal(cls, precision: int, scale: int) -> "PortableType":
        """The decimal with this many digits, and with this many of them behind the point. No engine has one wider than
        MAX_PRECISION: a value that does not fit there is quarantined, as a double would change it."""
        return cls("decimal", min(precision, MAX_PRECISION), min(scale, MAX_PRECISION))

    def __str__(self) -> str:
        return self.name if self.precision is None else f"decimal({self.precision},{self.scale})"

    @property
    def arrow(self) -> pa.DataType:
        """The arrow type of the parquet column."""
        if self.precision is not None and self.scale is not None:
            return pa.decimal128(self.precision, self.scale)
        return _PLAIN[self.name]

    @property
    def duckdb(self) -> str:
        """The type's name in DuckDB."""
        return "varchar" if self.name == "string" else str(self)


def arrow_schema(columns: Mapping[str, PortableType]) -> pa.Schema:
    """The schema of a parquet file with these columns."""
    return pa.schema([(name, kind.arrow) for name, kind in columns.items()])

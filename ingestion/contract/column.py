"""A column of a contract: its type, its spellings in the files, and how personal it is."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingestion.contract.reserved import OWN_COLUMNS, RESERVED
from ingestion.contract.types import NUMBERS, PortableType

FORMATS: dict[str, tuple[str, ...]] = {
    "string": ("h:MM AM", "HH:MM:SS", "M/D/YYYY H:MM", "zip"),
    "bigint": ("number",),
    "decimal": ("number", "money"),
    "double": ("number",),
    "date": (
        "M/D/YYYY",
        "YYYY-MM-DD",
        "DD/MM/YYYY",
        "DD.MM.YYYY",
        "DD.MM.RR",
        "DD-MON-RR",
        "M/D/YYYY H:MM",
        "M/D/YYYY H:MM:SS",
        "M/D/YYYY h:MM:SS AM",
        "YYYY-MM-DD HH:MM:SS",
        "YYYY-MM-DDTHH:MM:SS",
    ),
    "timestamp": (
        "YYYY-MM-DD HH:MM:SS",
        "YYYY-MM-DD HH:MM",
        "YYYY-MM-DD HH:MM:SS+HH:MM",
        "YYYY-MM-DD HH:MM+HH:MM",
        "YYYY-MM-DDTHH:MM:SS",
        "YYYY-MM-DDTHH:MM",
        "YYYY-MM-DDTHH:MM:SSZ",
        "YYYY-MM-DDTHH:MM:SS+0000",
        "YYYY-MM-DDTHH:MM:SS+HH:MM",
        "YYYY-MM-DDTHH:MM+HH:MM",
        "M/D/YYYY H:MM",
        "M/D/YYYY H:MM:SS",
        "M/D/YYYY h:MM AM",
        "M/D/YYYY h:MM:SS AM",
        "DD-MON-RR HH.MI.SSXFF AM",
        "DD-MON-RR",
    ),
    "boolean": (),
}
"""The spellings that a column may declare, by the name of its portable type. A time beside a date is midnight; `+HH:MM`
is any offset from Greenwich, written `Z`, `+00`, `+0000` or `-05:00`."""

_MIDNIGHTS = ("", " 00:00", " 00:00:00", *(f" 00:00:00.{'0' * digits}" for digits in range(1, 7)))
ZERO_DATES = tuple(
    f"{day}{midnight}"
    for day in ("0000-00-00", "0/0/0000", "00/00/0000", "00.00.0000")
    for midnight in _MIDNIGHTS
)
"""MySQL's zero date, also in other formats."""

NAME = re.compile(r"[a-z_][a-z0-9_]*")
"""The names that columns, tables and sources may have: they need no quotes in any engine, path or log."""


FORBIDDEN_FORMS = {
    "direct": ("as_is", "hashed"),
    "quasi": (),
    "none": ("month", "year", "zip3", "hashed", "list", "never"),
}
"""The forms in marts that do not go with a sensitivity."""


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...])
]


FileType = Literal[
    "string",
    "bigint",
    "decimal",
    "double",
    "boolean",
    "date",
    "timestamp",
    "time",
    "binary",
    "uuid",
    "json",
]
FileTypes = Annotated[
    tuple[FileType, ...],
    BeforeValidator(_as_tuple, json_schema_input_type=FileType | tuple[FileType, ...]),
]


class Frozen(BaseModel):
    """A part of a contract: frozen, and without unknown words."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnMeta(Frozen):
    """The settings under a column's `config.meta`. Only `sensitivity` is required."""

    sensitivity: Literal["direct", "quasi", "none"] = Field(
        description="direct: names a person alone; quasi: does so with others, or is a clinical fact; none: neither."
    )
    in_marts: Literal["as_is", "month", "year", "zip3", "hashed", "list", "never"] | None = Field(
        None,
        description="The finest form in which a mart may hold a direct or quasi column: as it is, the month or year of"
        " a date, three digits of a zip code, inside the hash of a key, only as a value of a seed's list, or never."
        " Never where nothing is said.",
    )
    header: str | None = Field(
        None, description="The column's name in the file, where it is not the column's own."
    )
    also: Words = Field((), description="Other names that the column has in files.")
    within: str | None = Field(
        None,
        description="dynamodb: the attribute whose text is a JSON object; there it is `header` or `outer.inner`.",
    )
    format: Words = Field(
        (), description="Its spellings, tried in this order; a date must have at least one."
    )
    pseudonym: str | None = Field(
        None,
        description="The domain in which equal values get equal pseudonyms; adds <column>_pseudonym.",
    )
    optional: bool = Field(False, description="May be missing from the file; it is null then.")
    nulls: Words = Field(
        (), description="Texts that mean null in this column, beside the empty cell."
    )
    sentinels: Words = Field((), description="Texts of impossible dates that mean null.")
    empty: Literal["null", "text"] = Field("null", description="What an empty cell is.")
    identifier: bool | None = Field(
        None,
        description="Quarantine what a spreadsheet made of an identifier (1.2E+11, 12.0). "
        "Default: keys, pseudonyms and what refers to one.",
    )
    refers_to: str | None = Field(
        None,
        pattern=r"^([a-z0-9_]+\.)?[a-z0-9_]+\.[a-z0-9_]+$",
        description="The identifier whose values these are: table.column of this source, or source.table.column.",
    )
    pad_to: int | None = Field(
        None, ge=1, description="Pad digits with zeros on the left to this width (zip)."
    )
    not_after_extract: bool = Field(
        False, description="A date after the extract's own is wrong, e.g. a birth."
    )
    file_type: FileTypes = Field(
        (),
        description="Other types in which parquet may carry this column: read by its spelling, as a CSV's cells are.",
    )
    binary: Literal["hex"] | None = Field(
        None,
        description="Bytes of a live database, of parquet or of DynamoDB land as their hexadecimal digits.",
    )
    values: Words = Field(
        (), description="The codes that a text column may have; a row with another is quarantined."
    )
    fold: bool = Field(
        False,
        description="values: spelt in any case. What lands is spelt as listed, and warned of.",
    )
    minimum: Decimal | None = Field(
        None, description="The least value of a number; a row below it is quarantined."
    )
    otherwise: Literal["quarantine", "count"] = Field(
        "quarantine",
        description="values, minimum: a row with another value is quarantined; or lands, is warned of, and counts in"
        " `data_findings` and `figures_status` as long as it is in the state.",
    )
    finer_times: Literal["bad", "cut"] = Field(
        "bad", description="What a time finer than milliseconds is: bad, or cut to them."
    )


class Column(ColumnMeta):
    """One column of the contract, in the order in which files without a header carry it."""

    name: str
    type: Annotated[
        PortableType, BeforeValidator(lambda v: PortableType.parse(v) if isinstance(v, str) else v)
    ]

    @property
    def file_name(self) -> str:
        """The column's name in a file's header."""
        return self.name if self.header is None else self.header

    @property
    def file_names(self) -> tuple[str, ...]:
        """All names that it may have in a file."""
        return (self.file_name, *self.also)

    @property
    def pseudonym_name(self) -> str | None:
        """The name of the column that holds its pseudonym, if it has one."""
        return f"{self.name}_pseudonym" if self.pseudonym else None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                "a column's name is lower case letters, digits and _ (use meta.header for the file's own)"
            )
        if self.name in RESERVED:
            raise ValueError(
                f"'{self.name}' is a word of SQL: choose another name, with meta.header for the file's own"
            )
        if self.name in OWN_COLUMNS:
            raise ValueError(
                f"'{self.name}' is a column that Landfall adds: choose another name, with meta.header for"
                " the file's own"
            )
        if self.in_marts is not None and self.in_marts in FORBIDDEN_FORMS[self.sensitivity]:
            raise ValueError(f"a {self.sensitivity} column cannot be in_marts: {self.in_marts}")
        known = FORMATS[self.type.name]
        for spelling in self.format:
            if spelling not in known:
                raise ValueError(
                    f"format '{spelling}' does not fit {self.type}: use one of {', '.join(known) or 'none'}"
                )
        if self.values and self.type.name != "string":
            raise ValueError("`values` are for text")
        if self.fold and not self.values:
            raise ValueError("`fold` says how `values` are spelt: list them")
        if self.minimum is not None and self.type.name not in NUMBERS:
            raise ValueError("`minimum` is for numbers")
        if self.otherwise != "quarantine" and not self.values and self.minimum is None:
            raise ValueError("`otherwise` goes with `values` or `minimum`")
        if self.type.name == "date" and not self.format:
            raise ValueError(f"a date without a format: say one of {', '.join(known)}")
        return self

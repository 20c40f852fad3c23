"""A column of a contract: its type, its spellings in the files, and how personal it is."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingestion.contract.types import PortableType

FORMATS: dict[str, tuple[str, ...]] = {
    "string": ("h:MM AM", "M/D/YYYY H:MM", "zip"),
    "bigint": ("number",),
    "decimal": ("number", "money"),
    "double": ("number",),
    "date": ("M/D/YYYY", "YYYY-MM-DD", "DD-MON-RR"),
    "timestamp": (
        "YYYY-MM-DD HH:MM:SS",
        "YYYY-MM-DDTHH:MM:SSZ",
        "YYYY-MM-DDTHH:MM:SS+0000",
        "DD-MON-RR HH.MI.SSXFF AM",
        "DD-MON-RR",
    ),
    "boolean": (),
}
"""The spellings that a column may declare, by the name of its portable type."""

NAME = re.compile(r"[a-z_][a-z0-9_]*")


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...])
]


FileTypes = Annotated[
    tuple[Literal["string", "double"], ...],
    BeforeValidator(
        _as_tuple,
        json_schema_input_type=Literal["string", "double"]
        | tuple[Literal["string", "double"], ...],
    ),
]


class Frozen(BaseModel):
    """A part of a contract: never changed after reading, and no unknown word in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnMeta(Frozen):
    """What stands under a column's `config.meta`. Only `sensitivity` must be given."""

    sensitivity: Literal["direct", "quasi", "none"] = Field(
        description="direct: names a person alone; quasi: does so with others, or is a clinical fact; none: neither."
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
        description="Refuse what a spreadsheet made of an identifier (1.2E+11, 12.0). Default: keys and pseudonyms.",
    )
    pad_to: int | None = Field(
        None, ge=1, description="Pad digits with zeros on the left to this width (zip)."
    )
    not_after_extract: bool = Field(
        False, description="A date after the extract's own is wrong, e.g. a birth."
    )
    file_type: FileTypes = Field(
        (),
        description="Parquet may carry this column as text, or as a double that is read by its shortest spelling.",
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
        known = FORMATS[self.type.name]
        for spelling in self.format:
            if spelling not in known:
                raise ValueError(
                    f"format '{spelling}' does not fit {self.type}: use one of {', '.join(known) or 'none'}"
                )
        if self.type.name == "date" and not self.format:
            raise ValueError(f"a date without a format: say one of {', '.join(known)}")
        return self

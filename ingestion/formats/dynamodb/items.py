"""Items of DynamoDB in columns: each attribute is a struct with one field for each type that a value may have."""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyarrow import json as arrow_json

from ingestion.arrow import Array, Mask, field_names, pa, pc, truth
from ingestion.codes import Code
from ingestion.contract import NUMBERS, Column, Limits, Table
from ingestion.errors import BadExtract
from ingestion.formats.dynamodb.lines import Lines, lines_of
from ingestion.formats.model import Part

WRITE_TIME = "Metadata.WriteTimestampMicros"
"""The header of a column for the time of an item's last change, which is not an attribute."""

_TYPED_VALUE = re.compile(rb'"([^"\\]+)"\s*:\s*\{\s*"([NSB])"\s*:')
"""An attribute's name, and the type of its value where that is a number, a text or bytes."""

IMAGES = ("Item", "NewImage", "Keys", "OldImage")
"""The fields of a line that hold attributes."""

_KINDS: dict[str, Any] = {
    **dict.fromkeys(("S", "N", "B"), str),
    **dict.fromkeys(("BOOL", "NULL"), bool),
    **dict.fromkeys(("L", "SS", "NS", "BS"), list),
    "M": dict,
}
"""The JSON value of each of DynamoDB's types."""

_LOOKED_AT = 2**13
"""This many bytes, or at least the first line, are likely to have a value of most attributes."""


def schema_of(table: Table, is_change: bool, data: bytes) -> Any:
    """The schema of an export's lines, with the types of the values in the first lines of `data`."""
    seen = dict(_TYPED_VALUE.findall(data, 0, max(_LOOKED_AT, data.find(b"\n"))))
    item = pa.struct([(name, pa.struct([(tag, pa.string())])) for name, tag in _tags(table, seen)])
    if not is_change:
        return pa.schema([("Item", item)])
    time = pa.struct([("N", pa.string())]) if b"WriteTimestampMicros" in seen else pa.int64()
    metadata = pa.struct([("WriteTimestampMicros", time)])
    images = [(name, item) for name in ("Keys", "NewImage", "OldImage")]
    return pa.schema([("Metadata", metadata), *images])


def _tags(table: Table, seen: dict[bytes, bytes]) -> Iterator[tuple[str, str]]:
    """Every attribute with the likeliest type of its values: the observed one, else number or text by its column. Only
    one type, because an empty declared field costs as much time as a full one. Values of other types appear as further
    fields."""
    tags: dict[str, str] = {}
    for column in table.columns:
        tag = "N" if column.type.name in NUMBERS and not column.within else "S"
        for name in attributes_of(column):
            tags[name] = seen.get(name.encode(), tag.encode()).decode()
    yield from tags.items()


def attributes_of(column: Column) -> tuple[str, ...]:
    """The attributes from which a column may be read: the one whose text holds it, or its own names."""
    if column.file_name == WRITE_TIME:
        return ()
    return (column.within,) if column.within else column.file_names


def known_attributes(table: Table) -> set[str]:
    """Every attribute from which a column may be read."""
    return {name for column in table.columns for name in attributes_of(column)}


class Items:
    """One array of items. Raises BadExtract unknown_column when one has an attribute that no column names."""

    def __init__(self, items: Array, lines: Lines, table: Table) -> None:
        self._items, self._lines = items, lines
        known = known_attributes(table)
        for number, name in enumerate(field_names(items.type)):
            if name not in known and name not in table.ignored_headers:
                row = int(np.argmax(truth(items.field(number).is_valid())))
                place = "an attribute whose name is not UTF-8"
                if name is not None:
                    place = f"attribute {_place(lines.parsed(row), name)} of the item"
                raise BadExtract(Code.UNKNOWN_COLUMN, lines.number + row, detail=place)

    def cells(self, column: Column) -> tuple[Array, Mask]:
        """A column's values as text, and the rows in which two names of it have different values."""
        first, *others = (self.text(name, bool(column.binary)) for name in column.file_names)
        clash = np.zeros(len(first), bool)
        for other in others:
            clash |= truth(pc.not_equal(first, other))
            first = pc.coalesce(first, other)
        return first, clash

    def text(self, name: str, has_hex: bool = False) -> Array:
        """An attribute's values as text: numbers by their digits, documents and sets as JSON, bytes in base64, or in
        hexadecimal digits. Raises BadExtract wrong_type for bytes that are not in base64."""
        value = self._items.field(name)
        found: list[Array] = []
        documents: list[int] = []
        for number, tag in enumerate(field_names(value.type)):
            cells = value.field(number)
            if tag == "NULL" or cells.null_count == len(cells):
                continue
            if pa.types.is_string(cells.type):
                found.append(self._hex(cells) if tag == "B" and has_hex else cells)
            elif pa.types.is_boolean(cells.type):
                found.append(pc.if_else(cells, "true", "false"))
            else:
                documents.append(number)
        if documents:
            texts = pa.array(self._documents(name, value, documents), pa.binary())
            found.append(texts.cast(pa.string(), safe=False))  # invalid UTF-8 is found later
        if not found:
            return pa.nulls(len(value), pa.string())
        return found[0] if len(found) == 1 else pc.coalesce(*found)

    def _hex(self, cells: Array) -> Array:
        digits: list[str | None] = []
        for row, value in enumerate(cells.to_pylist()):
            try:
                digits.append(None if value is None else b64decode(value, validate=True).hex())
            except ValueError:
                place = self._lines.number + row
                raise BadExtract(Code.WRONG_TYPE, place, detail="bytes not in base64") from None
        return pa.array(digits, pa.string())

    def _documents(self, name: str, value: Array, tags: list[int]) -> Iterator[bytes | None]:
        """Documents, lists and sets as the line's own JSON, and texts that arrow read as times, as they are spelt.
        There are few, so it goes line by line. Invalid UTF-8 stays as it is."""
        rows = np.zeros(len(value), bool)
        for tag in tags:
            rows |= truth(value.field(tag).is_valid())
        for row, is_one in enumerate(rows.tolist()):
            if is_one:
                yield self._document(row, name).encode(errors="surrogateescape")
            else:
                yield None

    def _document(self, row: int, name: str) -> str:
        line = self._lines.parsed(row)
        images = [line[part] for part in ("Item", "NewImage", "Keys") if line.get(part)]
        (document,) = next(image[name] for image in images if name in image).values()
        return _text(document)


def _text(value: Any) -> str:
    """A value that is a text as it is, another one as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Item:
    """An item as text: `values` by attribute, None where it is empty, DynamoDB's null, or bytes, as `of_bytes` are.
    `key` has the names of its key's attributes, which only a change tells."""

    values: dict[str, str | None]
    of_bytes: frozenset[str]
    key: tuple[str, ...]


def items_in(parts: Iterable[Part]) -> Iterator[Item]:
    """The items of an export that has no contract yet; of changes the newest state, with its time as WRITE_TIME.

    Raises BadExtract: wrong_type for a line that is not DynamoDB's JSON, or what stops the unpacking of a part.
    """
    for lines in lines_of(parts, Limits()):
        for row in range(len(lines)):
            try:
                yield _item(lines.parsed(row))
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
                place = lines.number + row
                raise BadExtract(Code.WRONG_TYPE, place, detail="no DynamoDB JSON") from None


def _item(line: Any) -> Item:
    keys = line.get("Keys") or {}
    state = line["Item"] if "Item" in line else keys | (line.get("NewImage") or {})
    values: dict[str, str | None] = {}
    of_bytes = set()
    for name, value in state.items():
        ((tag, inner),) = value.items()
        if not _is_inner(tag, inner):
            raise ValueError
        if tag == "B":
            of_bytes.add(name)
        is_null = tag in ("B", "NULL")
        text = "" if is_null else _text(inner).encode(errors="replace").decode()
        values[name] = text or None
    if keys:
        time = line["Metadata"]["WriteTimestampMicros"]
        values[WRITE_TIME] = str(time["N"] if isinstance(time, dict) else time)
    return Item(values, frozenset(of_bytes), tuple(keys))


def _place(line: Any, name: str) -> int:
    """The position of the attribute with this name in a line's item, from 1: the name itself may be anything."""
    images = [line.get(part) or {} for part in IMAGES]
    return next(list(image).index(name) + 1 for image in images if name in image)


def parsed_as(schema: Any, data: Any, rows: int) -> Any:
    """Lines of JSON as a table of arrow, in which names that the schema lacks are further fields; None where arrow
    cannot read a line as the schema and the lines before it have it, or makes another number of rows."""
    try:
        parsed = arrow_json.read_json(
            pa.BufferReader(data),
            arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer"),
        )
    except pa.ArrowInvalid:
        return None
    return parsed if parsed.num_rows == rows else None


def first_bad_place(lines: Lines, table: Table) -> tuple[int, str] | None:
    """The number of the first line that by itself is not DynamoDB's JSON, and its fault, such as an attribute.

    A contract's attribute is given by its name, another by its position.
    """
    known = known_attributes(table)
    for row in range(len(lines)):
        try:
            line = lines.parsed(row)
        except (ValueError, RecursionError):
            return lines.number + row, "no JSON"
        if not isinstance(line, dict):
            return lines.number + row, "no object"
        for image in IMAGES:
            item = line.get(image) or {}
            if not isinstance(item, dict):
                return lines.number + row, f"{image} is not an object"
            for place, (name, value) in enumerate(item.items(), 1):
                if not _is_value(value):
                    told = name if name in known else f"{place} of the item"
                    return lines.number + row, f"attribute {told}"
    return None


def _is_value(value: Any) -> bool:
    """Whether it is a value as DynamoDB writes it: an object whose only field is called by the value's type."""
    if value is None:
        return True
    if not isinstance(value, dict):
        return False
    return all(_is_inner(tag, inner) for tag, inner in value.items())


def _is_inner(tag: str, inner: Any) -> bool:
    """The same for the value of a type."""
    if not isinstance(inner, _KINDS.get(tag, object)):
        return False
    if tag == "M":
        return all(map(_is_value, inner.values()))
    return tag != "L" or all(map(_is_value, inner))

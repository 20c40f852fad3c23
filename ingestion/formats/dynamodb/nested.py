"""Columns inside another attribute's text, which is a JSON object: they are extracted once, here, so that no engine
parses text. Other fields of such an object are not landed, with a warning."""

import json
from collections import defaultdict
from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from ingestion.arrow import Array, Mask, pa, pc, whole
from ingestion.contract import Column, Table
from ingestion.formats.depth import LONG, beyond_bounds
from ingestion.formats.dynamodb.items import Items, parsed_as
from ingestion.formats.values.numbers import seen

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""Numbers stay text until their column's check reads them."""

_BULK_TYPES = {
    "string": pa.string(),
    "date": pa.string(),
    "timestamp": pa.string(),
    "bigint": pa.int64(),
}
"""Types of columns that arrow's own parser extracts, and the type it extracts them as."""

Taken = tuple[dict[str, Array], Mask, Mask]
"""The cells by column as text or bytes, the rows that are not objects, and the rows with unknown fields."""

Found = tuple[Array, dict[str, Mask], dict[str, Mask]]
"""The cells of a column as text or bytes; the errors and warnings of the whole text are those of its first column."""


def nested(table: Table, items: Items) -> dict[str, Found]:
    """The columns of a table that are inside others, by name, extracted from a stretch of items."""
    outer: dict[str, list[Column]] = defaultdict(list)
    for column in table.columns:
        if column.within:
            outer[column.within].append(column)
    found: dict[str, Found] = {}
    for name, columns in outer.items():
        texts = items.text(name)
        cells, bad, unknown = _in_bulk(texts, columns) or _one_by_one(texts, columns)
        found |= {column: (values, {}, {}) for column, values in cells.items()}
        first = columns[0].name
        found[first] = cells[first], seen(bad_json=bad), seen(unknown_field=unknown)
    return found


def _in_bulk(texts: Array, columns: list[Column]) -> Taken | None:
    """All texts in one pass of arrow's parser, each a line of its own.

    None unless each is an object with just the columns' fields in the columns' types: others are parsed one by one. A
    text that begins and ends with a brace is at least one row, so as many rows as texts mean one row for each: no text
    can continue in the next, as a line end within a string is not JSON.
    """
    schema = _schema_of(columns)
    objects = pc.if_else(pc.fill_null(pc.equal(texts, ""), True), "{}", texts)
    braces = pc.and_(pc.starts_with(objects, "{"), pc.ends_with(objects, "}"))
    if schema is None or not pc.all(braces).as_py() or _is_any_beyond_bounds(objects):
        return None
    data = pc.binary_join(pa.ListArray.from_arrays([0, len(objects)], objects), "\n")[0].as_buffer()
    parsed = parsed_as(schema, data, len(objects))
    if parsed is None or parsed.schema != schema:
        return None
    none = np.zeros(len(texts), bool)
    cells = {}
    for column in columns:
        outer, *inner = _steps(column)
        found = whole(parsed.column(outer))
        values = pc.struct_field(found, inner) if inner else found
        cells[column.name] = values.cast(pa.string())
    return cells, none, none


def _is_any_beyond_bounds(texts: Array) -> bool:
    long = texts.filter(pc.greater_equal(pc.binary_length(texts), LONG))
    return any(beyond_bounds(text.as_buffer().to_pybytes()) for text in long)


def _schema_of(columns: list[Column]) -> Any:
    """The fields of the columns, inner ones in structs of their outer one; None where arrow is unsuitable: it loses
    digits of fractions, and does not keep the order of two names."""
    tree: dict[str, Any] = {}
    for column in columns:
        *outer, last = _steps(column)
        place = tree
        for name in outer:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                return None
        if column.type.name not in _BULK_TYPES or len(column.file_names) > 1 or last in place:
            return None
        place[last] = _BULK_TYPES[column.type.name]
    return pa.schema(_struct_of(tree))


def _struct_of(tree: dict[str, Any]) -> Any:
    return pa.struct(
        [
            (name, _struct_of(inner) if isinstance(inner, dict) else inner)
            for name, inner in tree.items()
        ]
    )


def _steps(column: Column) -> list[str]:
    """The names from the outermost field to the column's own."""
    return column.file_name.split(".")


def _one_by_one(texts: Array, columns: list[Column]) -> Taken:
    """The same, text by text. Invalid UTF-8 stays as it is, for the column's own check."""
    rows = len(texts)
    cells: dict[str, list[bytes | None]] = {column.name: [None] * rows for column in columns}
    place = {name: cells[column.name] for column in columns for name in column.file_names}
    bad, unknown = np.zeros(rows, bool), np.zeros(rows, bool)
    for row, text in enumerate(texts.cast(pa.binary()).to_pylist()):
        if not text:
            continue
        try:
            for name, inner in _fields(_object(text), place.keys()):
                if name in place:
                    place[name][row] = _as_bytes(inner)
                elif inner is not None:
                    unknown[row] = True
        except (ValueError, RecursionError):
            bad[row] = True
    return {name: pa.array(found, pa.binary()) for name, found in cells.items()}, bad, unknown


def _object(text: bytes) -> dict[str, Any]:
    """The JSON object of a text. Raises ValueError when it is not one."""
    value = _DECODER.decode(text.decode(errors="surrogateescape"))
    if not isinstance(value, dict):
        raise ValueError
    return value


def _fields(
    value: dict[str, Any], known: Container[str], outer: str = ""
) -> Iterator[tuple[str, Any]]:
    """The fields of an object by name, those of inner objects as `outer.inner` where no column takes them whole."""
    for key, inner in value.items():
        name = f"{outer}{key}"
        if isinstance(inner, dict) and name not in known:
            yield from _fields(inner, known, f"{name}.")
        else:
            yield name, inner


def _as_bytes(value: Any) -> bytes | None:
    """A field's text. Raises ValueError for half a surrogate pair, which is not text."""
    if value is None:
        return None
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return bytes(value.encode(errors="surrogateescape"))

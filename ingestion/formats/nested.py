"""Columns that stand inside another attribute's text, which is a JSON object: taken out once, here, so that no engine
parses text. What such an object has beyond the contract's columns is not landed, and warned of."""

import json
from collections import defaultdict
from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from ingestion.contract import Column, Table
from ingestion.formats.arrow import Array, Mask, pa
from ingestion.formats.items import Items

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""Numbers stay text until their column's check reads them."""


class Nested:
    """The columns of a table that stand inside others, taken from a stretch of items."""

    def __init__(self, table: Table, items: Items) -> None:
        outer: dict[str, list[Column]] = defaultdict(list)
        for column in table.columns:
            if column.within:
                outer[column.within].append(column)
        self._cells: dict[str, Array] = {}
        self._bad: dict[str, dict[str, Mask]] = {}
        self._warned: dict[str, dict[str, Mask]] = {}
        for name, columns in outer.items():
            self._take(items.text(name), columns)

    def cells(self, column: Column) -> Array:
        """A column's values as text."""
        return self._cells[column.name]

    def bad(self, column: Column) -> dict[str, Mask]:
        """What is wrong with the text as a whole; it is said of the first column that stands in it."""
        return self._bad.get(column.name, {})

    def warned(self, column: Column) -> dict[str, Mask]:
        """What is to be warned of, likewise."""
        return self._warned.get(column.name, {})

    def _take(self, texts: Array, columns: list[Column]) -> None:
        rows = len(texts)
        cells: dict[str, list[str | None]] = {column.name: [None] * rows for column in columns}
        place = {name: cells[column.name] for column in columns for name in column.file_names}
        bad, unknown = np.zeros(rows, bool), np.zeros(rows, bool)
        decode = _DECODER.decode
        for row, text in enumerate(texts.to_pylist()):
            if not text:
                continue
            try:
                value = decode(text)
            except (ValueError, RecursionError):
                bad[row] = True
                continue
            if not isinstance(value, dict):
                bad[row] = True
                continue
            for name, inner in _fields(value, place.keys()):
                if name in place:
                    place[name][row] = _as_text(inner)
                else:
                    unknown[row] = True
        for column in columns:
            self._cells[column.name] = pa.array(cells[column.name], pa.string())
        first = columns[0].name
        self._bad[first] = {"bad_json": bad} if bad.any() else {}
        self._warned[first] = {"unknown_field": unknown} if unknown.any() else {}


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


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

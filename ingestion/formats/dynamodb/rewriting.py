"""Writes the files of a DynamoDB export again without some lines, or without some attributes of their items."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingestion.contract import Column, Table
from ingestion.formats.dynamodb.items import IMAGES, attributes_of, known_attributes
from ingestion.formats.dynamodb.lines import lines_of
from ingestion.formats.edits import Edits, is_replaced, written
from ingestion.formats.model import Extract, Part

_PAST = "OldImage"


def rewrite_dynamodb(parts: list[Part], extract: Extract, edits: Edits, paths: list[Path]) -> None:
    """Write the parts to these new files."""
    number = 1
    for part, path in zip(parts, paths, strict=True):
        with written(path, part.name) as file:
            for lines in lines_of([part], extract.table.limits):
                for index in range(len(lines)):
                    if (raw := _line(lines.raw(index), number, extract.table, edits)) is not None:
                        file.write(raw + b"\n")
                    number += 1


def _line(raw: bytes, number: int, table: Table, edits: Edits) -> bytes | None:
    if number in edits.dropped or number in edits.lines:
        return None
    if number not in edits.emptied and number not in edits.past:
        return raw
    line = json.loads(raw)
    for image in IMAGES:
        if image in line and (number in edits.emptied or image == _PAST):
            _empty(line[image], table, edits.emptied.get(number, ""))
    return json.dumps(line, separators=(",", ":")).encode()


def _empty(item: dict[str, Any], table: Table, replacement: str) -> None:
    """Remove direct columns from an item, and attributes that no column names."""
    known = known_attributes(table)
    for name in [name for name in item if name not in known]:
        del item[name]
    for column in table.columns:
        if column.sensitivity != "direct":
            continue
        for name in attributes_of(column):
            if name not in item:
                continue
            if column.within:
                _empty_within(item[name], column)
            elif is_replaced(column, table):
                item[name] = {"S": replacement} if replacement else item[name]
            else:
                del item[name]


def _empty_within(value: dict[str, Any], column: Column) -> None:
    """Remove a column from the JSON object in an attribute's text."""
    for kind, text in value.items():
        try:
            inner = json.loads(text)
        except (ValueError, TypeError):
            value[kind] = "{}"  # a text that cannot be read may hold anything
            continue
        for path in column.file_names:
            *steps, last = path.split(".")
            place = _within(inner, steps)
            if isinstance(place, dict):
                place.pop(last, None)
        value[kind] = json.dumps(inner, separators=(",", ":"))


def old_images(
    parts: list[Part], extract: Extract
) -> Iterator[tuple[int, list[tuple[Column, str]]]]:
    """The number of each line of changes that has an old image, with the columns of it that have a pseudonym."""
    for lines in lines_of(parts, extract.table.limits):
        for index in range(len(lines)):
            image = json.loads(lines.raw(index)).get(_PAST)
            if isinstance(image, dict):
                yield lines.number + index, list(_pseudonymous(image, extract.table))


def _pseudonymous(image: dict[str, Any], table: Table) -> Iterator[tuple[Column, str]]:
    for column in table.columns:
        if not column.pseudonym:
            continue
        for name in attributes_of(column):
            for text in image.get(name, {}).values():
                if not column.within:
                    yield column, str(text)
                    continue
                with suppress(ValueError):
                    inner = json.loads(str(text))
                    values = (_within(inner, path.split(".")) for path in column.file_names)
                    yield from ((column, str(value)) for value in values if value is not None)


def _within(document: Any, steps: Iterable[str]) -> Any:
    """The value at the end of these steps into a document; None where there is none."""
    for step in steps:
        document = document.get(step) if isinstance(document, dict) else None
    return document

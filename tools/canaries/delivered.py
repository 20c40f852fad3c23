"""A delivered file of any format, as cells that can be read and replaced.

A CSV file keeps the bytes of every unchanged record. Parquet files and DynamoDB exports are written anew, with equal
values.
"""

import base64
import csv
import gzip
import hashlib
import io
import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contract import Column, Delivery, Table
from tools.canaries.values import Value, spelt


class Delivered(ABC):
    """One delivered file of a table. `save` writes it again at the time that it had, if anything was changed."""

    def __init__(self, path: Path, table: Table, delivery: Delivery) -> None:
        self.path, self.table, self.delivery = path, table, delivery
        self.is_changed = False

    @property
    def columns(self) -> list[Column]:
        """The columns of the contract that the file has."""
        return [column for column in self.table.columns if self.has(column)]

    @abstractmethod
    def has(self, column: Column) -> bool:
        """Whether the file has the column."""

    @abstractmethod
    def cells(self, column: Column) -> list[str | None]:
        """The column's cells of all rows that stay, as text; None for an empty one."""

    @abstractmethod
    def put(self, column: Column, row: int, value: Value) -> None:
        """Put a value into the cell of a row, by its place among `cells`."""

    @abstractmethod
    def replace(self, column: Column, old: str, new: Value) -> bool:
        """Replace this text in the column by a value; returns whether it occurred."""

    @abstractmethod
    def save(self) -> None:
        """Write the file."""

    def _write(self, path: Path, data: bytes) -> None:
        times = path.stat()
        path.write_bytes(data)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


class CsvFile(Delivered):
    """A CSV file with or without a header, packed or not, of whole tables or of changes."""

    def __init__(self, path: Path, table: Table, delivery: Delivery) -> None:
        super().__init__(path, table, delivery)
        self._style: dict[str, Any] = {"delimiter": delivery.delimiter}
        if not delivery.quoted:
            self._style |= {"quoting": csv.QUOTE_NONE, "quotechar": None}
        data = path.read_bytes()
        self._is_packed = path.suffix == ".gz"
        text = (gzip.decompress(data) if self._is_packed else data).decode(delivery.encoding)
        self._raw: list[str] = []
        self._records: list[list[str]] = []
        lines = re.findall(r"[^\n]*\n|[^\n]+", text)
        reader, before = csv.reader(lines, **self._style), 0
        for record in reader:
            self._records.append(record)
            self._raw.append("".join(lines[before : reader.line_num]))
            before = reader.line_num
        self._end = "\r\n" if text.endswith("\r\n") else "\n"
        self.header = self._records[0] if delivery.header and self._records else None
        # changes of DMS have the operation in front
        self._cells_in_front = 1 if delivery.kind == "changes" and not delivery.header else 0
        self._rows = [
            number
            for number in range(1 if delivery.header else 0, len(self._records))
            if not (self._cells_in_front and self._records[number][:1] == ["D"])
        ]
        self._places = {column.name: self._place(column) for column in table.columns}

    def _place(self, column: Column) -> int | None:
        if self.header is None:
            place = self._cells_in_front + self.table.columns.index(column)
            return place if all(place < len(self._records[row]) for row in self._rows) else None
        return next((self.header.index(n) for n in column.file_names if n in self.header), None)

    def has(self, column: Column) -> bool:
        return bool(self._rows) and self._places[column.name] is not None

    def cells(self, column: Column) -> list[str | None]:
        place, nothing = self._places[column.name], ("", *self.delivery.nulls)
        assert place is not None
        found = (self._records[row][place] for row in self._rows)
        return [None if cell in nothing else cell for cell in found]

    def put(self, column: Column, row: int, value: Value) -> None:
        self._set(column, self._rows[row], value)

    def replace(self, column: Column, old: str, new: Value) -> bool:
        place = self._places[column.name]
        assert place is not None
        hit = [
            number
            for number, record in enumerate(self._records)
            if record[place : place + 1] == [old]
        ]
        for number in hit:
            self._set(column, number, new)
        return bool(hit)

    def _set(self, column: Column, number: int, value: Value) -> None:
        place = self._places[column.name]
        assert place is not None
        self._records[number][place] = spelt(value, column.format)
        self._raw[number] = self._written(self._records[number])
        self.is_changed = True

    def add(self, row: int, values: dict[str, str], more: tuple[str, ...] = ()) -> None:
        """Add a record like that of a row, with these cells instead, and `more` than there are columns."""
        record = list(self._records[self._rows[row]])
        for column in self.columns:
            place = self._places[column.name]
            if column.name in values and place is not None:
                record[place] = values[column.name]
        self._records.append([*record, *more])
        if self._raw and not self._raw[-1].endswith("\n"):
            self._raw[-1] += self._end
        self._raw.append(self._written(self._records[-1]))
        self.is_changed = True

    def rename(self, heading: str, new: str) -> None:
        """Write another heading."""
        assert self.header is not None
        self.header[self.header.index(heading)] = new
        self._raw[0] = self._written(self.header)
        self.is_changed = True

    def _written(self, cells: list[str]) -> str:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator=self._end, **self._style).writerow(cells)
        return line.getvalue()

    def save(self) -> None:
        data = "".join(self._raw).encode(self.delivery.encoding)
        if self.is_changed:
            self._write(self.path, gzip.compress(data, mtime=0) if self._is_packed else data)


class ParquetFile(Delivered):
    """A parquet file."""

    def __init__(self, path: Path, table: Table, delivery: Delivery) -> None:
        super().__init__(path, table, delivery)
        with pq.ParquetFile(path) as file:
            self._schema, read = file.schema_arrow, file.read()
        self._columns = {name: read.column(name).to_pylist() for name in read.column_names}

    def _name(self, column: Column) -> str | None:
        return next((name for name in column.file_names if self._columns.get(name)), None)

    def has(self, column: Column) -> bool:
        return self._name(column) is not None

    def _values(self, column: Column) -> list[Any]:
        return self._columns[self._name(column) or ""]

    def cells(self, column: Column) -> list[str | None]:
        return [None if value is None else str(value) for value in self._values(column)]

    def put(self, column: Column, row: int, value: Value) -> None:
        kind = self._schema.field(self._name(column) or "").type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        self._values(column)[row] = spelt(value, column.format) if is_text else value
        self.is_changed = True

    def replace(self, column: Column, old: str, new: Value) -> bool:
        hit = [row for row, cell in enumerate(self.cells(column)) if cell == old]
        for row in hit:
            self.put(column, row, new)
        return bool(hit)

    def save(self) -> None:
        if self.is_changed:
            arrays = [pa.array(self._columns[field.name], field.type) for field in self._schema]
            sink = pa.BufferOutputStream()
            made = pa.Table.from_arrays(arrays, schema=self._schema)
            pq.write_table(made, sink)
            self._write(self.path, sink.getvalue().to_pybytes())


class DynamoExport(Delivered):
    """An export of DynamoDB, by its manifest-summary.json, with the checksums of its files."""

    def __init__(self, path: Path, table: Table, delivery: Delivery) -> None:
        super().__init__(path, table, delivery)
        self._listed_in = path.with_name("manifest-files.json")
        self._listed = [json.loads(line) for line in self._listed_in.read_text().splitlines()]
        self._files = [self._file(str(entry["dataFileS3Key"])) for entry in self._listed]
        self._lines = [
            [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
            for file in self._files
        ]
        newest = (
            line.get("NewImage") or line.get("Item") for lines in self._lines for line in lines
        )
        self._items: list[dict[str, Any]] = [item for item in newest if item]

    def _file(self, key: str) -> Path:
        name = key.rpartition("/")[2]
        return next(found for above in self.path.parents[:2] for found in above.rglob(name))

    def has(self, column: Column) -> bool:
        return any(cell is not None for cell in self.cells(column))

    def cells(self, column: Column) -> list[str | None]:
        return [_get(item, column) for item in self._items]

    def put(self, column: Column, row: int, value: Value) -> None:
        _put(self._items[row], column, spelt(value, column.format))
        self.is_changed = True

    def replace(self, column: Column, old: str, new: Value) -> bool:
        hit = [image for image in self._images() if _get(image, column) == old]
        for image in hit:
            _put(image, column, spelt(new, column.format))
        self.is_changed |= bool(hit)
        return bool(hit)

    def _images(self) -> Iterator[dict[str, Any]]:
        for lines in self._lines:
            for line in lines:
                for name in ("Item", "NewImage", "OldImage", "Keys"):
                    if name in line:
                        yield line[name]

    def save(self) -> None:
        if not self.is_changed:
            return
        for file, lines, entry in zip(self._files, self._lines, self._listed, strict=True):
            text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
            data = gzip.compress(text.encode(), mtime=0)
            self._write(file, data)
            entry["md5Checksum"] = _md5(data)
            entry["etag"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
        listed = "".join(json.dumps(entry) + "\n" for entry in self._listed).encode()
        self._write(self._listed_in, listed)
        self._write(self.path.with_name("manifest-files.checksum"), _md5(listed).encode())


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _get(item: dict[str, Any], column: Column) -> str | None:
    """An item's value of a column: an attribute, or a value within the JSON of an attribute's text."""
    if column.within:
        held, last = _within(item, column)
        return held.get(last) if isinstance(held.get(last), str) else None
    for name in column.file_names:
        for kind, value in item.get(name, {}).items():
            if kind in ("S", "N"):
                return str(value)
    return None


def _put(item: dict[str, Any], column: Column, text: str) -> None:
    if column.within:
        whole = json.loads(item[column.within]["S"])
        held, last = _reached(whole, column)
        held[last] = text
        item[column.within]["S"] = json.dumps(whole)
        return
    name = next(name for name in column.file_names if name in item)
    item[name] = dict.fromkeys(item[name], text)


def _within(item: dict[str, Any], column: Column) -> tuple[dict[str, Any], str]:
    try:
        return _reached(json.loads(item[column.within or ""]["S"]), column)
    except (KeyError, ValueError):
        return {}, ""


def _reached(whole: Any, column: Column) -> tuple[dict[str, Any], str]:
    *steps, last = column.file_name.split(".")
    for step in steps:
        whole = whole[step]
    return whole, last


def opened(path: Path, table: Table, delivery: Delivery) -> Delivered:
    """A delivered file in its format."""
    kinds: dict[str, type[CsvFile] | type[ParquetFile] | type[DynamoExport]]
    kinds = {"csv": CsvFile, "parquet": ParquetFile, "dynamodb": DynamoExport}
    return kinds[delivery.file](path, table, delivery)

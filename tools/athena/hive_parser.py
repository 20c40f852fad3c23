"""Parses the statements that Athena took over from Hive: names in backquotes, texts in either quotes."""

from collections.abc import Callable
from typing import Any

from tools.athena.statements import (
    AddColumns,
    AddPartitions,
    ChangeColumn,
    Column,
    CreateDatabase,
    CreateTable,
    DropColumn,
    DropDatabase,
    DropPartitions,
    DropTable,
    Name,
    Rename,
    SetProperties,
    Show,
    Statement,
)
from tools.athena.tokens import Cursor, Kind, Refused

CATALOG = "awsdatacatalog"


def three_parts(cursor: Cursor, quote: Kind = Kind.BACK) -> Name:
    """`table`, `database.table` or `awsdatacatalog.database.table`."""
    parts = [cursor.identifier(quote=quote)]
    while cursor.have("."):
        parts.append(cursor.identifier(quote=quote))
    if len(parts) > 2 and (len(parts) > 3 or parts[0] != CATALOG):
        raise Refused(f"Catalog '{parts[0]}' does not exist")
    return Name(parts[-2] if len(parts) > 1 else "", parts[-1])


def _database(cursor: Cursor) -> str:
    parts = three_parts(cursor)
    if parts.database not in ("", CATALOG):
        raise Refused(f"Catalog '{parts.database}' does not exist")
    return parts.table


def create_database(cursor: Cursor) -> CreateDatabase:
    """After `create database` or `create schema`."""
    absent = cursor.have("if", "not", "exists")
    name = _database(cursor)
    if cursor.have("comment"):
        cursor.text()
    location = cursor.text() if cursor.have("location") else ""
    if cursor.have("with", "dbproperties"):
        cursor.balanced("(", ")")
    return CreateDatabase(name, absent, location)


def drop_database(cursor: Cursor) -> DropDatabase:
    """After `drop database` or `drop schema`."""
    present = cursor.have("if", "exists")
    name = _database(cursor)
    cascade = cursor.have("cascade")
    if not cascade:
        cursor.have("restrict")
    return DropDatabase(name, present, cascade)


def drop_table(cursor: Cursor) -> DropTable:
    """After `drop table`."""
    return DropTable(if_exists=cursor.have("if", "exists"), name=three_parts(cursor))


def create_table(cursor: Cursor, *, external: bool) -> CreateTable:
    """After `create [external] table`, when no query follows."""
    absent = cursor.have("if", "not", "exists")
    name = three_parts(cursor)
    if not cursor.have("("):
        cursor.fail("( and columns")
    columns = _columns(cursor)
    given: dict[str, Any] = {}
    clauses: list[tuple[tuple[str, ...], Callable[[], dict[str, Any]]]] = [
        (("comment",), lambda: {"comment": cursor.text()}),
        (("partitioned", "by"), lambda: _partitioned(cursor, external)),
        (("row", "format", "serde"), lambda: {"serde": cursor.text()}),
        (("with", "serdeproperties"), lambda: {"serde_properties": _pairs(cursor)}),
        (("stored", "as", "inputformat"), lambda: {"formats": _formats(cursor)}),
        (("stored", "as"), lambda: {"stored_as": cursor.identifier(quote=Kind.BACK)}),
        (("location",), lambda: {"location": cursor.text()}),
        (("tblproperties",), lambda: {"properties": _pairs(cursor)}),
    ]
    while not cursor.at_end:
        clause = next((read for words, read in clauses if cursor.have(*words)), None)
        if clause is None:
            cursor.fail("PARTITIONED BY, ROW FORMAT SERDE, STORED AS, LOCATION or TBLPROPERTIES")
        given |= clause()
    return CreateTable(name, external, absent, columns, **given)


def _formats(cursor: Cursor) -> tuple[str, str]:
    reader = cursor.text()
    cursor.need("outputformat")
    return reader, cursor.text()


def _partitioned(cursor: Cursor, external: bool) -> dict[str, Any]:
    """Columns of their own for Hive; for Iceberg columns of the table, or functions of them."""
    cursor.need("(")
    if external:
        return {"partitions": _columns(cursor)}
    transforms: list[str] = []
    while True:
        transform = cursor.identifier(quote=Kind.BACK)
        if cursor.peek().text == "(":
            transform += cursor.balanced("(", ")").replace("`", "")
        transforms.append(transform)
        if not cursor.have(","):
            break
    cursor.need(")")
    return {"transforms": transforms}


def _columns(cursor: Cursor) -> list[Column]:
    """Column definitions up to the closing bracket, which is read too."""
    columns = [_column(cursor)]
    while cursor.have(","):
        columns.append(_column(cursor))
    cursor.need(")")
    return columns


def _column(cursor: Cursor) -> Column:
    name = cursor.identifier(quote=Kind.BACK)
    kind = cursor.identifier(quote=Kind.BACK)
    for opening, closing in (("<", ">"), ("(", ")")):
        if cursor.peek().text == opening:
            kind += "".join(cursor.balanced(opening, closing).split())
    return Column(name, kind, cursor.text() if cursor.have("comment") else "")


def _pairs(cursor: Cursor) -> dict[str, str]:
    pairs: dict[str, str] = {}
    cursor.need("(")
    while True:
        key = cursor.text()
        cursor.need("=")
        pairs[key] = cursor.text()
        if not cursor.have(","):
            break
    cursor.need(")")
    return pairs


def alter(cursor: Cursor) -> Statement:
    """After `alter table`."""
    name = three_parts(cursor)
    if cursor.have("add", "columns", "("):
        return AddColumns(name, _columns(cursor))
    if cursor.have("replace", "columns", "("):
        return AddColumns(name, _columns(cursor), replace=True)
    if cursor.have("drop", "column"):
        return DropColumn(name, cursor.identifier(quote=Kind.BACK))
    if cursor.have("change", "column") or cursor.have("change"):
        return ChangeColumn(name, cursor.identifier(quote=Kind.BACK), _column(cursor))
    if cursor.have("rename", "to"):
        return Rename(name, three_parts(cursor))
    if cursor.have("set", "tblproperties"):
        return SetProperties(name, _pairs(cursor))
    if cursor.have("add"):
        return _add_partitions(cursor, name)
    if cursor.have("drop"):
        present = cursor.have("if", "exists")
        specs = [_partition(cursor)]
        while cursor.have(","):
            specs.append(_partition(cursor))
        return DropPartitions(name, present, specs)
    cursor.fail("ADD, CHANGE, DROP, RENAME, REPLACE or SET TBLPROPERTIES")


def _add_partitions(cursor: Cursor, name: Name) -> AddPartitions:
    absent = cursor.have("if", "not", "exists")
    partitions: list[tuple[dict[str, str], str]] = []
    while not cursor.at_end:
        spec = _partition(cursor)
        partitions.append((spec, cursor.text() if cursor.have("location") else ""))
    return AddPartitions(name, absent, partitions)


def _partition(cursor: Cursor) -> dict[str, str]:
    cursor.need("partition", "(")
    spec: dict[str, str] = {}
    while True:
        key = cursor.identifier(quote=Kind.BACK)
        cursor.need("=")
        cursor.have("date")
        spec[key] = cursor.take().text
        if not cursor.have(","):
            break
    cursor.need(")")
    return spec


def show(cursor: Cursor) -> Show:
    """After `show`."""
    if cursor.have("databases") or cursor.have("schemas"):
        return Show("databases", Name("", ""), _pattern(cursor))
    for what in ("tables", "views"):
        if cursor.have(what):
            inside = _database(cursor) if cursor.have("in") or cursor.have("from") else ""
            return Show(what, Name(inside, ""), _pattern(cursor))
    if cursor.have("columns"):
        if not cursor.have("in"):
            cursor.need("from")
        return Show("columns", three_parts(cursor))
    for words in (("partitions",), ("tblproperties",), ("create", "table"), ("create", "view")):
        if cursor.have(*words):
            return Show(" ".join(words), three_parts(cursor))
    raise Refused("Queries of this type are not supported")


def _pattern(cursor: Cursor) -> str:
    if cursor.at_end:
        return ""
    cursor.have("like")
    return cursor.text()


def describe(cursor: Cursor) -> Show:
    """After `describe`."""
    if not cursor.have("extended"):
        cursor.have("formatted")
    return Show("describe", three_parts(cursor))

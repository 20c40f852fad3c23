"""Parses Athena's statements: those that the engine takes as they are, and those that need translating.

A statement that is not on Athena's list is refused here, above all statements of Trino alone: `set session`, `call`,
`comment`, `analyze`, materialized views, Trino's own `create table`.
"""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from tools.athena.hive_parser import (
    alter,
    create_database,
    create_table,
    describe,
    drop_database,
    drop_table,
    show,
    three_parts,
)
from tools.athena.statements import (
    CreateTableAs,
    CreateView,
    Maintain,
    Name,
    Query,
    Statement,
)
from tools.athena.tokens import Cursor, Kind, Refused

LIMIT = 262_144
CATALOG = "awsdatacatalog"
# Verbs of statements that go to the engine word for word.
PASSED = ("select", "with", "values", "insert", "merge", "update", "delete", "explain", "(")


def parse(sql: str) -> Statement:
    """The parsed statement. Raises Refused as Athena would when it is submitted."""
    if len(sql.encode()) > LIMIT:
        raise Refused(f"Query string exceeds the maximum length of {LIMIT} bytes")
    cursor = Cursor(sql)
    for words, rule in RULES:
        if cursor.have(*words):
            statement = rule(cursor)
            cursor.end()
            return statement
    return _passed(cursor)


def _passed(cursor: Cursor) -> Query:
    verb = cursor.peek().text.lower()
    unsupported = Refused("Queries of this type are not supported")
    if verb not in PASSED:
        raise unsupported
    if verb == "with" and cursor.peek(1).text.lower() in ("session", "function"):
        raise unsupported
    if verb == "explain":
        return _explained(cursor)
    return _query(cursor.rest(), "select" if verb in ("(", "with") else verb)


def _explained(cursor: Cursor) -> Query:
    """`explain [analyze] [(…)] <query>`."""
    start = cursor.take().start
    cursor.have("analyze")
    if cursor.peek(1).text.lower() in ("type", "format"):
        cursor.balanced("(", ")")
    end = cursor.peek().start
    return Query(cursor.sql[start:end] + _passed(cursor).sql, "explain")


def _query(sql: str, verb: str) -> Query:
    """A statement for the engine, once its tables are known to be in the one catalogue."""
    try:
        parsed = sqlglot.parse_one(sql, dialect="trino")
    except sqlglot.errors.SqlglotError:
        return Query(sql, verb)  # the engine itself will report the error, or take it
    for table in parsed.find_all(exp.Table):
        if table.catalog and table.catalog.lower() != CATALOG:
            raise Refused(f"Catalog '{table.catalog}' does not exist")
    return Query(sql, verb)


def _create_view(cursor: Cursor) -> CreateView:
    name = three_parts(cursor, quote=Kind.DOUBLE)
    cursor.rest()
    return CreateView(name, _query(cursor.whole(), "create view").sql)


def _create_table_as(cursor: Cursor) -> Statement:
    """`create table`: with a query it is Trino's statement, without one Hive's."""
    if not _has_query(cursor):
        return create_table(cursor, external=False)
    if_not_exists = cursor.have("if", "not", "exists")
    name = three_parts(cursor, quote=Kind.DOUBLE)
    properties = _with(cursor) if cursor.have("with") else {}
    cursor.need("as")
    return CreateTableAs(name, if_not_exists, properties, _query(cursor.rest(), "select").sql)


def _has_query(cursor: Cursor) -> bool:
    """Whether `as` is outside every bracket: only `create table … as` has it there."""
    depth, ahead = 0, 0
    while (token := cursor.peek(ahead)).text or token.kind is not Kind.SIGN:
        if token.kind is Kind.SIGN:
            depth += (token.text == "(") - (token.text == ")")
        if token.kind is Kind.WORD and token.text.lower() == "as" and not depth:
            return cursor.peek(ahead - 1).text.lower() != "stored"
        ahead += 1
    return False


def _with(cursor: Cursor) -> dict[str, str | int | list[str]]:
    properties: dict[str, str | int | list[str]] = {}
    cursor.need("(")
    while not cursor.have(")"):
        key = cursor.identifier(quote=Kind.DOUBLE)
        cursor.need("=")
        properties[key] = _value(cursor)
        if not cursor.have(","):
            cursor.need(")")
            break
    return properties


def _value(cursor: Cursor) -> str | int | list[str]:
    if cursor.have("array", "["):
        texts: list[str] = []
        while not cursor.have("]"):
            texts.append(cursor.text(double=False))
            cursor.have(",")
        return texts
    token = cursor.peek()
    if token.kind is Kind.NUMBER:
        return int(cursor.take().text)
    if token.kind is Kind.WORD and token.text.lower() in ("true", "false"):
        return cursor.take().text.lower()
    return cursor.text(double=False)


def _optimize(cursor: Cursor) -> Maintain:
    name = three_parts(cursor, quote=Kind.BACK)
    cursor.need("rewrite", "data", "using", "bin_pack")
    where = cursor.peek().text.lower() == "where"
    return Maintain(name, "optimize", cursor.rest() if where else "")


def _named(verb: str) -> Callable[[Cursor], Statement]:
    return lambda cursor: Maintain(three_parts(cursor, quote=Kind.BACK), verb)


def _drop_view(cursor: Cursor) -> Query:
    exists = "if exists " if cursor.have("if", "exists") else ""
    quote = Kind.BACK if cursor.peek().kind is Kind.BACK else Kind.DOUBLE
    return Query(f"drop view {exists}{quoted(three_parts(cursor, quote=quote))}", "drop view")


def quoted(name: Name) -> str:
    """The name as the engine's SQL wants it."""
    parts = [CATALOG, name.database, name.table] if name.database else [name.table]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


Rule = Callable[[Cursor], Statement]
RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create", "external", "table"), lambda cursor: create_table(cursor, external=True)),
    (("create", "table"), _create_table_as),
    (("create", "schema"), create_database),
    (("create", "database"), create_database),
    (("create", "or", "replace", "view"), _create_view),
    (("create", "view"), _create_view),
    (("drop", "schema"), drop_database),
    (("drop", "database"), drop_database),
    (("drop", "table"), drop_table),
    (("drop", "view"), _drop_view),
    (("alter", "table"), alter),
    (("optimize",), _optimize),
    (("vacuum",), _named("vacuum")),
    (("msck", "repair", "table"), _named("repair")),
    (("show",), show),
    (("describe",), describe),
    (("desc",), describe),
]

"""PostgreSQL as a live source: COPY to a stream, in one repeatable-read transaction."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC
from typing import Any, BinaryIO

import psycopg2  # type: ignore[import-untyped]
from psycopg2 import sql

from ingestion.contract import NUMBERS, Column, Table
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract.address import Address
from ingestion.extract.certificates import roots_of
from ingestion.extract.database import (
    REFUSES,
    SAVEPOINT,
    Described,
    Found,
    Horizon,
    Kind,
    Selection,
)
from ingestion.extract.spellings import Spelling, spelling_of
from ingestion.extract.waits import (
    SECONDS_FOR_A_LOCK,
    SECONDS_TO_ANSWER,
    SECONDS_TO_CONNECT,
    Watch,
)

_JUNK = (psycopg2.Error, ValueError, LookupError, TypeError, AttributeError, OverflowError)
"""The driver's and our errors on answers that PostgreSQL never gives."""

_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "permission denied for database",
    "is not permitted to log in",
    "is not currently accepting connections",
)
"""A server's messages when it refuses the login; libpq gives no code before a session exists."""

_DISTRUST = {
    "certificate verify failed": "its certificate cannot be trusted: name those to trust by sslrootcert",
    "does not match host name": "its certificate is of another host",
    "does not support SSL": "it has no TLS",
    "authentication method requirement": "it does not ask for the password by {login}, and does not get it",
}
"""libpq's own messages when it breaks off before it sends the password."""

_HORIZON = """
select
    case
        when pg_is_in_recovery() then coalesce(pg_last_xact_replay_timestamp(), to_timestamp(0))
        else least(
            statement_timestamp(),
            (select min(prepared) from pg_prepared_xacts where database = current_database())
        )
    end,
    not pg_is_in_recovery()
        and pg_has_role(current_user, 'pg_read_all_stats', 'usage')
        and not exists (select 1 from pg_stat_activity where state = 'disabled')
        and not exists (select 1 from pg_prepared_xacts where database = current_database()),
    (
        select min(xact_start) from pg_stat_activity
        where datname = current_database()
            and pid <> pg_backend_pid()
            and backend_type <> 'autovacuum worker'
    )
"""
"""The time comes from the statement's start, before the sessions are looked at: a transaction that begins later is not
before it.

A standby does not know its primary's transactions, a role without pg_read_all_stats sees only its own, sessions with
track_activities off show none, and a prepared transaction says when it was prepared and not when it began
(https://www.postgresql.org/docs/current/monitoring-stats.html).
"""

_COLUMNS = """
select
    attribute.attname,
    format_type(base.oid, base.modifier),
    has_column_privilege(relation.oid, attribute.attnum, 'select')
        and has_schema_privilege(schema.oid, 'usage')
from pg_class as relation
inner join pg_namespace as schema on schema.oid = relation.relnamespace
inner join pg_attribute as attribute on attribute.attrelid = relation.oid
cross join lateral (
    with recursive types as (
        select type.oid, type.typbasetype, type.typtypmod, attribute.atttypmod as modifier
        from pg_type as type
        where type.oid = attribute.atttypid
        union all
        select type.oid, type.typbasetype, type.typtypmod, types.typtypmod
        from types
        inner join pg_type as type on type.oid = types.typbasetype
    )
    select oid, modifier from types
    where typbasetype = 0
) as base
where relation.relname = %(table)s
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and case when %(schema)s::text is null then pg_table_is_visible(relation.oid) else schema.nspname = %(schema)s end
    and attribute.attnum > 0
    and not attribute.attisdropped
order by attribute.attnum
"""
"""Tables, partitioned and foreign ones, views and materialized views; a domain counts as its base type, through
all domains between."""

_DESCRIBED = """
select
    case when %(tables)s then schema.nspname || '.' else '' end || relation.relname,
    schema.nspname,
    relation.relname,
    coalesce(obj_description(relation.oid, 'pg_class'), ''),
    coalesce(
        (
            select array_agg(attribute.attname::text order by place.n)
            from pg_index
            cross join lateral unnest(pg_index.indkey) with ordinality as place (number, n)
            inner join pg_attribute as attribute
                on attribute.attrelid = relation.oid and attribute.attnum = place.number
            where pg_index.indrelid = relation.oid and pg_index.indisprimary
                and place.n <= pg_index.indnkeyatts
        ),
        '{}'
    ),
    (
        select coalesce(json_object_agg(attribute.attname, col_description(relation.oid, attribute.attnum)), '{}')
        from pg_attribute as attribute
        where attribute.attrelid = relation.oid
            and attribute.attnum > 0
            and col_description(relation.oid, attribute.attnum) is not null
    ),
    (
        select coalesce(json_object_agg(mine.attname, json_build_array(other.relname, theirs.attname)), '{}')
        from pg_constraint
        inner join pg_class as other on other.oid = pg_constraint.confrelid
        inner join pg_attribute as mine on mine.attrelid = relation.oid and mine.attnum = pg_constraint.conkey[1]
        inner join pg_attribute as theirs on theirs.attrelid = other.oid and theirs.attnum = pg_constraint.confkey[1]
        where pg_constraint.conrelid = relation.oid
            and pg_constraint.contype = 'f'
            and cardinality(pg_constraint.conkey) = 1
    )
from pg_class as relation
inner join pg_namespace as schema on schema.oid = relation.relnamespace
where relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and case
        when %(tables)s then schema.nspname || '.' || relation.relname = any(%(names)s::text[])
        else schema.nspname = current_schema()
            and (%(names)s::text[] = '{}' or relation.relname = any(%(names)s::text[]))
    end
order by schema.nspname, relation.relname
"""
"""`tables`: whether `names` have their schema before them; without one they are of the role's own schema."""

_REWRITTEN = """
select exists (
    select 1
    from pg_locks as held
    left join pg_class as relation on relation.oid = held.relation
    where held.pid = pg_backend_pid()
        and held.locktype = 'relation'
        and (
            relation.oid is null
            or (
                relation.relkind in ('r', 'm')
                and nullif(relation.relfilenode, 0) <> pg_relation_filenode(relation.oid)
            )
        )
)
"""
"""Whether a table that was read has other files than in the snapshot, or is not in it. The snapshot sees no row there
(https://www.postgresql.org/docs/current/mvcc-caveats.html), and who waited for the lock of a reload reads after it.

pg_class shows the files of the snapshot (0 for some of the catalogue), the function those of now; the locks are on all
that a query read, below its views and partitions too.
"""

_NO_FILE = f"{os.devnull}/none"
_SETTINGS = f"""
select
    set_config('timezone', 'UTC', true),
    set_config('datestyle', 'ISO, YMD', true),
    set_config('intervalstyle', 'iso_8601', true),
    set_config('extra_float_digits', '1', true),
    set_config('row_security', 'off', true),
    set_config('lock_timeout', '{SECONDS_FOR_A_LOCK}s', true),
    set_config(
        'client_encoding',
        case when current_setting('server_encoding') = 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end,
        true
    )
"""
"""Of the transaction alone: a pooler refuses options at the start, and may give each transaction another session.

A database of SQL_ASCII knows no encoding: asked for UTF-8, it refuses the whole table for one cell of other bytes. So
it is asked for its bytes, and landing quarantines the row.

Without row security the server refuses a query whose rows a policy would hide, also below a view.
"""

_ROW_SECURITY = "row security hides rows of it from the user: alter role … bypassrls"
_NOT_OF_THE_SNAPSHOT = (
    "it was truncated, rewritten or replaced while the extraction began: run it again"
)
_FINDS_POLICIES = "check_enable_rls"
"""The server's function that refuses such a query; its code is that of a missing grant."""


class Postgres:
    """A session of its own, which also is its snapshot from `snapshot()` on."""

    def __init__(self, connection: Any, source: str, watch: Watch) -> None:
        self._connection, self._source, self._watch = connection, source, watch

    def horizon(self) -> Horizon:
        """The start of the oldest open transaction, or the server's time when there is none or none can be seen."""
        with self._answering(self._source):
            now, is_exact, oldest = self._rows(_HORIZON)[0]
            moment = min(now, oldest) if is_exact and oldest else now
            return Horizon(moment.astimezone(UTC).replace(tzinfo=None), bool(is_exact))

    def snapshot(self) -> "Postgres":
        """The first query of a repeatable-read transaction takes its snapshot, and sets how values are written."""
        with self._answering(self._source):
            self._connection.autocommit = False
            self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            self._rows(_SETTINGS)
        return self

    def columns(self, table: Table) -> dict[str, Found]:
        """By the catalogue, which knows materialized views too, and what the role may read."""
        *schema, name = table.extract_from or (table.name,)
        with self._answering(table.full_name):
            return self._columns(schema[0] if schema else None, name)

    def _columns(self, schema: str | None, table: str) -> dict[str, Found]:
        return {
            column: Found(type_, _kind(type_), is_readable)
            for column, type_, is_readable in self._rows(
                _COLUMNS, {"schema": schema, "table": table}
            )
        }

    def described(self, tables: Sequence[str]) -> list[Described]:
        """By the catalogue, comments and keys as well."""
        with_schema = [name for name in tables if "." in name]
        plain = [name for name in tables if "." not in name]
        groups = [(names, has) for names, has in ((with_schema, True), (plain, False)) if names]
        found = []
        with self._answering(self._source):
            for names, has in groups or [([], False)]:
                rows = self._rows(_DESCRIBED, {"tables": has, "names": names})
                for said, schema, name, comment, key, comments, others in rows:
                    one = Described(
                        said=said,
                        address=(schema, name) if has else (name,),
                        columns=self._columns(schema, name),
                        key=tuple(key),
                        comment=comment,
                        comments=comments,
                        refers_to={column: (t, c) for column, (t, c) in others.items()},
                    )
                    found.append(one)
        return found

    def check(self, selection: Selection) -> None:
        """The server plans the query, with its grants and views, and reads no row."""
        with self._reading(selection.place):
            self._run(_query(replace(selection, most=0)))

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """`copy (select …) to stdout`: the server writes the CSV, and the client passes it on."""
        most = selection.table.limits.expanded_bytes
        with (
            self._reading(selection.place),
            self._watch.growing(target.tell, most),
            self._connection.cursor() as cursor,
            _unprinted(),
        ):
            cursor.copy_expert(_copy(selection).as_string(cursor), target)
            return int(cursor.rowcount)

    def _run(self, query: str | sql.Composable) -> None:
        with self._watch.within(SECONDS_TO_ANSWER), self._connection.cursor() as cursor:
            cursor.execute(query)

    def _rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        with self._watch.within(SECONDS_TO_ANSWER), self._connection.cursor() as cursor:
            cursor.execute(query, values)
            rows: list[Any] = cursor.fetchall()
            return rows

    @contextmanager
    def _reading(self, place: str) -> Iterator[None]:
        """An error after which the snapshot goes on concerns this table alone."""
        with self._answering(place):
            self._run(f"savepoint {SAVEPOINT}")
            try:
                yield
                if self._rows(_REWRITTEN)[0][0]:
                    raise BadSettings(f"{place}: {_NOT_OF_THE_SNAPSHOT}")
            except BadSettings:
                self._goes_on()
                raise
            except psycopg2.Error as error:
                if not _code(error) or not self._goes_on():
                    raise
                raise BadSettings(f"{place}: {_refusal(error)}") from None
            self._run(f"release savepoint {SAVEPOINT}")

    def _goes_on(self) -> bool:
        """Go back to the savepoint; whether the server still has it."""
        with suppress(*_JUNK):
            self._run(f"rollback to savepoint {SAVEPOINT}")
            return True
        return False

    @contextmanager
    def _answering(self, place: str) -> Iterator[None]:
        """One line for the server's refusal, without its message, which might hold a value, or anything at all."""
        try:
            yield
        except _JUNK as error:
            code = _code(error)
            if self._watch.reason:
                raise LandingFailed(f"{place}: {self._watch.reason}") from None
            if code and not self._connection.closed:
                kind = BadSettings if code.startswith("42") else LandingFailed
                raise kind(f"{place}: {REFUSES.format(code=code)}") from None
            reason = f"code {code}" if code else "the connection broke off"
            raise LandingFailed(f"{place}: the database stopped answering ({reason})") from None


@contextmanager
def _unprinted() -> Iterator[None]:
    """When a server ends the session amid a COPY, the driver itself prints the server's message, with a traceback."""
    hook, sys.excepthook = sys.excepthook, lambda *_: None
    try:
        yield
    finally:
        sys.excepthook = hook


@contextmanager
def connect_postgres(address: Address, source: str) -> Iterator[Postgres]:
    """Connect; the snapshot's values come in UTC and ISO spelling, whatever the server's settings."""
    where = f"{source}: {address.host}, port {address.port}"
    words = _words(address) | {"sslrootcert": roots_of(address, where) or _NO_FILE}
    try:
        connection = psycopg2.connect(**words)
    except _JUNK as error:
        said = str(error)
        for text, reason in _DISTRUST.items():
            if text in said:
                raise LandingFailed(f"{where}: {reason.format(login=address.login)}") from None
        if any(refusal in said for refusal in _REFUSALS):
            raise BadSettings(
                f"{where} does not let us in: look at the user, the password and the database's name"
            ) from None
        does = "refuses the connection" if "FATAL:" in said else "does not answer"
        raise LandingFailed(f"{where} {does}") from None
    with closing(connection), closing(Watch(connection.fileno())) as watch:
        connection.autocommit = True
        yield Postgres(connection, source, watch)


def _words(address: Address) -> dict[str, Any]:
    """libpq's words. The environment is ignored, its password as well as its way to log in."""
    return {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": address.user,
        "password": address.password,
        "passfile": _NO_FILE,
        "require_auth": address.login if address.password else "none",
        "sslmode": address.tls,
        "gssencmode": "disable",
        "connect_timeout": SECONDS_TO_CONNECT,
        "client_encoding": "utf8",
        "application_name": "landfall extract",
    }


def _code(error: Exception) -> str:
    """The SQLSTATE, where the server gave one."""
    code = str(getattr(error, "pgcode", None) or "")
    return code if re.fullmatch("[0-9A-Z]{5}", code) else ""


def _refusal(error: psycopg2.Error) -> str:
    if error.diag.source_function == _FINDS_POLICIES:
        return _ROW_SECURITY
    return REFUSES.format(code=_code(error))


def _kind(type_: str) -> Kind:
    if type_.startswith("timestamp"):
        return "local" if type_.endswith("without time zone") else "instant"
    if type_.startswith("time") and type_.endswith("without time zone"):
        return "time"
    if re.fullmatch(r"\"bit\"|bit( varying)?(\(\d+\))?", type_):
        return "bits"
    return {"date": "date", "bytea": "binary"}.get(type_, "other")  # type: ignore[return-value]


def _copy(selection: Selection) -> sql.Composable:
    """The COPY statement, which quotes every cell where words without quotes are null."""
    words = (
        "format csv, header, force_quote *" if selection.has_null_words else "format csv, header"
    )
    return sql.SQL("copy ({}) to stdout with ({})").format(_query(selection), sql.SQL(words))


def _query(selection: Selection) -> sql.Composable:
    """The query. Without a watermark to begin at it reads the whole table."""
    chosen = [
        _named(_expression(column, found, selection), column.file_name, selection)
        for column, found in selection.chosen
    ]
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(chosen), sql.Identifier(*selection.address)
    )
    if watermark := selection.watermark:
        name, since = watermark
        zone = "+00" if selection.columns[name].kind == "instant" else ""
        query += sql.SQL(" where {0} >= {1} or {0} is null").format(
            sql.Identifier(name), sql.Literal(since + zone)
        )
    if selection.most is not None:
        query += sql.SQL(" limit {}").format(sql.Literal(selection.most))
    return query


def _named(value: sql.Composable, name: str, selection: Selection) -> sql.Composable:
    """A column under its name. In a table of one column null is an empty text, in quotes: an empty line would not be a
    row."""
    form = "coalesce({}::text, '') as {}" if len(selection.columns) == 1 else "{} as {}"
    return sql.SQL(form).format(value, sql.Identifier(name))


_BITS_AS_NUMBER = sql.SQL("""
    case when length({name}) <= 64 then (
        lpad({name}::text, 64, '0')::bit(64)::bigint::numeric
        + case when length({name}) = 64 and get_bit({name}, 0) = 1 then 2::numeric ^ 64 else 0 end
    )::numeric(20)::text else {name}::text || ' bits' end
""")
"""Bits as an unsigned number. A column whose rows have more than 64 is not one: its rows go to quarantine."""


def _expression(column: Column, found: Found, selection: Selection) -> sql.Composable:
    """The column as it is; a date or a time in the contract's format, if that holds the whole value."""
    name = sql.Identifier(column.file_name)
    if found.kind == "binary":
        return sql.SQL("encode({}, 'hex')").format(name)
    if found.kind == "bits" and column.type.name in NUMBERS:
        return _BITS_AS_NUMBER.format(name=name)
    if found.type == "money":  # its text follows the server's lc_monetary
        return sql.SQL("{}::numeric").format(name)
    spelling = spelling_of(column, found.kind)
    if spelling is None:
        return name
    moment: sql.Composable = name
    if found.kind == "instant":
        zone = "UTC" if spelling.is_utc else selection.zone_for(column)
        moment = sql.SQL("({} at time zone {})").format(name, sql.Literal(zone))
    elif found.kind == "date" and column.type.name == "timestamp":
        moment = sql.SQL("{}::timestamp").format(name)
    if spelling.word == "YYYY-MM-DD":
        return sql.SQL("{}::date").format(moment)
    if spelling.word == "YYYY-MM-DD HH:MM:SS" and column.type.name == "timestamp":
        return moment
    return sql.SQL("case when {} then to_char({}, {}) else {}::text end").format(
        _fits(moment, found, spelling, column), moment, sql.Literal(spelling.postgres), name
    )


def _fits(moment: sql.Composable, found: Found, spelling: Spelling, column: Column) -> sql.Composable:  # fmt: skip
    """The condition under which the spelling holds the value: infinity, other eras and odd seconds do not fit."""
    if found.kind == "time":
        bounds = sql.SQL("{0} < '24:00'").format(moment)
        moment = sql.SQL("{}::interval").format(moment)
    else:
        first, last = spelling.years
        bounds = sql.SQL("{0} >= {1} and {0} < {2}").format(
            moment, sql.Literal(f"{first:04}-01-01"), sql.Literal(f"{last + 1:04}-01-01")
        )
    if spelling.finest == "fraction" or column.type.name == "date":
        return bounds
    return sql.SQL("{0} and date_trunc({1}, {2}) = {2}").format(
        bounds, sql.Literal(spelling.finest), moment
    )

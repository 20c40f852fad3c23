"""PostgreSQL as a live source: COPY to a stream, in one repeatable-read transaction."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from typing import Any, BinaryIO

import psycopg2  # type: ignore[import-untyped]
from psycopg2 import sql

from ingestion.contract import Column
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract.address import Address
from ingestion.extract.database import Horizon, Selection

_SECONDS_TO_CONNECT = 10
_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
)
"""What a server says when it answers and does not let us in; libpq gives no code before a session exists."""

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
"""The time comes from the statement's start, before the sessions are looked at: who begins later is not before it.

A standby does not know its primary's transactions, a role without pg_read_all_stats sees nobody else's, sessions with
track_activities off show none, and a prepared transaction says when it was prepared and not when it began
(https://www.postgresql.org/docs/current/monitoring-stats.html).
"""

_COLUMNS = """
select column_name, data_type from information_schema.columns
where table_schema = any (current_schemas(false)) and table_name = %s
order by ordinal_position
"""
_SPELLINGS = {"M/D/YYYY": "FMMM/FMDD/YYYY", "YYYY-MM-DD": "YYYY-MM-DD"}


class Postgres:
    """A session of its own, which also is its snapshot from `snapshot()` on."""

    def __init__(self, connection: Any, source: str) -> None:
        self._connection, self._source = connection, source

    def horizon(self) -> Horizon:
        """The start of the oldest open transaction, or the server's time when there is none or none can be seen."""
        now, is_exact, oldest = self._rows(_HORIZON)[0]
        moment = min(now, oldest) if is_exact and oldest else now
        return Horizon(moment.astimezone(UTC).replace(tzinfo=None), is_exact)

    def snapshot(self) -> "Postgres":
        """The first query of a repeatable-read transaction takes its snapshot."""
        self._connection.autocommit = False
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        self._rows("select 1")
        return self

    def columns(self, table: str) -> dict[str, str]:
        """By information_schema, which shows what the role has any privilege on."""
        return dict(self._rows(_COLUMNS, (table,)))

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """`copy (select …) to stdout`: the server writes the CSV, and the client passes it on as it comes."""
        with self._answering(selection.place), self._connection.cursor() as cursor:
            query = _query(selection, self.columns(selection.table.name)).as_string(cursor)
            cursor.copy_expert(query, target)
            return int(cursor.rowcount)

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[Any]:
        with self._answering(self._source), self._connection.cursor() as cursor:
            cursor.execute(query, values)
            rows: list[Any] = cursor.fetchall()
            return rows

    @contextmanager
    def _answering(self, place: str) -> Iterator[None]:
        """One line for what the server refuses. What it says of our own words names no value; all else might."""
        try:
            yield
        except psycopg2.Error as error:
            code = error.pgcode or ""
            if code == "42501":
                raise BadSettings(f"{place}: the user may not read it, grant select") from None
            if code.startswith("42"):
                raise BadSettings(f"{place}: {error.diag.message_primary}") from None
            reason = f"code {code}" if code else "the connection broke off"
            raise LandingFailed(f"{place}: the database stopped answering ({reason})") from None


@contextmanager
def connect_postgres(address: Address, source: str) -> Iterator[Postgres]:
    """Connect; every value comes in UTC and ISO spelling, whatever the server's settings."""
    words = {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "user": address.user,
        "password": address.password,
        "sslmode": address.tls,
        "connect_timeout": _SECONDS_TO_CONNECT,
        "client_encoding": "utf8",
        "application_name": "landfall extract",
        "options": "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c extra_float_digits=1",
    }
    if address.tls_root:
        words["sslrootcert"] = address.tls_root
    try:
        connection = psycopg2.connect(**words)
    except psycopg2.Error as error:
        where = f"{source}: {address.host}, port {address.port}"
        if any(refusal in str(error) for refusal in _REFUSALS):
            raise BadSettings(
                f"{where} does not let us in: look at the user, the password and the database's name"
            ) from None
        raise LandingFailed(f"{where} does not answer") from None
    with closing(connection):
        connection.autocommit = True
        yield Postgres(connection, source)


def _query(selection: Selection, types: dict[str, str]) -> sql.Composable:
    """The COPY statement. Without a watermark to begin at it reads the whole table."""
    by_name = {column.file_name: column for column in selection.table.columns}
    chosen = [_expression(by_name[name], types[name]) for name in selection.columns]
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(chosen), sql.Identifier(selection.table.name)
    )
    if selection.since and selection.table.watermark:
        watermark = sql.Identifier(selection.table.column(selection.table.watermark).file_name)
        query += sql.SQL(" where {0} >= {1} or {0} is null").format(
            watermark, sql.Literal(selection.since.isoformat())
        )
    return sql.SQL("copy ({}) to stdout with (format csv, header)").format(query)


def _expression(column: Column, kind: str) -> sql.Composable:
    """The column as it is; a date that the contract spells in its own way is written so."""
    name = sql.Identifier(column.file_name)
    if column.type.name != "date" or not kind.startswith(("date", "timestamp")):
        return name
    spelling = sql.Literal(_SPELLINGS[column.format[0]])
    return sql.SQL("to_char({0}, {1}) as {0}").format(name, spelling)

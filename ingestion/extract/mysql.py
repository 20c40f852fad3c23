"""MySQL and MariaDB as a live source: rows through a server-side cursor, in one consistent snapshot of InnoDB."""

import csv
import io
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import pymysql  # type: ignore[import-untyped]
from pymysql.converters import encoders  # type: ignore[import-untyped]
from pymysql.cursors import SSCursor  # type: ignore[import-untyped]

from ingestion.contract import Column
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract.address import Address
from ingestion.extract.database import Horizon, Selection

_SECONDS_TO_CONNECT = 10
_ROWS_AT_ONCE = 2_000
_NOT_LET_IN = (1044, 1045, 1049, 1130, 1698)  # user, password, database, host
_MAY_NOT_READ = (1142, 1143, 1227)
_NOT_THERE = (1146, 1054)
_SPELLINGS = {"M/D/YYYY": "%c/%e/%Y", "YYYY-MM-DD": "%Y-%m-%d"}
_SESSION = "set session time_zone = '+00:00', sql_mode = 'ANSI_QUOTES', net_write_timeout = 600"


class MySQL:
    """A session of its own, which also is its snapshot from `snapshot()` on."""

    def __init__(self, connection: Any, source: str) -> None:
        self._connection, self._source = connection, source

    def horizon(self) -> Horizon:
        """The server's time: who else has a transaction open, only few may ask."""
        ((text,),) = self._rows(
            "select date_format(utc_timestamp(3), '%%Y-%%m-%%dT%%H:%%i:%%s.%%f')"
        )
        return Horizon(datetime.fromisoformat(text), is_exact=False)

    def snapshot(self) -> "MySQL":
        """Everything that is read from now on is as it was at this statement, in tables of InnoDB."""
        self._rows("set session transaction isolation level repeatable read")
        self._rows("start transaction with consistent snapshot, read only")
        return self

    def columns(self, table: str) -> dict[str, str]:
        """By information_schema, which shows what the user may see. BadSettings when it has no snapshots."""
        there = "table_schema = database() and table_name = %s"
        for (engine,) in self._rows(
            f"select engine from information_schema.tables where {there}", (table,)
        ):
            if engine is not None and engine != "InnoDB":
                raise BadSettings(
                    f"{self._source}.{table}: kept by {engine}, which has no snapshots; only InnoDB has"
                )
        return dict(
            self._rows(
                f"select column_name, data_type from information_schema.columns where {there}"
                " order by ordinal_position",
                (table,),
            )
        )

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """Every cell is the server's own text for it: no value is read and written again in another spelling."""
        rows = 0
        text = io.TextIOWrapper(target, "utf-8", errors="surrogateescape", newline="")
        query, values = _query(selection, self.columns(selection.table.name))
        with self._answering(selection.place), self._connection.cursor(SSCursor) as cursor:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(selection.columns)
            cursor.execute(query, values)
            while block := cursor.fetchmany(_ROWS_AT_ONCE):
                writer.writerows([_cell(cell) for cell in row] for row in block)
                rows += len(block)
        text.detach()
        return rows

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[Any]:
        with self._answering(self._source), self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    @contextmanager
    def _answering(self, place: str) -> Iterator[None]:
        """One line for what the server refuses; its own words may hold values, so only its number is told."""
        try:
            yield
        except pymysql.MySQLError as error:
            code = error.args[0] if error.args else 0
            if code in _MAY_NOT_READ:
                raise BadSettings(f"{place}: the user may not read it, grant select") from None
            if code in _NOT_THERE:
                raise BadSettings(f"{place}: the table or a column is not there") from None
            raise LandingFailed(f"{place}: the database stopped answering (code {code})") from None


@contextmanager
def connect_mysql(address: Address, source: str) -> Iterator[MySQL]:
    """Connect; times come in UTC, and every value as the server's own text."""
    where = f"{source}: {address.host}, port {address.port}"
    try:
        connection = pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            database=address.database,
            charset="utf8mb4",
            connect_timeout=_SECONDS_TO_CONNECT,
            conv=dict(encoders),
            init_command=_SESSION,
            program_name="landfall extract",
            **_tls(address, where),
        )
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else 0
        if code in _NOT_LET_IN:
            raise BadSettings(
                f"{where} does not let us in: look at the user, the password and the database's name"
            ) from None
        raise LandingFailed(f"{where} does not answer (code {code})") from None
    with closing(connection):
        yield MySQL(connection, source)


def _tls(address: Address, where: str) -> dict[str, Any]:
    """The driver's words for the mode; it prefers TLS by itself."""
    if address.tls in ("disable", "prefer"):
        return {"ssl_disabled": True} if address.tls == "disable" else {}
    try:
        context = ssl.create_default_context(cafile=address.tls_root)
    except OSError as error:
        raise BadSettings(f"{where}: sslrootcert cannot be read ({error.strerror})") from None
    if address.tls == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return {"ssl": context}


def _query(selection: Selection, types: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """The query and its values. Without a watermark to begin at it reads the whole table."""
    by_name = {column.file_name: column for column in selection.table.columns}
    chosen = ", ".join(_expression(by_name[name], types[name]) for name in selection.columns)
    query = f"select {chosen} from {_quoted(selection.table.name)}"
    if not selection.since or not selection.table.watermark:
        return query, ()
    watermark = _quoted(selection.table.column(selection.table.watermark).file_name)
    since = selection.since.isoformat(" ")
    return f"{query} where {watermark} >= %s or {watermark} is null", (since,)


def _expression(column: Column, kind: str) -> str:
    """The column as it is; a date that the contract spells in its own way is written so."""
    name = _quoted(column.file_name)
    if column.type.name != "date" or kind not in ("date", "datetime", "timestamp"):
        return name
    return f"date_format({name}, '{_SPELLINGS[column.format[0]]}')".replace("%", "%%")


def _cell(value: str | bytes | None) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return "" if value is None else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

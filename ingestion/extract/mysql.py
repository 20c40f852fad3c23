"""MySQL and MariaDB as a live source: rows through a server-side cursor, in one consistent snapshot of InnoDB."""

import csv
import io
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pymysql  # type: ignore[import-untyped]
from pymysql.connections import Connection  # type: ignore[import-untyped]
from pymysql.converters import encoders  # type: ignore[import-untyped]
from pymysql.cursors import SSCursor  # type: ignore[import-untyped]

from ingestion.contract import NUMBERS, Column, Table
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract.address import Address
from ingestion.extract.certificates import roots_of, tls_context
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
    SECONDS_TO_LOG_IN,
    Watch,
)
from ingestion.sql import quoted

_MOST_IN_A_PACKET = 2**30
"""MySQL's own limit; without it a server could fill the memory with a single answer."""

_NOT_LET_IN = (1044, 1045, 1049, 1130, 1698)  # user, password, database, host
_OF_THE_CLIENT = range(2000, 3000)
"""Numbers of the driver's own errors; the server's are below and above."""

_PLUGINS = {"mysql_native_password", "caching_sha2_password", "client_ed25519", "sha256_password"}
"""Ways to log in that give the password itself only to a server that TLS has proved."""

_JUNK = (
    pymysql.MySQLError, OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
    struct.error,
)  # fmt: skip
"""The driver's errors on answers that MySQL never gives; RuntimeError: the server asks for a file of ours."""

_SESSION = (
    "set session time_zone = '+00:00', sql_mode = 'ANSI_QUOTES', lc_time_names = 'en_US',"
    f" net_write_timeout = 600, sql_select_limit = {2**64 - 1}, lock_wait_timeout = {SECONDS_FOR_A_LOCK}"
)
"""The session's, whatever the server's are: its limit of rows would cut every table without a word."""

_NO_SNAPSHOTS = (
    "not kept by InnoDB but by {engine}, which has no snapshots: alter table {name} engine=InnoDB"
)
_THERE = "table_schema = coalesce(%s, database()) and table_name = %s"
_TABLES = (
    "select table_name from information_schema.tables where table_schema = database()"
    " and table_type <> 'SEQUENCE' order by 1"
)
_ENGINE = f"select engine, table_comment from information_schema.tables where {_THERE}"
_COLUMNS = (
    "select column_name, data_type, column_type, privileges, column_comment"
    f" from information_schema.columns where {_THERE} order by ordinal_position"
)
_KEY = (
    f"select column_name from information_schema.statistics where {_THERE}"
    " and index_name = 'PRIMARY' order by seq_in_index"
)
_REFERENCES = (
    "select column_name, referenced_table_name, referenced_column_name"
    f" from information_schema.key_column_usage where {_THERE} and referenced_table_name is not null"
)
_BINARY = set(
    "binary varbinary tinyblob blob mediumblob longblob geometry point linestring polygon multipoint multilinestring"
    " multipolygon geometrycollection geomcollection".split()
)
_KINDS: dict[str, Kind] = {
    "date": "date", "datetime": "local", "timestamp": "instant", "time": "time", "bit": "bits", "float": "float",
}  # fmt: skip


class Refused(pymysql.MySQLError):  # type: ignore[misc]
    """The server asks for the password in a way that is refused."""


class _Guarded(Connection):  # type: ignore[misc]
    """The driver's connection, which gives the password itself only to a server that TLS has proved."""

    is_checked = False
    _auth_plugin_name: str

    def write_packet(self, payload: bytes) -> None:
        """Sends a packet; the password, or the request for a key to encrypt it, only if that is safe."""
        if not self.is_checked and self.password and payload in (self.password + b"\0", b"\1", b"\2"):  # fmt: skip
            raise Refused
        super().write_packet(payload)

    def _request_authentication(self) -> None:
        """Begins with the scramble, unless the server's own first choice is as safe; the server then asks for what it
        needs."""
        known = _PLUGINS if self.is_checked else _PLUGINS - {"sha256_password"}
        if self._auth_plugin_name not in known:
            self._auth_plugin_name = "mysql_native_password"
        super()._request_authentication()

    def _process_auth(self, plugin_name: bytes, auth_packet: Any, handler: Any = None) -> Any:
        if plugin_name.decode("latin-1") not in _PLUGINS:
            raise Refused
        return super()._process_auth(plugin_name, auth_packet, handler)

    def give_up(self) -> None:
        """Close in the middle of a table; the driver would read the rest and discard it."""
        if self._result is not None:
            self._result.unbuffered_active = False
        self._force_close()

    def _read_packet(self, *words: Any, **named: Any) -> Any:
        self._left = _MOST_IN_A_PACKET
        return super()._read_packet(*words, **named)

    def _read_bytes(self, num_bytes: int) -> Any:
        self._left -= num_bytes
        if self._left < 0:
            raise pymysql.InternalError("a packet without an end")
        return super()._read_bytes(num_bytes)


_Place = tuple[str | None, str]
"""The schema of a table (None: the connection's own), and its name."""


class MySQL:
    """A session of its own, which also is its snapshot from `snapshot()` on."""

    def __init__(self, connection: Any, source: str, watch: Watch) -> None:
        self._connection, self._source, self._watch = connection, source, watch

    def horizon(self) -> Horizon:
        """The server's time: few roles may list the open transactions of others."""
        with self._answering(self._source):
            ((text,),) = self._rows(
                "select date_format(utc_timestamp(3), '%%Y-%%m-%%dT%%H:%%i:%%s.%%f')"
            )
            return Horizon(datetime.fromisoformat(text), is_exact=False)

    def snapshot(self) -> "MySQL":
        """From now on all reads of InnoDB tables see the state at this statement."""
        with self._answering(self._source):
            self._rows("set session transaction isolation level repeatable read")
            self._rows("start transaction with consistent snapshot, read only")
        return self

    def columns(self, table: Table) -> dict[str, Found]:
        """By information_schema, which shows what the user may see. BadSettings when it has no snapshots."""
        *schema, name = table.extract_from or (table.name,)
        with self._answering(table.full_name):
            place = (schema[0] if schema else None, name)
            if problem := _problem(self._engine(place)[0], name):
                raise BadSettings(f"{table.full_name}: {problem}")
            return {column: found for column, (found, _) in self._columns(place).items()}

    def described(self, tables: Sequence[str]) -> list[Described]:
        """By information_schema, which shows what the user may see."""
        with self._answering(self._source):
            wanted = [name.rpartition(".")[::2] for name in tables] or [
                ("", name) for (name,) in self._rows(_TABLES)
            ]
            found = (self._described(schema, name) for schema, name in wanted)
            # of a view that it cannot open, the server tells no column
            return [one for one in found if one.columns or not tables]

    def _described(self, schema: str, name: str) -> Described:
        place = (schema or None, name)
        columns = self._columns(place)
        engine, comment = self._engine(place)
        return Described(
            said=f"{schema}.{name}" if schema else name,
            address=(schema, name) if schema else (name,),
            columns={column: found for column, (found, _) in columns.items()},
            key=tuple(column for (column,) in self._rows(_KEY, place)),
            comment="" if comment == "VIEW" else comment,
            comments={column: text for column, (_, text) in columns.items() if text},
            refers_to={
                column: (table, other) for column, table, other in self._rows(_REFERENCES, place)
            },
            problem=_problem(engine, name),
        )

    def _columns(self, place: _Place) -> dict[str, tuple[Found, str]]:
        """The columns of a table in their order, each with its comment."""
        return {
            column: (Found(_type(whole), _kind(base), "select" in privileges), comment)
            for column, base, whole, privileges, comment in self._rows(_COLUMNS, place)
        }

    def _engine(self, place: _Place) -> tuple[str | None, str]:
        """The engine that keeps a table (None: a view, or it is not there), and the table's comment."""
        ((engine, comment),) = self._rows(_ENGINE, place) or [(None, "")]
        return engine, comment

    def check(self, selection: Selection) -> None:
        """The server opens all that the query reads, with its grants and views, and reads no row."""
        with self._reading(selection.place):
            self._rows(*_query(replace(selection, most=0)))

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """Every cell is the server's own text for it: no value is read and written again in another spelling."""
        most = selection.table.limits.expanded_bytes
        with self._reading(selection.place), self._watch.growing(target.tell, most):
            return self._copy(selection, target)

    def _copy(self, selection: Selection, target: BinaryIO) -> int:
        rows = 0
        text = io.TextIOWrapper(target, "utf-8", errors="surrogateescape", newline="")
        query, values = _query(selection)
        readers = [_reader(column, found, selection) for column, found in selection.chosen]
        cursor = self._connection.cursor(SSCursor)
        # with CRLF as its line end the writer quotes every CR and LF, not only the LF
        writer = csv.writer(
            text,
            lineterminator="\r\n",
            quoting=csv.QUOTE_ALL if selection.has_null_words else csv.QUOTE_MINIMAL,
        )
        writer.writerow(selection.columns)
        cursor.execute(query, values)
        for row in cursor:  # one at a time: a row may be large
            writer.writerow([reader(cell) for reader, cell in zip(readers, row, strict=True)])
            rows += 1
        cursor.close()
        text.detach()
        return rows

    def _rows(self, query: str, values: Sequence[str | None] = ()) -> list[Any]:
        with self._watch.within(SECONDS_TO_ANSWER), self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return [[x if x is None else x.decode() for x in row] for row in cursor.fetchall()]

    @contextmanager
    def _reading(self, place: str) -> Iterator[None]:
        """An error after which the snapshot goes on concerns this table alone; any other ends the session."""
        with self._answering(place):
            self._rows(f"savepoint {SAVEPOINT}")
            try:
                yield
            except BaseException as error:
                if _is_answer(error) and self._goes_on():
                    raise BadSettings(f"{place}: {REFUSES.format(code=_code(error))}") from None
                self._connection.give_up()
                raise

    def _goes_on(self) -> bool:
        """Go back to the savepoint; whether the server still has it."""
        with suppress(*_JUNK):
            self._rows(f"rollback to savepoint {SAVEPOINT}")
            return True
        return False

    @contextmanager
    def _answering(self, place: str) -> Iterator[None]:
        """One line for the server's refusal; its message may hold values, so only its number is shown."""
        try:
            yield
        except OSError:  # of the file: for those of the connection the driver has errors of its own
            raise
        except _JUNK as error:
            code = _code(error)
            if self._watch.reason:
                raise LandingFailed(f"{place}: {self._watch.reason}") from None
            if _is_answer(error) and self._connection.open:
                raise LandingFailed(f"{place}: {REFUSES.format(code=code)}") from None
            raise LandingFailed(f"{place}: the database stopped answering (code {code})") from None


@contextmanager
def connect_mysql(address: Address, source: str) -> Iterator[MySQL]:
    """Connect; times come in UTC, and every value as the server's own text."""
    where = f"{source}: {address.host}, port {address.port}"
    connection = _Guarded(
        host=address.host,
        user=address.user,
        password=address.password.encode(),
        database=address.database,
        charset="utf8mb4",
        use_unicode=False,  # the driver would end the session at a cell that is not UTF-8
        conv=dict(encoders),
        init_command=_SESSION,
        program_name="landfall extract",
        defer_connect=True,
        **_tls(address, where),
    )
    connection.is_checked = address.is_checked
    try:
        reached = socket.create_connection((address.host, address.port), SECONDS_TO_CONNECT)
    except OSError:
        raise LandingFailed(f"{where} does not answer") from None
    reached.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with closing(Watch(reached.fileno())) as watch:
        _log_in(connection, reached, watch, where)
        try:
            yield MySQL(connection, source, watch)
        finally:
            with suppress(*_JUNK):
                connection.close()


def _log_in(connection: Any, reached: socket.socket, watch: Watch, where: str) -> None:
    try:
        with watch.within(SECONDS_TO_LOG_IN):
            connection.connect(reached)
    except _JUNK as error:
        reached.close()
        cause = getattr(error, "original_exception", error)
        code = _code(error)
        if code in _NOT_LET_IN:
            raise BadSettings(
                f"{where} does not let us in: look at the user, the password and the database's name"
            ) from None
        if isinstance(error, Refused):
            reason = "it asks for the password itself without having proved who it is, and does not get it"
        elif isinstance(cause, ssl.SSLCertVerificationError):
            reason = "its certificate cannot be trusted: name those to trust by sslrootcert"
        elif code == pymysql.constants.CR.CR_SSL_CONNECTION_ERROR:
            reason = "it has no TLS"
        else:
            raise LandingFailed(f"{where} does not answer (code {code})") from None
        raise LandingFailed(f"{where}: {reason}") from None


def _tls(address: Address, where: str) -> dict[str, Any]:
    """The driver's words for the mode; it prefers TLS by itself."""
    roots = roots_of(address, where)
    if address.tls in ("disable", "prefer"):
        return {"ssl_disabled": True} if address.tls == "disable" else {}
    return {"ssl": tls_context(address, roots)}


def _code(error: BaseException) -> int:
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def _is_answer(error: BaseException) -> bool:
    """Whether the server answered with this error."""
    code = _code(error)
    return isinstance(error, pymysql.MySQLError) and code > 0 and code not in _OF_THE_CLIENT


def _problem(engine: str | None, name: str) -> str | None:
    return None if engine in (None, "InnoDB") else _NO_SNAPSHOTS.format(engine=engine, name=name)


def _kind(base: str) -> Kind:
    return "binary" if base in _BINARY else _KINDS.get(base, "other")


def _type(whole: str) -> str:
    """The type without the values of an enum or a set, which belong to the source."""
    return whole if whole.isascii() and re.fullmatch(r"[a-z0-9 (),]{1,60}", whole) else whole[:4]


def _query(selection: Selection) -> tuple[str, tuple[str, ...]]:
    """The query and its values. Without a watermark to begin at it reads the whole table."""
    chosen = ", ".join(_expression(*pair) for pair in selection.chosen).replace("%", "%%")
    table = ".".join(map(quoted, selection.address)).replace("%", "%%")
    query = f"select {chosen} from {table}"
    if selection.most is not None:
        return f"{query} limit {selection.most}", ()
    if not selection.watermark:
        return query, ()
    name, since = selection.watermark
    watermark = quoted(name).replace("%", "%%")
    return f"{query} where {watermark} >= %s or {watermark} is null", (since,)


def _expression(column: Column, found: Found) -> str:
    """The column as it is; a date or a time in the contract's format, if that holds the whole value."""
    name, number = quoted(column.file_name), column.type.name in NUMBERS
    if found.kind == "bits":
        width = re.sub(r"\D", "", found.type) or "1"
        is_text = not number and column.type.name != "boolean"
        return f"lpad(bin({name}), {width}, '0')" if is_text else f"{name} + 0"
    if found.kind == "float" and number:  # its text has six digits of it
        scale = column.type.scale
        return f"{name} + 0e0" if scale is None else f"round({name} + 0e0, {scale})"
    spelling = spelling_of(column, found.kind)
    if spelling is None or _is_own_text(column, found, spelling) or _is_local(found, spelling):
        return name
    form = "time_format" if found.kind == "time" else "date_format"
    return f"if({_fits(name, found, spelling, column)}, {form}({name}, '{spelling.mysql}'), {name})"


def _is_own_text(column: Column, found: Found, spelling: Spelling) -> bool:
    """Whether the server's own text is spelled so."""
    own = {"date": ("date", "YYYY-MM-DD"), "local": ("timestamp", "YYYY-MM-DD HH:MM:SS")}
    return own.get(found.kind) == (column.type.name, spelling.word)


def _is_local(found: Found, spelling: Spelling) -> bool:
    """Whether an instant must be written in local time: this is done here, as few servers know the zones."""
    return found.kind == "instant" and not spelling.is_utc


def _fits(name: str, found: Found, spelling: Spelling, column: Column) -> str:
    """The condition under which the spelling holds the value: zero dates and odd seconds do not fit."""
    if found.kind == "time":
        conditions = [f"{name} >= '00:00:00'", f"{name} < '24:00:00'"]
    else:
        first, last = spelling.years
        conditions = [
            f"year({name}) between {first} and {last}", f"month({name}) > 0", f"dayofmonth({name}) > 0",
        ]  # fmt: skip
    if column.type.name != "date":
        finer = {"day": ("hour", "minute", "second", "microsecond"), "minute": ("second", "microsecond"),
                 "second": ("microsecond",), "fraction": ()}[spelling.finest]  # fmt: skip
        conditions += [f"{part}({name}) = 0" for part in finer]
    return " and ".join(conditions)


Reader = Callable[[bytes | None], str]


def _reader(column: Column, found: Found, selection: Selection) -> Reader:
    """The function that makes the file's text of a cell of this column."""
    if found.kind == "binary":
        return _digits  # not the server's hex(), which is null where it exceeds max_allowed_packet
    spelling = spelling_of(column, found.kind)
    if spelling is None or not _is_local(found, spelling):
        return _cell
    zone, form, finest = ZoneInfo(selection.zone_for(column)), spelling.python, spelling.finest

    def local(value: bytes | None) -> str:
        """The local time of a value in UTC; a value for which the format has no room stays as it is."""
        text = _cell(value)
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone)
        except ValueError:
            return text
        left = {"minute": moment.second or moment.microsecond, "second": moment.microsecond}
        is_whole = column.type.name == "date" or not left.get(finest)
        return moment.strftime(form) if is_whole else text

    return local


def _digits(value: bytes | None) -> str:
    return "" if value is None else value.hex()


def _cell(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "surrogateescape")

"""The wire: between a client of Redshift and PostgreSQL, message by message.

A statement comes in a Query or a Parse message and is translated there. One that is refused becomes a statement that
raises the error, so that a transaction is broken by it as by any other. Everything else passes unchanged, with one
exception: dbt's unit tests compare the text of decimals, and a computed one has as many digits in Redshift on both
sides, while PostgreSQL has forgotten how many. Their answers come without zeros at the end where no size is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import weakref
from collections.abc import Awaitable, Callable, Iterator

Translate = Callable[[str, str], Awaitable[str]]
"""Of a statement and the user who gives it."""
Refresh = Callable[[], Awaitable[None]]

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
# The start-up parameters PostgreSQL knows; redshift_connector sends a dozen more.
KNOWN = {b"user", b"database", b"application_name", b"client_encoding", b"options"}
SERVER_VERSION = b"8.0.2"  # what Redshift says it is
UNIT_TEST = b"dbt_internal_unit_test_actual"
NUMERIC = 1700  # the type's OID


class Proxy:
    """Listens for clients of Redshift on a port of the loopback interface."""

    def __init__(self, upstream: int, translate: Translate, refresh: Refresh) -> None:
        self._upstream = upstream
        self._translate = translate
        self._refresh = refresh
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()

    async def start(self) -> int:
        """Begin to listen; gives the port."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take no more clients, and let go of those there are."""
        self._server.close()
        for client in self._clients:
            client.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(asyncio.current_task())
        self._clients.add(writer)
        with (
            contextlib.closing(writer),
            contextlib.suppress(asyncio.IncompleteReadError, ConnectionError),
        ):
            hello = await self._hello(reader, writer)
            server_reader, server_writer = await asyncio.open_connection(
                "127.0.0.1", self._upstream
            )
            with contextlib.closing(server_writer):
                server_writer.write(hello)
                if _code(hello) == CANCEL_REQUEST:
                    return
                await self._refresh()
                answers = _Answers()
                self._keep(asyncio.create_task(answers.pass_on(server_reader, writer)))
                await self._statements(reader, server_writer, answers, _user(hello))

    def _keep(self, task: asyncio.Task[None] | None) -> None:
        """Tasks without a reference may be collected while they run."""
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """The start-up message as PostgreSQL takes it, after saying no to encryption."""
        while True:
            size = await reader.readexactly(4)
            message = size + await reader.readexactly(int.from_bytes(size) - 4)
            if _code(message) not in (SSL_REQUEST, GSS_REQUEST):
                break
            writer.write(b"N")
        if _code(message) == CANCEL_REQUEST:
            return message
        parts = message[8:].split(b"\0")
        given = zip(parts[0::2], parts[1::2], strict=False)
        kept = b"".join(name + b"\0" + value + b"\0" for name, value in given if name in KNOWN)
        body = message[4:8] + kept + b"\0"
        return struct.pack("!I", len(body) + 4) + body

    async def _statements(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: _Answers,
        user: str,
    ) -> None:
        while True:
            kind, body = await _message(reader)
            if kind in (b"Q", b"P"):
                answers.to_unit_test = UNIT_TEST in body
            if kind == b"Q":
                body = (await self._translate(body[:-1].decode(), user)).encode() + b"\0"
            elif kind == b"P":
                name, statement, rest = body.split(b"\0", 2)
                translated = (await self._translate(statement.decode(), user)).encode()
                body = b"\0".join((name, translated, rest))
            await _send(writer, kind, body)


def _user(hello: bytes) -> str:
    """Whom a start-up message names."""
    parts = hello[8:].split(b"\0")
    return dict(zip(parts[0::2], parts[1::2], strict=False)).get(b"user", b"").decode()


class _Answers:
    """The server's messages to one client."""

    def __init__(self) -> None:
        self.to_unit_test = False
        self._unsized: list[bool] = []

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send it all on, with Redshift's version in the greeting."""
        with (
            contextlib.closing(writer),
            contextlib.suppress(asyncio.IncompleteReadError, ConnectionError),
        ):
            while True:
                kind, body = await _message(reader)
                if kind == b"S" and body.startswith(b"server_version\0"):
                    body = b"server_version\0" + SERVER_VERSION + b"\0"
                elif kind == b"T" and self.to_unit_test:
                    self._unsized = list(_unsized_numerics(body))
                elif kind == b"D" and self.to_unit_test and any(self._unsized):
                    body = _without_zeros(body, self._unsized)
                await _send(writer, kind, body)


def _unsized_numerics(description: bytes) -> Iterator[bool]:
    """For each column of a RowDescription, whether it is a decimal of no known size."""
    place = 2
    for _ in range(int.from_bytes(description[:2])):
        place = description.index(b"\0", place) + 1
        _, _, kind, _, modifier, _ = struct.unpack_from("!IHIhih", description, place)
        yield kind == NUMERIC and modifier == -1
        place += 18


def _without_zeros(row: bytes, wanted: list[bool]) -> bytes:
    """A DataRow (in text) with the wanted cells' zeros behind the point taken off."""
    out, place = [row[:2]], 2
    for trim in wanted:
        (size,) = struct.unpack_from("!i", row, place)
        cell = row[place + 4 : place + 4 + max(size, 0)]
        place += 4 + max(size, 0)
        if trim and b"." in cell:
            cell = cell.rstrip(b"0").rstrip(b".")
        out += [struct.pack("!i", -1 if size < 0 else len(cell)), cell]
    return b"".join(out)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _send(writer: asyncio.StreamWriter, kind: bytes, body: bytes) -> None:
    writer.write(kind + struct.pack("!I", len(body) + 4) + body)
    await writer.drain()


def _code(message: bytes) -> int:
    return int.from_bytes(message[4:8])

"""The wire: between a client of Redshift and PostgreSQL, message by message.

A statement comes in a Query or a Parse message and is translated there. One that is refused becomes a statement that
raises the error, so that a transaction is broken by it as by any other. All else passes as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable

Translate = Callable[[str], Awaitable[str]]
Refresh = Callable[[], Awaitable[None]]

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
# The start-up parameters PostgreSQL knows; redshift_connector sends a dozen more.
KNOWN = {b"user", b"database", b"application_name", b"client_encoding", b"options"}
SERVER_VERSION = b"8.0.2"  # what Redshift says it is


class Proxy:
    """Listens for clients of Redshift on a port of the loopback interface."""

    def __init__(self, upstream: int, translate: Translate, refresh: Refresh) -> None:
        self._upstream = upstream
        self._translate = translate
        self._refresh = refresh
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Begin to listen; gives the port."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
                task = asyncio.create_task(_answers(server_reader, writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                await self._statements(reader, server_writer)

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

    async def _statements(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, body = await _message(reader)
            if kind == b"Q":
                body = (await self._translate(body[:-1].decode())).encode() + b"\0"
            elif kind == b"P":
                name, statement, rest = body.split(b"\0", 2)
                translated = (await self._translate(statement.decode())).encode()
                body = b"\0".join((name, translated, rest))
            await _send(writer, kind, body)


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the server says, with Redshift's version in its greeting."""
    with (
        contextlib.closing(writer),
        contextlib.suppress(asyncio.IncompleteReadError, ConnectionError),
    ):
        kind = b""
        while kind != b"Z":
            kind, body = await _message(reader)
            if kind == b"S" and body.startswith(b"server_version\0"):
                body = b"server_version\0" + SERVER_VERSION + b"\0"
            await _send(writer, kind, body)
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _send(writer: asyncio.StreamWriter, kind: bytes, body: bytes) -> None:
    writer.write(kind + struct.pack("!I", len(body) + 4) + body)
    await writer.drain()


def _code(message: bytes) -> int:
    return int.from_bytes(message[4:8])

"""Fake servers: each takes a connection, follows a script, and keeps every byte that it was sent."""

import contextlib
import datetime
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Peer:
    """One connection, as the server has it. `heard` is all that came, out of TLS where there is any."""

    def __init__(self, connection: socket.socket, certificate: Path) -> None:
        self.connection, self.heard, self._certificate = connection, b"", certificate

    def read(self, size: int) -> bytes:
        """Exactly this many bytes; EOFError when the client has gone."""
        data = b""
        while len(data) < size:
            if not (part := self.connection.recv(size - len(data))):
                raise EOFError
            self.heard += part
            data += part
        return data

    def send(self, data: bytes) -> None:
        """Send."""
        self.connection.sendall(data)

    def secure(self) -> None:
        """Speak TLS from here on, with a self-signed certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        self.connection = context.wrap_socket(self.connection, server_side=True)


Script = Callable[[Any], None]


class MySQLPeer(Peer):
    """Speaks as MySQL does."""

    number = 0

    def packet(self, payload: bytes) -> None:
        """Send a packet."""
        self.send(struct.pack("<I", len(payload))[:3] + bytes([self.number]) + payload)
        self.number = (self.number + 1) % 256

    def take(self) -> bytes:
        """Take a packet."""
        length, number = struct.unpack("<3sB", self.read(4))
        self.number = (number + 1) % 256
        return self.read(int.from_bytes(length, "little"))

    def greet(self, plugin: bytes = b"mysql_native_password", tls: bool = False) -> None:
        """The greeting."""
        able = 0x200 | 0x8000 | 0x80000 | 8 | 0x200000 | (0x800 if tls else 0)
        low, high = able & 0xFFFF, able >> 16
        text = b"\x0a8.0.36\0" + struct.pack("<I", 7) + b"saltsalt\0" + struct.pack("<H", low)
        text += (
            struct.pack("<BHHB", 45, 2, high, 21) + b"\0" * 10 + b"saltsaltsalt\0" + plugin + b"\0"
        )
        self.packet(text)
        if tls:
            self.take()
            self.secure()

    def ok(self) -> None:
        """All well."""
        self.packet(b"\0\0\0\2\0\0\0")

    def rows(self, *rows: tuple[str, ...], width: int = 0) -> None:
        """A whole result; `width` is its number of columns where it has no row."""
        self.head(len(rows[0]) if rows else width)
        for row in rows:
            self.row(*row)
        self.packet(b"\xfe\0\0\2\0")

    def head(self, columns: int) -> None:
        """The columns of a result."""
        self.packet(bytes([columns]))
        for _ in range(columns):
            text = b"\3def\0\0\0\1a\1a\x0c" + struct.pack("<HIBHBH", 45, 80, 0xFD, 0, 0, 0)
            self.packet(text)
        self.packet(b"\xfe\0\0\2\0")

    def row(self, *cells: str) -> None:
        """One row."""
        self.packet(b"".join(bytes([len(cell)]) + cell.encode() for cell in cells))

    def serve(self, table: Script) -> None:
        """Let in whoever comes, and answer as a MySQL with one table; its rows are what `table` does."""
        self.greet()
        self.take()
        self.ok()
        while True:
            query = self.take()[1:].decode()
            if "utc_timestamp" in query:
                self.rows(("2026-03-01T00:00:00.000000",))
            elif "information_schema.tables" in query:
                self.rows(("InnoDB", ""))
            elif "information_schema.columns" in query:
                columns = (
                    ("id", "int", "int(11)", "select", ""),
                    ("a", "text", "text", "select", ""),
                )
                self.rows(*columns)
            elif query.endswith(" limit 0"):
                self.rows(width=2)
            elif query.startswith("select "):
                table(self)
            else:
                self.ok()


class PostgresPeer(Peer):
    """Speaks as PostgreSQL does."""

    def message(self, kind: bytes, payload: bytes = b"") -> None:
        """Send a message."""
        self.send(kind + struct.pack(">I", len(payload) + 4) + payload)

    def take(self) -> tuple[bytes, bytes]:
        """Take a message."""
        kind, length = struct.unpack(">cI", self.read(5))
        return kind, self.read(length - 4)

    def begin(self, tls: bool = False) -> None:
        """Up to the question who it is."""
        length, code = struct.unpack(">II", self.read(8))
        if code == 80877103:
            self.send(b"S" if tls else b"N")
            if tls:
                self.secure()
            length, code = struct.unpack(">II", self.read(8))
        self.read(length - 8)

    def ask(self, method: int, more: bytes = b"") -> None:
        """Ask for the password in this way, and wait for an answer."""
        self.message(b"R", struct.pack(">I", method) + more)
        self.take()

    def ready(self) -> None:
        """Let in."""
        self.message(b"R", struct.pack(">I", 0))
        for name, value in (("server_version", "16.0"), ("client_encoding", "UTF8"), ("DateStyle", "ISO")):  # fmt: skip
            self.message(b"S", f"{name}\0{value}\0".encode())
        self.message(b"K", b"\0" * 8)
        self.message(b"Z", b"I")

    def rows(self, types: tuple[int, ...], *rows: tuple[str | None, ...]) -> None:
        """A whole result."""
        fields = (b"a\0" + struct.pack(">IHIhih", 0, 0, oid, -1, -1, 0) for oid in types)
        self.message(b"T", struct.pack(">H", len(types)) + b"".join(fields))
        for row in rows:
            cells = (
                struct.pack(">i", -1) if c is None else struct.pack(">I", len(c)) + c.encode()
                for c in row
            )
            self.message(b"D", struct.pack(">H", len(row)) + b"".join(cells))
        self.done(b"SELECT 1")

    def done(self, tag: bytes) -> None:
        """The end of an answer."""
        self.message(b"C", tag + b"\0")
        self.message(b"Z", b"T")

    def serve(self, table: Script) -> None:
        """Let in whoever comes, and answer as a PostgreSQL with one table; its rows are what `table` does."""
        self.begin()
        self.ready()
        while True:
            _, payload = self.take()
            query = payload.rstrip(b"\0").decode()
            if "pg_stat_activity" in query:
                self.rows((1184, 16, 1184), ("2026-03-01 00:00:00+00", "t", None))
            elif "pg_attribute" in query:
                self.rows((25, 25, 16), ("id", "integer", "t"), ("a", "text", "t"))
            elif "pg_locks" in query:
                self.rows((16,), ("f",))
            elif query.startswith("copy "):
                table(self)
            elif "set_config" in query:
                self.rows((23,), ("1",))
            else:
                self.done(query.split(" ")[0].upper().encode())


@contextlib.contextmanager
def hostile(kind: type[Peer], script: Script, folder: Path) -> Iterator[tuple[int, list[Peer]]]:
    """A server on a free port that does `script` with everyone who comes, for the block; its port, and its peers."""
    certificate = self_signed(folder)
    peers: list[Peer] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk(connection: socket.socket) -> None:
            """One connection, until either has enough of it."""
            peer = kind(connection, certificate)
            peers.append(peer)
            with contextlib.suppress(OSError, EOFError, struct.error), connection:
                script(peer)
            with contextlib.suppress(OSError):
                peer.connection.close()

        def accept() -> None:
            """Take whoever comes, until the server is closed."""
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=talk, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], peers
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def self_signed(folder: Path) -> Path:
    """A self-signed certificate for localhost, with its key."""
    path = folder / "self-signed.pem"
    if path.exists():
        return path
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path

"""Servers that ask for the password, for time, or for a file: none gets it, and each is one line with exit code 4."""

import struct
import time
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import LandfallError, LandingFailed
from ingestion.extract import extract, waits
from ingestion.extract import mysql as mysql_module
from ingestion.extract import postgres as postgres_module
from ingestion.extract.address import Address
from tests.ingestion.extract.hostile import (
    MySQLPeer,
    Peer,
    PostgresPeer,
    Script,
    hostile,
    self_signed,
)
from tests.ingestion.extract.test_values import contract
from tests.ingestion.lakes import Lake, write_project

PASSWORD = "the password itself"
SECONDS = 30
"""All waits are made a second long, libpq's own is two at least: the rest is for a machine that has other work."""


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    for module in (waits, mysql_module, postgres_module):
        for name in ("TO_CONNECT", "TO_LOG_IN", "TO_ANSWER", "WITHOUT_ROWS"):
            if hasattr(module, f"SECONDS_{name}"):
                monkeypatch.setattr(module, f"SECONDS_{name}", 1)
    monkeypatch.setattr(waits, "_SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(waits, "SECONDS_FOR_A_TABLE", 3 if "slow" in request.node.name else SECONDS)


def silent(peer: Any) -> None:
    peer.connection.settimeout(SECONDS)
    peer.connection.recv(1_000_000)
    time.sleep(SECONDS)


def junk(peer: Any) -> None:
    peer.send(bytes(range(256)) * 40)
    silent(peer)


def dripping(peer: Any) -> None:
    """A byte now and then, each in time for a time-out that begins anew."""
    for _ in range(SECONDS * 10):
        peer.send(b"\x4a")
        time.sleep(0.1)


def switch(plugin: bytes, more: bytes = b"saltsaltsaltsaltsalt\0", **words: Any) -> Script:
    """Ask to log in by another plugin, and take what comes."""

    def script(peer: MySQLPeer) -> None:
        peer.greet(**words)
        peer.take()
        peer.packet(b"\xfe" + plugin + b"\0" + more)
        peer.take()
        peer.ok()
        silent(peer)

    return script


def full_login(peer: MySQLPeer) -> None:
    peer.greet(b"caching_sha2_password")
    peer.take()
    peer.packet(b"\1\4")
    peer.take()
    silent(peer)


def first_choice(plugin: bytes, **words: Any) -> Script:
    """A greeting that names the plugin at once."""

    def script(peer: MySQLPeer) -> None:
        peer.greet(plugin, **words)
        peer.take()
        peer.packet(b"\1\4")
        peer.take()

    return script


def wants_a_file(peer: MySQLPeer) -> None:
    peer.packet(b"\xfb/etc/passwd")
    peer.take()


def wants_a_file_at_once(peer: MySQLPeer) -> None:
    peer.greet()
    peer.take()
    peer.ok()
    peer.take()
    wants_a_file(peer)


def refuses_in_colours(peer: MySQLPeer) -> None:
    peer.packet(b"\xff" + struct.pack("<H", 1064) + b"#42000\x1b[31mred\nsecond line " + b"x" * 99)
    silent(peer)


def breaks_off(peer: MySQLPeer) -> None:
    peer.head(2)
    peer.row("1", "a")
    peer.connection.close()


def wrong_width(peer: MySQLPeer) -> None:
    peer.head(3)
    peer.row("1", "a", "b")
    peer.packet(b"\xfe\0\0\2\0")
    silent(peer)


def short_row(peer: MySQLPeer) -> None:
    peer.head(2)
    peer.packet(b"\xfc\xff")
    silent(peer)


def slow_rows(peer: MySQLPeer) -> None:
    peer.head(2)
    for _ in range(SECONDS * 10):
        peer.row("1", "a")
        time.sleep(0.1)


def endless_rows(peer: MySQLPeer) -> None:
    peer.head(2)
    while True:
        peer.row("1", "a" * 200)


def endless_packet(peer: MySQLPeer) -> None:
    while True:
        peer.packet(b"\3" * 0xFFFFFF)


MYSQL_LOGINS: dict[str, tuple[Script, str]] = {
    "clear": (switch(b"mysql_clear_password"), "does not get it"),
    "clear over TLS": (switch(b"mysql_clear_password", tls=True), "does not get it"),
    "dialog": (switch(b"dialog", b"\2Password: "), "does not get it"),
    "dialog over TLS": (switch(b"dialog", b"\2Password: ", tls=True), "does not get it"),
    "old": (switch(b"mysql_old_password"), "does not get it"),
    "sha256": (switch(b"sha256_password"), "does not get it"),
    "sha256 over TLS": (switch(b"sha256_password", tls=True), "does not get it"),
    "sha256 at once over TLS": (first_choice(b"sha256_password", tls=True), "does not answer"),
    "clear at once": (first_choice(b"mysql_clear_password"), "does not answer"),
    "caching_sha2 in full": (full_login, "does not get it"),
    "unknown plugin": (switch(b"evil\xff"), "does not answer"),
    "silent": (silent, "does not answer"),
    "junk": (junk, "does not answer"),
    "dripping": (dripping, "does not answer"),
    "a file at once": (wants_a_file_at_once, "does not answer"),
}
MYSQL_TABLES: dict[str, tuple[Script, str]] = {
    "a file": (wants_a_file, "stopped answering"),
    "colours": (refuses_in_colours, "no answer within"),
    "breaks off": (breaks_off, "stopped answering"),
    "wrong width": (wrong_width, "stopped answering"),
    "short row": (short_row, "."),
    "slow rows": (slow_rows, "no row within|is not through within"),
    "endless rows": (endless_rows, "more bytes than the contract's"),
    "endless packet": (endless_packet, "stopped answering|no row within"),
    "silent": (silent, "no row within"),
    "junk": (junk, "."),
}


def asks(method: int, more: bytes = b"", tls: bool = False) -> Script:
    """Ask for the password by one of PostgreSQL's numbers."""

    def script(peer: PostgresPeer) -> None:
        peer.begin(tls)
        peer.ask(method, more)
        silent(peer)

    return script


def trusts(peer: PostgresPeer) -> None:
    peer.begin()
    peer.ready()
    silent(peer)


def scolds(peer: PostgresPeer) -> None:
    peer.begin()
    peer.message(b"E", b"SFATAL\0C28P01\0M\x1b[31mred\nsecond line\0\0")


def copy_head(peer: PostgresPeer) -> None:
    peer.message(b"H", b"\0" + struct.pack(">H", 2) + b"\0" * 4)


def copy_breaks_off(peer: PostgresPeer) -> None:
    copy_head(peer)
    peer.message(b"d", b"1,a\n")
    peer.connection.close()


def copy_slow(peer: PostgresPeer) -> None:
    copy_head(peer)
    for _ in range(SECONDS * 10):
        peer.message(b"d", b"1,a\n")
        time.sleep(0.1)


def copy_endless(peer: PostgresPeer) -> None:
    copy_head(peer)
    while True:
        peer.message(b"d", b"1," + b"a" * 500 + b"\n")


def copy_never(peer: PostgresPeer) -> None:
    peer.message(b"T", b"\xff" * 50)
    silent(peer)


def copy_error(peer: PostgresPeer) -> None:
    peer.message(b"E", b"SERROR\0C42\x1b[3\0M\x1b[31mred\nsecond line\0\0")
    silent(peer)


POSTGRES_LOGINS: dict[str, tuple[Script, str]] = {
    "clear": (asks(3), "does not get it"),
    "clear over TLS": (asks(3, tls=True), "does not get it"),
    "md5": (asks(5, b"salt"), "does not get it"),
    "kerberos": (asks(7), "."),
    "trust": (trusts, "does not get it"),
    "silent": (silent, "does not answer"),
    "junk": (junk, "does not answer"),
    "dripping": (dripping, "does not answer"),
}
POSTGRES_TABLES: dict[str, tuple[Script, str]] = {
    "breaks off": (copy_breaks_off, "stopped answering"),
    "slow rows": (copy_slow, "no row within|is not through within"),
    "endless rows": (copy_endless, "more bytes than the contract's"),
    "junk": (copy_never, "."),
    "an error in colours": (copy_error, "."),
    "silent": (silent, "no row within"),
}


def fails(
    lake: Lake, kind: type[Peer], script: Script, folder: Path, said: str, **words: Any
) -> None:
    """Extract from such a server: one line, in time, exit code 4, nothing in the inbox, and no password given."""
    text = contract("a string", words="limits: {expanded_bytes: 3000000},")
    write_project(lake.settings.project_dir, text.replace(" limits: {reject_rows: 50},", ""))
    engine = "mysql" if kind is MySQLPeer else "postgresql"
    words = {"password": PASSWORD} | words
    with hostile(kind, script, folder) as (port, peers):
        address = Address(
            engine=engine, host="127.0.0.1", port=port, database="db", user="reader", **words
        )
        begun = time.monotonic()
        with pytest.raises(LandfallError, match=said) as raised:
            extract(lake.context, "shop", address=address)
        assert time.monotonic() - begun < SECONDS
        assert isinstance(raised.value, LandingFailed)
        assert raised.value.exit_code == 4
        assert str(raised.value).isprintable(), "one line, and no server's words"
        assert "red" not in str(raised.value).split()
        assert lake.inbox == []
        assert peers and not any(PASSWORD.encode() in peer.heard for peer in peers)


@pytest.mark.parametrize("name", MYSQL_LOGINS)
def test_no_mysql_gets_the_password(name: str, local_lake: Lake, tmp_path: Path) -> None:
    script, said = MYSQL_LOGINS[name]
    tls = "require" if "TLS" in name else "disable"
    fails(local_lake, MySQLPeer, script, tmp_path, said, tls=tls)


@pytest.mark.parametrize("name", POSTGRES_LOGINS)
def test_no_postgres_gets_the_password(name: str, local_lake: Lake, tmp_path: Path) -> None:
    script, said = POSTGRES_LOGINS[name]
    tls = "require" if "TLS" in name else "disable"
    fails(local_lake, PostgresPeer, script, tmp_path, said, tls=tls)


@pytest.mark.parametrize("kind", [MySQLPeer, PostgresPeer])
@pytest.mark.parametrize("tls", [True, False])
def test_by_default_the_server_must_prove_who_it_is(
    kind: type[Peer], tls: bool, local_lake: Lake, tmp_path: Path
) -> None:
    """Self-signed, or without TLS: it does not even hear the user's name."""
    script = switch(b"mysql_clear_password", tls=tls) if kind is MySQLPeer else asks(3, tls=tls)
    said = (
        "certificate cannot be trusted: name those to trust by sslrootcert" if tls else "has no TLS"
    )
    fails(local_lake, kind, script, tmp_path, said)
    with hostile(kind, script, tmp_path) as (port, peers):
        engine = "mysql" if kind is MySQLPeer else "postgresql"
        roots = {"tls_root": str(self_signed(tmp_path))} if tls else {}
        address = Address(
            engine=engine,
            host="127.0.0.1",
            port=port,
            database="db",
            user="reader",
            password=PASSWORD,
            **roots,
        )
        with pytest.raises(LandingFailed, match=r"certificate|has no TLS"):  # it is of localhost
            extract(local_lake.context, "shop", address=address)
        assert all(b"reader" not in peer.heard for peer in peers)


@pytest.mark.parametrize("name", MYSQL_TABLES)
def test_what_a_mysql_does_amid_a_table_is_one_line(
    name: str, local_lake: Lake, tmp_path: Path
) -> None:
    table, said = MYSQL_TABLES[name]
    fails(local_lake, MySQLPeer, lambda peer: peer.serve(table), tmp_path, said, tls="disable")


@pytest.mark.parametrize("name", POSTGRES_TABLES)
def test_what_a_postgres_does_amid_a_table_is_one_line(
    name: str, local_lake: Lake, tmp_path: Path
) -> None:
    table, said = POSTGRES_TABLES[name]
    words = {"tls": "disable", "password": ""}
    fails(local_lake, PostgresPeer, lambda peer: peer.serve(table), tmp_path, said, **words)

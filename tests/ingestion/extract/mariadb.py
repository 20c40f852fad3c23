"""A MariaDB of our own from Debian's package `mariadb-server`, made new for each run."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymysql

from tools.standins.processes import (
    EngineFailed,
    Unavailable,
    end_child,
    free_port,
    start_child,
    wait_until,
)

USER, PASSWORD = "landfall", "quite secret"
FOLDERS = ("/usr/sbin", "/usr/bin", "/usr/local/bin")


@contextlib.contextmanager
def mariadb_server(folder: Path) -> Iterator[int]:
    """A server on a free port of the loopback interface, its files in `folder`, until the block ends."""
    server, install = _program("mariadbd"), _program("mariadb-install-db")
    data, first = folder / "data", folder / "first.sql"
    root = ["--user=root"] if os.geteuid() == 0 else []
    words = [install, "--no-defaults", f"--datadir={data}", "--skip-test-db", *root]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineFailed(f"mariadb-install-db ended with {done.returncode}")
    first.write_text(
        f"create user {USER}@'127.0.0.1' identified by '{PASSWORD}';\n"
        f"grant all on *.* to {USER}@'127.0.0.1' with grant option;\n"
    )
    port = free_port()
    words = [server, "--no-defaults", f"--datadir={data}", f"--port={port}", *root]
    words += ["--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--init-file={first}"]
    words += ["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]
    child = start_child(words, folder / "log", cwd="/")
    try:
        wait_until(lambda: _answers(port), child, 30)
        yield port
    finally:
        end_child(child, signal.SIGTERM)


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *FOLDERS]))
    if not found:
        raise Unavailable("no MariaDB here: apt-get install mariadb-server")
    return found


def _answers(port: int) -> bool:
    with contextlib.suppress(pymysql.MySQLError):
        pymysql.connect(host="127.0.0.1", port=port, user=USER, password=PASSWORD).close()
        return True
    return False

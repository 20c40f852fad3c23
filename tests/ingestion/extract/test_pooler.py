"""A live PostgreSQL behind a pooler, which lends a connection of its own for each session or transaction.

The pooler is PgBouncer, from Debian's package `pgbouncer`.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest

from ingestion.extract import extract
from ingestion.extract.address import Address
from tests.ingestion.extract.conftest import Server
from tests.ingestion.extract.test_extract import ROW, SALE, tables
from tests.ingestion.extract.test_interleavings import rows_of
from tests.ingestion.lakes import Lake
from tools.standins.processes import end_child, free_port, scratch, start_child, wait_until

pytestmark = pytest.mark.slow

PASSWORD = "quite secret"


@pytest.fixture(scope="module")
def program() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found and os.environ.get("CI") == "true":
        pytest.fail("no PgBouncer here: apt-get install pgbouncer")
    return found or pytest.skip("no PgBouncer here: apt-get install pgbouncer")


@contextmanager
def pooler(program: str, folder: Path, mode: str, server: Address) -> Iterator[Address]:
    """A PgBouncer with one connection to the server, until the block ends."""
    port = free_port()
    (folder / "users").write_text(f'"{server.user}" "{PASSWORD}"\n')
    (folder / "settings").write_text(
        f"[databases]\n* = host={server.host} port={server.port} user={server.user} pool_size=1\n"
        f"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n"
        f"auth_type=scram-sha-256\nauth_file={folder}/users\npool_mode={mode}\n"
    )
    words = [program, str(folder / "settings")]
    if os.geteuid() == 0:  # it refuses to run as root
        for path in (folder, folder / "users", folder / "settings"):
            shutil.chown(path, "nobody")
        words += ["-u", "nobody"]
    child = start_child(words, folder / "log", cwd="/")
    address = replace(server, port=port, password=PASSWORD)
    try:
        wait_until(lambda: answers(address), child, 10)
        yield address
    finally:
        end_child(child, signal.SIGTERM)


def answers(address: Address) -> bool:
    try:
        words = {"user": address.user, "password": address.password, "dbname": address.database}
        psycopg2.connect(host=address.host, port=address.port, **words).close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_an_extract_through_a_pooler_misses_no_row_that_commits_late(
    mode: str, program: str, postgres: Server, live_lake: Lake
) -> None:
    tables(postgres)
    taken: list[str] = []
    with (
        scratch("pooler") as folder,
        pooler(program, folder, mode, postgres.address) as address,
        closing(postgres.session()) as late,
    ):
        late.autocommit = False
        late.cursor().execute(f"{SALE} {ROW}")
        postgres.run(f"{SALE} {ROW}")
        for _ in range(2):
            done = extract(
                live_lake.context, "shop", ["sale"], address=address, margin=timedelta(0)
            )
            taken.append("".join(row[0] for row in rows_of(live_lake.store, str(done[0].extract))))
            live_lake.land()
            late.commit()
    # the late session's sale is number 2, open when the first extract reads
    assert taken[0] == "13"
    assert "2" in taken[1]
    assert live_lake.query(
        "select count(distinct sale_id), max(amount)::text from raw_shop.sale"
    ) == [(3, "1.50")]

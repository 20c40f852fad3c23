"""Live databases of our own: a PostgreSQL from its wheel, and a MariaDB from Debian's package."""

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest

from ingestion.extract.address import Address
from tests.ingestion.extract.mariadb import mariadb_server
from tests.ingestion.lakes import Lake, write_project
from tools.redshift.postgres import USER, connect, serving
from tools.standins.processes import Unavailable, scratch

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_prepared_transactions": "2",
    "timezone": "Australia/Lord_Howe",
    "datestyle": "German",
}
"""A server that writes times in its own way, as servers do."""

CONTRACT = """
sources:
  - name: shop
    tables:
      - name: sale
        config:
          meta:
            contract:
              key: [sale_id]
              watermark: last_updated
              may_be_empty: true
              overlap_minutes: 30
              deliveries: [{path: "shop/{folder_time}/sale.csv", kind: incremental}]
        columns:
          - {name: sale_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: note, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: amount, data_type: "decimal(10,2)", config: {meta: {sensitivity: none}}}
          - {name: sold_on, data_type: date, config: {meta: {sensitivity: none, format: M/D/YYYY}}}
          - {name: paid, data_type: boolean, config: {meta: {sensitivity: none}}}
          - {name: last_updated, data_type: timestamp, config: {meta: {sensitivity: none}}}
      - name: tag
        config:
          meta:
            contract:
              key: [tag_id]
              deliveries: [{path: "shop/{date}/tag.csv", kind: full}]
        columns:
          - {name: tag_id, data_type: bigint, config: {meta: {sensitivity: none, header: tagId}}}
          - {name: sale_id, data_type: bigint, config: {meta: {sensitivity: none, optional: true}}}
"""


class Server:
    """A live database: `address` to extract from, `session()` to write with."""

    def __init__(self, address: Address, session: Callable[[], Any]) -> None:
        self.address, self.session = address, session

    def run(self, *statements: str) -> Any:
        """Run statements, each committed; returns the last one's rows, if it has any."""
        with contextlib.closing(self.session()) as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[int]:
    """The port of a PostgreSQL for the whole session."""
    with scratch("postgres-live") as folder, serving(folder, SETTINGS) as (port, _):
        yield port


@pytest.fixture
def postgres(postgres_server: int) -> Iterator[Server]:
    """A database of the test's own."""
    name = f"live_{uuid.uuid4().hex[:8]}"
    with contextlib.closing(connect(postgres_server, "postgres")) as admin:
        admin.cursor().execute(f"create database {name}")
        address = Address(
            engine="postgresql",
            host="127.0.0.1",
            port=postgres_server,
            database=name,
            user=USER,
            password="",
            tls="disable",
        )
        yield Server(address, lambda: connect(postgres_server, name))
        admin.cursor().execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def mariadb_port() -> Iterator[int]:
    """The port of a MariaDB for the whole session."""
    try:
        with scratch("mariadb") as folder, mariadb_server(folder) as port:
            yield port
    except Unavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def mysql(mariadb_port: int) -> Iterator[Server]:
    """A database of the test's own."""
    name = f"live_{uuid.uuid4().hex[:8]}"

    def session(database: str | None = name) -> Any:
        return pymysql.connect(
            host="127.0.0.1", port=mariadb_port, user="landfall", password="quite secret",
            database=database, autocommit=True,
        )  # fmt: skip

    with contextlib.closing(session(None)) as admin:
        admin.cursor().execute(f"create database {name} character set utf8mb4")
        address = Address(
            engine="mysql",
            host="127.0.0.1",
            port=mariadb_port,
            database=name,
            user="landfall",
            password="quite secret",
            tls="disable",
        )
        yield Server(address, session)
        admin.cursor().execute(f"drop database {name}")


@pytest.fixture
def live_lake(local_lake: Lake) -> Lake:
    """A local lake of the project with a live database."""
    write_project(local_lake.settings.project_dir, CONTRACT)
    return local_lake


@pytest.fixture
def live_s3_lake(s3_lake: Lake) -> Lake:
    """The same, on S3."""
    write_project(s3_lake.settings.project_dir, CONTRACT)
    return s3_lake

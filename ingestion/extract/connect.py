"""Connects to a source's live database, loading only the driver that its engine needs."""

from contextlib import AbstractContextManager

from ingestion.extract.address import Address
from ingestion.extract.database import Database


def connected(address: Address, source: str) -> AbstractContextManager[Database]:
    """A connection for a block. BadSettings for a wrong user, password or name; LandingFailed when none answers."""
    if address.engine == "postgresql":
        from ingestion.extract.postgres import connect_postgres

        return connect_postgres(address, source)
    from ingestion.extract.mysql import connect_mysql

    return connect_mysql(address, source)

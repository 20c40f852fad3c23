"""A warehouse in memory, for models as dbt compiled them."""

import duckdb


def in_memory() -> duckdb.DuckDBPyConnection:
    """An empty database that is called as the file is, with one thread: over tables this small another only spins."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("attach ':memory:' as warehouse; use warehouse")
    return connection

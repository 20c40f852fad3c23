"""Databases and tables for the tests of the Athena stand-in."""

import itertools
from collections.abc import Iterator

import pytest

from tools.athena.engine import Athena

COUNTER = itertools.count(1)


@pytest.fixture
def database(athena: Athena) -> Iterator[str]:
    """A database of the test's own."""
    name = f"test_{next(COUNTER)}"
    athena.rows(f"create database {name} location 's3://landfall/{name}/'")
    yield name
    athena.rows(f"drop database {name} cascade")

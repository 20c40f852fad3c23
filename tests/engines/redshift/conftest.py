"""A schema for each test of the stand-in."""

import itertools
from collections.abc import Iterator

import pytest

from tools.redshift.engine import Redshift

COUNTER = itertools.count(1)


@pytest.fixture
def schema(redshift: Redshift) -> Iterator[str]:
    """A schema of the test's own."""
    name = f"test_{next(COUNTER)}"
    redshift.rows(f"create schema {name}")
    yield name
    redshift.rows(f"drop schema {name} cascade")

"""The stand-in for Redshift as a fixture, for tests/engines/conftest.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.redshift.engine import Redshift, redshift_engine


@pytest.fixture(scope="session")
def redshift() -> Iterator[Redshift]:
    """The stand-in, with a Glue and S3 of its own, up for the whole session."""
    with redshift_engine() as engine:
        yield engine

"""The engines, each started once for all the tests that ask for it."""

import os
from collections.abc import Iterator

import pytest

from tools.athena.engine import Athena, athena_engine
from tools.redshift.plugin import redshift as redshift
from tools.standins.processes import Unavailable


def missing(error: Unavailable) -> None:
    """What an engine is made of can't be had: skip aloud, but fail where all must be tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(error))
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def athena() -> Iterator[Athena]:
    """The Athena stand-in, up for the whole session."""
    try:
        with athena_engine() as engine:
            yield engine
    except Unavailable as error:
        missing(error)

"""A small practice, written once for all tests of the samples."""

import pytest

from samples.practice import Options, write
from tests.samples.reading import Inbox


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    path = tmp_path_factory.mktemp("clean")
    dms = ("employee", "patient")
    options = Options(days=40, patients=150, employees=14, seed=5, clean=True, dms=dms)
    return Inbox(path, options, write(path, options))


@pytest.fixture(scope="session")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    path = tmp_path_factory.mktemp("dirty")
    options = Options(days=40, patients=150, employees=14, seed=5)
    return Inbox(path, options, write(path, options))

"""Lakes to land in. S3, Glue and Secrets Manager are moto's, behind a real HTTP server on a free loopback port."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.ingestion.lakes import Lake, lakes


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """The address of a moto server of this test session."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass
class Clock:
    """A clock in place of `time`: whoever sleeps finds it moved on at once."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """The seconds that were slept, and those by which a test has moved it on."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on by these seconds."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the loops that try again or wait."""
    found = Clock()
    monkeypatch.setattr("ingestion.retries.time", found)
    return found


@pytest.fixture
def aws(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything that boto3 does in this test goes to the moto server; returns its address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_server)
    return moto_server


@pytest.fixture(params=["local", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lake]:
    """An empty lake, once in a directory and once on S3."""
    if request.param == "s3":
        request.getfixturevalue("aws")
    yield from lakes(request.param, tmp_path)


@pytest.fixture
def local_lake(tmp_path: Path) -> Lake:
    """An empty lake in a directory."""
    return Lake(tmp_path, str(tmp_path / "lake"))


@pytest.fixture
def s3_lake(tmp_path: Path, aws: str) -> Lake:
    """An empty lake in a bucket of its own."""
    return next(lakes("s3", tmp_path))

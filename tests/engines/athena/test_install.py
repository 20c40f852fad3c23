"""Fetching Trino: once, whole, and going on where it stopped; all over a small archive."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.engines import conftest
from tools.athena import install
from tools.standins.processes import Unavailable

FOLDER = Path("io/trino/trino-server") / install.VERSION
NAME = f"trino-server-{install.VERSION}.tar.gz"


def archive() -> bytes:
    """An archive of Trino's shape: a kept plugin's file is a link to another plugin's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in ("plugin/cassandra/a.jar", "lib/b.jar", "plugin/tpch/c.jar"):
            member = tarfile.TarInfo(f"trino-server/{name}")
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
        for name in ("plugin/hive/a.jar", "plugin/iceberg/a.jar"):
            member = tarfile.TarInfo(f"trino-server/{name}")
            member.type, member.linkname = tarfile.LNKTYPE, "trino-server/plugin/cassandra/a.jar"
            tar.addfile(member)
    return buffer.getvalue()


class Repository(http.server.SimpleHTTPRequestHandler):
    """A repository that knows byte ranges, and notes what it was asked for."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        given = self.headers.get("Range")
        self.asked.append(given)
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        start = int(given.removeprefix("bytes=").rstrip("-")) if given else 0
        if given and start >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if given else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:])

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with the small archive, the only one that jgo knows; and an empty cache."""
    root = tmp_path / "repository"
    (root / FOLDER).mkdir(parents=True)
    (root / FOLDER / NAME).write_bytes(archive())
    handler = functools.partial(Repository, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("jgo.maven._core.DEFAULT_REMOTE_REPOS", {"own": url})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    monkeypatch.setattr(install, "SHA256", hashlib.sha256(archive()).hexdigest())
    monkeypatch.setattr(Repository, "asked", [])
    yield root / FOLDER / NAME
    server.shutdown()
    server.server_close()


def test_only_the_server_and_two_plugins_are_kept(repository: Path, tmp_path: Path) -> None:
    home = install.trino_home()
    assert home == tmp_path / "cache" / "landfall" / f"trino-{install.VERSION}"
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert files == {"lib/b.jar", "plugin/hive/a.jar", "plugin/iceberg/a.jar", install.LIST}
    assert (home / "plugin/iceberg/a.jar").read_text() == "plugin/cassandra/a.jar"
    assert not list(home.parent.glob("*.tar.gz*"))


def test_it_is_fetched_once(repository: Path) -> None:
    install.trino_home()
    install.trino_home()
    assert Repository.asked == [None]


def test_a_damaged_installation_is_made_anew(repository: Path) -> None:
    home = install.trino_home()
    (home / "lib/b.jar").write_text("cut")
    assert (install.trino_home() / "lib/b.jar").read_text() == "lib/b.jar"


def test_an_interrupted_download_goes_on_where_it_stopped(repository: Path) -> None:
    part = install.cache() / f"trino-server-{install.VERSION}.tar.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(archive()[:100])
    install.trino_home()
    assert Repository.asked == ["bytes=100-"]


def test_a_download_that_only_lacked_its_check_is_not_fetched_again(repository: Path) -> None:
    part = install.cache() / f"trino-server-{install.VERSION}.tar.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(archive())
    install.trino_home()
    assert Repository.asked == [f"bytes={len(archive())}-"]


def test_the_users_own_maven_cache_is_used_and_left_alone(repository: Path, tmp_path: Path) -> None:
    own = tmp_path / "m2" / FOLDER / NAME
    own.parent.mkdir(parents=True)
    own.write_bytes(archive())
    install.trino_home()
    assert Repository.asked == [] and own.exists()


def test_a_wrong_archive_is_refused_and_not_kept(repository: Path) -> None:
    repository.write_bytes(archive() + b"more")
    with pytest.raises(Unavailable, match="checksum is wrong"):
        install.trino_home()
    assert not list(install.cache().glob("*.part"))


@pytest.mark.parametrize("lost", ["file", "network"])
def test_what_cannot_be_fetched_is_said_in_one_line(
    repository: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    if lost == "file":
        repository.unlink()
    else:
        nowhere = {"own": "http://127.0.0.1:9"}
        monkeypatch.setattr("jgo.maven._core.DEFAULT_REMOTE_REPOS", nowhere)
    with pytest.raises(Unavailable, match=f"Trino {install.VERSION} is not in .* can't be fetched"):
        install.trino_home()


def test_without_an_engine_tests_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no network"):
        conftest.missing(Unavailable("no network"))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no network"):
        conftest.missing(Unavailable("no network"))

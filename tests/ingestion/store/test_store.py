"""The behaviour of every store, over a directory and over S3; and errors of S3 alone."""

import errno
import hashlib
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from ingestion.errors import BadSettings, LandingFailed
from ingestion.store import (
    LocalStore,
    NotAllowed,
    ObjectChanged,
    StillGrowing,
    Store,
    open_store,
    sha256_of,
)
from ingestion.store.s3 import S3Store
from tests.ingestion.lakes import Lake


@pytest.fixture
def store(lake: Lake) -> Store:
    return open_store(lake.settings.lake)


def test_objects_are_listed_below_their_prefix(store: Store) -> None:
    for key in ("inbox/a/1.csv", "inbox/a/b/2.csv", "inboxes/3.csv"):
        store.put(key, key.encode())
    assert sorted(found.key for found in store.list("inbox/")) == [
        "inbox/a/1.csv",
        "inbox/a/b/2.csv",
    ]
    assert list(store.list("nothing/")) == []
    (one,) = store.list("inboxes/")
    assert (one.size, one) == (13, store.stat("inboxes/3.csv"))


def test_reading_what_is_not_there(store: Store) -> None:
    assert store.read("no/such") is None
    assert store.stat("no/such") is None
    store.delete("no/such")


def test_the_etag_changes_with_the_content(store: Store) -> None:
    store.put("a", b"one")
    before = store.stat("a")
    store.put("a", b"two")
    after = store.stat("a")
    assert before and after and before.etag != after.etag


def test_a_fetched_object_is_the_one_that_was_listed(store: Store, tmp_path: Path) -> None:
    store.put("a", b"one")
    found = store.stat("a")
    assert found
    assert store.fetch(found, tmp_path / "copy") == hashlib.sha256(b"one").hexdigest()
    assert (tmp_path / "copy").read_bytes() == b"one"
    store.put("a", b"two")
    with pytest.raises(ObjectChanged):
        store.fetch(found, tmp_path / "again")
    store.delete("a")
    with pytest.raises(ObjectChanged):
        store.fetch(found, tmp_path / "gone")


def test_an_object_put_if_absent_is_never_replaced(store: Store) -> None:
    assert store.put_if_absent("m/one", b"first")
    assert not store.put_if_absent("m/one", b"second")
    assert store.read("m/one") == b"first"


def test_of_several_objects_each_is_put_or_not(store: Store) -> None:
    store.put("m/two", b"theirs")
    items = [("m/one", b"1"), ("m/two", b"2"), ("m/three", b"3")]
    assert store.put_all_if_absent(items) == (True, False, True)
    assert [store.read(key) for key, _ in items] == [b"1", b"theirs", b"3"]
    assert store.put_all_if_absent([]) == ()


def test_of_many_who_put_if_absent_one_wins(store: Store) -> None:
    wins = race(lambda number: store.put_if_absent("m/one", f"by {number}".encode()))
    assert wins.count(True) == 1
    assert store.read("m/one") == f"by {wins.index(True)}".encode()


def test_compare_and_swap(store: Store) -> None:
    store.put("lease", b"one")
    before = store.stat("lease")
    assert before
    assert store.replace_if("lease", b"two", before.etag)
    assert not store.replace_if("lease", b"three", before.etag)
    assert store.read("lease") == b"two"
    assert not store.replace_if("none", b"three", before.etag)


def test_of_many_who_swap_one_wins(store: Store) -> None:
    store.put("lease", b"free")
    before = store.stat("lease")
    assert before
    wins = race(lambda number: store.replace_if("lease", f"by {number}".encode(), before.etag))
    assert wins.count(True) == 1


def test_only_the_object_that_was_read_is_deleted(store: Store) -> None:
    store.put("a", b"one")
    before = store.stat("a")
    assert before
    store.put("a", b"two")
    store.delete("a", before.etag)
    assert store.read("a") == b"two"
    after = store.stat("a")
    assert after
    store.delete("a", after.etag)
    assert store.read("a") is None


def test_a_file_is_stored_whole(store: Store) -> None:
    with store.scratch() as folder:
        path = folder / "file"
        path.write_bytes(b"x" * 100_000)
        store.put_file("raw/file", path, sha256_of(path))
    assert store.read("raw/file") == b"x" * 100_000


def test_scratch_folders_are_removed_also_those_of_the_dead(store: Store) -> None:
    with store.scratch() as first:
        leftover = first.parent / "leftover"
        leftover.mkdir()
        (leftover / "half").write_text("half")
        with store.scratch() as second:
            assert first.is_dir() and second.is_dir() and not leftover.exists()
    assert not first.exists() and not second.exists()


def place_of_scratch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder / f"landfall-{os.getuid()}"


def test_temporary_files_of_a_lake_on_s3_are_for_its_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of_scratch(tmp_path, monkeypatch)
    for _ in range(2):
        with S3Store("bucket", "").scratch() as folder:
            assert folder.parent == place
            assert [stat.S_IMODE(path.stat().st_mode) for path in (place, folder)] == [0o700] * 2


@pytest.mark.parametrize("trap", ["open", "link", "file", "other"])
def test_a_temporary_folder_that_others_could_enter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    place = place_of_scratch(tmp_path, monkeypatch)
    if trap == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(tmp_path / "elsewhere")
    elif trap == "file":
        place.touch()
    else:
        place.mkdir(mode=0o700)
        place.chmod(0o750 if trap == "open" else 0o700)
    if trap == "other":
        other = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: other)
        place.rename(tmp_path / f"landfall-{os.getuid()}")
    with pytest.raises(LandingFailed) as failed, S3Store("bucket", "").scratch():
        pass
    assert len(str(failed.value).splitlines()) == 1


def test_a_full_disk_is_a_failed_landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ingestion.store.local.write", full)
    with pytest.raises(LandingFailed, match="No space left"):
        store.put("raw/file", b"1")
    assert list(store.list("raw/")) == []


def test_a_file_that_someone_writes_to_is_still_growing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "lake")
    store.put("inbox/a", b"one")
    found = store.stat("inbox/a")
    assert found
    with (tmp_path / "lake/inbox/a").open("ab"), pytest.raises(StillGrowing):
        store.fetch(found, tmp_path / "copy")
    store.fetch(found, tmp_path / "copy")


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "lake")
    store.put("inbox/a/1.csv", b"1")
    (tmp_path / "lake/inbox/a/loop").symlink_to(tmp_path / "lake/inbox")
    (tmp_path / "elsewhere.csv").write_text("2")
    (tmp_path / "lake/inbox/link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "lake/inbox/broken.csv").symlink_to(tmp_path / "nowhere")
    assert sorted((found.key, found.is_file) for found in store.list("inbox/")) == [
        ("inbox/a/1.csv", True),
        ("inbox/a/loop", False),
        ("inbox/broken.csv", False),
        ("inbox/link.csv", False),
    ]


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("inbox/a", b"one")
    (tmp_path / "inbox/a").chmod(0)
    found = store.stat("inbox/a")
    assert found
    with pytest.raises(NotAllowed):
        store.fetch(found, tmp_path / "copy")


class Killed(BaseException):
    """The process was killed."""


def meanwhile(monkeypatch: pytest.MonkeyPatch, what: Callable[[], Any]) -> None:
    """Do something right before the store moves a file aside to clear it: after whatever it looked at before."""
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        what()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)


def test_a_file_that_is_replaced_while_it_is_cleared_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, file = LocalStore(tmp_path), tmp_path / "inbox/a"
    store.put("inbox/a", b"one")
    found = store.stat("inbox/a")
    meanwhile(monkeypatch, lambda: store.put("inbox/a", b"two"))
    assert found
    store.delete("inbox/a", found.etag)
    assert file.read_bytes() == b"two"
    assert list((tmp_path / ".landing").iterdir()) == []


def test_a_file_that_is_appended_to_while_it_is_cleared_is_not_lost(tmp_path: Path) -> None:
    store, file = LocalStore(tmp_path), tmp_path / "inbox/a"
    store.put("inbox/a", b"one")
    found = store.stat("inbox/a")
    assert found
    with file.open("ab", buffering=0) as writer:
        store.delete("inbox/a", found.etag)
        writer.write(b"more")
    assert file.read_bytes() == b"onemore"


def test_a_newer_file_of_the_same_name_stays_where_an_older_one_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.put("inbox/a", b"one")
    found = store.stat("inbox/a")
    link = os.link

    def late(source: Path, target: Path, **words: Any) -> None:
        monkeypatch.setattr(os, "link", link)
        (tmp_path / "inbox/a").write_bytes(b"three")
        link(source, target, **words)

    meanwhile(monkeypatch, lambda: store.put("inbox/a", b"two"))
    monkeypatch.setattr(os, "link", late)
    assert found
    store.delete("inbox/a", found.etag)
    assert (tmp_path / "inbox/a").read_bytes() == b"three"


@pytest.mark.parametrize("how", ["kill", "error"])
def test_what_was_moved_aside_when_clearing_ended_early_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    store = LocalStore(tmp_path)
    store.put("inbox/b/a", b"one")
    found = store.stat("inbox/b/a")
    ending = Killed if how == "kill" else OSError(errno.EIO, os.strerror(errno.EIO))

    def ended(*_: object) -> bool:
        raise ending

    with monkeypatch.context() as patch:
        patch.setattr("ingestion.store.local._is_settled", ended)
        assert found
        with pytest.raises(Killed if how == "kill" else LandingFailed):
            store.delete("inbox/b/a", found.etag)
    assert list(store.list("inbox/")) == []
    LocalStore(tmp_path).restore()
    assert store.read("inbox/b/a") == b"one"


# S3 over a wire that fails --------------------------------------------------------------------


class Wire(ThreadingHTTPServer):
    """Stands between boto3 and moto. `spoil` may answer a request itself, or spoil moto's answer to it."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.spoil: Callable[[str, str, int, bytes], tuple[int, bytes] | str | None] = lambda *_: (
            None
        )
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Wire

    def _pass(self) -> None:
        body = self._body()
        dropped = ("expect", "transfer-encoding")
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in dropped
        }
        self.server.seen.append((self.command, self.path, headers))
        behind = HTTPConnection(self.server.behind.hostname or "", self.server.behind.port)
        behind.request(self.command, self.path, body, headers)
        answer = behind.getresponse()
        content = answer.read()
        spoilt = self.server.spoil(self.command, self.path, answer.status, content)
        if spoilt == "drop":  # it has happened, but no answer comes
            self.close_connection = True
            return
        status, sent = spoilt if isinstance(spoilt, tuple) else (answer.status, content)
        self.send_response(status)
        for name, value in answer.getheaders():
            if name.lower() not in (
                "content-length",
                "transfer-encoding",
                "connection",
                "date",
                "server",
            ):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent[: len(content)])
        if len(sent) < len(content):
            self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def wire(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    server = Wire(aws)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    boto3.client("s3").create_bucket(Bucket="wired")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
    yield server
    server.shutdown()


def test_a_put_whose_answer_was_lost_counts_as_ours(wire: Wire) -> None:
    lost = []

    def lose_first(command: str, path: str, status: int, content: bytes) -> str | None:
        if command == "PUT" and status == 200 and not lost:
            lost.append(path)
            return "drop"
        return None

    wire.spoil = lose_first
    store = open_store("s3://wired/lost")
    assert store.put_if_absent("manifest", b"mine")
    puts = [headers for command, _, headers in wire.seen if command == "PUT"]
    assert lost and len(puts) == 2 and puts[1]["If-None-Match"] == "*"
    assert not store.put_if_absent("manifest", b"theirs")


def test_a_swap_whose_answer_was_lost_counts_as_ours(wire: Wire) -> None:
    store = open_store("s3://wired/swap")
    store.put("lease", b"one")
    before = store.stat("lease")
    lost: list[str] = []
    wire.spoil = lambda command, path, *_: (
        "drop" if command == "PUT" and not lost and not lost.append(path) else None
    )  # type: ignore[func-returns-value]
    assert before and store.replace_if("lease", b"two", before.etag)
    assert lost


def test_a_conflict_is_tried_again(wire: Wire) -> None:
    conflict = b"<Error><Code>ConditionalRequestConflict</Code></Error>"
    told: list[str] = []

    def once(command: str, path: str, status: int, content: bytes) -> tuple[int, bytes] | None:
        if command == "PUT" and not told:
            told.append(path)
            boto3.client("s3", endpoint_url=f"http://{wire.behind.netloc}").delete_object(
                Bucket="wired", Key="c/manifest"
            )
            return 409, conflict[: len(content)].ljust(len(content)) if content else b""
        return None

    wire.spoil = once
    assert open_store("s3://wired/c").put_if_absent("manifest", b"mine")
    assert len([1 for command, *_ in wire.seen if command == "PUT"]) == 2


def test_a_body_that_breaks_off_is_read_on_from_there(wire: Wire, tmp_path: Path) -> None:
    store = open_store("s3://wired/broken")
    data = os.urandom(3 << 20)
    store.put("inbox/a", data)
    found = store.stat("inbox/a")
    broken: list[int] = []

    def cut(command: str, path: str, status: int, content: bytes) -> tuple[int, bytes] | None:
        if command == "GET" and len(broken) < 2:
            broken.append(len(content))
            return status, content[: len(content) // 2]
        return None

    wire.spoil = cut
    assert found and store.fetch(found, tmp_path / "copy") == hashlib.sha256(data).hexdigest()
    gets = [headers for command, _, headers in wire.seen if command == "GET"]
    assert all(headers["If-Match"] for headers in gets)
    assert len(broken) == 2 and "Range" in gets[-1]


def test_a_small_object_whose_body_breaks_off_is_read_again(wire: Wire) -> None:
    store = open_store("s3://wired/small")
    store.put("m", b"a manifest")
    broken: list[str] = []
    wire.spoil = lambda command, path, status, content: (
        (status, content[:3])
        if command == "GET" and not broken and not broken.append(path)
        else None  # type: ignore[func-returns-value]
    )
    assert store.read("m") == b"a manifest"
    assert broken


def test_an_object_that_may_not_be_read(wire: Wire, tmp_path: Path) -> None:
    store = open_store("s3://wired/denied")
    store.put("inbox/a", b"x" * 200)
    found = store.stat("inbox/a")
    denied = b"<Error><Code>AccessDenied</Code></Error>"
    wire.spoil = lambda command, *_: (403, denied.ljust(200)) if command == "GET" else None
    assert found
    with pytest.raises(NotAllowed):
        store.fetch(found, tmp_path / "copy")


def test_everything_is_sent_with_a_checksum_and_the_kms_key(wire: Wire, tmp_path: Path) -> None:
    store = open_store("s3://wired/kms", kms_key="alias/lake")
    (tmp_path / "file").write_bytes(b"abc")
    store.put_file("raw/file", tmp_path / "file")
    store.put("a", b"1")
    store.put_if_absent("b", b"2")
    puts = [
        {name.lower(): value for name, value in headers.items()}
        for c, _, headers in wire.seen
        if c == "PUT"
    ]
    assert len(puts) == 3
    for headers in puts:
        assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/lake"
        assert (
            "x-amz-checksum-sha256" in headers
            or headers.get("x-amz-trailer") == "x-amz-checksum-sha256"
        )


def test_an_upload_that_arrives_otherwise_is_noticed(wire: Wire, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    store = open_store("s3://wired/other")
    client = boto3.client("s3", endpoint_url=f"http://{wire.behind.netloc}")

    def replace(command: str, path: str, status: int, content: bytes) -> None:
        if command == "PUT":
            client.put_object(
                Bucket="wired", Key="other/raw/file", Body=b"abcd", ChecksumAlgorithm="SHA256"
            )

    wire.spoil = replace  # type: ignore[assignment]
    with pytest.raises(LandingFailed, match="not stored as it was sent"):
        store.put_file("raw/file", tmp_path / "file")


def test_a_large_file_goes_in_parts(
    aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.store.s3._IN_PARTS", 20 << 20)
    boto3.client("s3").create_bucket(Bucket="large")
    path = tmp_path / "file"
    path.write_bytes(os.urandom(21 << 20))
    expected = sha256_of(path)
    store = open_store("s3://large/lake")
    store.put_file("raw/file", path, expected)
    found = store.stat("raw/file")
    assert found and found.etag.endswith("-5")
    assert store.fetch(found, tmp_path / "copy") == expected


def test_no_bucket_and_no_credentials_are_one_line_each(
    aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LandingFailed, match="NoSuchBucket"):
        list(open_store("s3://there-is-no-such/lake").list("inbox/"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(BadSettings, match="credentials"):
        open_store("s3://there-is-no-such/lake").put("a", b"1")


def race(work: Callable[[int], bool], many: int = 8) -> list[bool]:
    """What each of many threads got that start at once."""
    results = [False] * many
    gate = threading.Barrier(many)

    def run(number: int) -> None:
        gate.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_nothing_is_committed_before_what_it_needs_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path / "lake")
    events: list[str] = []
    fsync, link = os.fsync, os.link

    def synced(descriptor: int) -> None:
        events.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def linked(source: str, target: str) -> None:
        events.append(f"commit {target}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    (tmp_path / "file").write_bytes(b"rows")
    store.put_file("raw/t/day/file", tmp_path / "file")
    assert store.put_if_absent("manifests/t/one.json", b"{}")
    lake = str(tmp_path / "lake")
    committed = events.index(f"commit {lake}/manifests/t/one.json")
    for path in ("raw/t/day/file", "raw/t/day", "raw/t", "raw"):
        assert f"{lake}/{path}" in events[:committed]
    assert any(event.endswith(".part") for event in events[:committed])
    assert f"{lake}/manifests/t" in events[committed:]

"""The objects of the manifests, and the objects that no manifest names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.aws import is_on_s3
from ingestion.inbox import DISCARDED_OBJECTS
from ingestion.land import exact_sum
from ingestion.loads import Loads, Manifest
from ingestion.published import is_record_of_discard
from ingestion.store import Store, fetch_own, sha256_of
from ingestion.verify.finding import AGAIN, NOTHING, Finding, lost, note, reland

_READERS = 8
_BY_HASH = re.compile(r"(?P<sha256>[0-9a-f]{64})(?P<ending>[^/]*)")


@dataclass(frozen=True)
class Promised:
    """An object that a manifest names. `size` is None for quarantined rows, of which the manifest has none.

    `has_rows` marks the parquet file of `load`, `is_original` one of its originals in the archive.
    """

    key: str
    size: int | None
    sha256: str
    load: Manifest
    has_rows: bool = False
    is_original: bool = False


def promised(load: Manifest) -> Iterator[Promised]:
    """Original objects, rows and rejects of a load; a retracting generation has only originals."""
    for part in load.objects:
        size = part.size if part.archived_size is None else part.archived_size
        sha256 = part.archived_sha256 or part.sha256
        yield Promised(part.archive, size, sha256, load, is_original=True)
    if load.retracted:
        return
    yield Promised(load.data_key, load.data_size, load.data_sha256, load, has_rows=True)
    if load.quarantine_key and load.quarantine_sha256:
        yield Promised(load.quarantine_key, None, load.quarantine_sha256, load)


class Objects:
    """Compares the manifests' objects with a listing: sizes, rows and sums; with `reads_all` every byte."""

    def __init__(
        self, store: Store, sizes: Mapping[str, int], loads: Loads, folder: Path, reads_all: bool
    ) -> None:
        self._store, self._sizes, self._loads = store, sizes, loads
        self._folder, self._reads_all = folder, reads_all

    def compare(self, manifests: Iterable[Manifest]) -> list[Finding]:
        """The objects that are gone or changed."""
        # one original may be of several loads, or of several generations of one
        there = [manifest for manifest in manifests if not self._loads.is_erased(manifest)]
        wanted = {one.key: one for manifest in there for one in promised(manifest)}
        with ThreadPoolExecutor(_READERS) as pool:
            problems = list(pool.map(self._problem, wanted.values()))
        return [
            self._finding(problem, one)
            for problem, one in zip(problems, wanted.values(), strict=True)
            if problem
        ]

    def _problem(self, one: Promised) -> str | None:
        size = self._sizes.get(one.key)
        if size is None:
            return "gone"
        if one.size not in (None, size):
            return "of another size"
        if not (one.has_rows or self._reads_all):
            return None if size else "of another size"
        with _at_hand(self._store, one.key, self._folder) as path:
            if self._reads_all and sha256_of(path) != one.sha256:
                return "of other bytes"
            return _wrong_rows(path, one.load) if one.has_rows else None

    def _finding(self, problem: str, one: Promised) -> Finding:
        if one.is_original:
            return lost(f"original {problem}", one.key, AGAIN)
        what = "rows" if one.has_rows else "rejects"
        if not self._loads.is_counted(one.load):
            return note(f"{what} {problem}, of a load that does not count", one.key, NOTHING)
        return lost(f"{what} {problem}", one.key, reland(one.load))


@contextmanager
def _at_hand(store: Store, key: str, folder: Path) -> Iterator[Path]:
    """A file with an object's bytes: itself where the lake is a directory, else a copy that is removed."""
    if not is_on_s3(store.root):
        yield Path(store.uri(key))
        return
    path = folder / key.replace("/", "-")
    try:
        fetch_own(store, key, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _wrong_rows(path: Path, load: Manifest) -> str | None:
    """The problem of a load's parquet file, by its count of rows and its sums; None when both agree."""
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows != load.landed:
                return "of another count"
            sums = file.read(columns=list(load.sums)) if load.sums else None
    except (pa.ArrowException, OSError):
        return "unreadable"
    for name, amount in load.sums.items():
        if sums is not None and exact_sum(sums[name]) != amount:
            return "of another sum"
    return None


def strays(sizes: Mapping[str, int], loads: Loads) -> Iterator[Finding]:
    """Objects below raw, archive and quarantine that no manifest names: left by a killed lander, or one that lost a
    race."""
    there = [manifest for manifest in loads if not loads.is_erased(manifest)]
    known = {one.key for manifest in there for one in promised(manifest)}
    for key in sorted(sizes.keys() - known):
        place, _, rest = key.partition("/")
        is_own = place in ("raw", "quarantine") and not rest.startswith("landfall/")
        is_original = place == "archive" and _BY_HASH.fullmatch(key.rpartition("/")[2])
        if (is_own or is_original) and not rest.startswith("discarded/"):
            yield note("no manifest knows it", key)


def discarded(
    store: Store, keys: Iterable[str], folder: Path, reads_all: bool
) -> Iterator[Finding]:
    """Checks that the bytes of discarded files match the hash in their names."""
    for key in sorted(key for key in keys if key.startswith(DISCARDED_OBJECTS)):
        found = _BY_HASH.fullmatch(key.rpartition("/")[2])
        if not reads_all or not found or is_record_of_discard(key):
            continue
        digest = None
        with suppress(OSError), _at_hand(store, key, folder) as path:
            digest = sha256_of(path)
        if digest != found["sha256"]:
            yield lost("discarded object of other bytes", key, AGAIN)

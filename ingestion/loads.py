"""All loads of a lake, in order: read from the manifests once, and kept up to date while landing."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from ingestion.errors import LandingFailed
from ingestion.manifest import MANIFESTS, Manifest, is_manifest
from ingestion.store import Store

DERIVED_MANIFESTS = "raw/landfall/manifests/"
"""Where all manifests lie in one object, which spares reading them one by one."""

_READERS = 16


class Loads:
    """The loads of all tables. A load's newest generation counts, unless it is retracted."""

    def __init__(self, manifests: Iterable[Manifest] = ()) -> None:
        self._newest: dict[tuple[str, str], Manifest] = {}
        self._all: dict[str, Manifest] = {}
        self._counted: dict[str, list[Manifest]] = defaultdict(list)
        self._names: dict[str, list[Manifest]] = defaultdict(list)
        for manifest in sorted(manifests, key=lambda m: (m.order, m.generation)):
            self.add(manifest)

    def add(self, manifest: Manifest) -> None:
        """Take in a manifest, of a new load or of a newer generation."""
        identity = (manifest.full_name, manifest.base_load_id)
        before = self._newest.get(identity)
        self._all[manifest.key] = manifest
        self._names[manifest.object_name].append(manifest)
        if before and before.generation >= manifest.generation:
            return
        counted = self._counted[manifest.full_name]
        if before and not before.retracted:
            counted.remove(before)
        self._newest[identity] = manifest
        if not manifest.retracted:
            insort(counted, manifest, key=lambda m: m.order)

    def replace(self, manifest: Manifest) -> None:
        """Take in the manifest that is stored, in place of ours, of a first generation, that lost to it."""
        ours = self._all.pop(manifest.key)
        self._names[ours.object_name].remove(ours)
        if self._newest[ours.full_name, ours.base_load_id] is ours:
            del self._newest[ours.full_name, ours.base_load_id]
            self._counted[ours.full_name].remove(ours)
        self.add(manifest)

    def __iter__(self) -> Iterator[Manifest]:
        """Every manifest, of superseded generations too, by table and in load order."""
        return iter(sorted(self._all.values(), key=lambda m: (m.full_name, m.order, m.generation)))

    def __contains__(self, key: str) -> bool:
        return key in self._all

    def newest(self, full_name: str, base_load_id: str) -> Manifest | None:
        """The newest generation of a load, retracted or not; None when it was never landed."""
        return self._newest.get((full_name, base_load_id))

    def is_counted(self, manifest: Manifest) -> bool:
        """Whether it is its load's newest generation and not retracted."""
        newest = self._newest[manifest.full_name, manifest.base_load_id]
        return newest.generation == manifest.generation and not manifest.retracted

    def counted(self, full_name: str) -> list[Manifest]:
        """The loads of a table that count, in load order. Not to be changed."""
        return self._counted[full_name]

    def named(self, object_name: str) -> list[Manifest]:
        """The loads of the extract of this name, in the order in which they were taken in."""
        return self._names.get(object_name, [])

    def by_id(self, full_name: str, load_id: str) -> Manifest | None:
        """The newest generation of the load of this id, given with or without its generation."""
        return self.newest(full_name, load_id.split("-")[0])


def read_loads(store: Store) -> Loads:
    """Read all manifests: those that lie together from there, the others one by one."""
    listed = _listed(store)
    there = set(listed)
    known = [text for key, text in _derived(store).items() if key in there]
    loads = Loads(map(Manifest.model_validate_json, known))
    _take_in(store, loads, listed)
    return loads


def refresh(store: Store, loads: Loads) -> list[Manifest]:
    """Take in what other landers have committed since; returns these manifests."""
    return _take_in(store, loads, _listed(store))


def _listed(store: Store) -> list[str]:
    return [found.key for found in store.list(MANIFESTS) if is_manifest(found.key)]


def _take_in(store: Store, loads: Loads, listed: Iterable[str]) -> list[Manifest]:
    """Read and add the manifests that are not known yet; returns them."""
    missing = [key for key in listed if key not in loads]
    with ThreadPoolExecutor(_READERS) as pool:
        manifests = list(pool.map(partial(_read, store), missing))
    for manifest in manifests:
        loads.add(manifest)
    return manifests


def _read(store: Store, key: str) -> Manifest:
    data = store.read(key)
    if data is None:
        raise LandingFailed(f"{key} was listed and is gone: run again")
    try:
        return Manifest.model_validate_json(data)
    except ValidationError:
        raise LandingFailed(f"{key} is no manifest: somebody has written into the lake") from None


def _derived(store: Store) -> dict[str, str]:
    """Key and text of each manifest in the newest of these objects; empty when there is none yet."""
    newest = max(
        store.list(DERIVED_MANIFESTS),
        key=lambda found: (found.modified_at, found.key),
        default=None,
    )
    data = store.read(newest.key) if newest else None
    if data is None:
        return {}
    table = pq.read_table(pa.BufferReader(data), columns=["manifest_key", "manifest"])
    return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))

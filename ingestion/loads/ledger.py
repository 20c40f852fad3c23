"""All loads of a lake, in order: read from the manifests once, and kept up to date while landing."""

import logging
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from ingestion.errors import BadSettings, LandingFailed
from ingestion.loads.manifest import MANIFESTS, Manifest, is_manifest
from ingestion.store import Store, read_many

DERIVED_MANIFESTS = "raw/landfall/manifests/"
"""The folder of the object that has all manifests, so that a command need not read them one by one."""

logger = logging.getLogger(__name__)


class Loads:
    """The loads of all tables. A load's newest generation counts, unless it is retracted."""

    def __init__(self, manifests: Iterable[Manifest] = ()) -> None:
        self._all: dict[str, Manifest] = {}
        self._counted: dict[str, list[Manifest]] = defaultdict(list)
        self._names: dict[str, list[Manifest]] = defaultdict(list)
        self._generations: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        for manifest in sorted(manifests, key=lambda m: (m.order, m.generation)):
            self.add(manifest)

    def add(self, manifest: Manifest) -> None:
        """Add a manifest, of a new load or of a newer generation."""
        before = self.newest(*manifest.identity)
        self._all[manifest.key] = manifest
        self._names[manifest.object_name].append(manifest)
        self._generations[manifest.identity].append(manifest)
        if before and before.generation >= manifest.generation:
            return
        counted = self._counted[manifest.full_name]
        if before and not before.retracted:
            counted.remove(before)
        if not manifest.retracted:
            insort(counted, manifest, key=lambda m: m.order)

    def remove(self, draft: Manifest) -> None:
        """Remove the draft of a first generation that was not committed."""
        if self.newest(*draft.identity) is draft:
            self._counted[draft.full_name].remove(draft)
        del self._all[draft.key]
        self._names[draft.object_name].remove(draft)
        self._generations[draft.identity].remove(draft)

    def __iter__(self) -> Iterator[Manifest]:
        """Every manifest of every generation, by table and in load order."""
        return iter(sorted(self._all.values(), key=lambda m: (m.full_name, m.order, m.generation)))

    def __contains__(self, key: str) -> bool:
        return key in self._all

    def at(self, key: str) -> Manifest | None:
        """The manifest under this key."""
        return self._all.get(key)

    def newest(self, full_name: str, base_load_id: str) -> Manifest | None:
        """The newest generation of a load, retracted or not; None when it was never landed."""
        generations = self._generations.get((full_name, base_load_id), ())
        return max(generations, key=lambda load: load.generation, default=None)

    def is_counted(self, manifest: Manifest) -> bool:
        """Whether it is the newest generation of its load, and not retracted."""
        newest = max(load.generation for load in self.generations(manifest))
        return newest == manifest.generation and not manifest.retracted

    def generations(self, manifest: Manifest) -> list[Manifest]:
        """Every generation of its load; do not change this list."""
        return self._generations[manifest.identity]

    def is_erased(self, manifest: Manifest) -> bool:
        """Whether its objects are deleted or will be, because a later generation erases the earlier ones."""
        later = (one for one in self.generations(manifest) if one.generation > manifest.generation)
        return any(one.erases for one in later)

    def counted(self, full_name: str) -> list[Manifest]:
        """The loads of a table that count, in load order; do not change this list."""
        return self._counted[full_name]

    def changes_in(self, full_name: str, folder: str) -> list[datetime]:
        """The times of the table's changes that count and came from this folder."""
        return [
            load.extracted_at
            for load in self.counted(full_name)
            if load.kind == "changes" and load.object_name.startswith(folder)
        ]

    def dms_loads_in(self, full_name: str, folder: str) -> list[Manifest]:
        """The table's full loads of DMS that ever came from this folder, retracted ones too, in load order."""
        found = [
            load
            for name, loads in self._names.items()
            if name.startswith(folder)
            for load in loads
            if load.full_name == full_name
            and load.kind == "full"
            and "{load}" in load.path
            and load is self.newest(*load.identity)
        ]
        return sorted(found, key=lambda load: load.order)

    def named(self, object_name: str) -> list[Manifest]:
        """The loads of the extract that has this name, in the order in which they were added."""
        return self._names.get(object_name, [])

    def by_id(self, full_name: str, load_id: str) -> Manifest:
        """The newest generation of a load, by its id with or without a generation. BadSettings for an unknown id."""
        found = self.newest(full_name, load_id.split("-")[0])
        if found is None:
            raise BadSettings(f"{full_name} has no load {load_id}")
        return found


def read_loads(store: Store) -> Loads:
    """Read all manifests: the gathered ones from their object, the others one by one."""
    listed = _listed(store)
    there = set(listed)
    loads = Loads(load for key, load in derived_manifests(store).items() if key in there)
    _take_in(store, loads, listed)
    return loads


def refresh(store: Store, loads: Loads) -> list[Manifest]:
    """Add the loads that other landers have committed since; returns these manifests."""
    return _take_in(store, loads, _listed(store))


def rebase(store: Store, loads: Loads, drafts: Iterable[Manifest]) -> list[Manifest]:
    """Add the loads that other landers have committed since, in place of our `drafts` where theirs came first.

    Returns these manifests.
    """
    listed = _listed(store)
    there = set(listed)
    for draft in drafts:
        if draft.key in there:
            loads.remove(draft)
    return _take_in(store, loads, listed)


def commit(store: Store, drafts: Sequence[Manifest]) -> list[Manifest]:
    """Create these manifests. Returns what is stored under their keys: our draft, or the manifest of a faster lander.

    Each is read again, whatever the storage answered: a load is committed only if its manifest exists. LandingFailed
    if one does not.
    """
    texts = [draft.to_bytes() for draft in drafts]
    store.put_all_if_absent([(d.key, text) for d, text in zip(drafts, texts, strict=True)])
    stored = read_many(store, [draft.key for draft in drafts])
    return [
        draft if stored[draft.key] == text else _parsed(draft.key, stored[draft.key])
        for draft, text in zip(drafts, texts, strict=True)
    ]


def _listed(store: Store) -> list[str]:
    return [found.key for found in store.list(MANIFESTS) if is_manifest(found.key)]


def _take_in(store: Store, loads: Loads, listed: Iterable[str]) -> list[Manifest]:
    """Read and add the manifests that are not known yet; returns them."""
    texts = read_many(store, (key for key in listed if key not in loads))
    manifests = [_parsed(key, text) for key, text in texts.items()]
    for manifest in manifests:
        loads.add(manifest)
    return manifests


def _parsed(key: str, data: bytes | None) -> Manifest:
    if data is None:
        raise LandingFailed(
            f"{key} is missing, although the storage has said that it exists: run again"
        )
    if (manifest := Manifest.of(data)) is None:
        raise LandingFailed(
            f"{key} is not a manifest of this version: a later version or another program wrote it"
        )
    return manifest


def derived_manifests(store: Store) -> dict[str, Manifest]:
    """The manifests in the newest such object, by key; none without an object, or if it cannot be read."""
    newest = max(
        store.list(DERIVED_MANIFESTS),
        key=lambda found: (found.modified_at, found.key),
        default=None,
    )
    data = store.read(newest.key) if newest else None
    if data is None:
        return {}
    try:
        table = pq.read_table(pa.BufferReader(data), columns=["manifest"])
        texts = table["manifest"].to_pylist()
        loads = [Manifest.model_validate_json(text or "") for text in texts]
        return {load.key: load for load in loads}
    except (pa.ArrowException, OSError, ValidationError):
        logger.warning(
            "%s cannot be read: manifests are read one by one", newest.key if newest else ""
        )
        return {}

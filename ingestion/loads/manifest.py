"""Manifests: one JSON object per load, whose creation is the commit, and the identity of a load.

`manifests/<source>/<table>/<id>.json`, and `<id>-2.json` for the second generation that `reland` or `retract` writes.
A manifest never changes once it is there.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingestion.store import Record

MANIFESTS = "manifests/"
_KEY_DEPTH = 4  # manifests/<source>/<table>/<id>.json; anything else below is not a manifest

_SHORT = 16
"""The number of hex digits of a SHA-256 in a load's id, and in the names of its rows and rejects."""

Act = Literal["landed", "released", "relanded", "redated", "retracted", "forgot"]
"""What made a generation of a load."""

LoadOrder = tuple[date, datetime, datetime, str]
"""What orders the loads of a table: extract date, extract time, modification time, load id."""


class SourceObject(BaseModel):
    """An object of the inbox as it was read. `modified_at` is UTC; `archive` is the key under which it is kept.

    The archive keeps the object itself, or a copy without forgotten persons, which `archived_sha256` and
    `archived_size` then describe.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    sha256: str
    etag: str
    modified_at: datetime
    archive: str
    archived_sha256: str | None = None
    archived_size: int | None = None


class Manifest(Record):
    """The record of one load. Times are UTC without zone, counts are rows.

    rows_in = landed + quarantined + duplicates + forgotten; `forgotten` rows were removed because they were about a
    forgotten person, `unnamed` rows landed without the person whom they named. `erases`: the objects of the earlier
    generations are deleted, because they held a forgotten person. `act` says what made this generation, `by` who asked
    for it. `object_modified_at` comes from the first generation, so that the order stays. `seconds` passed from
    opening the extract until all its files were in the lake; it is None for a retraction, and for loads of versions
    that did not measure it. `columns` are the columns of the raw table at landing, with their portable types; `sums`
    are over landed rows. A field that this version does not know is refused: it may change the meaning of the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    table: str
    base_load_id: str
    generation: int
    kind: str
    extract_date: date
    extracted_at: datetime
    object_name: str
    object_modified_at: datetime
    path: str
    objects: tuple[SourceObject, ...]
    sha256: str
    size: int
    contract_hash: str
    columns: dict[str, str]
    pseudonym_key_id: str | None
    rows_in: int
    landed: int
    quarantined: int
    duplicates: int
    unreadable_keys: int
    rows_kept: int
    deletions_withheld: int
    warnings: dict[str, int]
    sums: dict[str, Decimal]
    data_sha256: str
    data_size: int
    quarantine_sha256: str | None
    is_dated_by_hand: bool
    retracted: bool = False
    reason: str | None = None
    landed_at: datetime
    writer: str
    forgotten: int = 0
    unnamed: int = 0
    erases: bool = False
    act: Act = "landed"
    by: str | None = None
    seconds: float | None = None

    @property
    def load_id(self) -> str:
        """The id of this generation: of its partition, its manifest and its quarantine."""
        return generation_id(self.base_load_id, self.generation)

    @property
    def full_name(self) -> str:
        """`source.table`."""
        return f"{self.source}.{self.table}"

    @property
    def identity(self) -> tuple[str, str]:
        """The table and the id that all generations of the load share."""
        return self.full_name, self.base_load_id

    @property
    def key(self) -> str:
        """The key of this manifest."""
        return f"{MANIFESTS}{self.source}/{self.table}/{self.load_id}.json"

    @property
    def data_prefix(self) -> str:
        """The folder of the load's partition, with its `/` at the end.

        It is named by its content: a lander that loses the race for this load, with another contract, writes elsewhere.
        """
        partition = f"extract_date={self.extract_date}/load_id={self.load_id}"
        return f"raw/{self.source}/{self.table}/{partition}/{self.data_sha256[:_SHORT]}/"

    @property
    def data_key(self) -> str:
        """The key of the load's rows."""
        return f"{self.data_prefix}part-00000.parquet"

    @property
    def quarantine_key(self) -> str | None:
        """The key of its quarantined rows, if it has any and is not retracted."""
        if self.quarantine_sha256 is None or self.retracted:
            return None
        name = f"{self.load_id}-{self.quarantine_sha256[:_SHORT]}"
        return f"quarantine/{self.source}/{self.table}/{name}.parquet"

    @property
    def object_keys(self) -> list[str]:
        """The keys of its originals, rows and rejects; of a retracting generation only its originals."""
        keys = [part.archive for part in self.objects]
        if self.retracted:
            return keys
        return [*keys, self.data_key, *([self.quarantine_key] if self.quarantine_key else [])]

    @cached_property
    def order(self) -> LoadOrder:
        """Its place among the loads of its table."""
        return self.extract_date, self.extracted_at, self.object_modified_at, self.base_load_id


def load_id_of(source: str, table: str, extracted_at: datetime, content: str) -> str:
    """The first hex digits of the SHA-256 over source, table, extract time and content (see `content_of`)."""
    time = extracted_at.isoformat(timespec="milliseconds")
    return hashlib.sha256("\0".join([source, table, time, content]).encode()).hexdigest()[:_SHORT]


def content_of(hashes: Iterable[str]) -> str:
    """The SHA-256 of an extract: that of its only object, or one over the sorted SHA-256s of its parts."""
    found = sorted(hashes)
    return found[0] if len(found) == 1 else hashlib.sha256("\0".join(found).encode()).hexdigest()


def generation_id(base_load_id: str, generation: int) -> str:
    """`<id>` for the first generation, `<id>-2` for the second."""
    return base_load_id if generation == 1 else f"{base_load_id}-{generation}"


def is_manifest(key: str) -> bool:
    """Whether a key below `manifests/` is that of a load's manifest."""
    return key.count("/") == _KEY_DEPTH - 1 and key.endswith(".json")

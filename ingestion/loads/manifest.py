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

MANIFESTS = "manifests/"
_KEY_DEPTH = 4  # manifests/<source>/<table>/<id>.json; anything else below is not a manifest

_SHORT = 16
"""How many hex digits of a SHA-256 are in the names of rows and rejects."""

Act = Literal["landed", "released", "relanded", "redated", "retracted", "forgot"]
"""What made a generation of a load."""

LoadOrder = tuple[date, datetime, datetime, str]
"""How the loads of a table follow each other: extract date, extract time, modification time, load id."""


class SourceObject(BaseModel):
    """An object of the inbox as it was read. `modified_at` is UTC; `archive` is the key under which it is kept.

    What is kept is the object itself, or what is left of it without persons who were forgotten: then
    `archived_sha256` and `archived_size` are of that.
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


class Manifest(BaseModel):
    """What one load was and became. Times are UTC without zone, counts are rows.

    rows_in = landed + quarantined + duplicates + forgotten; `forgotten` were taken out because they were of a forgotten
    person, `unnamed` landed without the person whom they named. `erases`: the objects of the earlier generations are
    gone, because they held someone. `act` is what made this generation, `by` who did, where a person asked for it.
    `object_modified_at` is that of the first generation, for the order. `seconds` is how long this generation took from
    opening the extract until all but this manifest was in the lake; of a retraction, or from before it was measured,
    there is none.
    `columns` are the raw table's columns and portable types when it was landed; `sums` are over landed rows.
    A field that this version does not know is refused: a later version wrote it, and it may change the meaning.
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
    def key(self) -> str:
        """Where this manifest lies."""
        return manifest_key(self.source, self.table, self.load_id)

    @property
    def data_prefix(self) -> str:
        """The folder of the load's partition, with its `/` at the end.

        It is named by its content: a lander that loses the race for this load under another contract has another one.
        """
        partition = f"extract_date={self.extract_date}/load_id={self.load_id}"
        return f"raw/{self.source}/{self.table}/{partition}/{self.data_sha256[:_SHORT]}/"

    @property
    def data_key(self) -> str:
        """Where the load's rows lie."""
        return f"{self.data_prefix}part-00000.parquet"

    @property
    def quarantine_key(self) -> str | None:
        """Where its quarantined rows lie, when there are any and it is not retracted."""
        if self.quarantine_sha256 is None or self.retracted:
            return None
        name = f"{self.load_id}-{self.quarantine_sha256[:_SHORT]}"
        return f"quarantine/{self.source}/{self.table}/{name}.parquet"

    @property
    def object_keys(self) -> list[str]:
        """Where its originals, rows and rejects lie; of a generation that takes it back only the first."""
        keys = [part.archive for part in self.objects]
        if self.retracted:
            return keys
        return [*keys, self.data_key, *([self.quarantine_key] if self.quarantine_key else [])]

    @cached_property
    def order(self) -> LoadOrder:
        """Its place among the loads of its table."""
        return self.extract_date, self.extracted_at, self.object_modified_at, self.base_load_id

    def to_bytes(self) -> bytes:
        """The manifest as it is stored: JSON with its keys in the order of this class."""
        return self.model_dump_json().encode()


def load_id_of(source: str, table: str, extracted_at: datetime, content: str) -> str:
    """First 16 hex digits of the SHA-256 over source, table, extract time and content (see `content_of`)."""
    time = extracted_at.isoformat(timespec="milliseconds")
    return hashlib.sha256("\0".join([source, table, time, content]).encode()).hexdigest()[:16]


def content_of(hashes: Iterable[str]) -> str:
    """The content of an extract: the SHA-256 of its only object, or one over the sorted ones of all its parts."""
    found = sorted(hashes)
    return found[0] if len(found) == 1 else hashlib.sha256("\0".join(found).encode()).hexdigest()


def generation_id(base_load_id: str, generation: int) -> str:
    """`<id>` for the first generation, `<id>-2` for the second."""
    return base_load_id if generation == 1 else f"{base_load_id}-{generation}"


def manifest_key(source: str, table: str, load_id: str) -> str:
    """Where the manifest of a load lies."""
    return f"{MANIFESTS}{source}/{table}/{load_id}.json"


def is_manifest(key: str) -> bool:
    """Whether a key below `manifests/` is that of a load."""
    return key.count("/") == _KEY_DEPTH - 1 and key.endswith(".json")

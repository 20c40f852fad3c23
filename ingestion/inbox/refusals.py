"""The refused extracts of the inbox: one small record for each, `manifests/refusals/<hash of its name>.json`.

It holds the time and the objects, and is removed when they land or leave the inbox. An extract that a person discards,
or whose load a person retracts, is missing: it leaves a record with the code `discarded` or `retracted` until another
load of its day lands. So is a window of changes between two that have landed, which no load holds: `never_came`. An
object that no contract claims is refused once: while its record exists it is not reported again.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from ingestion.errors import LandingFailed
from ingestion.inbox.candidates import Candidate
from ingestion.loads import Loads, Manifest
from ingestion.outcome import printable
from ingestion.store import Record, Store, read_many

logger = logging.getLogger(__name__)

REFUSALS = "manifests/refusals/"
DISCARDED_OBJECTS = "archive/discarded/"
"""Where discarded objects lie, each named by its hash, and the record of each."""

DISCARDED, RETRACTED, NEVER_CAME = "discarded", "retracted", "never_came"
"""The codes of an extract that a person took out of the inbox or of the loads, and that has no replacement, and of one
that another one shows to be missing."""


class Refusal(Record):
    """Why an extract is refused. `objects` are its keys with their ETags, `refused_at` when it was first (UTC).

    `kind` and the times (of the extract, UTC without zone) are those of its delivery, where they are known. `detail`
    says more than the code.
    """

    source: str
    table: str | None
    name: str
    code: str
    line: int | None
    column: str | None
    objects: dict[str, str]
    refused_at: datetime
    kind: str | None = None
    extract_date: date | None = None
    extracted_at: datetime | None = None
    detail: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether it is not in the inbox, and a load of its day is missing."""
        return self.code in (DISCARDED, RETRACTED, NEVER_CAME)

    def is_replaced(self, loads: Loads) -> bool:
        """Whether a counted load replaces it: of its file, of its extract time, or full like it and of its day. After a
        window that never came, any later full load does."""
        for load in loads.counted(f"{self.source}.{self.table}"):
            # all full loads of DMS for a table have one name
            is_its_file = load.object_name == self.name and load.landed_at > self.refused_at
            if is_its_file or load.extracted_at == self.extracted_at:
                return True
            if self.kind == load.kind == "full" and load.extract_date == self.extract_date:
                return True
            is_later = self.extracted_at is not None and load.extracted_at > self.extracted_at
            if self.code == NEVER_CAME and load.kind == "full" and is_later:
                return True
        return False

    @property
    def key(self) -> str:
        """Where the record lies."""
        return f"{REFUSALS}{hashlib.sha256(self.name.encode()).hexdigest()[:32]}.json"


class Refusals:
    """The records of a lake, read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        texts = read_many(store, (found.key for found in store.list(REFUSALS)))
        found = [refusal for key, data in texts.items() if (refusal := _parsed(key, data))]
        self._known = {refusal.name: refusal for refusal in found}

    def __iter__(self) -> Iterator[Refusal]:
        return iter(sorted(self._known.values(), key=lambda refusal: refusal.name))

    def of(self, candidate: Candidate) -> Refusal | None:
        """The record of this very extract, if it was refused before and has not changed since."""
        known = self._known.get(printable(candidate.name))
        if known is None or known.is_missing or known.objects != _objects(candidate):
            return None
        return known

    def remember(
        self,
        candidate: Candidate,
        code: str,
        line: int | None,
        column: str | None,
        now: datetime,
        detail: str = "",
    ) -> datetime:
        """Write the record; one of the same extract for the same reason keeps its time, which is returned."""
        before = self.of(candidate)
        refusal = Refusal(
            source=printable(candidate.source),
            table=candidate.table_name,
            name=printable(candidate.name),
            code=code,
            line=line,
            column=column,
            objects=_objects(candidate),
            refused_at=before.refused_at if before and before.code == code else now,
            kind=candidate.delivery.kind if candidate.delivery else None,
            extract_date=None if candidate.is_undated else candidate.extract_date,
            extracted_at=None if candidate.is_undated else candidate.extracted_at,
            detail=detail,
        )
        if refusal != before:
            self._keep(refusal)
        return refusal.refused_at

    def remember_retracted(self, load: Manifest, loads: Loads, now: datetime) -> None:
        """Write the record of a load that a person retracts, unless another load has its day or its extract is refused
        again."""
        refusal = Refusal(
            source=load.source,
            table=load.table,
            name=load.object_name,
            code=RETRACTED,
            line=None,
            column=None,
            objects={},
            refused_at=now,
            kind=load.kind,
            extract_date=load.extract_date,
            extracted_at=load.extracted_at,
        )
        if load.object_name not in self._known and not refusal.is_replaced(loads):
            self._keep(refusal)

    def remember_gap(
        self, load: Manifest, since: datetime, day: date, loads: Loads, now: datetime
    ) -> bool:
        """Write a record when no load before this one, whose window begins at `since`, of this day, reaches up to
        there; returns whether."""
        before = [
            one.extracted_at
            for one in loads.counted(load.full_name)
            if one.extracted_at < load.extracted_at
        ]
        if not before or max(before) >= since:
            return False
        self._keep(
            Refusal(
                source=load.source,
                table=load.table,
                name=f"{load.object_name.rpartition('/')[0]}/window_before",
                code=NEVER_CAME,
                line=None,
                column=None,
                objects={},
                refused_at=now,
                kind=load.kind,
                extract_date=day,
                extracted_at=since,
            )
        )
        return True

    def _keep(self, refusal: Refusal) -> None:
        self._store.put(refusal.key, refusal.to_bytes())
        self._known[refusal.name] = refusal

    def missing(self, name: str) -> Refusal | None:
        """The record of a missing extract, by its name below the inbox."""
        known = self._known.get(printable(name))
        return known if known and known.is_missing else None

    def drop(self, name: str) -> None:
        """Remove the record, if any, of an extract that is no longer refused; warn if it cannot be removed."""
        if refusal := self._known.pop(printable(name), None):
            try:
                self._store.delete(refusal.key)
            except LandingFailed as error:
                logger.warning("%s is out of date and stays: %s", refusal.key, error)

    def drop_all_but(self, names: Iterable[str], loads: Loads) -> None:
        """Remove the records of all extracts except those still in the inbox under these names, and those still
        missing."""
        for name in self._known.keys() - set(map(printable, names)):
            known = self._known[name]
            if not known.is_missing or known.is_replaced(loads):
                self.drop(name)


def _parsed(key: str, data: bytes | None) -> Refusal | None:
    """The record; None where it cannot be read. It is written again when its extract is refused again."""
    refusal = Refusal.of(data)
    if data and refusal is None:
        logger.warning("%s cannot be read: the extract is looked at anew", key)
    return refusal


def _objects(candidate: Candidate) -> dict[str, str]:
    return {printable(found.key): found.etag for found in candidate.objects}

"""What lies refused in the inbox: one small record for each extract, `manifests/refusals/<hash of its name>.json`.

It says since when, and which objects; it is gone once they are landed or discarded. An object that no contract claims
is refused once: as long as its record is there it is not reported again.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ingestion.candidates import Candidate, printable
from ingestion.errors import LandingFailed
from ingestion.store import Store

logger = logging.getLogger(__name__)

REFUSALS = "manifests/refusals/"


class Refusal(BaseModel):
    """Why an extract is refused. `objects` are its keys with their ETags, `refused_at` when it was first (UTC)."""

    model_config = ConfigDict(frozen=True)

    source: str
    table: str | None
    name: str
    code: str
    line: int | None
    column: str | None
    objects: dict[str, str]
    refused_at: datetime

    @property
    def key(self) -> str:
        """Where the record lies."""
        return f"{REFUSALS}{hashlib.sha256(self.name.encode()).hexdigest()[:32]}.json"


class Refusals:
    """The records of a lake, read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        keys = [found.key for found in store.list(REFUSALS)]
        texts = [data for key in keys if (data := store.read(key))]
        self._known = {refusal.name: refusal for refusal in map(Refusal.model_validate_json, texts)}

    def __iter__(self) -> Iterator[Refusal]:
        return iter(sorted(self._known.values(), key=lambda refusal: refusal.name))

    def of(self, candidate: Candidate) -> Refusal | None:
        """The record of this very extract, if it was refused before and has not changed since."""
        known = self._known.get(printable(candidate.name))
        return known if known and known.objects == _objects(candidate) else None

    def remember(
        self, candidate: Candidate, code: str, line: int | None, column: str | None, now: datetime
    ) -> None:
        """Write the record; one of the same extract for the same reason keeps its time."""
        before = self.of(candidate)
        refusal = Refusal(
            source=printable(candidate.source),
            table=candidate.table.name if candidate.table else None,
            name=printable(candidate.name),
            code=code,
            line=line,
            column=column,
            objects=_objects(candidate),
            refused_at=before.refused_at if before and before.code == code else now,
        )
        if refusal != before:
            self._store.put(refusal.key, refusal.model_dump_json().encode())
            self._known[refusal.name] = refusal

    def forget(self, name: str) -> None:
        """Remove the record of an extract that is no longer refused, if there is one; what cannot be is warned of."""
        if refusal := self._known.pop(printable(name), None):
            try:
                self._store.delete(refusal.key)
            except LandingFailed as error:
                logger.warning("%s is out of date and stays: %s", refusal.key, error)

    def forget_gone(self, names: Iterable[str]) -> None:
        """Remove the records of all extracts but those that still lie in the inbox under these names."""
        for name in self._known.keys() - set(map(printable, names)):
            self.forget(name)


def _objects(candidate: Candidate) -> dict[str, str]:
    return {printable(found.key): found.etag for found in candidate.objects}

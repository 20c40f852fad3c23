"""Extracts of `extract`, each with a sidecar that counts its rows, so that every row that was read lands.

    totesys/2026-11-21T10-30-00Z/payment.csv
    totesys/2026-11-21T10-30-00Z/payment.csv.rows.json    {"rows": 60, "extract": "extract-1f0c…"}

The sidecar is written before its file. A file without one (delivered by hand) has no promise.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from ingestion.contract import PathPattern
from ingestion.inbox.exports.base import Companions, Inbox, Promise, field_of, object_in

ENDING = ".rows.json"


def record_of(name: str) -> str:
    """The name of an extract's sidecar."""
    return name + ENDING


def record(rows: int, holder: str) -> bytes:
    """The content of a sidecar. `holder` makes it unique."""
    return json.dumps({"rows": rows, "extract": holder}).encode()


class ExtractRecords(Companions):
    """The sidecars of extracts in an inbox."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox, self._paths = inbox, tuple(paths)

    def is_companion(self, name: str) -> bool:
        """Beside a file that a path claims, or beside its future place."""
        file = name.removesuffix(ENDING)
        return file != name and any(path.match(file) for path in self._paths)

    def belongs(self, companion: str, folder: str) -> bool:
        """The sidecar belongs to one file."""
        return companion == record_of(folder)

    def promise(self, name: str, moment: datetime) -> Promise | None:
        """The promise of the extract of this name; None without a sidecar. BadExtract for a sidecar without a count.

        An archived sidecar does not count: a later file of that name is another delivery.
        """
        key = record_of(name)
        if key not in self._inbox.objects:
            return None
        told = object_in(self._inbox.read(key), f"*{ENDING}")
        return Promise(moment, name, rows=field_of(told, "rows", _count))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value

"""Extracts of `extract`, each with a record of its rows beside it: what lands is as much as was read.

    totesys/2026-11-21T10-30-00Z/payment.csv
    totesys/2026-11-21T10-30-00Z/payment.csv.rows.json    {"rows": 60, "extract": "extract-1f0c…"}

The record is there before its file is. A file without one (delivered by hand) promises nothing.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from ingestion.contract import PathPattern
from ingestion.inbox.exports.base import BadRecord, Inbox, Promise

ENDING = ".rows.json"


def record_of(name: str) -> str:
    """The name of an extract's record, by its own."""
    return name + ENDING


def record(rows: int, holder: str) -> bytes:
    """The content of a record. `holder` makes it another one than any before."""
    return json.dumps({"rows": rows, "extract": holder}).encode()


class ExtractRecords:
    """The records of extracts in an inbox. What is said of them is as for the kinds of sets."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox, self._paths = inbox, tuple(paths)

    def is_companion(self, name: str) -> bool:
        """Beside a file that a path claims, or where it is to be."""
        file = name.removesuffix(ENDING)
        return file != name and any(path.match(file) for path in self._paths)

    def belongs(self, companion: str, folder: str) -> bool:
        """The record is of one file alone."""
        return companion == record_of(folder)

    def promise(self, name: str, moment: datetime) -> Promise | None:
        """What is promised of the extract of this name; None when it has no record. BadRecord for one that tells none.

        An archived record counts no more: what comes under its extract's name later is another delivery.
        """
        key = record_of(name)
        if key not in self._inbox.objects:
            return None
        try:
            rows = json.loads(self._inbox.read(key) or b"")["rows"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadRecord from error
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
            raise BadRecord
        return Promise(moment, name, rows=rows)

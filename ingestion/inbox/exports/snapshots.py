"""Snapshot exports of RDS and Aurora: complete once `export_info_<export>.json` says so, for its snapshot's time.

The file lies beside the export's folder or inside it; once its export is landed it lies in the archive. Its fields are
those of DescribeExportTasks (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ExportTask.html).
"""

import re
from collections.abc import Iterable
from datetime import datetime

from ingestion.contract import PathPattern
from ingestion.inbox.exports.base import BadRecord, Inbox, Kind, Promise, parsed, utc

_COMPANION = re.compile(r"(?:.*/)?(?:export(?:_tables)?_info_[^/]+\.json|_success)", re.IGNORECASE)


class SnapshotExports(Kind):
    """The path word {export}: one record for the tables of a whole export."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox = inbox
        self._known: dict[str, datetime | None] = {}

    def is_companion(self, name: str) -> bool:
        """export_info_*.json, export_tables_info_*.json, and the _success of each folder of parts."""
        return bool(_COMPANION.fullmatch(name))

    def belongs(self, companion: str, folder: str) -> bool:
        """In the export's folder, or beside it and named after it."""
        parent, _, export = folder.rstrip("/").rpartition("/")
        beside = companion.removeprefix(f"{parent}/")
        named = rf"export(_tables)?_info_{re.escape(export)}(_from_.*)?\.json"
        return super().belongs(companion, folder) or bool(re.fullmatch(named, beside))

    def promise(self, found: re.Match[str]) -> Promise | None:
        """The time of the export's snapshot, once the export is complete."""
        folder = found.string[: found.end("export")] + "/"
        if folder not in self._known:
            self._known[folder] = self._look_up(
                found.string[: found.start("export")], found["export"]
            )
        moment = self._known[folder]
        return Promise(moment, folder) if moment else None

    def _look_up(self, parent: str, export: str) -> datetime | None:
        name = f"export_info_{export}.json"
        for place in (f"{parent}{name}", f"{parent}{export}/{name}"):
            data = self._inbox.read(place)
            if data is not None:
                return _complete_since(data)
        return None


def _complete_since(data: bytes) -> datetime | None:
    """The snapshot's time when the export is complete; None before, or while the file is incomplete."""
    try:
        info = parsed(data)
    except ValueError:
        return None
    if not isinstance(info, dict):
        return None
    facts = {str(name).lower(): value for name, value in info.items()}
    if str(facts.get("status", "")).upper() != "COMPLETE":
        return None
    try:
        return utc(facts.get("snapshottime"))
    except ValueError as error:
        raise BadRecord from error

"""Snapshot exports of RDS and Aurora: complete once `export_info_<export>.json` says so, for its snapshot's time.

    <export>/<database>/<schema>.<table>/[<n>/]part-*.parquet     rows; a range of keys without rows has no file
    <export>/<database>/<schema>.<table>/[<n>/]_SUCCESS           a marker: the batch is written

The record lies beside the export's folder or inside it; once its export is landed it lies in the archive. Its fields
are those of DescribeExportTasks (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ExportTask.html).

A table without rows has markers alone, and is an extract without rows once the export is complete. AWS does not say
so of a table. It says that a range of keys without rows has no file
(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.FileNames.html); Spark, whose names these
are, writes `_SUCCESS` once all of a batch is committed; and a public checker of real exports requires a file or that
marker of each table that `export_tables_info` calls COMPLETE. `export_tables_info` itself has no number of rows.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from ingestion.contract import PathPattern
from ingestion.inbox.exports.base import Inbox, Kind, Promise, field_of, parsed, utc

_TIME = "snapshotTime"
"""The extract time. The API reference calls it optional: an export of a cluster itself, not of a snapshot, may lack it.

No other time is as good: the task begins any time after the snapshot. Of a cluster AWS does not say whether the copy
that is exported was made before or after `taskStartTime`: if before, the extract would undo changes between the two, as
DMS delivers them. So such an export is refused.
"""

_MARKER = "_success"
_BRACKETS = str.maketrans("", "", "[]")

_COMPANION = re.compile(r"(?:.*/)?(?:export(?:_tables)?_info_[^/]+\.json|_success)", re.IGNORECASE)


class SnapshotExports(Kind):
    """The path word {export}: one record for the tables of a whole export."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox, self._paths = inbox, tuple(paths)
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

    def part_of(self, marker: str) -> str | None:
        """The part 0 of a batch with this marker; None where its table's folder has files that no path claims, as they
        may be the table's rows."""
        folder, _, name = marker.rpartition("/")
        if name.lower() != _MARKER:
            return None
        for path in self._paths:
            ending = path.text.partition("{part}")[2].translate(_BRACKETS)
            found = path.match(f"{folder}/part-0{ending}")
            if found and found.string[: found.start("part")] not in self._unclaimed:
                return found.string
        return None

    @cached_property
    def _unclaimed(self) -> set[str]:
        """The folders with an object that no path claims, at any depth."""
        names = (
            name
            for name in self._inbox.objects
            if not self.is_companion(name) and not any(path.match(name) for path in self._paths)
        )
        return {name[: slash.end()] for name in names for slash in re.finditer("/", name)}

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
    return field_of({_TIME: facts.get(_TIME.lower())}, _TIME, utc)

"""Exports of DynamoDB tables: complete once `manifest-summary.json` is there; `manifest-files.json` lists the files.

    <prefix>AWSDynamoDB/<ExportId>/manifest-summary.json, manifest-files.json, *.checksum, _started
    <prefix>AWSDynamoDB/<ExportId>/data/*.json.gz    of a full export
    <prefix>AWSDynamoDB/data/*.json.gz               of all incremental exports

So files are found only by the list, never by their place. Its keys are the bucket's: the part after `AWSDynamoDB/` is
looked up here. (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html)
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from ingestion.codes import Code
from ingestion.contract import DYNAMODB_FOLDER, PathPattern
from ingestion.errors import BadExtract
from ingestion.inbox.exports.base import Inbox, Kind, Promise, field_of, object_in, utc
from ingestion.store import StoredObject

SUMMARY, FILES = "manifest-summary.json", "manifest-files.json"
_COMPANION = re.compile(r"[^/]+/(?:_started|manifest-files\.json|manifest-[a-z]+\.checksum)")
_DATA = re.compile(r"((?:[^/]+/)?data)/[^/]+")
_FORM = "DYNAMODB_JSON"
_KINDS = {"FULL_EXPORT": "full", "INCREMENTAL_EXPORT": "changes"}


class DynamoExports(Kind):
    """The path word {export_id}: the delivery's path is that of manifest-summary.json. The service itself names the
    folders, so an export is one without a contract too."""

    record = re.compile(rf".+/{DYNAMODB_FOLDER}(?P<export_id>[^/]+)/{re.escape(SUMMARY)}")

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox = inbox

    def is_companion(self, name: str) -> bool:
        """Beside the summary: the list, the checksums and the mark that the export has begun."""
        return bool(_COMPANION.fullmatch(_below(name)))

    def waits_as(self, name: str) -> str | None:
        """A data file waits, under its folder's name, until a complete export lists it."""
        rest = _below(name)
        found = _DATA.fullmatch(rest)
        return name[: len(name) - len(rest) + found.end(1)] if found else None

    def data_of(self, found: re.Match[str]) -> tuple[StoredObject, ...]:
        """The data files in the export's folder, and those that its list names."""
        folder = found.string[: found.end("export_id")] + "/"
        objects = self._inbox.objects
        names = {name for name in objects if name.startswith(folder)}
        with suppress(BadExtract):
            names |= set(_names(folder, self._listed(folder)))
        return tuple(
            objects[name] for name in sorted(names & objects.keys()) if self.waits_as(name)
        )

    def promise(self, found: re.Match[str]) -> Promise | None:
        """The export of this summary. Files are missing if it was refused before, or landed and not yet cleared."""
        folder = found.string[: found.end("export_id")] + "/"
        summary = {"exportType": "FULL_EXPORT"} | object_in(self._inbox.read(found.string), SUMMARY)
        if summary.get("outputFormat", _FORM) != _FORM:
            raise BadExtract(Code.WRONG_TYPE, detail=f"not exported as {_FORM}")
        listed = self._listed(folder)
        kind = field_of(summary, "exportType", _KINDS.__getitem__)
        moment = field_of(summary, "exportTime" if kind == "full" else "exportToTime", utc)
        table = field_of(summary, "tableArn", str).rpartition("/")[2]
        names = _names(folder, listed)
        md5 = [field_of(entry, "md5Checksum", str) for entry in listed]
        rows = sum(field_of(entry, "itemCount", int) for entry in listed)
        told = field_of({"itemCount": rows} | summary, "itemCount", int)
        if rows != told:
            said = f"{FILES} has {rows} items, {SUMMARY} says {told}"
            raise BadExtract(Code.INCOMPLETE_EXPORT, detail=said)
        objects = self._inbox.objects
        files = {name: objects[name] for name in names if name in objects}
        return Promise(
            moment,
            folder,
            files=tuple(files.values()),
            missing=len(set(names)) - len(files),
            rows=rows,
            md5={
                files[name].key: sum_
                for name, sum_ in zip(names, md5, strict=True)
                if name in files
            },
            table=table,
            kind=kind,
            since=field_of(summary, "exportFromTime", utc) if kind == "changes" else None,
        )

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        """The entries of an export's list of files, which is JSON lines."""
        data = self._inbox.read(folder + FILES)
        if data is None:
            raise BadExtract(Code.INCOMPLETE_EXPORT, detail=f"{FILES} is missing")
        return [object_in(line, f"a line of {FILES}") for line in data.splitlines() if line.strip()]


def _below(name: str) -> str:
    """The part of a name after `AWSDynamoDB/`; nothing where it has none."""
    return name.rpartition(f"/{DYNAMODB_FOLDER}")[2] if f"/{DYNAMODB_FOLDER}" in name else ""


def _names(folder: str, listed: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names below the inbox of the files in an export's list."""
    return [field_of(entry, "dataFileS3Key", partial(_resolved, folder)) for entry in listed]


def _resolved(folder: str, key: str) -> str:
    """The name below the inbox of a file that is listed under the bucket's key."""
    if DYNAMODB_FOLDER not in key:
        raise ValueError("not a file of an export")
    root = folder[: folder.rindex(DYNAMODB_FOLDER) + len(DYNAMODB_FOLDER)]
    return root + key[key.rindex(DYNAMODB_FOLDER) + len(DYNAMODB_FOLDER) :]

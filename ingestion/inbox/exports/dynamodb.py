"""Exports of DynamoDB tables: complete once `manifest-summary.json` is there; `manifest-files.json` lists the files.

    <prefix>AWSDynamoDB/<ExportId>/manifest-summary.json, manifest-files.json, *.checksum, _started
    <prefix>AWSDynamoDB/<ExportId>/data/*.json.gz    of a full export
    <prefix>AWSDynamoDB/data/*.json.gz               of all incremental exports

So files are found only by the list, never by their place. Its keys are the bucket's: the part after `AWSDynamoDB/` is
looked up here. (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html)
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.codes import Code
from ingestion.contract import PathPattern
from ingestion.errors import BadExtract
from ingestion.inbox.exports.base import BadRecord, Inbox, Kind, Promise, parsed, utc

ROOT = "AWSDynamoDB/"
SUMMARY, FILES = "manifest-summary.json", "manifest-files.json"
_COMPANION = re.compile(r"[^/]+/(?:_started|manifest-files\.json|manifest-[a-z]+\.checksum)")
_DATA = re.compile(r"((?:[^/]+/)?data)/[^/]+")
_FORM = "DYNAMODB_JSON"
_KINDS = {"FULL_EXPORT": "full", "INCREMENTAL_EXPORT": "changes"}


class DynamoExports(Kind):
    """The path word {export_id}: the delivery's path is that of manifest-summary.json."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox = inbox
        self._roots = {path.text.partition("{export_id}")[0] for path in paths}

    def is_companion(self, name: str) -> bool:
        """Beside the summary: the list, the checksums and the mark that the export has begun."""
        return any(_COMPANION.fullmatch(rest) for rest in self._below(name))

    def waits_as(self, name: str) -> str | None:
        """A data file waits, under its folder's name, until a complete export lists it."""
        for rest in self._below(name):
            if found := _DATA.fullmatch(rest):
                return name[: len(name) - len(rest) + found.end(1)]
        return None

    def promise(self, found: re.Match[str]) -> Promise | None:
        """The export of this summary. Files are missing if it was refused before, or landed and not yet cleared."""
        folder = found.string[: found.end("export_id")] + "/"
        summary = _object(self._inbox.read(found.string))
        if summary.get("outputFormat", _FORM) != _FORM:
            raise BadExtract(Code.WRONG_TYPE, detail=f"not exported as {_FORM}")
        listed = list(_lines(self._inbox.read(folder + FILES)))
        try:
            kind = _KINDS[str(summary.get("exportType", "FULL_EXPORT"))]
            moment = utc(summary["exportTime" if kind == "full" else "exportToTime"])
            names = [self._resolved(folder, str(entry["dataFileS3Key"])) for entry in listed]
            rows = sum(int(entry["itemCount"]) for entry in listed)
            md5 = [str(entry["md5Checksum"]) for entry in listed]
            table = str(summary["tableArn"]).rpartition("/")[2]
            is_whole = rows == int(summary.get("itemCount", rows))
        except (KeyError, ValueError, TypeError) as error:
            raise BadRecord from error
        if not is_whole:
            raise BadRecord  # the list of its files lacks some
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
        )

    def _below(self, name: str) -> Iterator[str]:
        """The part of a name after `AWSDynamoDB/`, if a contract has such exports."""
        return (name.removeprefix(root) for root in self._roots if name.startswith(root))

    def _resolved(self, folder: str, key: str) -> str:
        """The name below the inbox of a file that is listed under the bucket's key."""
        if ROOT not in key:
            raise ValueError("not a file of an export")
        root = folder[: folder.rindex(ROOT) + len(ROOT)]
        return root + key[key.rindex(ROOT) + len(ROOT) :]


def _object(data: bytes | None) -> dict[str, Any]:
    try:
        value = parsed(data or b"")
    except ValueError as error:
        raise BadRecord from error
    if not isinstance(value, dict):
        raise BadRecord
    return value


def _lines(data: bytes | None) -> Iterator[dict[str, Any]]:
    """JSON lines; BadRecord when the list is not there at all."""
    if data is None:
        raise BadRecord
    return (_object(line) for line in data.splitlines() if line.strip())

"""Executions of AppFlow flows: complete once `executions.json` of the flow says Successful, for the time of their pull.

    <flow>/[YYYY/MM/DD/]executions.json           what DescribeFlowExecutionRecords says of the flow's executions
    <flow>/[YYYY/MM/DD/]<execution id>/<file>     the files of one execution, which are one extract
    <flow>/[YYYY/MM/DD/]<execution id>            a marker without content; it may also lie inside its folder

A cancelled execution leaves files behind without a sign: only the records show it. `ingestion pull` saves them.
The date folders may be coarser or finer: from the year alone down to the minute.
(https://docs.aws.amazon.com/appflow/1.0/APIReference/API_ExecutionRecord.html)
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ingestion.contract import DATE_FOLDERS, PathPattern
from ingestion.errors import BadExtract
from ingestion.inbox.exports.base import Inbox, Kind, Promise, field_of, parsed, utc

RECORDS = "executions.json"
SUCCESSFUL = "Successful"
_TIMES = ("dataPullEndTime", "startedAt")
"""The extract time: the end of the pull, up to which the run transfers changes, or else the run's start.

The API reference calls the end optional, and a run on demand may have none. Such a run reads after `startedAt`, so it
has every change up to then; what it has beyond comes again with the next run. `lastUpdatedAt` would claim changes that
it may lack, as they came while it was reading.
"""

_EXECUTION = re.compile(rf"(?:{DATE_FOLDERS}/)?(?P<id>[^/]+)(?:/(?P=id))?")
_LAST_SECOND = datetime(2201, 1, 1, tzinfo=UTC).timestamp()
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FlowExecutions(Kind):
    """The path word {execution}: one record for all executions of a flow, whose folder comes before the word."""

    def __init__(self, inbox: Inbox, paths: Iterable[PathPattern]) -> None:
        self._inbox = inbox
        self._flows = {flow_folder(path) for path in paths}
        self._known: dict[str, dict[str, Mapping[str, Any]]] = {}

    def is_companion(self, name: str) -> bool:
        """The records, and the marker of an execution whose files or record are known, or whose id is one of AWS's."""
        for flow, rest in self._below(name):
            found = _EXECUTION.fullmatch(rest)
            if found and (found["id"] == RECORDS or self._is_execution(flow, name, found["id"])):
                return True
        return False

    def promise(self, found: re.Match[str]) -> Promise | None:
        """The time and the rows of a successful execution; None for any other, or one that no record names."""
        flow = next(flow for flow, _ in self._below(found.string))
        beside = found.string[: found.start("execution")]
        told = self._records(flow) | self._records(beside)
        record = told.get(found["execution"])
        if record is None or record.get("executionStatus") != SUCCESSFUL:
            return None
        result = field_of(record, "executionResult", dict)
        rows = field_of(result, "recordsProcessed", int)
        time = next((name for name in _TIMES if record.get(name) is not None), _TIMES[0])
        return Promise(field_of(record, time, moment_of), flow, rows=rows)

    def _below(self, name: str) -> Iterator[tuple[str, str]]:
        """The flow in whose folder an object lies, and its name below that."""
        return ((f, name.removeprefix(f)) for f in self._flows if name.startswith(f))

    def _is_execution(self, flow: str, name: str, execution: str) -> bool:
        with suppress(BadExtract):  # it is refused when an execution needs it
            if _UUID.fullmatch(execution) or execution in self._records(flow):
                return True
        return name.endswith(f"/{execution}/{execution}") or f"{name}/" in self._folders

    @cached_property
    def _folders(self) -> set[str]:
        return {name.rpartition("/")[0] + "/" for name in self._inbox.objects}

    def _records(self, folder: str) -> dict[str, Mapping[str, Any]]:
        if folder not in self._known:
            self._known[folder] = records_in(self._inbox.read(folder + RECORDS))
        return self._known[folder]


def flow_folder(path: PathPattern) -> str:
    """The folder of the flow in a path with {execution}: what comes before its words. It has `/` at its end."""
    return re.split(r"[\[{]", path.text, maxsplit=1)[0]


def records_in(data: bytes | None) -> dict[str, Mapping[str, Any]]:
    """The records of a flow by execution id; empty without a file, or while the file is incomplete.

    BadRecord as `parsed` has it.
    """
    try:
        told = parsed(data or b"{}")
        listed = told.get("flowExecutions", []) if isinstance(told, dict) else told
        return {str(record["executionId"]): dict(record) for record in listed}
    except (ValueError, KeyError, TypeError):
        return {}


def moment_of(said: object) -> datetime:
    """A time as AWS writes it: seconds since 1970, or ISO 8601, with `[UTC]` behind it in events. UTC without zone."""
    if isinstance(said, int | float) and not isinstance(said, bool):
        if not 0 <= said < _LAST_SECOND:
            raise ValueError("not a time of this era")
        return utc(datetime.fromtimestamp(said, UTC).isoformat())
    return utc(str(said).removesuffix("[UTC]"))

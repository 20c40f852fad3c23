"""`pull`: AppFlow's flows started on demand, and the records of their executions saved where landing reads them.

Landing itself calls no service: `<flow>/executions.json`, which is written here, says whether an execution is complete.
The records keep only what landing needs: AppFlow's own message on an error may quote a row.
(https://docs.aws.amazon.com/appflow/1.0/APIReference/API_StartFlow.html and API_DescribeFlowExecutionRecords.html)
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ingestion.aws import answering, code_of
from ingestion.errors import BadSettings, LandingFailed
from ingestion.inbox import RECORDS, SUCCESSFUL, flow_folder
from ingestion.land import Context
from ingestion.outcome import Progress
from ingestion.retries import looks
from ingestion.store import INBOX

_RUNNING = {"InProgress", "CancelStarted"}
_KEPT = (
    "executionId executionStatus startedAt lastUpdatedAt dataPullStartTime dataPullEndTime".split()
)
_COUNTS = ("bytesProcessed", "bytesWritten", "recordsProcessed")
_SECONDS_BETWEEN_LOOKS = 10
_PAGE = 100
_OF_SETTINGS = {
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
}


class AppFlow(Protocol):
    """The used part of boto3's client of AppFlow."""

    def start_flow(self, *, flowName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        """Start a flow."""

    def describe_flow_execution_records(self, **words: Any) -> Mapping[str, Any]:
        """One page of a flow's executions, the newest first."""


@dataclass(frozen=True)
class Pulled:
    """A flow: the execution that was started, if any, and how it ended."""

    flow: str
    execution: str | None
    status: str | None

    @property
    def has_failed(self) -> bool:
        """An execution was started, and was not successful."""
        return self.execution is not None and self.status != SUCCESSFUL


def pull(
    context: Context,
    source: str,
    flows: Sequence[str] = (),
    *,
    finished: bool = False,
    wait_minutes: float = 60,
    client: AppFlow | None = None,
    progress: Progress | None = None,
) -> list[Pulled]:
    """Start the source's flows (all where none is named), wait for them, and save the records of their executions.

    `finished` starts nothing, and saves the records of executions that ran on their own. Raises BadSettings for wrong
    names, flows or rights, LandingFailed when AppFlow fails or the flows take too long.
    """
    folders = flows_of(context, source)
    asked = _asked_for(source, flows, folders)
    client = client or _client()
    started = {flow: _start(client, flow) for flow in asked} if not finished else {}
    for _ in looks(wait_minutes * 60, _SECONDS_BETWEEN_LOOKS):
        told = {flow: _records(client, flow, _wanted(context, folders[flow])) for flow in asked}
        pulled = [_pulled(flow, started.get(flow), told[flow]) for flow in asked]
        running = [one for one in pulled if one.execution and one.status in (None, *_RUNNING)]
        if progress:
            progress(f"{len(pulled) - len(running)} of {len(pulled)} flows have ended")
        if not running:
            break
    for flow in asked:
        _save(context, folders[flow], told[flow])
    if running:
        raise LandingFailed(
            f"flow {running[0].flow} runs on after {wait_minutes:g} minutes: take it later with --finished"
        )
    return pulled


def refuse_failed(pulled: Iterable[Pulled]) -> None:
    """Raise LandingFailed when a flow that was started has not been successful."""
    if failed := [one.flow for one in pulled if one.has_failed]:
        raise LandingFailed(f"flow {', '.join(failed)} has not been successful: AppFlow says why")


def flows_of(context: Context, source: str) -> dict[str, str]:
    """The flows of a source and their folders below the inbox, by its contract. BadSettings when it has none."""
    paths = [
        delivery.path
        for table in context.project
        if table.source == source
        for delivery in table.deliveries
        if "execution" in delivery.path.words
    ]
    folders = [flow_folder(path) for path in paths]
    if not folders:
        raise BadSettings(f"{source} has no flows: no path of its contract has {{execution}}")
    return {folder.rstrip("/").rpartition("/")[2]: folder for folder in folders}


def _asked_for(source: str, flows: Sequence[str], folders: Mapping[str, str]) -> list[str]:
    """The flows that are named, or all; BadSettings for one that the contract does not name."""
    if unknown := sorted(set(flows) - folders.keys()):
        known = ", ".join(folders)
        raise BadSettings(f"{source} has no flow {unknown[0]}: its contract names {known}")
    return list(flows) or list(folders)


def _start(client: AppFlow, flow: str) -> str:
    with _answering(flow):
        return str(client.start_flow(flowName=flow)["executionId"])


def _wanted(context: Context, folder: str) -> set[str]:
    """The folders below a flow's folder in the inbox; the executions with files are among them."""
    names = (found.key.removeprefix(INBOX + folder) for found in context.store.list(INBOX + folder))
    return {step for name in names for step in name.split("/")[:-1]}


def _records(client: AppFlow, flow: str, wanted: Iterable[str]) -> list[Mapping[str, Any]]:
    """The newest executions of a flow, and older ones until the wanted ones are found."""
    found: list[Mapping[str, Any]] = []
    missing, page = set(wanted), dict[str, Any]()
    while True:
        with _answering(flow):
            answer = client.describe_flow_execution_records(flowName=flow, maxResults=_PAGE, **page)
        found += answer.get("flowExecutions", [])
        missing -= {str(record["executionId"]) for record in found}
        if not missing or not answer.get("nextToken"):
            return found
        page = {"nextToken": answer["nextToken"]}


def _pulled(flow: str, execution: str | None, told: Iterable[Mapping[str, Any]]) -> Pulled:
    status = next((r["executionStatus"] for r in told if r["executionId"] == execution), None)
    return Pulled(flow, execution, status)


def _save(context: Context, folder: str, told: Iterable[Mapping[str, Any]]) -> None:
    kept = [
        {name: record[name] for name in _KEPT if name in record}
        | {"executionResult": _counts(record.get("executionResult", {}))}
        for record in told
    ]
    if kept:
        text = json.dumps({"flowExecutions": kept}, default=datetime.isoformat, indent=1)
        context.store.put(INBOX + folder + RECORDS, text.encode())


def _counts(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in _COUNTS if name in result}


def _client() -> AppFlow:
    import boto3  # slow to load, and only this command needs it

    with answering("reach AppFlow"):
        made: AppFlow = boto3.client("appflow")
    return made


@contextmanager
def _answering(flow: str) -> Iterator[None]:
    """AppFlow's refusals as Landfall's own errors, without AppFlow's messages."""
    from botocore.exceptions import ClientError

    with answering("reach AppFlow"):
        try:
            yield
        except ClientError as error:
            kind = BadSettings if code_of(error) in _OF_SETTINGS else LandingFailed
            raise kind(f"flow {flow}: {code_of(error)}") from error

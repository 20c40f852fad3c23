"""`pull` against boto3's own client of AppFlow, whose answers botocore checks against the service's model."""

import json
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner

from ingestion.cli import main
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract import appflow
from samples.salesforce.flows import parquet
from tests.ingestion.conftest import Clock
from tests.ingestion.inbox.test_appflow import ENDED, FIRST, SECOND, deal, with_salesforce
from tests.ingestion.lakes import Lake

FLOW = "landfall-opportunity"
FOLDER = f"salesforce/{FLOW}"
OTHER = "11111111-aaaa-4bbb-8ccc-000000000003"


@pytest.fixture
def here(tmp_path: Path) -> Lake:
    return with_salesforce(Lake(tmp_path, str(tmp_path / "lake")))


@pytest.fixture
def flow() -> Iterator[Stubber]:
    """AppFlow, which answers what the test has prepared, in that order, and nothing else."""
    client = boto3.client("appflow", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield stubber


def execution(number: str, status: str = "Successful", rows: int = 1) -> dict[str, Any]:
    ended = ENDED.replace(tzinfo=UTC)
    result = {"bytesProcessed": 1, "bytesWritten": 1, "recordsProcessed": rows}
    words = {
        "executionId": number,
        "executionStatus": status,
        "startedAt": ended,
        "lastUpdatedAt": ended,
    }
    if status in ("Error", "Canceled"):
        result = {"errorInfo": {"executionMessage": "bad value Ada Smith"}}
    return words | {"executionResult": result, "dataPullStartTime": ended, "dataPullEndTime": ended}


def says(
    flow: Stubber, *executions: dict[str, Any], token: str | None = None, after: str | None = None
) -> None:
    """One answer about executions; `token`: there are more, `after`: asked for with this token."""
    asked = {"flowName": FLOW, "maxResults": 100} | ({"nextToken": after} if after else {})
    answer = {"flowExecutions": list(executions)} | ({"nextToken": token} if token else {})
    flow.add_response("describe_flow_execution_records", answer, asked)


def starts(flow: Stubber, number: str = FIRST) -> None:
    answer = {"flowArn": "arn", "flowStatus": "Active", "executionId": number}
    flow.add_response("start_flow", answer, {"flowName": FLOW})


def test_a_flow_is_started_waited_for_and_what_it_brought_is_landed(
    here: Lake, flow: Stubber, clock: Clock
) -> None:
    starts(flow)
    says(flow)
    says(flow, execution(FIRST, "InProgress"))
    says(flow, execution(FIRST), execution(SECOND, "Error"))
    told: list[str] = []

    def progress(line: str) -> None:
        told.append(line)
        here.put(f"{FOLDER}/{FIRST}/part", parquet("opportunity", [deal(1)]))

    pulled = appflow.pull(here.context, "salesforce", [FLOW], client=flow.client, progress=progress)
    flow.assert_no_pending_responses()
    assert pulled == [appflow.Pulled(FLOW, FIRST, "Successful")]
    assert clock.slept == [10, 10]
    assert told == ["0 of 1 flows have ended"] * 2 + ["1 of 1 flows have ended"]
    saved = (here.store.read(f"inbox/{FOLDER}/executions.json") or b"").decode()
    assert "Ada" not in saved
    assert (
        json.loads(saved)["flowExecutions"][0]["dataPullEndTime"]
        == "2026-11-21T03:30:00.250000+00:00"
    )
    outcome = here.land_one()
    assert (outcome.outcome, outcome.landed) == ("landed", 1)
    assert here.manifests[0].extracted_at == ENDED


def test_what_ran_by_itself_is_found_on_later_pages_and_nothing_is_started(
    here: Lake, flow: Stubber
) -> None:
    here.put(f"{FOLDER}/2026/11/20/{FIRST}/part", parquet("opportunity", [deal(1)]))
    here.put(f"{FOLDER}/{FIRST}/part", parquet("opportunity", [deal(1)]))
    here.store.delete(f"inbox/{FOLDER}/2026/11/20/{FIRST}/part")
    says(flow, execution(SECOND), token="more")
    says(flow, execution(FIRST), token="even more", after="more")
    pulled = appflow.pull(here.context, "salesforce", [FLOW], finished=True, client=flow.client)
    flow.assert_no_pending_responses()
    assert [(one.execution, one.has_failed) for one in pulled] == [(None, False)]
    assert here.land_one().outcome == "landed"


def test_a_flow_that_fails_lands_nothing_and_one_that_lasts_too_long_is_left_to_a_later_run(
    here: Lake, flow: Stubber
) -> None:
    starts(flow)
    says(flow, execution(FIRST, "Error"))
    here.put(f"{FOLDER}/{FIRST}/part", parquet("opportunity", [deal(1)]))
    pulled = appflow.pull(here.context, "salesforce", [FLOW], client=flow.client)
    with pytest.raises(LandingFailed, match=f"flow {FLOW} has not been successful"):
        appflow.refuse_failed(pulled)
    assert here.land_one().outcome == "waiting"
    starts(flow, OTHER)
    says(flow, execution(OTHER, "InProgress"), execution(FIRST, "Error"))
    with pytest.raises(LandingFailed, match="runs on after 0 minutes"):
        appflow.pull(here.context, "salesforce", [FLOW], client=flow.client, wait_minutes=0)


@pytest.mark.parametrize(
    ("code", "error"),
    [("AccessDeniedException", BadSettings), ("ResourceNotFoundException", BadSettings),
     ("ConflictException", LandingFailed), ("ThrottlingException", LandingFailed)],
)  # fmt: skip
def test_what_appflow_refuses_is_one_line_without_its_words(
    here: Lake, flow: Stubber, code: str, error: type[Exception]
) -> None:
    flow.add_client_error("start_flow", code, "Ada Smith is not allowed to")
    with pytest.raises(error) as refused:
        appflow.pull(here.context, "salesforce", [FLOW], client=flow.client)
    assert str(refused.value) == f"flow {FLOW}: {code}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "AWS: You must specify a region"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "AWS: Unable to locate credentials"),
    ],
)
def test_missing_settings_of_aws_are_one_line(
    here: Lake, monkeypatch: pytest.MonkeyPatch, words: dict[str, str], said: str
) -> None:
    """On a lake in a directory nothing else asks AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**words, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/no/such")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/no/such")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(BadSettings, match=said):
        appflow.pull(here.context, "salesforce", [FLOW])


def test_names_that_no_contract_knows_are_refused(here: Lake, flow: Stubber) -> None:
    with pytest.raises(BadSettings, match="shop has no flows"):
        appflow.pull(here.context, "shop", client=flow.client)
    with pytest.raises(
        BadSettings, match="no flow landfall-lead: its contract names landfall-account, landfall-co"
    ):
        appflow.pull(here.context, "salesforce", ["landfall-lead"], client=flow.client)


def test_the_command_pulls_and_lands_and_fails_when_a_flow_has_failed(
    here: Lake, flow: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = here.settings
    values = {"LAKE": settings.lake, "WAREHOUSE": settings.warehouse, "KEY": settings.key}
    for name, value in values.items():
        monkeypatch.setenv(f"LANDFALL_{name}", str(value))
    monkeypatch.setattr(boto3, "client", lambda name: flow.client)
    monkeypatch.chdir(here.settings.project_dir)
    here.put(f"{FOLDER}/{FIRST}/part", parquet("opportunity", [deal(1)]))
    starts(flow, SECOND)
    says(flow, execution(SECOND, "Error"), execution(FIRST))
    done = CliRunner().invoke(main, ["pull", "salesforce", FLOW])
    assert "landed" in done.stdout
    assert done.stderr == f"LandingFailed: flow {FLOW} has not been successful: AppFlow says why\n"
    assert done.exit_code == 4

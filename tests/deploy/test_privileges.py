"""Each call that the lander makes is allowed by its policy, and each action that the policy allows is one it makes."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from ingestion import land as lander
from ingestion.cli import main
from ingestion.extract.watermarks import Watermarks, keeper_of
from ingestion.settings import Settings
from ingestion.store import open_store
from tests.deploy.deploying import Stack
from tests.deploy.template import RESOURCES
from tests.ingestion.inbox.test_appflow import with_salesforce
from tests.ingestion.lakes import Lake, customers
from tools.standins.calls import Asked, actions, allows, recorded

pytestmark = pytest.mark.slow

FLOWS = {
    "StartFlow": {"executionId": "11111111-aaaa-4bbb-8ccc-000000000003"},
    "DescribeFlowExecutionRecords": {
        "flowExecutions": [
            {
                "executionId": "11111111-aaaa-4bbb-8ccc-000000000003",
                "executionStatus": "Successful",
                "startedAt": datetime(2026, 1, 1, tzinfo=UTC),
                "lastUpdatedAt": datetime(2026, 1, 1, tzinfo=UTC),
                "executionResult": {"recordsProcessed": 0},
            }
        ]
    },
}


def document(stack: Stack, name: str) -> dict[str, Any]:
    """A policy as the stack has it, with everything in its place."""
    found = boto3.client("iam").get_policy_version(PolicyArn=stack.made[name], VersionId="v1")
    said = found["PolicyVersion"]["Document"]
    return json.loads(said) if isinstance(said, str) else dict(said)


@pytest.fixture(scope="module")
def calls(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[Asked]]:
    """What landing, extracting, pulling and every repair ask of AWS."""
    lake = Lake(tmp_path_factory.mktemp("project"), stack.outputs["LakeAddress"])
    project = with_salesforce(lake).settings.project_dir
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**stack.settings, "LANDFALL_PROJECT": str(project)}.items():
            patch.setenv(name, value)
        boto3.client("s3").delete_bucket_policy(Bucket=stack.outputs["Lake"])
        deliver(stack)
        with recorded(FLOWS) as asked:
            use_everything(lake)
        yield asked


@pytest.fixture(scope="module")
def forgetting(stack: Stack, calls: set[Asked]) -> set[Asked]:
    """The calls of forgetting: persons in rows, in quarantine and in discarded files, and one who is kept."""
    s3, bucket = boto3.client("s3"), stack.outputs["Lake"]
    for day, text in (("14", customers(50, 51)), ("15", "C30,wrong\nC30,x\n")):
        key = f"inbox/shop/2026-01-{day}/customer.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    command("land", code=3)
    command("discard", "shop/2026-01-15/customer.csv", "--reason", "not ours")
    # a contract that changed and was not registered yet: forgetting does it
    contract = Path(os.environ["LANDFALL_PROJECT"]) / "models/staging/shop/_shop__sources.yml"
    contract.write_text(contract.read_text().replace("decimal(14,2)", "decimal(15,2)"))
    kept = {"Error": {"Code": "AccessDenied", "Message": "locked"}}
    with recorded() as asked:
        for who in ("C7", "C30"):
            command("forget", "person", "--reason", "asked", input=who)
        assert "versions" not in command("verify")
        command("forget", "person", "--reason", "again", input="C7")
    with recorded({}, {"DeleteObject": kept}) as stuck:
        command("forget", "person", "--reason", "asked", input="C8", code=4)
    return asked | stuck


NEEDS_NO_PERMISSION = {("sts:GetCallerIdentity", "*")}
"""Whoever has credentials may ask who they are:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def deliver(stack: Stack) -> None:
    s3 = boto3.client("s3")
    files = {
        "11": customers(*range(30)) + "C30,2/30/2001,1\n",
        "12": customers(*range(29)),
        "13": "customer_id,wrong\n",
    }
    for day, text in files.items():
        key = f"inbox/shop/2026-01-{day}/customer.csv"
        s3.put_object(Bucket=stack.outputs["Lake"], Key=key, Body=text.encode())


def command(*words: str, code: int = 0, input: str | None = None) -> str:
    done = CliRunner().invoke(main, words, input=input)
    assert done.exit_code == code, done.output
    return done.stdout


def use_everything(lake: Lake) -> None:
    """Each command that asks something of AWS, and each way in which it does."""
    command("land", code=3)
    command("discard", "shop/2026-01-13/customer.csv", "--reason", "not ours")
    command("land")
    loads = command("status", "--format", "json").splitlines()
    newest = next(one for one in map(json.loads, loads) if one["table"] == "shop.customer")
    contract = lake.settings.project_dir / "models/staging/shop/_shop__sources.yml"
    contract.write_text(contract.read_text().replace("decimal(12,2)", "decimal(14,2)"))
    command("register")
    command("verify", "--bytes")
    command("reland", "shop.customer")
    command(*("retract", "shop.customer", "--load", newest["load_id"], "--reason", "the wrong day"))
    command("register")
    command("pull", "salesforce", "landfall-opportunity")
    settings = Settings.from_environment()
    keeper = keeper_of(open_store(settings.lake, settings.kms_key), "shop")
    known: Watermarks = keeper.read()
    keeper.write(known)
    assert lander.open_context(settings).pseudonyms


def test_each_call_of_the_lander_is_allowed(stack: Stack, calls: set[Asked]) -> None:
    policy = document(stack, "MayLand")
    assert len(calls) > 30
    assert sorted(one for one in calls - NEEDS_NO_PERMISSION if not allows(policy, one)) == []


def test_each_action_that_the_lander_is_allowed_is_one_that_it_takes(
    stack: Stack, calls: set[Asked]
) -> None:
    assert sorted(actions(document(stack, "MayLand")) - {action for action, _ in calls}) == []


def test_each_call_of_forgetting_is_allowed_to_the_role_that_forgets_and_to_no_task(
    stack: Stack, forgetting: set[Asked]
) -> None:
    policy, bucket = document(stack, "MayForget"), stack.outputs["Lake"]
    asked = forgetting - NEEDS_NO_PERMISSION
    assert sorted(one for one in asked if not allows(policy, one)) == []
    assert sorted(actions(policy) - {action for action, _ in asked}) == []
    for task in ("MayLand", "MayBuild"):
        assert "s3:DeleteObjectVersion" not in actions(document(stack, task))
    assert not allows(policy, ("s3:PutObject", f"arn:aws:s3:::{bucket}/inbox/x"))
    assert not allows(policy, ("s3:DeleteObject", f"arn:aws:s3:::{bucket}/warehouse/x"))
    attached = RESOURCES["Forgetter"]["Properties"]
    assert attached["ManagedPolicyArns"] == [{"Ref": "MayForget"}]
    (trusted,) = attached["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def test_the_lander_can_delete_no_row_no_archive_and_nothing_in_quarantine(stack: Stack) -> None:
    policy, bucket = document(stack, "MayLand"), stack.outputs["Lake"]
    for kept in ("raw/clinic/x", "archive/x", "quarantine/x", "manifests/shop/customer/x.json"):
        assert not allows(policy, ("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{kept}"))
    assert allows(policy, ("s3:DeleteObject", f"arn:aws:s3:::{bucket}/inbox/x"))


def test_a_reader_reads_the_pages_and_no_other_object_of_the_lake(stack: Stack) -> None:
    policy, bucket = document(stack, "MayRead"), stack.outputs["Lake"]
    for hidden in ("raw/clinic/x", "archive/x", "quarantine/x", "warehouse/restricted/x"):
        assert not allows(policy, ("s3:GetObject", f"arn:aws:s3:::{bucket}/{hidden}"))
    page = ("s3:GetObject", f"arn:aws:s3:::{bucket}/report/index.html")
    assert allows(policy, page)
    assert not allows(policy, ("s3:PutObject", page[1]))
    assert allows(document(stack, "MayBuild"), ("s3:PutObject", page[1]))
    for name in ("Reader", "Administrator"):
        attached = RESOURCES[name]["Properties"]["ManagedPolicyArns"]
        assert attached == [{"Ref": {"Reader": "MayRead", "Administrator": "MayGrant"}[name]}]


def test_the_recorder_tells_what_is_not_allowed(stack: Stack, tmp_path: Path) -> None:
    policy = document(stack, "MayLand")
    with recorded() as asked:
        boto3.client("s3").list_objects_v2(Bucket=stack.outputs["Lake"])
        boto3.client("glue").get_databases()
    assert {action for action, _ in asked if action.startswith(("s3", "glue"))} == {
        "s3:ListBucket",
        "glue:GetDatabases",
    }
    assert [one for one in asked if not allows(policy, one)] == [
        ("glue:GetDatabases", "arn:aws:glue:us-east-1:123456789012:catalog")
    ]

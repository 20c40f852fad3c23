"""A run on Athena in the deployed stack: with its workgroup and databases, and within what its task may do."""

import json
from typing import Any

import boto3

from tests.deploy.deploying import Stack
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS, reachable
from tools.standins.calls import Asked, actions, allows, read_recorded
from tools.template import RESOURCES

pytestmark = MARKS

BY_ATHENA = {
    # the place of the results: https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
    "s3:GetBucketLocation",
    # the catalogue: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:BatchGetPartition",
    # the objects of tables: https://docs.aws.amazon.com/lake-formation/latest/dg/permissions-reference.html
    "lakeformation:GetDataAccess",
}
"""Calls that Athena makes in the caller's name, and a stand-in without any caller."""

WHEN_STOPPED = {"athena:StopQueryExecution"}
"""What a run does that is stopped, or that finds queries of a killed one (tests/engines/athena/test_leftovers.py)."""


def policies(parity: Parity, stack: Stack, role: str) -> list[dict[str, Any]]:
    """The policies of a role, as the stack has them."""
    names = [one["Ref"] for one in RESOURCES[role]["Properties"]["ManagedPolicyArns"]]
    with reachable(parity.legs["athena"].environment):
        iam = boto3.client("iam")
    found = []
    for name in names:
        told = iam.get_policy_version(PolicyArn=stack.made[name], VersionId="v1")
        said = told["PolicyVersion"]["Document"]
        found.append(json.loads(said) if isinstance(said, str) else dict(said))
    return found


def asked(parity: Parity) -> set[Asked]:
    """What runs on Athena have asked of AWS, but for who they are, which needs no permission."""
    return read_recorded(parity.calls) - {("sts:GetCallerIdentity", "*")}


def test_each_call_of_a_run_is_allowed_to_its_task(parity: Parity) -> None:
    may = policies(parity, parity.stack, "Builder")
    calls = asked(parity)
    assert len({action for action, _ in calls}) > 15
    refused = [one for one in calls if not any(allows(policy, one) for policy in may)]
    assert sorted(refused) == []


def test_each_action_that_building_adds_is_one_that_a_run_takes(parity: Parity) -> None:
    _, may_build = policies(parity, parity.stack, "Builder")
    taken = {action for action, _ in asked(parity)} | BY_ATHENA | WHEN_STOPPED
    assert sorted(actions(may_build) - taken) == []


def test_a_run_asks_in_the_stacks_workgroup_and_makes_no_database(parity: Parity) -> None:
    groups = {resource for action, resource in asked(parity) if action.startswith("athena:Start")}
    assert {group.rpartition("/")[2] for group in groups} == {parity.stack.outputs["Workgroup"]}
    made = {database["Name"] for database in parity.athena.glue.get_databases()["DatabaseList"]}
    declared = {
        one["Properties"]["DatabaseInput"]["Name"]
        for one in RESOURCES.values()
        if one["Type"] == "AWS::Glue::Database"
    }
    assert made - {"default"} == declared


def test_no_table_lies_among_the_results_which_expire(parity: Parity) -> None:
    """A Hive table would, as the workgroup says where results go: Athena keeps its rows in `tables/` below them."""
    pages = parity.athena.s3.get_paginator("list_objects_v2").paginate(
        Bucket=parity.stack.outputs["Lake"]
    )
    keys = [found["Key"] for page in pages for found in page["Contents"]]
    assert [key for key in keys if key.startswith("warehouse/staging/finding_codes/")]
    assert [key for key in keys if key.startswith("athena-results/") and "/tables/" in key] == []


def test_every_table_of_the_warehouse_is_iceberg_seeds_too(parity: Parity) -> None:
    glue = parity.athena.glue
    databases = [found["Name"] for found in glue.get_databases()["DatabaseList"]]
    own = [name for name in databases if name != "default" and not name.startswith("raw_")]
    tables = [
        table
        for name in own
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=name)
        for table in page["TableList"]
        if table.get("TableType") != "VIRTUAL_VIEW"
    ]
    assert {"finding_codes", "fct_account_balances", "taken_loads"} <= {
        one["Name"] for one in tables
    }
    kinds = {one["Name"]: one["Parameters"].get("table_type", "").lower() for one in tables}
    assert {name: kind for name, kind in kinds.items() if kind != "iceberg"} == {}

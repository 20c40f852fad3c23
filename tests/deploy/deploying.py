"""Deploys the template of the AWS account on a stand-in that boto3's environment points at."""

import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from tests.deploy.template import TEMPLATE, TREE


@dataclass(frozen=True)
class Stack:
    """The stack as it was made: physical ids by logical id, outputs, and the seconds it took."""

    made: dict[str, str]
    outputs: dict[str, str]
    seconds: float

    @property
    def settings(self) -> dict[str, str]:
        """The settings with which the task of runs starts; that of landings has no other value for any of them."""
        task = boto3.client("ecs").describe_task_definition(taskDefinition=self.outputs["RunTask"])
        (container,) = task["taskDefinition"]["containerDefinitions"]
        return {one["name"]: one["value"] for one in container["environment"] if one}


def deployed(name: str = "landfall", **given: str) -> Stack:
    """The stack, made; `given` are more of its parameters."""
    # it is made while the call lasts, and a call that is made again finds half of it
    patient = Config(read_timeout=600, retries={"max_attempts": 0})
    ec2, stacks = boto3.client("ec2"), boto3.client("cloudformation", config=patient)
    network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group: Any = ec2.create_security_group(GroupName=name, Description="x", VpcId=network)
    # moto makes a list of what is given, and not of a default
    lists = {
        key: one["Default"]
        for key, one in TREE["Parameters"].items()
        if one["Type"] == "CommaDelimitedList"
    }
    parameters = lists | {
        "Image": "landfall:1",
        "Subnets": ",".join(s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]),
        "SecurityGroup": group["GroupId"],
        "AlertMail": "alerts@example.com",
    }
    begun = time.monotonic()
    stacks.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": k, "ParameterValue": v} for k, v in (parameters | given).items()
        ],
    )
    seconds = time.monotonic() - begun
    (told,) = stacks.describe_stacks(StackName=name)["Stacks"]
    assert told["StackStatus"] == "CREATE_COMPLETE"
    found = stacks.describe_stack_resources(StackName=name)["StackResources"]
    made = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found if "ResourceType" in r}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in told["Outputs"]}
    return Stack(made, outputs, seconds)

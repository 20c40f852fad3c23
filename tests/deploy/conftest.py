"""The stack of deploy/landfall.yaml on moto, over HTTP, with the types of resources that moto does not know."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.deploy.template import TEMPLATE
from tools.standins.cloudformation import know_more_types


@dataclass(frozen=True)
class Stack:
    """The stack as it was made: physical ids by logical id, outputs, and the seconds it took."""

    made: dict[str, str]
    outputs: dict[str, str]
    seconds: float

    @property
    def settings(self) -> dict[str, str]:
        """The settings that a task gets, out of the stack's outputs."""
        return {
            "LANDFALL_LAKE": self.outputs["LakeAddress"],
            "LANDFALL_TARGET": "athena",
            "LANDFALL_KEY_SECRET": self.outputs["KeySecret"],
            "LANDFALL_KMS_KEY": self.outputs["KmsKey"],
            "LANDFALL_ATHENA_WORKGROUP": self.outputs["Workgroup"],
            "LANDFALL_ALERT_TOPIC": self.outputs["Alerts"],
            "LANDFALL_METRICS": "emf",
        }


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    """An account of its own for the module: everything that boto3 does goes to it."""
    know_more_types()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        _reset(f"http://{host}:{port}")
        yield
        _reset(f"http://{host}:{port}")
    server.stop()


def _reset(url: str) -> None:
    """moto keeps one state per process: nothing of other tests is left, nor of these."""
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()


@pytest.fixture(scope="module")
def stack(account: None) -> Stack:
    """The template, deployed."""
    ec2, stacks = boto3.client("ec2"), boto3.client("cloudformation")
    network = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="landfall", Description="x", VpcId=network)
    given = {
        "Image": "landfall:1",
        "Subnets": ",".join(s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]),
        "SecurityGroup": group["GroupId"],
        "AlertMail": "alerts@example.com",
    }
    begun = time.monotonic()
    stacks.create_stack(
        StackName="landfall",
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
    )
    seconds = time.monotonic() - begun
    (told,) = stacks.describe_stacks(StackName="landfall")["Stacks"]
    assert told["StackStatus"] == "CREATE_COMPLETE"
    found = stacks.describe_stack_resources(StackName="landfall")["StackResources"]
    made = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found if "ResourceType" in r}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in told["Outputs"]}
    return Stack(made, outputs, seconds)

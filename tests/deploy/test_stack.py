"""The stack on moto: all of it is made, and Landfall lands into it by its outputs."""

import json
import os
import re
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from ingestion.cli import main
from tests.deploy.conftest import reset
from tests.deploy.deploying import Stack, deployed
from tests.deploy.template import DECLARED, RESOURCES, TREE
from tests.ingestion.lakes import customers, write_project

pytestmark = pytest.mark.slow


def test_every_resource_that_is_declared_is_made(stack: Stack) -> None:
    assert set(stack.made) == DECLARED
    assert set(stack.outputs) == set(TREE["Outputs"])
    assert stack.seconds < 30


def test_the_bucket_is_as_it_is_declared(stack: Stack) -> None:
    s3, bucket = boto3.client("s3"), stack.outputs["Lake"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    archive = next(rule for rule in rules if rule["ID"] == "archive")
    assert archive["Transitions"] == [{"Days": 365, "StorageClass": "GLACIER"}]
    assert archive["Expiration"] == {"Days": 2557}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy["Statement"][0]["Effect"] == "Deny"


def test_the_pseudonym_key_is_one_and_readers_are_granted_the_marts(stack: Stack) -> None:
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=stack.outputs["KeySecret"])
    assert re.fullmatch(r"[0-9a-f]{64}", secret["SecretString"])
    lake = boto3.client("lakeformation")
    assert lake.get_data_lake_settings()["DataLakeSettings"]["CreateTableDefaultPermissions"] == []


def test_schedules_start_what_they_should_and_markers_start_a_run(stack: Stack) -> None:
    scheduler = boto3.client("scheduler")
    night = scheduler.get_schedule(Name="landfall-nightly")
    often = scheduler.get_schedule(Name="landfall-land")
    assert night["ScheduleExpressionTimezone"] == "America/New_York"
    for one, task in ((night, "RunTask"), (often, "LandTask")):
        wanted = one["Target"]["EcsParameters"]["TaskDefinitionArn"]
        assert wanted == stack.outputs[task]
        ecs = boto3.client("ecs").describe_task_definition(taskDefinition=wanted)
        (container,) = ecs["taskDefinition"]["containerDefinitions"]
        assert container["command"] == [{"RunTask": "run", "LandTask": "land"}[task]]
    (target,) = boto3.client("events").list_targets_by_rule(Rule=stack.made["ReadyRule"])["Targets"]
    (override,) = json.loads(target["Input"])["containerOverrides"]
    name, *words = override["command"]
    command = main.commands[name]  # type: ignore[attr-defined]
    given = command.make_context(name, list(words), resilient_parsing=True).params
    assert (name, given["wait_minutes"]) == ("run", 60)


def test_a_missing_run_and_a_missing_landing_are_alarms_that_reach_the_topic(stack: Stack) -> None:
    alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    missing = {one["AlarmArn"]: one for one in alarms if one["TreatMissingData"] == "breaching"}
    assert len(missing) == 2
    for one in missing.values():
        assert (one["Namespace"], one["MetricName"]) == ("Landfall", "EndedWell")
        assert one["AlarmActions"] == one["OKActions"] == [stack.outputs["Alerts"]]
    assert {one["Dimensions"][0]["Value"] for one in missing.values()} == {"run", "land"}


def test_landfall_lands_into_the_stack_and_tells_its_topic(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path)
    for name, value in {**stack.settings, "LANDFALL_PROJECT": str(project)}.items():
        monkeypatch.setenv(name, value)
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="listener")["QueueUrl"]
    sns.subscribe(
        TopicArn=stack.outputs["Alerts"],
        Protocol="sqs",
        Endpoint=sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"],
    )
    s3, bucket = boto3.client("s3"), stack.outputs["Lake"]
    # the stand-in is reached without TLS, which the bucket refuses
    with pytest.raises(ClientError, match="Forbidden"):
        s3.put_object(Bucket=bucket, Key="inbox/x", Body=b"")
    s3.delete_bucket_policy(Bucket=bucket)
    for day, text in (("11", customers(1, 2)), ("12", "customer_id,wrong\n")):
        key = f"inbox/shop/2026-01-{day}/customer.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    done = CliRunner().invoke(main, ["land"])
    assert done.exit_code == 3, done.output
    metrics = json.loads(done.stdout.splitlines()[-1])
    assert (metrics["RowsLanded"], metrics["ObjectsRefused"], metrics["EndedWell"]) == (2, 1, 1)
    (partition,) = boto3.client("glue").get_partitions(
        DatabaseName="raw_shop", TableName="customer"
    )["Partitions"]
    assert partition["StorageDescriptor"]["Location"].startswith(
        f"s3://{bucket}/raw/shop/customer/"
    )
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="raw/shop/")["Contents"]
    head = s3.head_object(Bucket=bucket, Key=listed[0]["Key"])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == (
        "aws:kms",
        stack.outputs["KmsKey"],
    )
    (told,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(told["Body"])["Subject"] == "Landfall: 1 new"


def test_a_run_builds_on_redshift_serverless_where_the_stack_has_it(account: None) -> None:
    """The last one here: it empties the account, as names are taken but once."""
    reset(os.environ["AWS_ENDPOINT_URL"])
    stack = deployed(WithRedshift="yes")
    assert set(stack.made) == set(RESOURCES)
    told = boto3.client("ecs").describe_task_definition(taskDefinition=stack.outputs["RunTask"])
    (container,) = told["taskDefinition"]["containerDefinitions"]
    settings = stack.settings
    assert settings["LANDFALL_TARGET"] == "redshift"
    assert settings["LANDFALL_REDSHIFT_DATABASE"] == "landfall"
    assert settings["LANDFALL_REDSHIFT_HOST"] == stack.made["RedshiftWorkgroup"]
    (secret,) = container["secrets"]
    assert secret["name"] == "LANDFALL_REDSHIFT_PASSWORD"

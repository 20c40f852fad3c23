"""CloudFormation on moto, with the types of resources that moto skips without a word, each by one call of its service.

moto reports CREATE_COMPLETE for a stack with unknown types: compare `declared` and `made`.
"""

import json
from collections.abc import Callable
from typing import Any

import boto3
from moto.core.common_models import CloudFormationModel

Properties = dict[str, Any]
Create = Callable[[Any, Properties, str], str]
"""Of a function that makes clients, the properties and the logical id: makes the resource, returns its physical id."""


def _bucket_policy(client: Any, given: Properties, name: str) -> str:
    client("s3").put_bucket_policy(
        Bucket=given["Bucket"], Policy=json.dumps(given["PolicyDocument"])
    )
    return str(given["Bucket"])


def _glue_database(client: Any, given: Properties, name: str) -> str:
    client("glue").create_database(DatabaseInput=given["DatabaseInput"])
    return str(given["DatabaseInput"]["Name"])


def _workgroup(client: Any, given: Properties, name: str) -> str:
    configuration = dict(given["WorkGroupConfiguration"])
    configuration["BytesScannedCutoffPerQuery"] = int(configuration["BytesScannedCutoffPerQuery"])
    for flag in ("EnforceWorkGroupConfiguration", "PublishCloudWatchMetricsEnabled"):
        configuration[flag] = _is_true(configuration[flag])
    client("athena").create_work_group(Name=given["Name"], Configuration=configuration)
    return str(given["Name"])


def _secret(client: Any, given: Properties, name: str) -> str:
    manager = client("secretsmanager")
    wanted = dict(given["GenerateSecretString"])
    wanted["PasswordLength"] = int(wanted["PasswordLength"])
    whole = json.loads(wanted.pop("SecretStringTemplate", "{}"))
    key = wanted.pop("GenerateStringKey", None)
    for flag in ("ExcludePunctuation", "ExcludeUppercase", "RequireEachIncludedType"):
        if flag in wanted:
            wanted[flag] = _is_true(wanted[flag])
    value = manager.get_random_password(**wanted)["RandomPassword"]
    if key:
        value = json.dumps(whole | {key: value})
    made = manager.create_secret(Name=name, SecretString=value, KmsKeyId=given["KmsKeyId"])
    return str(made["ARN"])


def _schedule(client: Any, given: Properties, name: str) -> str:
    wanted = _lowered(given)
    retry = wanted["Target"]["RetryPolicy"]
    wanted["Target"]["RetryPolicy"] = {key: int(value) for key, value in retry.items()}
    client("scheduler").create_schedule(**wanted)
    return str(given["Name"])


def _lowered(value: Any) -> Any:
    """The scheduler writes `awsvpcConfiguration`; CloudFormation writes it with a capital."""
    if isinstance(value, dict):
        return {
            ("awsvpcConfiguration" if key == "AwsvpcConfiguration" else key): _lowered(one)
            for key, one in value.items()
        }
    return [_lowered(one) for one in value] if isinstance(value, list) else value


def _subscription(client: Any, given: Properties, name: str) -> str:
    return str(client("sns").subscribe(**given, ReturnSubscriptionArn=True)["SubscriptionArn"])


def _topic_policy(client: Any, given: Properties, name: str) -> str:
    for topic in given["Topics"]:
        policy = json.dumps(given["PolicyDocument"])
        client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )
    return name


def _queue_policy(client: Any, given: Properties, name: str) -> str:
    for queue in given["Queues"]:
        policy = json.dumps(given["PolicyDocument"])
        client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    return name


def _alarm(client: Any, given: Properties, name: str) -> str:
    wanted = {**given, "AlarmName": name, "Threshold": float(given["Threshold"])}
    wanted |= {key: int(given[key]) for key in ("Period", "EvaluationPeriods")}
    client("cloudwatch").put_metric_alarm(**wanted)
    return name


def _lake_settings(client: Any, given: Properties, name: str) -> str:
    settings = {
        "DataLakeAdmins": given["Admins"],
        "CreateDatabaseDefaultPermissions": given["CreateDatabaseDefaultPermissions"],
        "CreateTableDefaultPermissions": given["CreateTableDefaultPermissions"],
    }
    client("lakeformation").put_data_lake_settings(DataLakeSettings=settings)
    return name


def _lake_location(client: Any, given: Properties, name: str) -> str:
    client("lakeformation").register_resource(
        ResourceArn=given["ResourceArn"], UseServiceLinkedRole=True
    )
    return str(given["ResourceArn"])


def _tag(client: Any, given: Properties, name: str) -> str:
    client("lakeformation").create_lf_tag(TagKey=given["TagKey"], TagValues=given["TagValues"])
    return str(given["TagKey"])


def _tagged(client: Any, given: Properties, name: str) -> str:
    client("lakeformation").add_lf_tags_to_resource(
        Resource=given["Resource"], LFTags=given["LFTags"]
    )
    return name


def _granted(client: Any, given: Properties, name: str) -> str:
    client("lakeformation").grant_permissions(**given)
    return name


def _namespace(client: Any, given: Properties, name: str) -> str:
    """moto has no Redshift Serverless: it is a name."""
    return str(given["NamespaceName"])


def _redshift_workgroup(client: Any, given: Properties, name: str) -> str:
    """The same."""
    return str(given["WorkgroupName"])


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


TYPES: dict[str, Create] = {
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::Glue::Database": _glue_database,
    "AWS::Athena::WorkGroup": _workgroup,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::LakeFormation::DataLakeSettings": _lake_settings,
    "AWS::LakeFormation::Resource": _lake_location,
    "AWS::LakeFormation::Tag": _tag,
    "AWS::LakeFormation::TagAssociation": _tagged,
    "AWS::LakeFormation::PrincipalPermissions": _granted,
    "AWS::RedshiftServerless::Namespace": _namespace,
    "AWS::RedshiftServerless::Workgroup": _redshift_workgroup,
}


def _resource(kind: str, create: Create) -> type[CloudFormationModel]:
    """A class as moto's CloudFormation looks for one: it goes through the subclasses."""

    class Resource(CloudFormationModel):  # type: ignore[misc]
        __module__ = "moto.more.models"  # moto tells a service by this

        def __init__(self, physical: str) -> None:
            self.physical_resource_id = physical
            self.type = kind

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""

        @staticmethod
        def cloudformation_type() -> str:
            return kind

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return True

        def get_cfn_attribute(self, attribute_name: str) -> str:
            return self.physical_resource_id

        @classmethod
        def create_from_cloudformation_json(
            cls, resource_name: str, cloudformation_json: Any, *_: Any, **__: Any
        ) -> "Resource":
            return cls(
                create(boto3.client, cloudformation_json.get("Properties", {}), resource_name)
            )

        @classmethod
        def delete_from_cloudformation_json(cls, *_: Any, **__: Any) -> None:
            return

    return Resource


_KEPT: list[type[CloudFormationModel]] = []
"""moto finds a class as long as it exists."""


def know_more_types() -> None:
    """Let the moto of this process know TYPES, and all of a bucket's properties. Once is enough."""
    if _KEPT:
        return
    _KEPT.extend(_resource(kind, create) for kind, create in TYPES.items())
    from moto.s3.models import FakeBucket

    made = FakeBucket.create_from_cloudformation_json.__func__

    def create(
        cls: Any, resource_name: str, cloudformation_json: Any, *rest: Any, **more: Any
    ) -> Any:
        bucket = made(cls, resource_name, cloudformation_json, *rest, **more)
        _rest_of_bucket(cloudformation_json.get("Properties", {}), bucket.name)
        return bucket

    FakeBucket.create_from_cloudformation_json = classmethod(create)


def _rest_of_bucket(given: Properties, name: str) -> None:
    """What moto's own bucket drops: versions, public access, lifecycle, events."""
    s3: Any = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=given["VersioningConfiguration"])
    flags = {k: _is_true(v) for k, v in given["PublicAccessBlockConfiguration"].items()}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=flags)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    rules = [_lifecycle(rule) for rule in given["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def _lifecycle(rule: Properties) -> Properties:
    """A rule as S3's own API writes it."""
    about: Properties = {"Prefix": rule.get("Prefix", "")}
    if "ObjectSizeGreaterThan" in rule:
        about = {"And": {**about, "ObjectSizeGreaterThan": int(rule["ObjectSizeGreaterThan"])}}
    made: Properties = {"ID": rule["Id"], "Status": rule["Status"], "Filter": about}
    if "Transitions" in rule:
        made["Transitions"] = [
            {"Days": int(move["TransitionInDays"]), "StorageClass": move["StorageClass"]}
            for move in rule["Transitions"]
        ]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    for name, days in (
        ("NoncurrentVersionExpiration", "NoncurrentDays"),
        ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
    ):
        if name in rule:
            made[name] = {days: int(rule[name][days])}
    return made

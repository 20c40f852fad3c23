"""The picture of the AWS account, out of the resources of its template, so that it shows what is deployed.

Boxes are resources; a line leads from a resource to one that its properties name, also through resources without a box.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Resources = Mapping[str, Mapping[str, Any]]

DRAWN = {
    "AWS::Scheduler::Schedule": ("start", "a schedule"),
    "AWS::Events::Rule": ("start", "a rule of EventBridge"),
    "AWS::ECS::TaskDefinition": ("work", "a task of Fargate"),
    "AWS::S3::Bucket": ("lake", "a bucket"),
    "AWS::Glue::Database": ("lake", "databases of Glue"),
    "AWS::Athena::WorkGroup": ("ask", "a workgroup of Athena"),
    "AWS::RedshiftServerless::Workgroup": ("ask", "Redshift Serverless, if wanted"),
    "AWS::SecretsManager::Secret": ("lake", "a secret"),
    "AWS::SNS::Topic": ("tell", "a topic"),
    "AWS::SNS::Subscription": ("tell", "mail"),
    "AWS::SQS::Queue": ("tell", "a queue"),
    "AWS::CloudWatch::Alarm": ("tell", "an alarm"),
    "AWS::Logs::LogGroup": ("tell", "a log group"),
}
"""The types that have a box, with its group and its label."""

GROUPS = {
    "start": "What starts",
    "work": "What works",
    "lake": "The lake and its catalogue",
    "ask": "Where one asks",
    "tell": "What tells",
}

LEFT_OUT = {
    "AWS::KMS::Key": "everything is encrypted with it",
    "AWS::S3::BucketPolicy": "it says how the bucket may be spoken to",
    "AWS::LakeFormation::DataLakeSettings": "who may see what is in the guide of access",
    "AWS::LakeFormation::Resource": "the same",
    "AWS::LakeFormation::Tag": "the same",
    "AWS::LakeFormation::TagAssociation": "the same",
    "AWS::LakeFormation::PrincipalPermissions": "the same",
    "AWS::IAM::Role": "the same",
    "AWS::IAM::ManagedPolicy": "the same",
    "AWS::ECS::Cluster": "the tasks run in it",
    "AWS::RedshiftServerless::Namespace": "it belongs to the workgroup",
    "AWS::SNS::TopicPolicy": "it lets the alarms write",
    "AWS::SQS::QueuePolicy": "it lets the schedules write",
}
"""The types that have none, and why."""

_SUBSTITUTED = re.compile(r"\$\{(\w+)")


def account(resources: Resources) -> str:
    """The account as a text of D2."""
    groups: dict[str, list[str]] = defaultdict(list)
    boxes = {name: one for name, one in resources.items() if one["Type"] in DRAWN}
    databases = [name for name in boxes if boxes[name]["Type"] == "AWS::Glue::Database"]
    for name, one in boxes.items():
        group, what = DRAWN[one["Type"]]
        if name not in databases[1:]:
            title = f"{len(databases)}" if name in databases else _words(name)
            dashed = "; style.stroke-dash: 4" if "Condition" in one else ""
            groups[group].append(f'  {name}: "{title}\\n{what}" {{class: box{dashed}}}')
    lines = ['systems: "Your systems" {shape: person}']
    for group, title in GROUPS.items():
        lines += [f'{group}: "{title}" {{class: group', *groups[group], "}"]
    places = {name: f"{DRAWN[one['Type']][0]}.{name}" for name, one in boxes.items()}
    for name in boxes:
        if name not in databases:
            for other in sorted(_named(resources, name) & boxes.keys() - {*databases}):
                ends = (places[name], places[other])
                if boxes[name]["Type"] == "AWS::SNS::Subscription":
                    ends = (ends[1], ends[0])
                lines.append(f"{' -> '.join(ends)}: {{class: key}}")
    lines.append(f'systems -> {places["Lake"]}: "extracts, below inbox/" {{class: key}}')
    return "\n".join(lines)


def _words(name: str) -> str:
    """A logical id as words: NightlyRun is nightly run."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _named(resources: Resources, name: str) -> set[str]:
    """The resources that one's properties name."""
    return {found for found in _references(resources[name].get("Properties")) if found in resources}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref":
                yield str(inner)
            elif key == "Fn::GetAtt":
                yield str(inner[0])
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from _SUBSTITUTED.findall(text)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)

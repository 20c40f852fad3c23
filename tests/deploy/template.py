"""What tests ask of the template of the AWS account."""

import re
from typing import Any

from tools.template import RESOURCES, TEMPLATE, TREE

__all__ = ["RESOURCES", "TEMPLATE", "TREE"]

DECLARED = {name for name, one in RESOURCES.items() if "Condition" not in one}
"""The logical ids that a stack without Redshift must have."""


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical id."""
    return {
        name: one.get("Properties", {}) for name, one in RESOURCES.items() if one["Type"] == kind
    }


def statements() -> list[tuple[str, dict[str, Any]]]:
    """Each statement of each policy, with the logical id of its resource."""
    found = []

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            if "Effect" in value and "Action" in value:
                found.append((name, value))
            for one in value.values():
                walk(name, one)
        elif isinstance(value, list):
            for one in value:
                walk(name, one)

    for name, resource in RESOURCES.items():
        walk(name, resource.get("Properties", {}))
    return found


def listed(value: Any) -> list[Any]:
    """One thing or a list of them, as policies write it."""
    return value if isinstance(value, list) else [value]


def resolved(policy: str, bucket: str, lake: str) -> dict[str, Any]:
    """The document of a managed policy with names in place of references; `lake` is what stands before its folders."""
    places = {
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::AccountId": "123456789012",
        "Lake.Arn": f"arn:aws:s3:::{lake}",
        "Workgroup": "landfall",
    }

    def known(value: Any) -> Any:
        if isinstance(value, list):
            return [known(one) for one in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([\w.:]+)\}", lambda found: places[found[1]], text)
            case {"Fn::GetAtt": ["Lake", "Arn"]}:
                return f"arn:aws:s3:::{bucket}"
            case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
                return name
        return {name: known(one) for name, one in value.items()}

    document: dict[str, Any] = known(RESOURCES[policy]["Properties"]["PolicyDocument"])
    return document

"""What tests ask of the template of the AWS account."""

from typing import Any

from tools.template import RESOURCES, TEMPLATE, TREE, listed

__all__ = ["RESOURCES", "TEMPLATE", "TREE", "listed"]

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

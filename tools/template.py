"""The template of the AWS account as data: its tags as `{"Ref": …}`, `{"Fn::Sub": …}`, as its JSON would have them."""

from typing import Any

import yaml

from tools.project import ROOT

TEMPLATE = ROOT / "deploy" / "landfall.yaml"


class Loader(yaml.SafeLoader):
    """Reads YAML with the short forms of CloudFormation's functions."""


def _function(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    value: Any = loader.construct_scalar(node)
    return {name: value.split(".", 1) if tag == "GetAtt" else value}


Loader.add_multi_constructor("!", _function)


def listed(value: Any) -> list[Any]:
    """One thing or a list of them, as policies write it."""
    return value if isinstance(value, list) else [value]


TREE: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)
RESOURCES: dict[str, dict[str, Any]] = TREE["Resources"]

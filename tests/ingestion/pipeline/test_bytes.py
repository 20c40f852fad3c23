"""What nodes read on Athena is in the record of their run, and fails no run where Athena does not tell."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import boto3
import pytest

from ingestion.errors import BadSettings, LandingFailed
from ingestion.pipeline.checks import bytes_by_node, stop_leftovers
from ingestion.pipeline.node import Node
from ingestion.pipeline.steps import _with_bytes

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
READ = "ingestion.pipeline.checks.bytes_by_node"


def node(name: str) -> Node:
    return Node(
        name=name,
        resource_type="model",
        areas=(),
        status="success",
        seconds=1.0,
        failures=None,
        message="",
    )


def test_each_node_gets_what_its_queries_read_and_one_without_queries_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(since: datetime) -> Counter[str]:
        assert since == BEGAN
        return Counter({"model.a": 7, "model.elsewhere": 9})

    monkeypatch.setattr(READ, told)
    found = _with_bytes([node("model.a"), node("model.b")], BEGAN)
    assert [(one.name, one.bytes_scanned) for one in found] == [("model.a", 7), ("model.b", 0)]


def test_where_athena_does_not_tell_the_nodes_are_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(since: datetime) -> Counter[str]:
        raise LandingFailed("ask Athena what the queries read: ThrottlingException")

    monkeypatch.setattr(READ, refused)
    assert _with_bytes([node("model.a")], BEGAN) == [node("model.a")]


@pytest.mark.parametrize("ask", [stop_leftovers, lambda: bytes_by_node(BEGAN)])
def test_without_a_region_athena_is_not_asked_and_the_error_is_of_the_settings(
    ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(BadSettings, match="AWS: You must specify a region"):
        ask()

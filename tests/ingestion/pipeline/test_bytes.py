"""What nodes read on Athena is in the record of their run, and fails no run where Athena does not tell."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from ingestion.errors import LandingFailed
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
    def told(target: str, since: datetime) -> Counter[str]:
        assert (target, since) == ("athena", BEGAN)
        return Counter({"model.a": 7, "model.elsewhere": 9})

    monkeypatch.setattr(READ, told)
    found = _with_bytes([node("model.a"), node("model.b")], BEGAN)
    assert [(one.name, one.bytes_scanned) for one in found] == [("model.a", 7), ("model.b", 0)]


def test_where_athena_does_not_tell_the_nodes_are_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(target: str, since: datetime) -> Counter[str]:
        raise LandingFailed("ask Athena what the queries read: ThrottlingException")

    monkeypatch.setattr(READ, refused)
    assert _with_bytes([node("model.a")], BEGAN) == [node("model.a")]

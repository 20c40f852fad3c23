"""A run's conditions for alerts and figures for metrics."""

from collections.abc import Iterable

from ingestion import alerts
from ingestion.pipeline.node import Node
from ingestion.pipeline.steps import RunReport

PUNCTUAL = ("pass",)


def conditions(report: RunReport) -> list[alerts.Seen]:
    """Failed nodes, late tables, incomplete areas; a failed run says nothing about figures."""
    late = [node for node in report.freshness if node.status not in PUNCTUAL]
    incomplete = None if report.failures else _incomplete(report)
    return alerts.of_run(_watched(report.failures), _watched(late), incomplete)


def figures(report: RunReport) -> dict[str, float]:
    """Counts of the problems."""
    return {
        "NodesFailed": len(report.failures),
        "AreasIncomplete": len(_incomplete(report)),
    }


def _watched(nodes: Iterable[Node]) -> list[alerts.Watched]:
    return [alerts.Watched(node.in_words, node.areas, node.status) for node in nodes]


def _incomplete(report: RunReport) -> list[str]:
    """The areas with an incomplete verdict; an area that was never delivered is not incomplete."""
    rows = [{name.lower(): value for name, value in row.items()} for row in report.figures]
    return [str(row["area"]) for row in rows if str(row["verdict"]).startswith("incomplete")]

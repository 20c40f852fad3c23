"""What of a run may be told to those who were not there: conditions for alerts, figures for metrics."""

from collections.abc import Iterable

from ingestion import alerts
from ingestion.pipeline.node import Node
from ingestion.pipeline.steps import RunReport

PUNCTUAL = ("pass",)


def conditions(report: RunReport) -> list[alerts.Seen]:
    """Failed nodes, late tables, incomplete areas; of figures a run that failed says nothing."""
    late = [node for node in report.freshness if node.status not in PUNCTUAL]
    incomplete = None if report.failures else _incomplete(report)
    return alerts.of_run(_watched(report.failures), _watched(late), incomplete)


def figures(report: RunReport) -> dict[str, float]:
    """Counts of what is wrong."""
    return {
        "NodesFailed": len(report.failures),
        "AreasIncomplete": len(_incomplete(report)),
    }


def _watched(nodes: Iterable[Node]) -> list[alerts.Watched]:
    return [alerts.Watched(node.in_words, node.areas, node.status) for node in nodes]


def _incomplete(report: RunReport) -> list[str]:
    """The areas whose verdict says so; one from which nothing was ever landed lacks nothing."""
    rows = [{name.lower(): value for name, value in row.items()} for row in report.figures]
    return [str(row["area"]) for row in rows if str(row["verdict"]).startswith("incomplete")]

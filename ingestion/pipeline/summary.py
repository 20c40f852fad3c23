"""A run's report: a summary for people, conditions for alerts, figures for metrics."""

from collections import Counter
from collections.abc import Iterable

from ingestion import alerts
from ingestion.pipeline.node import ACCESS, SCHEMA, Node
from ingestion.pipeline.report_pages import DOCUMENTATION, FIRST
from ingestion.pipeline.steps import RunReport
from ingestion.report import outcomes_as_text, table


def summary(report: RunReport) -> str:
    """The landed, built and tested nodes, the problems, the verdict per area, and the place of the result."""
    states = Counter((node.resource_type, node.status) for node in report.nodes)
    lines = [
        f"run {report.run_id}",
        "",
        outcomes_as_text(report.outcomes, _nothing_landed(report)),
        "",
        *(["repaired:", *(f"  {line}" for line in report.repaired), ""] if report.repaired else []),
        *([report.built_in_words, ""] if report.built_in_words else []),
        *(["history:", *(f"  {line}" for line in report.history), ""] if report.history else []),
        table(
            ["built and tested", "state", "count"],
            [[*state, count] for state, count in sorted(states.items())],
        )
        if report.is_new
        else "nothing new since the last build: loads and project are the same, and so are the figures",
    ]
    for heading, nodes in (
        ("failed", report.failures),
        ("worth a look", report.warnings),
        ("late", _late(report)),
    ):
        if nodes:
            lines += ["", f"{heading}:", *(f"  {_line(node)}" for node in nodes)]
    if report.figures:
        names = [name.lower().replace("_", " ") for name in report.figures[0]]
        by_area = sorted([*row.values()] for row in report.figures)
        lines += ["", table(names, by_area)]
    return "\n".join([*lines, "", _ending(report)])


def _nothing_landed(report: RunReport) -> str:
    if not report.left:
        return "nothing in the inbox"
    return f"nothing landed: --into builds from what was landed before; {report.left} objects lie in the inbox"


def _late(report: RunReport) -> list[Node]:
    return [node for node in report.freshness if node.status != "pass"]


def _line(node: Node) -> str:
    return f"{node.in_words}: {node.message or node.status}"


def _ending(report: RunReport) -> str:
    if report.failures:
        lines = ["not published, the figures stay as they were"]
        if report.unpublished:
            lines.append(f"what was built, until the next run: {report.unpublished}")
        for node in report.failures:
            if node.resource_type not in (ACCESS, SCHEMA):
                name = node.name.split(".")[2]
                where = "there, " if report.unpublished else ""
                lines.append(
                    f"its SQL, to run {where}where rows may be seen: dbt compile --select {name}"
                )
                break
        return "\n".join(lines)
    lines = [f"published: {report.published}"]
    lines += [f"pages: {report.pages}"] if report.pages else []
    lines += [f"documentation: {_documentation(report)}"] if report.docs else []
    return "\n".join(lines)


def _documentation(report: RunReport) -> str:
    """Its place beside the pages, if there are any: the next run overwrites the file that dbt has written."""
    return report.pages.removesuffix(FIRST) + DOCUMENTATION if report.pages else str(report.docs)


def conditions(report: RunReport) -> list[alerts.Seen]:
    """Failed nodes, late tables, incomplete areas; a failed run says nothing about figures."""
    incomplete = None if report.failures else _incomplete(report)
    return alerts.of_run(_areas_of(report.failures), _areas_of(_late(report)), incomplete)


def figures(report: RunReport) -> dict[str, float]:
    """Counts of the problems."""
    return {
        "NodesFailed": len(report.failures),
        "AreasIncomplete": len(_incomplete(report)),
    }


def _areas_of(nodes: Iterable[Node]) -> dict[str, tuple[str, ...]]:
    return {node.in_words: node.areas for node in nodes}


def _incomplete(report: RunReport) -> list[str]:
    """The areas with an incomplete verdict; an area that was never delivered is not incomplete."""
    rows = [{name.lower(): value for name, value in row.items()} for row in report.figures]
    return [str(row["area"]) for row in rows if str(row["verdict"]).startswith("incomplete")]

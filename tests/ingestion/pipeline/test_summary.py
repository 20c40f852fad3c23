"""The output at a run's end must suffice to go on."""

from dataclasses import replace
from pathlib import Path

from ingestion.pipeline import RunReport, summary
from ingestion.pipeline.news import News
from ingestion.pipeline.node import Node

FAILED = Node(
    name="test.landfall.nothing_is_lost.1a2b",
    resource_type="test",
    areas=("billing",),
    status="fail",
    seconds=0.1,
    failures=1,
    message="Got 1 result, configured to fail if != 0",
)


def test_a_failed_test_is_named_with_its_sql_and_the_file_to_ask() -> None:
    report = RunReport(run_id="r", outcomes=[], nodes=[FAILED])
    ending = summary(replace(report, unpublished=Path("/a/.building/warehouse.duckdb")))
    assert ending.splitlines()[-3:] == [
        "not published, the figures stay as they were",
        "what was built, until the next run: /a/.building/warehouse.duckdb",
        "its SQL, to run there, where rows may be seen: dbt compile --select nothing_is_lost",
    ]
    elsewhere = summary(report).splitlines()
    assert elsewhere[-2:] == [
        "not published, the figures stay as they were",
        "its SQL, to run where rows may be seen: dbt compile --select nothing_is_lost",
    ]


def test_a_partial_build_says_how_many_nodes_and_why() -> None:
    news = News(tables=frozenset({"clinic.patient"}), areas=frozenset())
    report = RunReport(run_id="r", outcomes=[], nodes=[FAILED], news=news, count=1308)
    told = "built 1 of 1308 nodes: downstream of clinic.patient"
    assert told in summary(report).splitlines()
    assert "built 1 of" not in summary(replace(report, news=None))


def test_the_documentation_is_named_where_it_is_published() -> None:
    report = RunReport(run_id="r", outcomes=[], docs=Path("/project/target/run/static_index.html"))
    assert (
        summary(report).splitlines()[-1] == "documentation: /project/target/run/static_index.html"
    )
    with_pages = summary(replace(report, pages="/lake/report/index.html"))
    assert with_pages.splitlines()[-1] == "documentation: /lake/report/documentation.html"

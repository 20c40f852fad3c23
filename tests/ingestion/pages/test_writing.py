"""A page is drawn again when its answers are others, and copied when they are the same."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.pages import Answers, Described, write_pages
from ingestion.pages.answers import Row, Value
from tests.pages.reading import read
from tools.project import ROOT

PAGE = """\
name: index
title: Visits
position: 1
subtitle: What there was.
areas: [clinic]
queries:
  visits: {sql: "select visits from {visits}"}
blocks:
  - title: Visits
    query: visits
    table: [{column: visits, label: Visits}]
    source: [visits]
"""
TEXTS = ("page.html.j2", "page.css", "theme.json")
MODELS = {
    name: Described(relation=name, full_name=f"clinic.{name}", text="", columns={"visits": ""})
    for name in ("visits", "figures_status")
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one page."""
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    (tmp_path / "pages").mkdir()
    for name in TEXTS:
        shutil.copy(ROOT / "pages" / name, tmp_path / "pages")
    (tmp_path / "pages/index.yml").write_text(PAGE)
    return tmp_path


def written(
    project: Path,
    folder: str,
    visits: int | Decimal | list[int],
    verdict: str,
    earlier: str = "",
) -> str:
    """The page as it is written into a folder, with these answers."""

    def ask(queries: Mapping[str, str]) -> Answers:
        assert len(queries) == 2
        said = {"area": "clinic", "verdict": verdict, "as_of_date": None}
        counts = visits if isinstance(visits, list) else [visits]
        rows = [{"visits": Decimal(count)} for count in counts]
        return {name: rows if "." in name else [said] for name in queries}  # type: ignore[dict-item]

    (project / folder).mkdir()
    (page,) = write_pages(
        project, MODELS, ask, project / folder, project / earlier if earlier else None
    )
    return page.read_text()


@pytest.mark.parametrize("hides", [True, False])
def test_a_page_that_hides_no_count_does_not_say_that_it_does(project: Path, hides: bool) -> None:
    if hides:
        page = PAGE.replace('from {visits}"', 'from {visits}", small: [{count: visits}]')
        (project / "pages/index.yml").write_text(page)
    assert ("A count from 1 to 10" in written(project, "one", 4, "complete")) is hides


def test_a_page_says_where_a_chart_lacks_hidden_values(project: Path) -> None:
    page = PAGE.replace('from {visits}"', 'from {visits}", small: [{count: visits}]')
    (project / "pages/index.yml").write_text(page + "    chart: index_visits\n")
    (project / "pages/charts").mkdir()
    chart = {"mark": "point", "encoding": {"x": {"field": "visits", "type": "quantitative"}}}
    (project / "pages/charts/index_visits.vl.json").write_text(json.dumps(chart | {"width": 9}))
    said = "are not drawn"
    assert said not in written(project, "many", [40, 41], "complete")
    assert said in written(project, "few", [40, 4], "complete")


def test_the_zeros_that_an_engine_adds_make_no_other_page(project: Path) -> None:
    pages = [
        written(project, f"engine{number}", Decimal(text), "complete")
        for number, text in enumerate(("41", "41.00", "4.1E1"))
    ]
    assert pages[0] == pages[1] == pages[2]


def test_a_page_is_copied_where_its_answers_are_the_same_and_drawn_where_not(project: Path) -> None:
    first = written(project, "first", 41, "complete")
    assert "41" in first
    page = project / "first/index.html"
    page.write_text(first.replace("Visits", "As it was"))
    for folder, visits, verdict, is_copied in (
        ("same", 41, "complete", True),
        ("more", 42, "complete", False),
        ("late", 41, "incomplete: visits are late", False),
    ):
        said = written(project, folder, visits, verdict, "first")
        assert ("As it was" in said) is is_copied
        assert str(visits) in said
    assert "As it was" not in written(project, "alone", 41, "complete")
    assert "As it was" not in written(project, "gone", 41, "complete", "nowhere")


FOLDED = """\
queries:
  visits: {sql: "select who, what, visits, place from {visits}"}
blocks:
  - title: Visits
    query: visits
    table:
      lines: {column: who, label: Who, format: text}
      columns: {column: what, label: What, format: FORMAT}
      cells: {column: visits, label: Visits}
    source: [visits]
"""


def page_of(project: Path, body: str, rows: Sequence[Row]) -> Path:
    """The file of a page with these queries and blocks, each query having these rows."""
    head = PAGE.partition("queries:")[0]
    (project / "pages/index.yml").write_text(head + body)
    verdict: Row = {"area": "clinic", "verdict": "complete", "as_of_date": date(2022, 4, 16)}

    def ask(queries: Mapping[str, str]) -> Answers:
        return {name: [*rows] if "." in name else [verdict] for name in queries}

    (page,) = write_pages(project, MODELS, ask, project)
    return page


@pytest.mark.parametrize(
    ("kind", "values", "places", "heads"),
    [
        ("month", [date(2022, 4, 1), date(2021, 9, 1)], None, ["Sep 2021", "Apr 2022"]),
        ("integer", [Decimal(10), Decimal(9)], None, ["9", "10"]),
        ("text", ["late", "early"], None, ["late", "early"]),
        ("text", ["late", "early"], [Decimal(10), Decimal(9)], ["early", "late"]),
        ("text", ["late", "early"], [date(2022, 4, 1), date(2021, 9, 1)], ["early", "late"]),
        ("text", ["late", "early"], [None, Decimal(9)], ["early", "late"]),
    ],
)
def test_the_columns_of_a_folded_table_are_in_order_though_the_first_line_lacks_one(
    project: Path, kind: str, values: list[Value], places: list[Value] | None, heads: list[str]
) -> None:
    rows: list[Row] = [
        {"who": who, "what": value, "visits": Decimal(40), "place": place}
        for value, place, who in zip(values, places or values, ("a", "b"), strict=True)
    ]
    order = "      order: place\n    source" if places else "    source"
    body = FOLDED.replace("FORMAT", kind).replace("    source", order)
    head, *lines = read(page_of(project, body, rows)).tables["visits"]
    assert head == ["Who", *heads]
    assert [line[0] for line in lines] == ["a", "b"]


def test_a_line_of_which_no_value_is_shown_is_left_out_where_the_table_says_so(
    project: Path,
) -> None:
    rows: list[Row] = [
        {"who": who, "what": what, "visits": visits, "place": None}
        for who, what, visits in (
            ("few", "Monday", Decimal(3)),
            ("few", "Friday", None),
            ("some", "Monday", Decimal(40)),
            ("some", "Friday", Decimal(3)),
        )
    ]
    body = FOLDED.replace("FORMAT", "text").replace(
        '{visits}"', '{visits}", small: [{count: visits}]'
    )
    assert len(read(page_of(project, body, rows)).tables["visits"]) == 3
    leaving = body.replace("    source", "      leaves_out_hidden: true\n    source")
    _, *lines = read(page_of(project, leaving, rows)).tables["visits"]
    assert lines == [["some", "40", "1–10"]]

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
        said = {"area": "clinic", "verdict": verdict, "past_days_missing": None, "as_of_date": None}
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


def page_of(project: Path, body: str, rows: Sequence[Row], as_of: date = date(2022, 4, 16)) -> Path:
    """The file of a page with these queries and blocks, each query having these rows."""
    head = PAGE.partition("queries:")[0]
    (project / "pages/index.yml").write_text(head + body)
    said: list[Row] = [
        {"area": area, "verdict": "complete", "past_days_missing": None, "as_of_date": day}
        for area, day in (("clinic", as_of), ("billing", date(2022, 3, 5)), ("stock", None))
    ]

    def ask(queries: Mapping[str, str]) -> Answers:
        return {name: [*rows] if "." in name else said for name in queries}

    (page,) = write_pages(project, MODELS, ask, project)
    return page


FIGURE = """\
queries:
  visits: {sql: "select month_start, visits, days from {visits}"}
figures:
  - {label: Visits, query: visits, column: visits, defined: visits.visits, less_is_better: false, MORE}
blocks:
  - title: Visits
    query: visits
    table: [{column: month_start, label: Month, format: month}, {column: visits, label: Visits}]
    source: [visits]
"""


def course_of(visits: Sequence[int], days: Sequence[int] = ()) -> list[Row]:
    """A row for each month up to April 2022."""
    return [
        {"month_start": date(2022, 5 - number, 1), "visits": Decimal(one), "days": Decimal(over)}
        for number, one, over in zip(
            range(len(visits), 0, -1), visits, days or [365] * len(visits), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("more", "as_of", "since"),
    [
        ("adds_up: true", date(2022, 4, 16), "so far, to Apr 16"),
        ("adds_up: true", date(2022, 4, 30), "Apr 2022 ▼ down, worse"),
        ("adds_up: true", date(2022, 5, 2), "Apr 2022 ▼ down, worse"),
        ("adds_up: false", date(2022, 4, 16), "Apr 2022 (to 16) ▼ down, worse"),
    ],
)
def test_what_adds_up_is_not_compared_while_its_month_is_running(
    project: Path, more: str, as_of: date, since: str
) -> None:
    page = page_of(project, FIGURE.replace("MORE", more), course_of([150, 187, 86]), as_of)
    seen = read(page)
    assert seen.since == {"Visits": since}
    assert seen.figures["Visits"][:2] == ["86", "187"]
    month = "Apr 2022 (to 16)" if as_of.day == 16 else "Apr 2022"
    assert [line[0] for line in seen.tables["visits"]] == ["Month", "Feb 2022", "Mar 2022", month]


def test_the_course_of_what_adds_up_has_whole_months_alone(project: Path) -> None:
    """Two points make a course, one makes none."""
    figure = FIGURE.replace("MORE", "adds_up: true")
    rows = course_of([187, 86])
    assert read(page_of(project, figure, rows)).drawings == 0
    assert read(page_of(project, figure, rows, date(2022, 4, 30))).drawings == 1


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ([180, 211], "Apr 2022, over 211 days"),
        ([334, 364], "Apr 2022, over 364 days"),
        ([364, 365], "Apr 2022 ▼ down, worse"),
    ],
)
def test_a_measure_of_less_than_a_year_says_of_how_many_days_it_is_and_is_not_compared(
    project: Path, days: list[int], since: str
) -> None:
    figure = FIGURE.replace("MORE", "over_days: days")
    page = page_of(project, figure, course_of([187, 86], days), date(2022, 4, 30))
    assert read(page).since == {"Visits": since}


def test_a_month_is_running_by_the_earliest_day_of_the_areas_that_a_query_reads(
    project: Path,
) -> None:
    rows = course_of([187, 86])
    of_both = FIGURE.replace("MORE", "adds_up: true").replace(
        "from {visits}", "from {visits}, {bills}"
    )
    billing = Described(relation="bills", full_name="billing.bills", text="", columns={})
    stock = Described(relation="places", full_name="stock.places", text="", columns={})
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(MODELS, "bills", billing)
        patched.setitem(MODELS, "places", stock)
        seen = read(page_of(project, of_both, rows))
        assert [line[0] for line in seen.tables["visits"]][1:] == ["Mar 2022 (to 5)", "Apr 2022"]
        undated = of_both.replace("{bills}", "{places}")
        seen = read(page_of(project, undated, rows))
        assert [line[0] for line in seen.tables["visits"]][1:] == ["Mar 2022", "Apr 2022 (to 16)"]


@pytest.mark.parametrize(
    ("kind", "values", "places", "heads"),
    [
        ("month", [date(2022, 4, 1), date(2021, 9, 1)], None, ["Sep 2021", "Apr 2022 (to 16)"]),
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


@pytest.mark.parametrize("who", ["a", None])
def test_no_chart_is_drawn_beside_a_table_without_lines(project: Path, who: str | None) -> None:
    """A row without a line is a part of a sum alone: of it a chart would have axes and nothing between them."""
    chart = {"mark": "bar", "encoding": {"x": {"field": "visits", "type": "quantitative"}}}
    (project / "pages/charts").mkdir()
    (project / "pages/charts/index_visits.vl.json").write_text(json.dumps(chart | {"width": 9}))
    rows: list[Row] = [{"who": who, "what": "late", "visits": Decimal(40), "place": None}]
    body = FOLDED.replace("FORMAT", "text") + "    chart: index_visits\n"
    page = page_of(project, body, rows)
    assert read(page).drawings == (2 if who else 0)
    assert ("Nothing to show" in page.read_text()) is (who is None)


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


def test_a_row_without_a_line_is_not_shown_and_hides_others(project: Path) -> None:
    rows: list[Row] = [
        {"who": who, "what": "all", "visits": Decimal(visits), "place": "sum"}
        for who, visits in (("some", 20), ("many", 40), (None, 3))
    ]
    body = FOLDED.replace("FORMAT", "text").replace(
        '{visits}"', '{visits}", small: [{count: visits, within: [place]}]'
    )
    _, *lines = read(page_of(project, body, rows)).tables["visits"]
    assert lines == [["some", "1–10"], ["many", "40"]]

"""Charts are the same whatever was drawn before them, and keep apart on one page."""

import json
import re
from datetime import date
from decimal import Decimal
from html import escape

import pytest
import yaml

from ingestion.pages.answers import HIDDEN, Row
from ingestion.pages.charts import drawable, drawn, narrowed
from ingestion.pages.wording import Wording
from tools.project import ROOT

KEPT = yaml.safe_load((ROOT / "pages/theme.json").read_text())
THEME = KEPT["config"]
DAYS = json.loads((ROOT / "pages/charts/rides_days.vl.json").read_text())
ROWS: list[Row] = [
    {"trip_date": date(2022, 3, day), "revenue_amount": Decimal(day * 10)} for day in range(1, 6)
]


def chart(name: str, is_narrow: bool = False) -> str:
    specification = narrowed(DAYS, KEPT["narrow"]) if is_narrow else DAYS
    svg = drawn(specification, ROWS, THEME, Wording("en_US", "USD"), name)
    assert svg
    return svg


def test_a_row_is_drawn_unless_a_column_of_the_chart_itself_is_hidden() -> None:
    rows: list[Row] = [
        {"trip_date": date(2022, 3, 1), "revenue_amount": Decimal(10), "cancelled": HIDDEN},
        {"trip_date": date(2022, 3, 2), "revenue_amount": HIDDEN, "cancelled": Decimal(12)},
    ]
    assert drawable(DAYS, rows) == [{"trip_date": date(2022, 3, 1), "revenue_amount": Decimal(10)}]


@pytest.mark.parametrize(
    ("locale", "currency", "shown"),
    [("en_US", "USD", "$20,000"), ("de_DE", "EUR", "20.000\N{NO-BREAK SPACE}€")],
)
def test_an_axis_of_the_practices_amounts_has_its_currency(
    locale: str, currency: str, shown: str
) -> None:
    money = json.loads((ROOT / "pages/charts/index_money.vl.json").read_text())
    row: Row = {
        "month_start": date(2022, 3, 1),
        "what": "Charges",
        "moved_amount": Decimal(20000),
    }
    svg = drawn(money, [row], THEME, Wording(locale, currency), "Charges")
    assert svg and f">{shown}<" in svg


@pytest.mark.parametrize("months", [2, 9, 12, 13])
@pytest.mark.parametrize(
    ("name", "column"), [("index_new_patients", "new_patients"), ("index_physicians", "visits")]
)
@pytest.mark.parametrize("is_narrow", [False, True])
def test_an_axis_of_months_says_how_far_the_running_month_goes(
    name: str, column: str, months: int, is_narrow: bool
) -> None:
    """However many months it has, and so however many labels it leaves out."""
    spec = json.loads((ROOT / f"pages/charts/{name}.vl.json").read_text())
    if is_narrow:
        spec = narrowed(spec, KEPT["narrow"])
    starts = [date(2021 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(months)]
    rows: list[Row] = [
        {"month_start": month, column: Decimal(20), "physician": "E1"} for month in starts
    ]
    newest = starts[-1]
    for day in (16, 27):
        as_of = newest.replace(day=day)
        told = drawn(spec, rows, THEME, Wording("en_US", "USD", as_of), "Visits")
        assert told and f">{newest:%b %y}</tspan>" in told and f">to {day}</tspan>" in told
    ended = drawn(spec, rows, THEME, Wording("en_US", "USD", date(2022, 7, 1)), "Visits")
    assert ended and "tspan" not in ended and len(re.findall(f">{starts[0]:%b %y}<", ended)) == 1


def clips(svg: str) -> set[str]:
    return set(re.findall(r'id="([^"]+)"', svg))


def test_a_chart_is_the_same_bytes_whatever_was_drawn_before_it() -> None:
    first = chart("Revenue by day")
    chart("Another")
    assert chart("Revenue by day") == first


def test_charts_of_one_page_share_no_id_and_use_their_own() -> None:
    one, other = chart("Revenue by day"), chart("Trips by day")
    assert clips(one) and not clips(one) & clips(other)
    assert set(re.findall(r"url\(#([^)]+)\)", one)) == clips(one)


def test_a_chart_for_a_phone_is_as_wide_as_a_phone_in_letters_of_the_same_size() -> None:
    wide, narrow = chart("Revenue by day"), chart("Revenue by day", is_narrow=True)
    assert 'viewBox="0 0 300 ' in narrow and 'viewBox="0 0 300 ' not in wide
    assert sizes(narrow) == sizes(wide) == {"12px"}
    assert not clips(narrow) & clips(wide)


def sizes(svg: str) -> set[str]:
    return set(re.findall(r'font-size="([^"]+)"', svg))


@pytest.mark.parametrize("name", [path.stem for path in (ROOT / "pages/charts").iterdir()])
def test_every_chart_can_be_made_narrow(name: str) -> None:
    """Every part of a narrow chart has one of the two widths of the theme."""
    spec = json.loads((ROOT / f"pages/charts/{name}.json").read_text())
    made = narrowed(spec, KEPT["narrow"])
    widths = [part["width"] for part in made.get("vconcat", [made])]
    assert set(widths) <= {KEPT["narrow"]["width"], KEPT["narrow"]["part"]}


def test_a_shortened_chart_keeps_what_is_written_in_it() -> None:
    said = 'x 12.3456 d="M0,0.123" opacity'
    spec = {"mark": "text", "encoding": {"text": {"field": "said"}, "x": {"value": 1.23456}}}
    svg = drawn(spec, [{"said": said}], THEME, Wording("en_US", "USD"), "Revenue")
    assert svg and escape(said, quote=False) in svg and "font-family" not in svg
    assert not re.search(r'<[^>]*(?:transform|d)="[^"]*\d\.\d\d', svg)

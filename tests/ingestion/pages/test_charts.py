"""Charts are the same whatever was drawn before them, and keep apart on one page."""

import json
import re
from datetime import date
from decimal import Decimal

import yaml

from ingestion.pages.answers import Row
from ingestion.pages.charts import drawn
from ingestion.pages.wording import Wording
from tools.project import ROOT

THEME = yaml.safe_load((ROOT / "pages/theme.json").read_text())["config"]
DAYS = json.loads((ROOT / "pages/charts/rides_days.vl.json").read_text())
ROWS: list[Row] = [
    {"trip_date": date(2022, 3, day), "revenue_amount": Decimal(day * 10)} for day in range(1, 6)
]


def chart(name: str) -> str:
    svg = drawn(DAYS, ROWS, THEME, Wording("en_US", "USD"), name)
    assert svg
    return svg


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

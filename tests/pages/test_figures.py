"""Every number on the pages of the demo is the mart's, asked anew of the published file; and few are not shown."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingestion.pages.definition import Page, Pivot, Query, read_pages
from tests.pages.reading import read
from tools.demonstration import Demonstration, demonstrated
from tools.project import ROOT

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

PAGES = {page.name: page for page in read_pages(ROOT)}
SMALL, FEW = "1–10", "few"


@pytest.fixture(scope="module")
def shown() -> Demonstration:
    return demonstrated()


@pytest.fixture(scope="module")
def warehouse(shown: Demonstration) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(shown.warehouse), read_only=True) as connection:
        yield connection


def place_of(model: str) -> str:
    """The schema and name of a mart, from its folder."""
    path = next((ROOT / "models/marts").rglob(f"{model}.sql"))
    return f"{path.relative_to(ROOT / 'models/marts').parts[0]}.{model}"


def asked(warehouse: duckdb.DuckDBPyConnection, query: Query) -> list[dict[str, Any]]:
    """The rows of a page's query, in DuckDB's own types."""
    found = warehouse.execute(re.sub(r"\{(\w+)\}", lambda m: place_of(m[1]), query.sql))
    names = [column[0] for column in found.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    for name, (part, whole) in query.shares.items():
        for row in rows:
            row[name] = Decimal(row[part]) / Decimal(row[whole]) if row[whole] else None
    for name, (start, end) in query.seconds.items():
        for row in rows:
            row[name] = int((row[end] - row[start]).total_seconds())
    return rows


def written(value: Any, how: str, as_of: date | None = None) -> str:
    """A value as the page of an American practice writes it, spelt out here by other means than the page's."""
    if value is None:
        return "–"
    if how == "month":
        is_running = as_of and f"{value:%Y-%m}" == f"{as_of:%Y-%m}" and as_of < month_end(as_of)
        return f"{value:%b %Y} (to {as_of.day})" if as_of and is_running else f"{value:%b %Y}"
    if how == "date":
        return f"{value:%b} {value.day}, {value.year}"
    if how == "time":
        return f"{value:%b} {value.day}, {value.year} {value:%H:%M} UTC"
    if how == "text":
        return str(value)
    if how == "hour":
        return f"{value}:00"
    number = Decimal(value) if not isinstance(value, float) else Decimal(str(value))
    sign = "-" if number < 0 else ""
    if how == "percent":
        return f"{number * 100:,.1f}%"
    return {
        "integer": f"{number:,.0f}",
        "days": f"{number:,.0f}",
        "decimal": f"{number:,.1f}",
        "amount": f"{number:,.2f}",
        "money": f"{sign}${abs(number):,.2f}",
        "bytes": f"{number / 1_000_000:,.1f} MB",
    }[how]


def month_end(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def expected_lines(
    page: Page, number: int, rows: list[dict[str, Any]], as_of: date
) -> list[list[str]]:
    """The lines of a table as the rows say them, as if nothing were small."""
    table = page.blocks[number].table
    if not isinstance(table, Pivot):
        return [[written(row[one.column], one.format, as_of) for one in table] for row in rows]
    lines, columns = table.lines, table.columns
    rows = [row for row in rows if row[lines.column] is not None]
    place = table.order or columns.column
    is_text = any(isinstance(row[place], str) for row in rows)
    ordered = rows if is_text else sorted(rows, key=lambda row: row[place])
    heads = list(dict.fromkeys(row[columns.column] for row in ordered))
    found = {(row[lines.column], row[columns.column]): row[table.cells.column] for row in rows}
    if table.leaves_out_hidden:
        counts = {rule.count for rule in page.queries[page.blocks[number].query].small}
        rows = [row for row in rows if all((row[name] or 0) > 10 for name in counts)]
    return [
        [
            written(line, lines.format, as_of),
            *(written(found.get((line, head)), table.cells.format) for head in heads),
        ]
        for line in dict.fromkeys(row[lines.column] for row in rows)
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_of_every_table_is_the_marts(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection, name: str
) -> None:
    page, seen = PAGES[name], read(shown.folder / "demo/report" / f"{name}.html")
    ((as_of,),) = warehouse.execute(
        "select max(as_of_date) from operations.figures_status"
    ).fetchall()
    compared = 0
    for number, block in enumerate(page.blocks):
        rows = asked(warehouse, page.queries[block.query])
        head, *lines = seen.tables[block.query]
        wanted = expected_lines(page, number, rows, as_of)
        assert len(lines) == len(wanted) > 0, block.title
        for line, right in zip(lines, wanted, strict=True):
            assert len(line) == len(right) == len(head)
            for cell, value in zip(line, right, strict=True):
                assert cell in (value, SMALL, FEW), (block.title, line)
                compared += cell == value
    assert compared > 10


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.figures])
def test_every_figure_is_the_marts_of_its_month(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection, name: str
) -> None:
    page, seen = PAGES[name], read(shown.folder / "demo/report" / f"{name}.html")
    assert len(seen.figures) == len(page.figures) == 5
    for figure in page.figures:
        rows = {
            row[figure.month]: row[figure.column]
            for row in asked(warehouse, page.queries[figure.query])
        }
        now = max(rows)
        before = date(now.year - (now.month == 1), (now.month - 2) % 12 + 1, 1)
        months = [now, before, date(now.year - 1, now.month, 1)]
        assert seen.figures[figure.label] == [
            written(rows.get(month), figure.format) for month in months
        ], figure.label


def test_what_changed_on_the_day_is_the_ledgers_own(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection
) -> None:
    seen = read(shown.folder / "demo/report/index.html")
    rows = warehouse.execute(
        "select entry_type, count(*), sum(signed_amount) from billing.fct_ledger_entries"
        " where posted_on = as_of_date group by entry_type"
    ).fetchall()
    by_type = {kind: (count, amount) for kind, count, amount in rows}
    count, amount = by_type["charge"]
    assert seen.news["Charges posted"] == (written(amount, "money") if count > 10 else FEW)
    returned, refunded = by_type.get("refund", (0, Decimal()))
    count, amount = by_type["payment"]
    assert seen.news["Payments posted, less refunds"] == (
        written(-amount - refunded, "money") if count + returned > 10 else FEW
    )


def cents(text: str) -> Decimal:
    """An amount as the page writes it."""
    return Decimal(re.sub(r"[$,]", "", text))


def test_the_figures_of_the_day_add_up_and_one_that_is_hidden_follows_from_no_other(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection
) -> None:
    (day,) = asked(warehouse, PAGES["index"].queries["news"])
    change = day["charge_amount"] - day["net_payment_amount"] - day["adjustment_amount"]
    assert change + day["earlier_amount"] == day["balance_change"] != 0
    news = read(shown.folder / "demo/report/index.html").news
    shown_figures = [text for text in news.values() if text.lstrip("-")[0] == "$"]
    kinds = ("charges", "payments", "adjustments", "earlier")
    few = [name for name in kinds if 0 < day[name] <= 10]
    assert len(shown_figures) == (4 - len(few) if few else 5)


def test_the_figures_of_each_month_add_up_on_the_page(shown: Demonstration) -> None:
    """Those that are shown: the demo's practice has few credits, which hide what is open beside the balance."""
    page = shown.folder / "demo/report/index.html"
    head, *months = read(page).tables["money"]
    assert head[-3:] == ["Balance after", "Open (A/R)", "Credits and unapplied"]
    added, before = 0, months[0][1]
    for _, *amounts in months:
        assert amounts[0] == before
        before = amounts[4]
        if FEW not in amounts[:5]:
            balance, charged, paid, adjusted, after = map(cents, amounts[:5])
            assert balance + charged - paid - adjusted == after
            added += 1
        if FEW in amounts[5:]:
            assert amounts[5:] == [FEW, FEW] or FEW in amounts[:5]
        else:
            assert sum(map(cents, amounts[5:])) == cents(amounts[4])
    assert added > len(months) / 2
    told = re.search(r"The ledger&#39;s balance: <strong>\$([\d,.]+)</strong>", page.read_text())
    assert told and cents(told[1]) == cents(before)


def test_the_verdicts_come_first_and_are_those_of_the_warehouse(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection
) -> None:
    seen = read(shown.folder / "demo/report/operations.html")
    rows = warehouse.execute(
        "select area, is_complete, past_days_missing, as_of_date from operations.figures_status order by area"
    ).fetchall()
    assert len(seen.verdicts) == len(rows) == 7
    assert sum(past is not None for _, _, past, _ in rows) == 2
    for text, (area, is_complete, past, day) in zip(seen.verdicts, rows, strict=True):
        assert text.lower().startswith(area)
        assert ("use them" in text) == is_complete
        assert past is None or text.endswith(f"Past days lack {past}.")
        assert f"as of {written(day, 'date')}" in text


@pytest.mark.parametrize("name", PAGES)
def test_no_count_of_one_to_ten_is_shown_nor_what_is_made_of_it(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection, name: str
) -> None:
    page = PAGES[name]
    seen = read(shown.folder / "demo/report" / f"{name}.html")
    for block in page.blocks:
        rows = asked(warehouse, page.queries[block.query])
        for rule in page.queries[block.query].small:
            _, *lines = seen.tables[block.query]
            if isinstance(block.table, Pivot):
                rows = [row for row in rows if row[block.table.lines.column] is not None]
            few = [number for number, row in enumerate(rows) if 1 <= (row[rule.count] or 0) <= 10]
            if isinstance(block.table, Pivot):
                if block.table.leaves_out_hidden:
                    line = block.table.lines.column
                    left = {row[line] for row in rows if (row[rule.count] or 0) > 10}
                    few = [number for number in few if rows[number][line] in left]
                hidden = sum(line.count(SMALL) + line.count(FEW) for line in lines)
                assert hidden >= len(few)
                continue
            watched = {rule.count, *rule.hides}
            places = [n for n, one in enumerate(block.table) if one.column in watched]
            cells = [lines[number][place] for number in few for place in places]
            assert {*cells} <= {SMALL, FEW}, block.title


def test_the_balance_beside_what_is_owed_tells_of_no_part_that_is_few(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection
) -> None:
    page = (shown.folder / "demo/report/index.html").read_text()
    told = re.search(r"The ledger&#39;s balance: <strong>\$([\d,.]+)</strong>", page)
    ((balance,),) = warehouse.execute(
        "select sum(signed_amount) from billing.fct_ledger_entries where not is_future_dated"
    ).fetchall()
    assert told and cents(told[1]) == balance
    parts = [
        row
        for row in asked(warehouse, PAGES["index"].queries["ageing"])
        if row["in_total"] == "all"
    ]
    head, *lines = read(shown.folder / "demo/report/index.html").tables["ageing"]
    cells = {(line[0], age): cell for line in lines for age, cell in zip(head, line, strict=True)}
    assert sum(row["open_amount"] for row in parts) == balance
    few = [
        row["items"]
        for row in parts
        if row["payer"] and cells[row["payer"], row["age_bucket"]] == FEW
    ]
    assert len(few) > 1 and sum(few) > 10


def test_what_is_over_90_days_does_not_tell_of_a_part_that_is_hidden(shown: Demonstration) -> None:
    head, *lines = read(shown.folder / "demo/report/index.html").tables["ageing"]
    told = 0
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        parts = [cells["91-120"], cells[">120"]]
        if FEW in parts:
            assert cells["over 90"] == FEW, line
        elif parts != ["–", "–"]:
            told += 1
            amounts = (re.sub(r"[$,]", "", part) for part in parts if part != "–")
            assert cells["over 90"] == written(sum(map(Decimal, amounts)), "money")
    assert told > 0

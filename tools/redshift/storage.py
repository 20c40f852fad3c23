"""How a table is stored: dist, sort and encode clauses, which PostgreSQL does not know and `svv_table_info` reports.

They are taken out of CREATE TABLE and handed on as a comment in front of it; an event trigger (shim/storage.sql) keeps
them with the table. So they last exactly as long as the table, also when its transaction is rolled back.
Keys are taken out too: Redshift does not enforce them, and PostgreSQL would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from tools.redshift.errors import TOO_LONG, Refused
from tools.redshift.tokens import Edit, Tokens

STYLES = ("auto", "even", "all", "key")
ENCODINGS = "auto raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd".split()


@dataclass
class Storage:
    """A table's storage, from its statement."""

    diststyle: str | None = None
    distkey: str | None = None
    sortkeys: list[str] = field(default_factory=list)
    interleaved: bool = False
    encodings: dict[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise Refused for clauses that exclude each other."""
        if self.diststyle and self.diststyle not in STYLES:
            raise Refused(f'invalid DISTSTYLE "{self.diststyle}"', TOO_LONG)
        if self.diststyle == "key" and not self.distkey:
            raise Refused("DISTSTYLE KEY requires a DISTKEY column")
        if self.distkey and self.diststyle in ("all", "even"):
            raise Refused(f"cannot specify DISTKEY with DISTSTYLE {self.diststyle.upper()}")
        for encoding in self.encodings.values():
            if encoding not in ENCODINGS:
                raise Refused(f'invalid column encoding "{encoding}"', TOO_LONG)
        if len(self.sortkeys) > (8 if self.interleaved else 400):
            raise Refused("too many columns in SORTKEY")

    def comment(self) -> str:
        """What goes in front of the statement."""
        return f"/*landfall {json.dumps(asdict(self))}*/ "


def altered(tokens: Tokens, place: int) -> Storage | None:
    """The storage that an ALTER TABLE sets by the words from `place` on; None when it is about something else."""
    storage = Storage()
    if tokens.texts(place, 2) == ["alter", "column"] and tokens.text(place + 3) == "encode":
        storage.encodings = {tokens.words[place + 2].text.lower(): tokens.text(place + 4)}
    elif tokens.text(place) != "alter" or not list(_attributes(tokens, place + 1, storage)):
        return None
    storage.diststyle = storage.diststyle or ("key" if storage.distkey else None)
    storage.check()
    return storage


def table_place(tokens: Tokens) -> int | None:
    """Where the name begins in a CREATE TABLE; None for any other statement."""
    for phrase, words in (
        ("^ create table", 2),
        ("^ create temp|temporary table", 3),
        ("^ create local temp|temporary table", 4),
    ):
        if tokens.has(phrase):
            return words + 3 if tokens.texts(words, 3) == ["if", "not", "exists"] else words
    return None


def stored(tokens: Tokens, name: int) -> tuple[Storage, list[Edit]]:
    """The storage clauses of a CREATE TABLE whose name begins at `name`, and the edits that take them out."""
    storage = Storage()
    place = tokens.path_end(name) + 1
    edits: list[Edit] = []
    if tokens.text(place) == "(":
        for first, last in tokens.items(place):
            if is_table_key(tokens, first):  # with the comma before it: a key never comes first
                edits.append(tokens.edit(first - 1, last, ""))
            else:
                edits += _column(tokens, first, last, storage)
        place = tokens.partner.get(place, place) + 1
    edits += _attributes(tokens, place, storage)
    storage.check()
    return storage, edits


def _attributes(tokens: Tokens, place: int, storage: Storage) -> Iterator[Edit]:
    """The clauses behind the columns: diststyle, distkey, sortkey, backup, encode auto."""
    while place < len(tokens) and tokens.text(place) not in ("as", ";"):
        start = place
        if tokens.text(place) in ("compound", "interleaved"):
            storage.interleaved = tokens.text(place) == "interleaved"
            place += 1
        word, bracket = tokens.text(place), place + 1
        last = tokens.partner.get(bracket, bracket)
        if word == "diststyle":
            storage.diststyle = tokens.text(place + 1)
        elif word == "distkey":
            storage.distkey = (_names(tokens, bracket) or [tokens.text(bracket)])[0]
        elif word == "sortkey":
            storage.sortkeys = _names(tokens, bracket)  # none for `sortkey auto`
        elif word not in ("backup", "encode"):
            place += 1
            continue
        yield tokens.edit(start, last, "")
        place = last + 1


def _names(tokens: Tokens, bracket: int) -> list[str]:
    return (
        [tokens.words[first].text.lower() for first, _ in tokens.items(bracket)]
        if tokens.text(bracket) == "("
        else []
    )


def _column(tokens: Tokens, first: int, last: int, storage: Storage) -> Iterator[Edit]:
    """The attributes of one column: encode, distkey, sortkey, identity, keys."""
    name = tokens.words[first].text.lower()
    place = first + 1
    while place <= last:
        words = tokens.texts(place, 5)
        end = None
        if words[0] == "encode":
            storage.encodings[name], end = tokens.text(place + 1), place + 1
        elif words[0] == "distkey":
            storage.distkey, end = name, place
        elif words[0] == "sortkey":
            storage.sortkeys, end = [*storage.sortkeys, name], place
        elif words[:2] == ["primary", "key"]:
            end = place + 1
        elif words[0] == "unique":
            end = place
        elif words[0] == "references":
            end = tokens.path_end(place + 1)
            end = tokens.partner[end + 1] if tokens.text(end + 1) == "(" else end
        elif words[0] == "identity" and words[1] == "(":
            yield from _identity(tokens, place, place + 1)
            place = tokens.partner[place + 1]
        elif words == ["generated", "by", "default", "as", "identity"]:
            yield from _identity(tokens, place, place + 5)
            place = tokens.partner.get(place + 5, place + 4)
        if end is not None:
            yield tokens.edit(place, end, "")
            place = end
        place += 1


def _identity(tokens: Tokens, first: int, bracket: int) -> Iterator[Edit]:
    """identity(seed, step) as PostgreSQL writes it; Redshift promises unique numbers, not these."""
    seed, step = (tokens.words[start].text for start, _ in tokens.items(bracket))
    clause = f"generated by default as identity (start {seed} minvalue 0 increment {step})"
    yield tokens.edit(first, tokens.partner[bracket], clause)


def is_table_key(tokens: Tokens, first: int) -> bool:
    """Whether an item of the column list is a key of the table and no column."""
    words = tokens.texts(first, 4)
    if words[0] == "constraint":
        words = tokens.texts(first + 2, 2)
    return words[:2] in (["primary", "key"], ["foreign", "key"]) or words[:2] == ["unique", "("]

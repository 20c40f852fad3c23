"""SQL as a row of words with their places, so that a statement is changed where it must be and nowhere else.

sqlglot's tokenizer for Redshift cuts the text; it is never written anew by sqlglot, which changes its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from sqlglot.dialects.redshift import Redshift
from sqlglot.tokenizer_core import TokenType

Kind = Literal["word", "name", "string", "number", "sign"]

_STRINGS = {
    TokenType.STRING,
    TokenType.HEREDOC_STRING,
    TokenType.BYTE_STRING,
    TokenType.UNICODE_STRING,
    TokenType.NATIONAL_STRING,
    TokenType.HEX_STRING,
    TokenType.BIT_STRING,
}
_WORD = re.compile(r"[^\W\d][\w$]*")


class _Tokenizer(Redshift.Tokenizer):
    """Redshift's tokenizer, which does not swallow the rest of GRANT, CALL and their like as one string."""

    COMMANDS: ClassVar[set[TokenType]] = set()


@dataclass(frozen=True)
class Word:
    """One token: `text` in lower case (a string or a quoted name as written, without its quotes); half-open place."""

    text: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` (half-open) of a statement become `text`."""

    start: int
    end: int
    text: str


def edited(sql: str, edits: Iterable[Edit]) -> str:
    """The statement with the edits made; of two that overlap the outer (earlier) one counts."""
    out: list[str] = []
    place = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= place:
            out += [sql[place : edit.start], edit.text]
            place = edit.end
    return "".join([*out, sql[place:]])


def literal(text: str) -> str:
    """A text as a literal, whatever it holds and however the session reads backslashes."""
    tag = "landfall"
    while f"${tag}$" in text:
        tag += "_"
    return f"${tag}${text}${tag}$"


class Tokens:
    """A statement's words, with each bracket's partner and the bracket around each word."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.cut = _Tokenizer(dialect="redshift").tokenize(sql)  # as sqlglot's parser takes them
        self.words = [word for token in self.cut for word in _split(sql, token)]
        self.partner: dict[int, int] = {}
        self.around: list[int] = []
        still_open: list[int] = []
        for place, word in enumerate(self.words):
            if word.text == ")" and word.kind == "sign" and still_open:
                start = still_open.pop()
                self.partner[start], self.partner[place] = place, start
            self.around.append(still_open[-1] if still_open else -1)
            if word.text == "(" and word.kind == "sign":
                still_open.append(place)
        self._texts = ["" if word.kind in ("string", "name") else word.text for word in self.words]
        self._places: dict[str, list[int]] = {}
        for place, text in enumerate(self._texts):
            self._places.setdefault(text, []).append(place)

    def __len__(self) -> int:
        return len(self.words)

    def text(self, place: int) -> str:
        """The word at `place` in lower case; empty outside the statement and for strings and quoted names."""
        return self._texts[place] if 0 <= place < len(self._texts) else ""

    def texts(self, place: int, count: int) -> list[str]:
        """`count` words from `place` on."""
        return [self.text(place + offset) for offset in range(count)]

    def is_call(self, place: int) -> bool:
        """Whether a word stands directly before an opening bracket."""
        return self.words[place].kind == "word" and self.text(place + 1) == "("

    def edit(self, first: int, last: int, text: str) -> Edit:
        """An edit that replaces the words `first` to `last`, both included."""
        return Edit(self.words[first].start, self.words[last].end, text)

    def find(self, phrase: str) -> Iterator[int]:
        """Where a phrase begins. Words stand apart by blanks; `a|b` is either, `*` any one, a leading `^` the start."""
        words = phrase.split()
        starts = [0] if words[0] == "^" else self.places(words[0])
        wanted = [frozenset([word, *word.split("|")]) for word in words if word != "^"]
        for start in starts:
            if all(self._fits(start + offset, texts) for offset, texts in enumerate(wanted)):
                yield start

    def places(self, alternatives: str) -> list[int]:
        """Where a word, or one of several (`a|b`), stands."""
        found = self._places.get(alternatives, [])
        return found or sorted(
            place for text in alternatives.split("|") for place in self._places.get(text, [])
        )

    def has(self, phrase: str) -> bool:
        """Whether a phrase occurs."""
        return next(self.find(phrase), None) is not None

    def items(self, bracket: int) -> list[tuple[int, int]]:
        """The first and last word of each item of the list in brackets that opens at `bracket`."""
        end = self.partner.get(bracket, len(self.words))
        commas = [
            i for i in range(bracket, end) if self.text(i) == "," and self.around[i] == bracket
        ]
        return [
            (a + 1, b - 1)
            for a, b in zip([bracket, *commas], [*commas, end], strict=True)
            if b > a + 1
        ]

    def path_end(self, place: int) -> int:
        """The last word of a name that begins at `place` and may be qualified: a.b.c."""
        while self.text(place + 1) == "." and place + 2 < len(self.words):
            place += 2
        return place

    def path(self, place: int) -> list[str]:
        """The parts of that name, in lower case as Redshift keeps names."""
        return [self.words[i].text.lower() for i in range(place, self.path_end(place) + 1, 2)]

    def quoted_path(self, place: int) -> str:
        """That name without its database, each part in quotes."""
        return ".".join(f'"{part}"' for part in self.path(place)[-2:])

    def _fits(self, place: int, texts: frozenset[str]) -> bool:
        text = self.text(place)
        return (bool(text) and text in texts) or ("*" in texts and 0 <= place < len(self.words))


def _split(sql: str, token: object) -> Iterator[Word]:
    """A token as words: what the tokenizer takes together (`group by`, `character varying`) comes apart again."""
    kind, start, end = token.token_type, token.start, token.end + 1  # type: ignore[attr-defined]
    if kind in _STRINGS:
        yield Word(token.text, "string", start, end)  # type: ignore[attr-defined]
    elif kind == TokenType.IDENTIFIER:
        yield Word(token.text, "name", start, end)  # type: ignore[attr-defined]
    elif kind == TokenType.NUMBER:
        yield Word(sql[start:end].lower(), "number", start, end)
    elif _WORD.match(sql, start):
        for found in _WORD.finditer(sql, start, end):
            yield Word(found[0].lower(), "word", found.start(), found.end())
    else:
        yield Word(sql[start:end], "sign", start, end)

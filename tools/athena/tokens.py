"""The tokens of a statement, and a cursor over them for the parser.

sqlglot's tokenizers won't do here: they swallow the rest of an `optimize`, `vacuum` or `show` whole.
"""

import enum
import re
from dataclasses import dataclass
from typing import NoReturn


class Refused(Exception):
    """Athena would refuse the statement; the message is Athena's."""


class Kind(enum.Enum):
    """The kinds of tokens. `"…"` is an identifier in a query and a text in Hive's statements."""

    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    DOUBLE = "double"
    BACK = "back"
    SIGN = "sign"


@dataclass(frozen=True)
class Token:
    """A token: its text without quotes, and its place in the statement."""

    kind: Kind
    text: str
    start: int
    end: int


SKIPPED = re.compile(r"\s+|--[^\n]*|/\*.*?\*/", re.DOTALL)
PATTERNS = {
    Kind.WORD: re.compile(r"[^\W\d][\w$]*"),
    Kind.NUMBER: re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+"),
    Kind.TEXT: re.compile(r"'(?:[^']|'')*'"),
    Kind.DOUBLE: re.compile(r'"(?:[^"]|"")*"'),
    Kind.BACK: re.compile(r"`(?:[^`]|``)*`"),
    Kind.SIGN: re.compile(r"."),
}


def tokenize(sql: str) -> list[Token]:
    """All tokens of a statement, without comments. Raises Refused where a quote is not closed."""
    tokens: list[Token] = []
    place = 0
    while place < len(sql):
        skipped = SKIPPED.match(sql, place)
        if skipped:
            place = skipped.end()
            continue
        kind, found = next((k, m) for k, p in PATTERNS.items() if (m := p.match(sql, place)))
        text = found.group()
        if kind is Kind.SIGN and text in "'\"`":
            raise Refused(f"{position(sql, place)}: mismatched input '{text}': it is not closed")
        if kind in (Kind.TEXT, Kind.DOUBLE, Kind.BACK):
            text = text[1:-1].replace(text[0] * 2, text[0])
        tokens.append(Token(kind, text, place, found.end()))
        place = found.end()
    return tokens


def position(sql: str, offset: int) -> str:
    """`line 3:12`, as the engine counts: lines and columns from 1."""
    line = sql.count("\n", 0, offset) + 1
    return f"line {line}:{offset - sql.rfind(chr(10), 0, offset)}"


def _is_end(token: Token) -> bool:
    return token.kind is Kind.SIGN and token.text == ";"


class Cursor:
    """Reads a statement's tokens one after the other."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens = tokenize(sql)
        while self._tokens and _is_end(self._tokens[-1]):
            self._tokens.pop()
        self._next = 0
        if not self._tokens:
            raise Refused("line 1:1: mismatched input '<EOF>'")
        if any(_is_end(token) for token in self._tokens):
            raise Refused("Only one sql statement is allowed. Got: several")

    @property
    def at_end(self) -> bool:
        """Whether every token has been read."""
        return self._next >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token:
        """A coming token; at the end an empty one."""
        place = self._next + ahead
        if place < len(self._tokens):
            return self._tokens[place]
        return Token(Kind.SIGN, "", len(self.sql), len(self.sql))

    def take(self) -> Token:
        """The next token, read."""
        token = self.peek()
        self._next += 1
        return token

    def have(self, *words: str) -> bool:
        """Read these words and signs if they all come next; else read nothing and return False."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token.kind not in (Kind.WORD, Kind.SIGN) or token.text.lower() != word:
                return False
        self._next += len(words)
        return True

    def need(self, *words: str) -> None:
        """Read these words and signs; Refused when something else comes."""
        if not self.have(*words):
            self.fail(" ".join(words).upper())

    def fail(self, expected: str) -> NoReturn:
        """Refuse the next token, as the parser does."""
        token = self.peek()
        raise Refused(
            f"{position(self.sql, token.start)}: mismatched input '{token.text or '<EOF>'}'."
            f" Expecting: {expected}"
        )

    def end(self) -> None:
        """Refuse whatever is left."""
        if not self.at_end:
            self.fail("<EOF>")

    def text(self, *, double: bool = True) -> str:
        """A text in quotes."""
        token = self.peek()
        if token.kind is not Kind.TEXT and not (double and token.kind is Kind.DOUBLE):
            self.fail("a text in quotes")
        return self.take().text

    def identifier(self, *, quote: Kind) -> str:
        """A name as Glue keeps it, in lower case; in quotes only of the kind the statement takes."""
        token = self.peek()
        if token.kind not in (Kind.WORD, quote):
            self.fail("an identifier")
        return self.take().text.lower()

    def rest(self) -> str:
        """The statement's text from here to its last token."""
        if self.at_end:
            self.fail("a query")
        rest = self.sql[self.peek().start : self._tokens[-1].end]
        self._next = len(self._tokens)
        return rest

    def whole(self) -> str:
        """The text of the whole statement, from its first token to its last."""
        return self.sql[self._tokens[0].start : self._tokens[-1].end]

    def balanced(self, opening: str, closing: str) -> str:
        """The text of a bracketed piece, brackets included."""
        start = self.peek().start
        self.need(opening)
        depth = 1
        while depth:
            if self.at_end:
                self.fail(closing)
            token = self.take()
            if token.kind is Kind.SIGN:
                depth += (token.text == opening) - (token.text == closing)
        return self.sql[start : self.peek(-1).end]

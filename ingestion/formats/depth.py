"""How deep and how wide JSON is, found before a parser sees it: arrow's goes as deep as the text, and dies of it."""

import re
from itertools import accumulate

import numpy as np

DEEPEST = 128
"""Twice of what DynamoDB takes: 32 levels of documents, each of which its JSON writes as two."""

WIDEST = 10_000
"""Values in the outermost objects of a line: a table of DynamoDB has hundreds of attributes at most."""

LONG = 4 * 1024
"""A text of fewer bytes is neither so deep nor so wide that a parser fails at it."""

_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKET = re.compile(rb"[^{}\[\]]+")
_CASE = 0x20
"""Braces and brackets differ in this bit alone, so that one comparison finds both."""

_OF_ATTRIBUTES = 3
"""The depth of an attribute's value in a line: {"Item": {"ID": {"N": …"""


def beyond_bounds(text: bytes) -> str | None:
    """What is wrong with a text of JSON that no parser should see: too deep, or too wide. None where it may.

    Counting all brackets is quick, and tells for nearly all texts that nothing is; else those inside of quotes, which
    nest nothing, are left out.
    """
    if len(text) < LONG:
        return None
    folded = np.frombuffer(text, np.uint8) | _CASE
    steps = (folded == ord("{")).view(np.int8) - (folded == ord("}")).view(np.int8)
    depths = np.cumsum(steps, dtype=np.int32)
    deepest = int((depths - np.minimum.accumulate(depths)).max())
    if deepest <= DEEPEST and np.count_nonzero(steps == 1) <= WIDEST:
        return None
    brackets = _NO_BRACKET.sub(b"", _TEXT.sub(b"", text))
    exact = list(accumulate(1 if bracket in b"{[" else -1 for bracket in brackets))
    if max(exact, default=0) > DEEPEST:
        return f"nested deeper than {DEEPEST} levels"
    opened = (depth for depth, bracket in zip(exact, brackets, strict=True) if bracket in b"{[")
    if sum(depth == _OF_ATTRIBUTES for depth in opened) > WIDEST:
        return f"more than {WIDEST} attributes"
    return None

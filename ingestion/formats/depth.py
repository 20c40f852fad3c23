"""The depth and width of JSON, found before a parser sees it: arrow's parser crashes on deep text."""

import re
from itertools import accumulate

import numpy as np

DEEPEST = 128
"""Twice DynamoDB's own limit: 32 levels of documents, each of which is two levels in its JSON."""

WIDEST = 10_000
"""Values in the outermost objects of a line: a table of DynamoDB has hundreds of attributes at most."""

LONG = 4 * 1024
"""A text of fewer bytes is neither deep nor wide enough to crash a parser."""

_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKET = re.compile(rb"[^{}\[\]]+")
_CASE = 0x20
"""Braces and brackets differ in this bit alone, so that one comparison finds both."""

_OF_ATTRIBUTES = 3
"""The depth of an attribute's value in a line: {"Item": {"ID": {"N": …"""


def beyond_bounds(text: bytes) -> str | None:
    """Why no parser may see a text of JSON: too deep, or too wide; None if it may.

    Counting all brackets is quick and clears nearly all texts; for the others brackets inside quotes, which do not
    nest, are left out.
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

"""Whether a word means null wherever it is unquoted, as databases write it: then a delivery names it in its `nulls`.

A name or a note may be the same word, so one column of texts proves nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ingestion.arrow import pc
from ingestion.drafting.evidence import guess
from ingestion.drafting.sample import Sample, joined

WORDS = ("NULL", "null")
_SEVERAL = 2
"""From this number of columns on, and of cells in each, a word among texts is not there by chance."""

Read = Callable[[tuple[str, ...]], list[Sample]]
"""Reads the files of a delivery again, with these words as null where they are unquoted."""


def with_nulls(samples: list[Sample], read: Read) -> tuple[list[Sample], list[str]]:
    """The samples of a delivery with the words that mean null in them as their `nulls`, and the evidence for each.

    A word that is only in columns of numbers or times is left to them: their own `nulls` are enough.
    """
    evidence: list[str] = []
    texts = [seen for sample in samples if sample.peek.file == "csv" for seen in sample.columns]
    for word in WORDS:
        if not any(_count(seen.values, word) for seen in texts):
            continue
        without = read((*samples[0].nulls, word))
        if reason := _reason(word, samples, without):
            samples = without
            evidence.append(f"{word}, unquoted, means null: {reason}")
    return samples, evidence


def _reason(word: str, before: Sequence[Sample], after: Sequence[Sample]) -> str | None:
    """Why the word means null, by the columns in which it is unquoted; None where too little says so."""
    texts = typed = often = 0  # columns
    for (seen, _), (left, _) in zip(joined(before), joined(after), strict=True):
        unquoted = _count(seen.values, word) - _count(left.values, word)
        rest = left.values.drop_null()
        if not unquoted:
            continue
        found = guess(rest, left.decimal_separator)
        if found.type != "string" or found.formats:
            typed += 1
            continue
        texts += 1
        often += unquoted >= _SEVERAL and unquoted > _most_frequent(rest)
    if texts and typed:
        return "it is in text, and in a column of numbers or times"
    if often >= _SEVERAL:
        return f"in {often} columns of text it is more frequent than any value"
    return None


def _count(values: Any, word: str) -> int:
    return int(pc.sum(pc.equal(values, word)).as_py() or 0)


def _most_frequent(values: Any) -> int:
    """How often the most frequent value occurs; 0 without any."""
    return max(pc.value_counts(values).field("counts").to_pylist(), default=0)

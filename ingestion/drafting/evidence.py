"""The type and the formats with which landing would take most values of a column.

Landing's own reader judges each proposal, so that a draft never promises what landing would not do.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

import numpy as np

from ingestion.arrow import Mask, is_one_of, pa, pc, truth, used
from ingestion.contract import FORMATS, NUMBERS, ZERO_DATES, Column, Delivery, PathPattern, Table
from ingestion.formats import Extract, from_text, with_other_marks

NO_TEXT = "\\N"
"""The texts that MySQL and PostgreSQL write for null. Other words may be a person's name."""

NULL_WORDS = ("NULL", "null", "\\N", "N/A", "n/a", "NA", "None", "nan", "NaN", "-", "--")
"""Texts that mean null if all other values of a column have another type."""

_FAR_DAYS = ("9999-12-31", "0001-01-01", "12/31/9999", "1/1/0001", "01/01/0001", "31.12.9999")
SENTINELS = frozenset(ZERO_DATES) | {
    f"{day}{midnight}" for day in _FAR_DAYS for midnight in ("", " 00:00:00", "T00:00:00")
}
"""Impossible dates that systems write for none."""

_SAMPLE = 500
"""Different values on which every proposal is tried; the best are tried on all."""

ALL_BUT_FEW = 0.99
_MOST = 0.6
"""The least share of values that makes a column a number, and a date: a date's form is better evidence."""

_LEADING_ZERO = r"^[+-]?0[0-9]"
_TOO_EXACT = r"[1-9]\.?([0-9]\.?){17}"
"""More digits than the 17 that a double keeps."""

_NOT_WHOLE = r"[eE]|\.[0-9]{2}"
"""Whole numbers with decimals: 0.00 is an amount, 3.0 may be a number that a tool has rewritten."""
_WIDEST = "decimal(38,9)"
"""A number with more digits behind the point counts as a double, if that keeps its digits."""

_PATH = PathPattern.parse("draft/{date}/draft.csv")


def trial(
    columns: Iterable[Column], name: str = "draft", ignored: Iterable[str] = (), **words: Any
) -> Extract:
    """An extract of a table without a contract and a key, of any day; `words` say how its file is written.

    Its columns of the `ignored` headers are not read.
    """
    delivery = Delivery(path=_PATH, kind="full", **words)
    table = Table(
        source="draft", name="draft", key="row", deliveries=(delivery,), columns=tuple(columns),
        ignored_headers=tuple(ignored), may_be_empty=True,
    )  # fmt: skip
    return Extract(table, delivery, date(2000, 1, 1), datetime(2000, 1, 1), name)


_CONTEXT = trial([Column(name="value", type="string", sensitivity="none")])
"""A proposal is judged as its column."""


@dataclass(frozen=True)
class Guess:
    """A proposal: `fits` of `known` values land with it. `rivals` are formats with which as many would land. `finer` of
    the values are times finer than milliseconds, which land only if they are cut.

    `sentinels` and `nulls` are texts, of fixed lists, that the values hold and that would have to mean null.
    """

    type: str
    formats: tuple[str, ...] = ()
    fits: int = 0
    known: int = 0
    sentinels: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    finer: int = 0


def fitting(values: Any, column: Column) -> Mask:
    """Which of the values (text, null where there is none) land in this column; null does."""
    bad = np.zeros(len(values), bool)
    for mask in from_text(values, column, _CONTEXT).bad.values():
        bad |= mask
    return ~bad


def proposed(type_: str, formats: Iterable[str] = (), **words: Any) -> Column:
    """A column as a proposal names it; a finer time counts as one that fits."""
    words = {"finer_times": "cut"} | words
    spelt = tuple(formats) or (("YYYY-MM-DD",) if type_ == "date" else ())
    return Column(name="value", type=type_, sensitivity="none", format=spelt, **words)


def guess(values: Any, separator: str = ".") -> Guess:
    """The proposal for a column of text, in a file of this decimal separator."""
    known = values.drop_null()
    if not len(known):
        return Guess("string")
    nulls, sentinels = words_for_none(known)
    rest = known.filter(pa.array(~is_one_of(known, nulls + sentinels)))
    best = _best(rest, separator) if len(rest) else None
    if best is None:
        marks = tuple(word for word in nulls if word == NO_TEXT)
        return Guess("string", fits=len(known), known=len(known), nulls=marks)
    if best.formats == ("money",) and separator == ".":
        best = replace(best, rivals=_other_separators(rest, best))
    is_time = best.type in ("date", "timestamp")
    if is_time:
        best = replace(best, rivals=_rivals(rest, best), sentinels=sentinels)
        formats = spellings_for(rest, proposed(best.type, best.formats))
        taken = int(fitting(rest, proposed(best.type, formats)).sum())
        finer = finer_times(rest, proposed(best.type, formats))
        best = replace(best, formats=formats, fits=taken, finer=finer)
    fits = best.fits + int(is_one_of(known, nulls + best.sentinels).sum())
    return replace(best, fits=fits, known=len(known), nulls=nulls)


def decimal_separator_of(columns: Iterable[Any]) -> str:
    """The decimal separator with which more of a file's columns are numbers; a dot where nothing tells."""
    known = [values.drop_null() for values in columns]
    if not any((used(values) == ord(",")).any() for values in known):
        return "."

    def numbers(separator: str) -> int:
        """How many columns are numbers with it."""
        return sum(guess(values, separator).type.split("(")[0] in NUMBERS for values in known)

    return max(".,", key=numbers)


def finer_times(values: Any, column: Column) -> int:
    """How many of the values land in this column only because what is finer than milliseconds is cut."""
    exact = column.model_copy(update={"finer_times": "bad"})
    return int((fitting(values, column) & ~fitting(values, exact)).sum())


def words_for_none(values: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The NULL_WORDS and SENTINELS among the values."""
    different = pc.unique(values)
    return _listed(different, NULL_WORDS), _listed(different, sorted(SENTINELS))


def spellings_for(values: Any, column: Column) -> tuple[str, ...]:
    """The column's formats, and more of them until every value of its type can be read."""
    formats, left = column.format, values
    while len(left := left.filter(pa.array(~fitting(left, _with(column, formats))))):
        rest = [f for f in FORMATS[column.type.name] if f not in formats]
        counts = {f: int(fitting(left, _with(column, (f,))).sum()) for f in rest}
        best = max(counts, key=lambda f: counts[f], default=None)
        if best is None or not counts[best]:
            break
        formats = (*formats, best)
    return formats


def _with(column: Column, formats: tuple[str, ...]) -> Column:
    return column.model_copy(update={"format": formats})


def _best(values: Any, separator: str) -> Guess | None:
    """The proposal with which most values land, the likelier one where two are as good."""
    return max(_judged(values, separator), key=lambda one: one.fits, default=None)


def _judged(texts: Any, separator: str) -> Iterator[Guess]:
    """The proposals with which enough values land; of two with as many, the likelier first."""
    pointed = with_other_marks(texts) if separator == "," else texts
    for type_, formats in _proposals():
        values = pointed if type_ in NUMBERS else texts
        sample = pc.unique(values)[:_SAMPLE]
        least = ALL_BUT_FEW if type_ in (*NUMBERS, "boolean") else _MOST
        column = proposed(_WIDEST if type_ == "decimal" else type_, formats)
        # an odd value counts for more among different ones than among all
        if fitting(sample, column).sum() < _MOST * len(sample) or not _is_likely(type_, values):
            continue
        fits = int(fitting(values, column).sum())
        if fits >= least * len(values):
            yield Guess(_decimal(values, formats) if type_ == "decimal" else type_, formats, fits)


@cache
def _proposals() -> list[tuple[str, tuple[str, ...]]]:
    """Types with one spelling each, the likelier first."""
    clocks = ("h:MM AM", "HH:MM:SS")
    return [
        ("bigint", ()),
        ("decimal", ()),
        ("decimal", ("money",)),
        ("double", ()),
        ("boolean", ()),
        *(("date", (f,)) for f in FORMATS["date"]),
        *(("timestamp", (f,)) for f in FORMATS["timestamp"]),
        *(("string", (f,)) for f in clocks),
    ]


def _is_likely(type_: str, values: Any) -> bool:
    """Whether the values are real numbers: digits with a leading zero are a code, 0 and 1 alone a number. A number that
    a double would round is none."""
    if type_ == "boolean":
        return not _matches(values, "^[01]$").all()
    if type_ in NUMBERS and _matches(values, _LEADING_ZERO).any():
        return False
    if type_ == "double" and _matches(values, _TOO_EXACT).any():
        return False
    return not (type_ == "bigint" and _matches(values, _NOT_WHOLE).any())


def _decimal(values: Any, formats: tuple[str, ...]) -> str:
    """A decimal with room for the values: two digits behind the point at least, eighteen in total."""
    seen = from_text(values, proposed(_WIDEST, formats), _CONTEXT).values
    largest = pc.max(pc.abs(seen)).as_py() or 0
    scale = 2
    while pc.any(pc.not_equal(pc.round(seen, scale, "towards_zero"), seen)).as_py():
        scale += 1
    return f"decimal({min(38, max(18, len(str(int(largest))) + scale + 2))},{scale})"


def _rivals(values: Any, best: Guess) -> tuple[str, ...]:
    """Other spellings of the same type that read as many values, in another way."""
    ours = from_text(values, proposed(best.type, best.formats), _CONTEXT).values
    found = []
    for other in FORMATS[best.type]:
        typed = from_text(values, proposed(best.type, (other,)), _CONTEXT)
        as_many = len(values) - typed.values.null_count >= best.fits
        if other not in best.formats and as_many and not typed.values.equals(ours):
            found.append(other)
    return tuple(found)


def _other_separators(values: Any, best: Guess) -> tuple[str, ...]:
    """The decimal separator with which amounts with thousands would be other numbers: 1,050 may be 1.05."""
    other = _best(values, ",")
    fits = other is not None and other.type.startswith("decimal") and other.fits >= best.fits
    return ('decimal_separator: ","',) if fits else ()


def _listed(different: Any, words: Iterable[str]) -> tuple[str, ...]:
    """The words that occur among the values."""
    there = set(
        pc.filter(different, pc.is_in(different, value_set=pa.array(list(words)))).to_pylist()
    )
    return tuple(word for word in words if word in there)


def _matches(values: Any, pattern: str) -> Mask:
    return truth(pc.match_substring_regex(values, pattern))


Likelihood = Literal["direct", "quasi", "none"]
_DIRECT = re.compile(
    r"name|mail|phone|fax|street|address|ssn|social|passport|licen[cs]e|policy|iban|card|contact|person|patient|pid$"
    r"|login|user|signature|^ss$|chart|^mrn|member|subscriber|guarantor"
)
_QUASI = re.compile(
    r"birth|born|dob|zip|postal|city|sex|gender|race|ethnic|language|religion|marital|deceased|diagnos|^dx|reason|note"
    r"|memo|comment|remark|occupation|height|weight|age$"
)


def likelihoods(name: str, patterns_found: bool) -> tuple[Likelihood, ...]:
    """The sensitivities, the likeliest first: by the column's name, and by the form of its values."""
    folded = name.casefold()
    if patterns_found or _DIRECT.search(folded):
        return ("direct", "quasi", "none")
    if _QUASI.search(folded):
        return ("quasi", "direct", "none")
    return ("none", "quasi", "direct")

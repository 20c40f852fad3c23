"""The draft of a table: from a sample of its files, or from its database's description."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, get_args
from unicodedata import combining, normalize

from ingestion.arrow import pa, pc
from ingestion.contract import NUMBERS, OWN_COLUMNS, RESERVED, UNDECIDED, FileType, PortableType
from ingestion.drafting.evidence import (
    NULL_WORDS,
    Guess,
    Likelihood,
    finer_times,
    fitting,
    guess,
    likelihoods,
    proposed,
    words_for_none,
)
from ingestion.drafting.finished import LINEAGE
from ingestion.drafting.sample import Sample, Seen, joined
from ingestion.errors import BadSettings
from ingestion.formats import KEY_SEPARATOR
from ingestion.scan import PATTERNS

_FEW_VALUES, _TIMES_EACH, _LONGEST = 20, 10, 40
"""A short list: at most this many values, each this often on average, none longer."""

_ENOUGH = 100
"""From this many rows on, a column without any value is left out as never filled."""

_LOOKED_AT = 2_000
_SOME = 0.05
"""The number of values that are searched for personal data, and the share that marks a column."""

_KEY_TYPES = ("string", "bigint")
_KEY_NAME = re.compile(r"(^|_)(id|key|code|number|no|nr)$|id$")
_ZIP_NAME, _ZIP, _ZIPS = re.compile(r"zip|postal"), r"^\s*\d{4,5}(-\d{4})?\s*$", 0.5
"""The names of ZIP code columns, the form of a ZIP code, and the least share of such values."""

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_SECRET = re.compile(r"password|passwd|secret|token|api_?key|(^|_)hash($|_)")
_CANDIDATES = 8
"""Columns of which pairs are tried as a key."""


@dataclass(frozen=True)
class DraftColumn:
    """A column of a draft; `guess` is the proposal for its values, `likely` the sensitivities, the likeliest first."""

    name: str
    heading: str | None
    guess: Guess
    likely: tuple[Likelihood, ...]
    description: str = UNDECIDED
    optional: bool = False
    file_type: str | None = None
    values: tuple[str, ...] = ()
    refers_to: str | None = None
    is_bytes: bool = False

    @property
    def header(self) -> str | None:
        """The setting for its name in the file, if it needs one."""
        return self.heading if self.heading not in (None, self.name) else None


@dataclass(frozen=True)
class DraftTable:
    """A table of a draft. `left_out` gives the reason for each column that it advises not to land, by its heading.

    `rows` and `files` were seen. `deliveries` are path patterns, and the words of a delivery that are not the default;
    `evidence` says why they name words for null, or quote nothing.
    """

    name: str
    columns: tuple[DraftColumn, ...]
    key: tuple[str, ...]
    rows: int
    files: int
    deliveries: tuple[tuple[str, Mapping[str, Any]], ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    description: str = UNDECIDED
    extract_from: tuple[str, ...] = ()
    note: str | None = None
    evidence: tuple[str, ...] = ()
    key_is_declared: bool = False


@dataclass(frozen=True)
class Known:
    """What a database knows of a table beside its values."""

    key: tuple[str, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)
    refers_to: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)


def draft_table(
    name: str,
    samples: Sequence[Sample],
    deliveries: Iterable[tuple[str, Mapping[str, Any]]],
    known: Known | None = None,
    **words: Any,
) -> DraftTable:
    """The draft of the table of these files, which may differ in their columns."""
    known = known or Known()
    columns, left_out = draft_columns(name, samples, known)
    if not columns:
        why = "; ".join(f"{heading}: {reason}" for heading, reason in left_out.items())
        said = f"every column would be left out ({why})" if why else "no item shows an attribute"
        raise BadSettings(f"{name}: {said}")
    names = {column.heading: column.name for column in columns}
    declared = tuple(names[heading] for heading in known.key if heading in names)
    is_declared = bool(declared) and len(declared) == len(known.key)
    return DraftTable(
        name,
        columns,
        declared if is_declared else _key(columns, samples),
        sum(sample.rows for sample in samples),
        len(samples),
        tuple(deliveries),
        left_out,
        key_is_declared=is_declared,
        **words,
    )


def draft_columns(
    table: str, samples: Sequence[Sample], known: Known
) -> tuple[tuple[DraftColumn, ...], dict[str, str]]:
    """The columns of this table's files, and the reason for each that is better left out, by its heading."""
    rows = sum(sample.rows for sample in samples)
    columns: list[DraftColumn] = []
    left_out = dict(known.left_out)
    for seen, is_everywhere in joined(samples):
        if reason := _reason_to_leave_out(seen, rows, samples, known.key):
            left_out[seen.heading or ""] = reason
            continue
        column = _column(table, seen, len(columns) + 1, known, {c.name for c in columns})
        columns.append(column if is_everywhere else replace(column, optional=True))
    return tuple(columns), left_out


def _reason_to_leave_out(
    seen: Seen, rows: int, samples: Sequence[Sample], key: Sequence[str]
) -> str | None:
    heading = seen.heading
    if heading is None:
        return None
    if not heading.strip():
        unnamed = [[c for c in one.columns if not (c.heading or "").strip()] for one in samples]
        if any(len(columns) > 1 for columns in unnamed):
            return "several have no name"
        if not len(seen.values.drop_null()):
            return "it has neither a name nor values"
        if all(_numbers_rows(column.values) for columns in unnamed for column in columns):
            return "it has no name and numbers the rows"
    if heading in key:
        return None
    if seen.is_bytes:
        return "bytes, which `binary: hex` lands as digits"
    if _SECRET.search(heading.casefold()):
        return "a secret, by its name"
    if seen.values.null_count == len(seen.values) and rows >= _ENOUGH:
        return f"empty in all {rows} rows"
    return None


def _numbers_rows(values: Any) -> bool:
    """Whether the values are 0, 1, 2, … or 1, 2, 3, …: the index that a program has written beside a table."""
    texts = values.to_pylist()
    return any(texts == [str(n) for n in range(first, first + len(texts))] for first in (0, 1))


def _column(table: str, seen: Seen, place: int, known: Known, taken: set[str]) -> DraftColumn:
    heading = seen.heading
    name = plain_name(heading, place)
    name = f"{table}_{name}" if name in RESERVED | OWN_COLUMNS | LINEAGE.keys() else name
    while name in taken:
        name += "_2"
    told = known.types.get(heading) if heading is not None else None
    found = _typed(seen, told)
    if told is None and _ZIP_NAME.search(name):
        found = _as_zip(seen, found)
    other = known.refers_to.get(heading or "")
    return DraftColumn(
        name,
        heading,
        found,
        likelihoods(name, _names_a_person(seen.values)),
        known.comments.get(heading or "", UNDECIDED),
        file_type=_file_type(seen, found),
        values=_short_list(seen.values, found),
        refers_to=f"{plain_name(other[0], 0)}.{plain_name(other[1], 0)}" if other else None,
        is_bytes=seen.is_bytes,
    )


def plain_name(heading: str | None, place: int) -> str:
    """A heading as a name that engines take unquoted: `pc_eventDate` is pc_event_date, `Größe` is grosse."""
    letters = "".join(c for c in normalize("NFKD", heading or "") if not combining(c))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", letters)
    name = re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")
    if not name:
        return f"column_{place}"
    return f"column_{name}" if name[0].isdigit() else name


def _typed(seen: Seen, told: tuple[str, str | None] | None) -> Guess:
    """The proposal for the values. A type of the file or database is kept, unless it is text that holds dates."""
    by_values = guess(seen.values, seen.decimal_separator)
    if told is None and seen.type is not None:
        told = _of_parquet(seen.type)
    if told is None:
        return by_values
    type_, spelling = told
    if type_ == "string" and not spelling:
        is_time = by_values.type in ("date", "timestamp")
        if is_time:
            return by_values
        formats = by_values.formats if by_values.type == "string" else ()
        return Guess("string", formats, by_values.known, by_values.known)
    known = seen.values.drop_null()
    formats = (spelling,) if spelling else ()
    # a number of the file can mean null only if the word for null is itself a number
    nulls = by_values.nulls if type_.split("(")[0] in NUMBERS else ()
    sentinels = words_for_none(known)[1] if type_ in ("date", "timestamp") else ()
    column = proposed(type_, formats, sentinels=sentinels, nulls=nulls)
    fits = int(fitting(known, column).sum())
    finer = finer_times(known, column)
    return Guess(type_, formats, fits, len(known), sentinels, nulls, finer=finer)


def _as_zip(seen: Seen, found: Guess) -> Guess:
    """ZIP codes stay text: as numbers they would lose the leading zero."""
    known = seen.values.drop_null()
    alike = pc.sum(pc.match_substring_regex(known, _ZIP)).as_py() or 0
    if alike <= _ZIPS * len(known):
        return found
    return Guess("string", ("zip",), len(known), len(known), nulls=found.nulls)


def _of_parquet(type_: str) -> tuple[str, str | None] | None:
    if type_ in ("string", "json", "uuid", "binary", "time", "null"):
        return None
    if type_ == "date":
        return "date", "YYYY-MM-DD"
    if digits := _DECIMAL.fullmatch(type_):
        return str(PortableType.decimal(*map(int, digits.groups()))), None
    return type_, "YYYY-MM-DD HH:MM:SS" if type_ == "timestamp" else None


def _file_type(seen: Seen, found: Guess) -> str | None:
    """The `file_type` with which parquet's own type is read by its spelling, if needed."""
    own = (seen.type or "").split("(")[0]
    by_spelling = own in get_args(FileType) and found.type not in (own, seen.type)
    return own if by_spelling else None


def _names_a_person(values: Any) -> bool:
    """Whether some of the values look like an e-mail address, a telephone number or another of PATTERNS."""
    known = [v for v in values[:_LOOKED_AT].to_pylist() if v]
    return any(sum(map(fits, known)) > _SOME * len(known) for fits in PATTERNS.values())


def _short_list(values: Any, found: Guess) -> tuple[str, ...]:
    """The distinct values, if they are few and frequent, as codes are."""
    if found.type != "string" or found.formats:
        return ()
    different = pc.unique(values.drop_null()).to_pylist()
    words = sorted(set(different) - set(NULL_WORDS))
    is_short = 0 < len(words) <= _FEW_VALUES and max(map(len, words)) <= _LONGEST
    return tuple(words) if is_short and len(values) >= _TIMES_EACH * len(words) else ()


def _key(columns: Sequence[DraftColumn], samples: Sequence[Sample]) -> tuple[str, ...]:
    """A column, or two, whose values are never empty and unique in each file; columns with a key's name first."""
    able = [
        c for c in columns if c.guess.type in _KEY_TYPES and not c.guess.nulls and not c.optional
    ]
    able.sort(key=lambda column: not _KEY_NAME.search(column.name))
    places = {column.name: place for place, column in enumerate(columns)}
    seen = [_values_of(sample, columns) for sample in samples if sample.rows]
    if not seen:
        return ()
    for column in able:
        if all(_is_unique(values[places[column.name]]) for values in seen):
            return (column.name,)
    for first, second in combinations(able[:_CANDIDATES], 2):
        both = [(values[places[first.name]], values[places[second.name]]) for values in seen]
        if all(_is_unique(pc.binary_join_element_wise(*pair, KEY_SEPARATOR)) for pair in both):
            return first.name, second.name
    return ()


def _values_of(sample: Sample, columns: Sequence[DraftColumn]) -> list[Any]:
    """A file's values of each column of the draft; all null where it has none."""
    none = pa.nulls(sample.rows, pa.string())
    if not sample.has_header:
        return [sample.columns[place].values for place in range(len(columns))]
    by_heading = {seen.heading: seen.values for seen in sample.columns}
    return [by_heading.get(column.heading, none) for column in columns]


def _is_unique(values: Any) -> bool:
    return not values.null_count and len(pc.unique(values)) == len(values)

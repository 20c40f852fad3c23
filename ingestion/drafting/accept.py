"""The lines of YAML with which a contract would accept a file that it refuses, for a person to judge.

Landing's own reader tries each change, so the lines do what they promise.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import combinations
from typing import Any, get_args

from ingestion.codes import Code
from ingestion.contract import NUMBERS, Column, Delivery, FileType, Table
from ingestion.drafting.evidence import finer_times, spellings_for, words_for_none
from ingestion.drafting.sample import Export, FilePart, Sample, Seen, look_at
from ingestion.drafting.tables import DraftColumn, Known, draft_columns
from ingestion.drafting.writing import column_line, flow, short
from ingestion.errors import BadExtract
from ingestion.formats import (
    WRITE_TIME,
    Extract,
    Peek,
    Told,
    known_attributes,
    known_names,
    read_extract,
    with_other_marks,
)
from ingestion.seeds import INBOX, FindingCodes

_LATE = date(2199, 12, 31)
"""No value is after this day, since a contract does not decide whether a date is too late."""

_OF_COLUMNS = (Code.UNKNOWN_COLUMN, Code.MISSING_COLUMN, Code.WRONG_TYPE)
_NO_WORDS = "no words of the contract would accept it: correct the file"
_SPELT = (Code.BAD_DATE, Code.BAD_TIME, Code.BAD_NUMBER)


@dataclass(frozen=True)
class _Trial:
    """The result of reading a file by a table: rows that land, all rows, rejects by code and column, or the refusal."""

    landed: int = 0
    rows: int = 0
    rejects: Mapping[tuple[str, str | None], int] | None = None
    refused: BadExtract | None = None

    @property
    def reach(self) -> tuple[int, int]:
        """How far the file was read: not at all, up to the columns that refuse it, or to this number of rows."""
        if self.refused:
            return int(self.refused.code in _OF_COLUMNS), 0
        return 2, self.landed

    def __str__(self) -> str:
        if self.refused:
            return f"refused: {self.refused}"
        causes = (
            f"{code} in {column} x{n}" if column else f"{code} x{n}"
            for (code, column), n in (self.rejects or {}).items()
        )
        return ", ".join([f"{self.landed} of {self.rows} rows land", *causes])


@dataclass(frozen=True)
class _Unknown:
    """The columns of a file that the contract does not name, and that DMS has not added.

    `left_out` gives the reason for each that is better left out, by its heading.
    """

    columns: tuple[DraftColumn, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> list[str]:
        """Of both."""
        return [*(column.heading or "" for column in self.columns), *self.left_out]


def lines_to_accept(
    part: FilePart | Export,
    told: Told,
    look: Callable[[Delivery], Sample],
    table: Table,
    delivery: Delivery,
    entries: Mapping[str, Mapping[str, Any]],
    codes: FindingCodes,
    show_values: bool = False,
) -> Iterator[str]:
    """The report on a file of a table that a contract has. A person has `told` how it is written; `look` samples it as
    a delivery says. `entries` are the columns as its YAML has them now, `codes` say what to do about what no words of a
    contract change.

    An unknown column can be added or left out: both ways are shown.
    """
    before = _read(part, table, delivery)
    yield f"# {part.name} by the contract of {table.full_name}: {before}"
    found = _look(part, told, delivery, before)
    words, before = _as_written(part, found, table, delivery, before)
    if words:
        delivery = delivery.model_copy(update=words)
        said = ", ".join(f"{word}: {flow(value)}" for word, value in words.items())
        yield f"# with `{said}` in its delivery: {before}"
        if "quoted" in words:
            yield f"# quotation marks are text: {found.unquoted_as}"
    if not before.refused and not before.rejects:
        yield f"# nothing {'else ' if words else ''}is missing in the contract"
        return
    of_columns = (*_OF_COLUMNS, Code.ENCODING) if found.file == "parquet" else _OF_COLUMNS
    if before.refused and before.refused.code not in of_columns:
        # its first line is not this table's header, and may be personal: none of it is shown
        yield f"# {codes.about(INBOX, before.refused.code, table.source, part.name) or _NO_WORDS}"
        return
    sample = look(delivery)
    unknown = _unknown(sample, table, delivery)
    changes = _changes(part, sample, table, delivery, unknown)
    after = _read(part, _changed(table, changes, unknown), delivery)
    if not unknown.headings and not any(changes.values()):
        yield f"# {_NO_WORDS}"
        return
    yield f"# With these lines: {after}. Judge whether they are right; columns not shown stay."
    yield from _unknown_lines(unknown, table, show_values)
    for name, change in changes.items():
        if change:
            yield f"          - {flow(_entry(entries[name], change))}"


def _look(part: FilePart | Export, told: Told, delivery: Delivery, before: _Trial) -> Peek:
    """How the file is written. Lines above its header are looked for only where the contract does not find it there:
    else they may be rows."""
    is_header_known = not before.refused or before.refused.code in _OF_COLUMNS
    skip_lines = delivery.skip_lines if is_header_known else told.skip_lines
    return look_at(part, Told(delivery.header, skip_lines, not delivery.quoted))


def _as_written(
    part: FilePart | Export, found: Peek, table: Table, delivery: Delivery, before: _Trial
) -> tuple[dict[str, Any], _Trial]:
    """The fewest words of a delivery with which more of the file is read than `before`; none where it is not written in
    another way."""
    best: tuple[dict[str, Any], _Trial] = {}, before
    seen = {
        word: getattr(found, word) for word in ("quoted", "encoding", "delimiter", "skip_lines")
    }
    other = [(word, value) for word, value in seen.items() if value != getattr(delivery, word)]
    # of a file without a contract's types nothing tells it: it is tried
    other.append(("decimal_separator", "." if delivery.decimal_separator == "," else ","))
    if delivery.file == "csv" == found.file:
        for many in range(1, len(other) + 1):
            for words in map(dict, combinations(other, many)):
                trial = _read(part, table, delivery.model_copy(update=words))
                if trial.reach > best[1].reach:
                    best = words, trial
    return best


def _unknown_lines(unknown: _Unknown, table: Table, show_values: bool) -> Iterator[str]:
    """Both ways to accept them; a column with a reason for it is left out in both."""
    if unknown.columns:
        yield "        # either, as columns:"
        for column in unknown.columns:
            yield column_line(column, show_values=show_values)
        if unknown.left_out:
            yield from _ignored(table, unknown.left_out)
        yield "        # or left out:"
    if unknown.headings:
        yield from _ignored(table, unknown.headings)
    for heading, reason in unknown.left_out.items():
        yield f"        # {flow(heading)} is left out: {reason}"


def _ignored(table: Table, headings: Iterable[str]) -> Iterator[str]:
    yield "        # under `contract:`:"
    yield f"              ignored_headers: {flow([*table.ignored_headers, *headings])}"


def _entry(entry: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    config = dict(entry.get("config") or {})
    said = {word: short(v) if isinstance(v, tuple) else v for word, v in change.items()}
    return {**entry, "config": {**config, "meta": {**(config.get("meta") or {}), **said}}}


def _read(part: FilePart | Export, table: Table, delivery: Delivery) -> _Trial:
    extract = Extract(table, delivery, _LATE, datetime(2199, 12, 31), part.name)
    rows, landed, rejects = 0, 0, Counter[tuple[str, str | None]]()
    try:
        for batch in read_extract(part.parts, extract):
            rows += batch.rows_in
            landed += batch.rows.num_rows
            rejects.update((reject.code, reject.column) for reject in batch.rejects)
    except BadExtract as error:
        return _Trial(refused=error)
    return _Trial(landed, rows, dict(rejects.most_common()))


def _unknown(sample: Sample, table: Table, delivery: Delivery) -> _Unknown:
    known = _known_names(sample, table, delivery)
    others = [s for s in sample.columns if s.heading and _plain(s.heading, sample) not in known]
    if not sample.has_header or not others:
        return _Unknown()
    found = replace(sample, columns=tuple(others))
    columns, left_out = draft_columns(table.name, [found], Known())
    taken = {column.name for column in table.columns}
    named = (
        replace(c, name=f"{c.name}_2" if c.name in taken else c.name, optional=not sample.is_sparse)
        for c in columns
    )
    return _Unknown(tuple(named), left_out)


def _known_names(sample: Sample, table: Table, delivery: Delivery) -> Set[str]:
    if sample.is_sparse:
        return known_attributes(table) | {*table.ignored_headers, WRITE_TIME}
    return known_names(table, delivery).keys()


def _plain(name: str, sample: Sample) -> str:
    """A name as it is compared with others: only DynamoDB tells upper case from lower."""
    return name if sample.is_sparse else name.strip().casefold()


def _changes(
    part: FilePart | Export, sample: Sample, table: Table, delivery: Delivery, unknown: _Unknown
) -> dict[str, dict[str, Any]]:
    """The settings for each column that refuses the file, if a setting of the contract helps."""
    changes: dict[str, dict[str, Any]] = {column.name: {} for column in table.columns}
    for column in table.columns:
        is_due = sample.has_header and not sample.is_sparse and not column.optional
        if is_due and not _seen(sample, table, column):
            changes[column.name]["optional"] = True
    while True:
        trial = _read(part, _changed(table, changes, unknown), delivery)
        name = trial.refused.column if trial.refused else None
        if not trial.refused or name not in changes:
            break
        seen = _seen(sample, table, table.column(name))
        if seen and seen.is_bytes:
            if "binary" in changes[name] or not _can_be_hex(table.column(name)):
                break
            changes[name]["binary"] = "hex"
            continue
        own = ((seen and seen.type) or "").split("(")[0]
        is_due = trial.refused.code == Code.WRONG_TYPE and own in get_args(FileType)
        if not is_due or {"file_type", "binary"} & changes[name].keys():
            break
        changes[name]["file_type"] = own
        if table.column(name).type.name in ("date", "timestamp"):
            changes[name] |= _spelt(sample, table, delivery, table.column(name))
    for code, wrong in trial.rejects or {}:
        if wrong not in changes:
            continue
        seen = _seen(sample, table, table.column(wrong))
        if seen and seen.is_bytes:
            if _can_be_hex(table.column(wrong)):
                changes[wrong]["binary"] = "hex"
        elif code in _SPELT:
            changes[wrong] |= _spelt(sample, table, delivery, table.column(wrong))
    return changes


def _can_be_hex(column: Column) -> bool:
    """Whether bytes land in it as digits that mean something: as a number 0012 would be 12."""
    return column.type.name == "string"


def _seen(sample: Sample, table: Table, column: Column) -> Seen | None:
    """The contract's column in the file: by its names, or by its place in a file without a header."""
    if not sample.has_header:
        place = table.columns.index(column)
        return sample.columns[place] if place < len(sample.columns) else None
    own = () if column.within else column.file_names  # only whole attributes are named in a file
    names = {_plain(name, sample) for name in own}
    mine = (seen for seen in sample.columns if _plain(seen.heading or "", sample) in names)
    return next(mine, None)


def _spelt(sample: Sample, table: Table, delivery: Delivery, column: Column) -> dict[str, Any]:
    """More formats, impossible dates, words for null and less precision with which more of its values would land."""
    seen = _seen(sample, table, column)
    if seen is None:
        return {}
    values = seen.values.drop_null()
    nulls, sentinels = words_for_none(values)
    if column.type.name not in ("date", "timestamp"):
        sentinels = ()
    trial = column.model_copy(
        update={
            "sentinels": tuple(dict.fromkeys((*column.sentinels, *sentinels))),
            "nulls": tuple(dict.fromkeys((*column.nulls, *nulls))),
            "finer_times": "cut",
        }
    )
    if delivery.decimal_separator == "," and column.type.name in NUMBERS:
        values = with_other_marks(values)
    formats = spellings_for(values, trial)
    finer = finer_times(values, trial.model_copy(update={"format": formats}))
    new = {
        "sentinels": trial.sentinels,
        "nulls": trial.nulls,
        "format": formats,
        "finer_times": "cut" if finer else column.finer_times,
    }
    return {word: said for word, said in new.items() if said != getattr(column, word)}


def _changed(table: Table, changes: Mapping[str, Mapping[str, Any]], unknown: _Unknown) -> Table:
    """The table with the changes, and without the columns that it does not name."""
    columns = tuple(
        column.model_copy(
            update={w: _as(getattr(column, w), v) for w, v in changes[column.name].items()}
        )
        for column in table.columns
    )
    headings = (*table.ignored_headers, *unknown.headings)
    return table.model_copy(update={"columns": columns, "ignored_headers": headings})


def _as(before: Any, value: Any) -> Any:
    """A word as a column holds it: alone, or among several."""
    return (value,) if isinstance(before, tuple) and isinstance(value, str) else value

"""`draft`: from the names of files, or of a database's tables, to the text of a contract or of lines for one."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from ingestion.boundary import boundary
from ingestion.codes import Code
from ingestion.contract import (
    DYNAMODB_FOLDER,
    UNDECIDED,
    Delivery,
    Project,
    Table,
    business_zone,
    contract_path,
    has_date,
    pattern_for,
    read_project,
)
from ingestion.drafting.accept import lines_to_accept
from ingestion.drafting.finished import entries_of
from ingestion.drafting.nulls import with_nulls
from ingestion.drafting.sample import (
    ROWS,
    Export,
    FilePart,
    Sample,
    sample_of,
    sample_of_items,
    separator_of,
)
from ingestion.drafting.tables import DraftTable, Known, draft_table, plain_name
from ingestion.drafting.writing import Draft, contract_of
from ingestion.errors import BadExtract, BadSettings
from ingestion.extract import Address, Described, describe, portable
from ingestion.formats import NOTHING_TOLD, WRITE_TIME, Told
from ingestion.inbox import Promise, name_in_inbox, promised_without_contract
from ingestion.outcome import printable
from ingestion.seeds import read_finding_codes
from ingestion.settings import Settings
from ingestion.store import INBOX, Store, StoredObject, StoreProblem, open_store

ZERO_DATES_IN_MANY = 2
"""From this number of columns with MySQL's zero dates on, the source declares once that they are null."""

_DMS = ("{load}", "{change_time}")
_COMPACT = "{compact_date}"
_WITH_FOLDER = re.compile(r"/((?:[\d_-]+/)+[^/]+|[^/]+/[^/]+)$")
"""A file with its folder, or with all of its date folders."""


def draft_files(
    settings: Settings,
    source: str,
    names: Sequence[str],
    told: Told = NOTHING_TOLD,
    show_values: bool = False,
) -> Draft:
    """Draft the contract of these files: paths on this machine, or objects of the inbox. They are written as `told`.

    A file that a contract claims gives the lines by which it would accept the file. BadSettings for a file that is not
    there, cannot be read, or does not tell whether it has a header, and for a name that no source may have.
    """
    contract_path(source)
    with TemporaryDirectory() as place:
        project, note = _readable_project(settings.project_dir)
        files = list(_files(settings, source, names, Path(place), project))
        claims = [_claim(project, part) for part in files]
        if any(claims):
            lines: list[str] = []
            codes = read_finding_codes(settings.project_dir)
            for part, claim in zip(files, claims, strict=True):
                if claim is None:
                    raise BadSettings(
                        f"{printable(part.name)}: no contract claims it, as one does the others: draft it apart"
                    )
                table = entries_of(settings.project_dir, source)[claim[0].name]
                entries = {column["name"]: column for column in table["columns"]}
                look = partial(_as_delivered, part)
                with _named(part.name):
                    lines += lines_to_accept(part, told, look, *claim, entries, codes, show_values)
            return Draft("\n".join(lines) + "\n", None)
        tables = list(_tables(source, files, told))
    known = {table.name for table in project or () if table.source == source}
    for name in (table.name for table in tables if table.name in known):
        note += f"# {source}.{name} has a contract: it lacks this delivery, and perhaps columns\n"
    drafted = _contract(settings, source, tables, show_values)
    return replace(drafted, text=note + drafted.text)


def draft_database(
    settings: Settings,
    source: str,
    names: Sequence[str] = (),
    *,
    show_values: bool = False,
    address: Address | None = None,
) -> Draft:
    """Draft the contract of a live database's tables, full extracts each evening.

    A table that cannot be read is a comment. BadSettings for an unknown table, or when none can be read.
    """
    contract_path(source)
    with TemporaryDirectory() as place:
        observed, problems = describe(source, names, Path(place), ROWS, address)
        drafted = {one.described.address[-1] for one in observed}
        tables = []
        for one in observed:
            try:
                with _named(f"{source}.{one.described.said}"):
                    tables.append(_described(source, one.described, one.rows, drafted))
            except BadSettings as error:
                problems.append(str(error))
    if not tables:
        raise BadSettings("; ".join(problems))
    contract = _contract(settings, source, tables, show_values)
    left_out = "".join(f"# left out, {printable(problem)}\n" for problem in problems)
    return replace(contract, text=left_out + contract.text)


def _contract(
    settings: Settings, source: str, tables: Sequence[DraftTable], show_values: bool
) -> Draft:
    zero = [c for t in tables for c in t.columns if any("0000" in s for s in c.guess.sentinels)]
    zone = business_zone(settings.project_dir)
    text = contract_of(source, tables, zone, len(zero) >= ZERO_DATES_IN_MANY, show_values)
    return Draft(text, contract_path(source))


def _files(
    settings: Settings, source: str, names: Sequence[str], folder: Path, project: Project | None
) -> Iterator[FilePart | Export]:
    """The files, each with its name below the inbox; those of a set by the name that reports give it."""
    store = open_store(settings.lake, settings.kms_key)
    fetched = (folder / str(number) for number in count())
    for name in names:
        is_here = Path(name).is_file()
        below = _delivered_as(source, Path(name)) if is_here else name_in_inbox(name, store.root)
        if export := _export(store, below, fetched):
            yield export
        elif is_here:
            yield FilePart(below, Path(name))
        else:
            for part in _parts_of(store, project, below) or [below]:
                yield _fetched(store, part, next(fetched))


def _export(store: Store, name: str, fetched: Iterator[Path]) -> Export | None:
    """The export of DynamoDB in the inbox whose summary has this name; None for any other file."""
    with _named(name):
        promise = promised_without_contract(store, name)
        if promise and promise.missing:
            raise BadExtract(
                Code.INCOMPLETE_EXPORT, detail=f"{promise.missing} of its files missing"
            )
    if promise is None:
        if f"/{DYNAMODB_FOLDER}" in name:
            raise BadSettings(
                f"{printable(name)}: give the manifest-summary.json of the export, which has its table's name"
            )
        return None
    parts = [
        FilePart(found.key.removeprefix(INBOX), next(fetched), partial(_fetch, store, found))
        for found in promise.files or ()
    ]
    return Export(name, promise, parts)


def _parts_of(store: Store, project: Project | None, name: str) -> list[str]:
    """The files of the inbox that are one extract of this name."""
    before, word, _ = name.partition("{")
    there = (found.key.removeprefix(INBOX) for found in store.list(INBOX + before)) if word else ()
    patterns = [delivery.path for table in project or () for delivery in table.deliveries]
    return sorted(
        one for one in there if any(p.match(one) and p.group(one) == name for p in patterns)
    )


def _delivered_as(source: str, path: Path) -> str:
    """The name under which a file of this machine lies in an inbox, or would."""
    parts = path.resolve().parts
    for mark, skipped in ((INBOX.rstrip("/"), 1), (source, 0)):
        if mark in parts[:-1]:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(mark) + skipped :])
    alone = f"{source}/{path.name}"
    if _COMPACT in (_pattern(alone) or ""):
        return alone  # its name has the day, and its folder means nothing
    tail = _WITH_FOLDER.search(path.resolve().as_posix())
    with_folder = f"{source}/{tail[1]}" if tail else alone
    return with_folder if _pattern(with_folder) else alone


def _fetched(store: Store, name: str, target: Path) -> FilePart:
    stored = store.stat(INBOX + name)
    if stored is None:
        raise BadSettings(f"no such file, here or in the inbox: {printable(name)}")
    _fetch(store, stored, target)
    return FilePart(name, target)


def _fetch(store: Store, stored: StoredObject, target: Path) -> None:
    try:
        store.fetch(stored, target)
    except StoreProblem as error:
        name = printable(stored.key.removeprefix(INBOX))
        raise BadSettings(f"{name} cannot be read: {type(error).__name__}") from None


def _sample(
    part: FilePart | Export, pattern: str, told: Told, nulls: tuple[str, ...] = ()
) -> Sample:
    is_dms = any(word in pattern for word in _DMS)
    with _named(part.name):
        return sample_of(part, told, is_dms, nulls)


def _as_delivered(part: FilePart | Export, delivery: Delivery) -> Sample:
    """Look at a file whose delivery tells how it is written; at an export for all attributes, as landing does."""
    if isinstance(part, Export):
        return sample_of_items(part, is_whole=True)
    header = delivery.header if delivery.file == "csv" else None
    return _sample(part, str(delivery.path), Told(header, delivery.skip_lines, not delivery.quoted))


@contextmanager
def _named(name: str) -> Iterator[None]:
    """A refusal says the name of its file or table, and an unexpected error is one."""
    try:
        with boundary(name):
            yield
    except BadExtract as error:
        raise BadSettings(f"{printable(name)}: {error}") from None


def _read_again(
    files: Sequence[tuple[FilePart | Export, Sample]], pattern: str, nulls: tuple[str, ...]
) -> list[Sample]:
    told = ((part, Told(seen.has_header, seen.peek.skip_lines)) for part, seen in files)
    return [_sample(part, pattern, how, nulls) for part, how in told]


def _readable_project(root: Path) -> tuple[Project | None, str]:
    """The contracts; while one of them is unfinished, as this source's own may be, none and a comment that says so."""
    try:
        return read_project(root), ""
    except BadSettings as error:
        return None, f"# not compared with the contracts that are there: {error}\n"


def _claim(project: Project | None, part: FilePart | Export) -> tuple[Table, Delivery] | None:
    """The contract's table and delivery of a file."""
    promise = part.promise
    for table in project or ():
        for delivery in table.deliveries:
            is_told_apart = promise is None or promise.is_for(table, delivery)
            if delivery.path.match(part.name) and is_told_apart:
                return table, delivery
    return None


def _tables(source: str, files: Sequence[FilePart | Export], told: Told) -> Iterator[DraftTable]:
    """Files of one pattern, and patterns of one table, together."""
    groups: dict[str, dict[tuple[str, str | None], list[FilePart | Export]]] = {}
    exported: dict[str | None, str] = {}
    for part in files:
        pattern = _pattern(part.name) or _dated(source, part.name)
        promise = part.promise
        table = _exported_table(promise.table, exported) if promise else _table_name(pattern)
        kind = promise.kind if promise else None
        groups.setdefault(table, {}).setdefault((pattern, kind), []).append(part)
    for table, patterns in groups.items():
        samples: list[Sample] = []
        deliveries, evidence = [], list[str]()
        for (pattern, _), parts in patterns.items():
            found = [_sample(part, pattern, told) for part in parts]
            evidence += [
                f"quotation marks are text: {s.peek.unquoted_as}"
                for s in found
                if not s.peek.quoted
            ]
            files_seen = list(zip(parts, found, strict=True))
            found, reasons = with_nulls(found, partial(_read_again, files_seen, pattern))
            words = _delivery_words(pattern, found) | _words_of_export(table, parts[0].promise)
            deliveries.append((pattern, words))
            samples, evidence = samples + found, evidence + reasons
        known = Known(key=next((sample.key for sample in samples if sample.key), ()))
        with _named(table):
            drafted = draft_table(table, samples, deliveries, known, evidence=tuple(evidence))
        yield drafted


def _exported_table(told: str | None, names: dict[str | None, str]) -> str:
    """The name for a table of DynamoDB, which tells Orders from orders; `names` has those of the tables before it."""
    if told not in names:
        name = plain_name(told, 0)
        while name in names.values():
            name += "_2"
        names[told] = name
    return names[told]


def _pattern(name: str) -> str | None:
    """`pattern_for` a name; BadSettings where that refuses it."""
    try:
        return pattern_for(name)
    except ValueError as error:
        raise BadSettings(f"{printable(name)}: {error}") from None


def _dated(source: str, name: str) -> str:
    """A pattern for a file without a time in its name: the folder of its delivery must have it."""
    last = name.rsplit("/", 1)[-1].removesuffix(".gz")
    if has_date(last):
        raise BadSettings(f"{printable(name)}: a date in its name is not in a form that a path has")
    return f"{source}/{{date}}/{last}"


def _table_name(pattern: str) -> str:
    """The last literal part of a pattern: the file's name without its ending, or the folder's.

    >>> _table_name("shop/shop_order_{compact_date}.csv")
    'order'
    """
    *folders, file = pattern.removesuffix(".gz").split("/")
    stem = PurePosixPath(file).stem
    if _COMPACT in stem:
        # such names are unique within one folder, so they repeat the source's name
        words = [word for word in re.split(r"[\W_]+", stem.replace(_COMPACT, " ")) if word]
        own = folders[0].casefold()
        if len(words) > 1 and words[0].casefold() == own:
            words = words[1:]
        stem = "_".join(words) or _COMPACT
    for step in (stem, *reversed(folders)):
        if "{" not in step:
            return plain_name(step.rsplit(".", 1)[-1], 0)
    return "table_1"


def _delivery_words(pattern: str, samples: Sequence[Sample]) -> dict[str, Any]:
    """The settings of a delivery beside its path."""
    found, has_header = samples[0].peek, samples[0].has_header
    separator = separator_of(samples)
    words = {
        "kind": "changes" if "{change_time}" in pattern else None,
        "file": found.file if found.file != "csv" else None,
        "skip_lines": found.skip_lines,
        "delimiter": found.delimiter if found.delimiter != "," else None,
        "decimal_separator": separator if separator != "." else None,
        "encoding": found.encoding if found.encoding != "utf-8" else None,
        "nulls": list(samples[0].nulls),
    }
    said: dict[str, Any] = {word: value for word, value in words.items() if value}
    flags = {"header": has_header, "quoted": all(one.peek.quoted for one in samples)}
    return said | {word: False for word, flag in flags.items() if not flag}


def _words_of_export(table: str, promise: Promise | None) -> dict[str, Any]:
    """The settings of a delivery of a DynamoDB table; changes are in the order of their times."""
    if promise is None:
        return {}
    words: dict[str, Any] = {} if promise.table == table else {"exported_as": promise.table}
    if promise.kind == "changes":
        words |= {"kind": "changes", "order": plain_name(WRITE_TIME, 0)}
    return words


def _described(source: str, described: Described, rows: Path, drafted: set[str]) -> DraftTable:
    """The draft of a table of a live database; it refers only to tables that are `drafted` with it."""
    name = plain_name(described.address[-1], 0)
    types = {}
    left_out = {}
    for column, found in described.columns.items():
        if (told := portable(found)) is None:
            left_out[column] = f"{found.type}: bytes"
        elif not found.is_readable:
            left_out[column] = "the user may not read it"
        else:
            types[column] = told
    refers_to = {c: other for c, other in described.refers_to.items() if other[0] in drafted}
    known = Known(described.key, described.comments, refers_to, left_out, types)
    own = (name,) == described.address
    return draft_table(
        name,
        [sample_of(FilePart("rows.csv", rows), Told(header=True, skip_lines=0))],
        [(f"{source}/{{date}}/{name}.csv", {})],
        known,
        description=described.comment or UNDECIDED,
        extract_from=() if own else described.address,
        note=described.problem,
    )

"""A draft as YAML: a dbt sources file, or single entries of one, with the evidence as comments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.contract import TABLE_WORD, UNDECIDED
from ingestion.drafting.tables import DraftColumn, DraftTable
from ingestion.errors import BadSettings

_WIDE = 10_000
_MANY = 3
_INDENT = " " * 10


@dataclass(frozen=True)
class Draft:
    """A text of the project: what to print, and its file, None for lines of an existing file.

    `replaces`: the next text of that file, made out of the existing one.
    """

    text: str
    path: Path | None
    replaces: bool = False


def write(draft: Draft, root: Path) -> str:
    """Write the draft into its file below `root`; returns the file's name. BadSettings where one is there already."""
    if draft.path is None:
        raise BadSettings(
            "these lines belong into an existing contract: put them in by hand, without --write"
        )
    target = root / draft.path
    if target.exists() and not draft.replaces:
        raise BadSettings(
            f"{draft.path} is there already: draft without --write, and merge by hand"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draft.text)
    return str(draft.path)


def flow(value: Any) -> str:
    """A value as YAML writes it on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=_WIDE
    )
    return text.removesuffix("\n").removesuffix("...").rstrip("\n")


def contract_of(
    source: str,
    tables: Sequence[DraftTable],
    zone: str,
    zero_dates: bool = False,
    show_values: bool = False,
) -> str:
    """The whole contract of a source. Settings that all tables share are written once, as defaults."""
    shared, formats = _shared(tables), _formats(tables)
    meta: dict[str, Any] = {"time_zone": zone}
    if zero_dates:
        meta["zero_dates_are_null"] = True
    lines = [
        "version: 2",
        "",
        "# A draft: decide each sensitivity (direct, quasi, none), describe, and delete the comments.",
        "# docs/guides/adding_a_source.md explains every word under `meta`.",
        "sources:",
        f"  - name: {source}",
        f"    schema: raw_{source}",
        f"    description: {UNDECIDED}",
        "    config:",
        "      meta:",
        *(f"        {word}: {flow(value)}" for word, value in meta.items()),
    ]
    if shared or formats:
        lines.append("        defaults:")
    if shared:
        lines += _deliveries(shared, "          ")
    if formats:
        lines.append(f"          formats: {flow(formats)}")
        tables = [_without(table, formats) for table in tables]
    lines.append("    tables:")
    for number, table in enumerate(tables):
        lines += [*([""] if number else []), *_table(table, bool(shared), zero_dates, show_values)]
    return "\n".join(lines) + "\n"


def _shared(tables: Sequence[DraftTable]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The deliveries that all tables share once TABLE_WORD replaces their names; else none."""
    named = [
        tuple((_named(path, table.name), words) for path, words in table.deliveries)
        for table in tables
    ]
    is_shared = len(tables) > 1 and all(one == named[0] for one in named)
    return named[0] if is_shared else ()


def _formats(tables: Sequence[DraftTable]) -> dict[str, str]:
    """The one format of all dates, or of all times, where at least _MANY columns share it."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for column in (column for table in tables for column in table.columns):
        if column.guess.type in ("date", "timestamp"):
            found.setdefault(column.guess.type, []).append(column.guess.formats)
    return {
        type_: spelt[0][0]
        for type_, spelt in found.items()
        if len(spelt) >= _MANY and len(set(spelt)) == 1 and len(spelt[0]) == 1
    }


def _without(table: DraftTable, formats: Mapping[str, str]) -> DraftTable:
    """The table without the formats that the defaults have."""
    columns = tuple(
        replace(column, guess=replace(column.guess, formats=()))
        if column.guess.type in formats
        else column
        for column in table.columns
    )
    return replace(table, columns=columns)


def _named(path: str, table: str) -> str:
    front, slash, last = path.rpartition("/")
    return front + slash + last.replace(table, TABLE_WORD, 1)


def _deliveries(deliveries: Iterable[tuple[str, Mapping[str, Any]]], indent: str) -> Iterator[str]:
    yield f"{indent}deliveries:"
    for path, words in deliveries:
        yield f"{indent}  - {flow({'path': path, 'kind': 'full', **words})}"


def _table(
    table: DraftTable, is_shared: bool, zero_dates: bool, show_values: bool
) -> Iterator[str]:
    key = flow(list(table.key)) if table.key else "row"
    where = f"each of {table.files} files, " if table.files > 1 else ""
    proof = "its primary key" if table.key_is_declared else f"unique in {where}{table.rows} rows"
    yield f"      - name: {table.name}"
    if table.note:
        yield f"        # {table.note}"
    yield f"        description: {flow(table.description)}"
    yield "        config:"
    yield "          meta:"
    yield "            contract:"
    yield f"              key: {key}  # {proof if table.key else 'no column or pair is unique'}"
    if not table.rows:
        yield "              may_be_empty: true  # no row was seen"
    if table.extract_from:
        yield f"              extract_from: {flow(list(table.extract_from))}"
    for evidence in dict.fromkeys(table.evidence):
        yield f"              # {evidence}"
    if not is_shared:
        yield "              # full: each file is the whole table; else incremental, changes or append"
        yield from _deliveries(table.deliveries, " " * 14)
    if table.left_out:
        yield "              ignored_headers:"
        for heading, reason in table.left_out.items():
            yield f"                - {flow(heading)}  # {reason}"
    yield "        columns:"
    for column in table.columns:
        yield column_line(column, zero_dates, show_values)


def column_line(column: DraftColumn, zero_dates: bool = False, show_values: bool = False) -> str:
    """The entry of a column, on one line, and its evidence."""
    entry = {
        "name": column.name,
        "data_type": column.guess.type,
        "description": column.description,
        "config": {"meta": meta_of(column, zero_dates, show_values)},
    }
    return f"{_INDENT}- {flow(entry)}  # {'; '.join(_evidence(column, show_values))}"


def meta_of(column: DraftColumn, zero_dates: bool, show_values: bool) -> dict[str, Any]:
    """The settings of a column under `meta`; a person decides the sensitivity."""
    found = column.guess
    sentinels = () if zero_dates else found.sentinels
    settings = {
        "header": column.header,
        "format": short(found.formats),
        "nulls": list(found.nulls),
        "sentinels": list(sentinels),
        "finer_times": "cut" if found.finer else None,
        "file_type": column.file_type,
        "binary": "hex" if column.is_bytes else None,
        "refers_to": column.refers_to,
        "optional": column.optional,
        "values": list(column.values) if show_values else None,
    }
    return {
        "sensitivity": UNDECIDED,
        **{word: value for word, value in settings.items() if value or value == ""},
    }


def short(words: tuple[str, ...]) -> str | list[str]:
    """One word as it is, several as a list: either is a contract's."""
    return words[0] if len(words) == 1 else list(words)


def _evidence(column: DraftColumn, show_values: bool) -> Iterator[str]:
    yield ", ".join(column.likely) + "?"
    found = column.guess
    none = "bytes" if column.is_bytes else "no values"
    yield f"{found.fits} of {found.known} values" if found.known else none
    if found.finer:
        yield f"{found.finer} of them are finer than milliseconds"
    if found.sentinels:
        yield "has dates that mean null"
    for rival in found.rivals:
        yield f"{rival} fits as many values"
    if column.values and not show_values:
        count = len(column.values)
        more = f"{count} different values: --values lists them"
        yield more if count > 1 else "one value: --values shows it"

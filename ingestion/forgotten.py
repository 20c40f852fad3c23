"""Forgotten persons: the list that recognises their rows whenever a file brings them.

`manifests/forgotten/<domain>-<pseudonym>.json`, an object for each. It holds no name; a holder of the lake's key can
test whether an identifier is on the list, as for every pseudonym.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.contract import Column, Table
from ingestion.errors import LandingFailed
from ingestion.pseudonyms import Pseudonymiser
from ingestion.store import Record, Store, read_many

FORGOTTEN = "manifests/forgotten/"
_DELIMITERS = ",;|\t"
"""What may divide cells whatever the contract says: a file may name another delimiter in its first line."""
_LINE_ENDS = re.compile(r"[\r\n]")


class ForgottenPerson(Record):
    """A person on the list. `replacement` is a random text that replaces the person where a key may not be empty.

    `finished_at` is None until every object that held the person is gone; `left` lists what the storage keeps. Times
    are UTC without zone.
    """

    domain: str
    pseudonym: str
    replacement: str
    reason: str
    by: str
    forgotten_at: datetime
    finished_at: datetime | None = None
    left: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where the record lies."""
        return f"{FORGOTTEN}{self.domain}-{self.pseudonym}.json"


@dataclass(frozen=True)
class Forgotten:
    """All persons on the list: by domain, the replacement of each pseudonym."""

    domains: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, table: Table) -> "Forgotten":
        """The persons whom a table may hold."""
        known = {column.pseudonym for column in table.columns if column.pseudonym}
        return Forgotten({name: who for name, who in self.domains.items() if name in known})

    def columns_of(self, table: Table) -> Iterator[tuple[Column, Mapping[str, str]]]:
        """The columns of a table that may name a person, each with the replacements of its domain."""
        for column in table.columns:
            if column.pseudonym and (who := self.domains.get(column.pseudonym)):
                yield column, who

    def __bool__(self) -> bool:
        return any(self.domains.values())

    def held_by(self, texts: Iterable[str], key: Pseudonymiser) -> bool:
        """Whether any of these texts is the identifier of someone on the list."""
        wanted = set(texts)
        return any(
            not who.keys().isdisjoint(key.values(wanted, domain))
            for domain, who in self.domains.items()
        )


def read_forgotten(store: Store) -> list[ForgottenPerson]:
    """The list, in the order in which they were forgotten. LandingFailed when a record cannot be read."""
    texts = read_many(store, (one.key for one in store.list(FORGOTTEN)))
    found = [_person(key, data) for key, data in texts.items()]
    return sorted(found, key=lambda one: (one.forgotten_at, one.key))


def listed(people: Iterable[ForgottenPerson]) -> Forgotten:
    """The list as converting needs it."""
    domains: dict[str, dict[str, str]] = {}
    for one in people:
        domains.setdefault(one.domain, {})[one.pseudonym] = one.replacement
    return Forgotten(domains)


def _person(key: str, data: bytes | None) -> ForgottenPerson:
    if (person := ForgottenPerson.of(data)) is None:
        raise LandingFailed(
            f"{key} is damaged, and without it a forgotten person would come back: restore it"
        )
    return person


def texts_in(raw: bytes, delimiters: Iterable[str]) -> set[str]:
    """Everything in a record that may be an identifier: its cells, or the values of its JSON, however deep.

    `delimiters` are those of the contracts under which the record may have come.
    """
    text = raw.decode("utf-8", "replace")
    if text.lstrip().startswith(("{", "[")):
        try:
            return set(_values(json.loads(text)))
        except ValueError:
            pass  # cut short: its pieces are looked at
    known = {*_DELIMITERS, *delimiters}
    cells = re.compile(f'[{re.escape("".join(known))}"\r\n]')
    texts = {piece.strip() for piece in cells.split(text)}
    lines = _LINE_ENDS.split(text)
    for delimiter in known:
        texts |= {cell.strip() for line in lines for cell in line.split(delimiter)}  # not `quoted`
        try:
            rows = csv.reader(io.StringIO(text), delimiter=delimiter)
            texts |= {cell.strip() for row in rows for cell in row}
        except csv.Error:
            continue
    return texts - {""}


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str):
        yield value.strip()
        if value.lstrip().startswith(("{", "[")):
            try:
                yield from _values(json.loads(value))
            except ValueError:
                return
    elif value is not None:
        yield str(value)

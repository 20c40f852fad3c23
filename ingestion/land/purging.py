"""Finds forgotten persons in the rows of an extract, and removes them from its files."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ingestion.arrow import is_one_of, pa
from ingestion.forgotten import Forgotten, texts_in
from ingestion.formats import SOURCE_ROW, Edits, Extract, Reject, old_images, rewrite
from ingestion.land.parts import LocalPart
from ingestion.pseudonyms import Pseudonymiser
from ingestion.store import sha256_of


class PeopleWatch:
    """Gathers the records that hold a person of the list. It costs nothing if the list does not concern the table."""

    def __init__(self, extract: Extract, listed: Forgotten, key: Pseudonymiser | None) -> None:
        self._extract, self._key = extract, key
        self._listed = listed.of(extract.table) if key else Forgotten()
        self._dropped: set[int] = set()
        self._lines: set[int] = set()
        self._emptied: dict[int, str] = {}

    def see(self, rows: pa.RecordBatch, rejects: Iterable[Reject]) -> None:
        """Add the next rows, with their pseudonyms and rejects."""
        if not self._listed:
            return
        numbers = rows.column(SOURCE_ROW).to_numpy()
        table = self._extract.table
        for column, who in self._listed.columns_of(table):
            name = str(column.pseudonym_name)
            held = is_one_of(rows.column(name), who)
            if not held.any():
                continue
            if not table.keeps_forgotten(column):
                self._dropped |= set(numbers[held].tolist())
            else:
                pseudonyms = rows.column(name).filter(pa.array(held)).to_pylist()
                found = zip(numbers[held].tolist(), pseudonyms, strict=True)
                is_replaced = table.when_forgotten == "kept"
                self._emptied |= {n: who[str(one)] if is_replaced else "" for n, one in found}
        assert self._key
        for reject in rejects:
            if self._listed.held_by(texts_in(reject.raw, table.delimiters), self._key):
                self._lines.add(reject.line)

    def edits(self, parts: list[LocalPart]) -> Edits:
        """The edits that remove these records from the parts."""
        emptied = {n: text for n, text in self._emptied.items() if n not in self._dropped}
        edits = Edits(frozenset(self._dropped), frozenset(self._lines), emptied)
        delivery = self._extract.delivery
        if self._listed and delivery.file == "dynamodb" and delivery.kind == "changes":
            return replace(edits, past=frozenset(self._past(parts)))
        return edits

    def _past(self, parts: list[LocalPart]) -> Iterable[int]:
        """The lines whose old image, which does not land, holds a person of the list."""
        assert self._key
        for number, cells in old_images(list(parts), self._extract):
            for column, text in cells:
                who = self._listed.domains.get(str(column.pseudonym), {})
                if self._key.value(text.strip(), str(column.pseudonym)) in who:
                    yield number


def purged(parts: list[LocalPart], extract: Extract, edits: Edits, folder: Path) -> list[LocalPart]:
    """Write the parts again, without what the edits remove."""
    paths = rewrite(list(parts), extract, edits, folder)
    written = [
        replace(part, path=path, archived_sha256=sha256_of(path))
        for part, path in zip(parts, paths, strict=True)
    ]
    return [
        part if again.archived_sha256 == part.archived else again
        for part, again in zip(parts, written, strict=True)
    ]

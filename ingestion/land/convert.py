"""Converts the parts of an extract to checked files: typed rows, quarantine, counts. Nothing is committed here."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from ingestion.arrow import Ints
from ingestion.catalog import raw_table
from ingestion.forgotten import Forgotten
from ingestion.formats import Edits, Extract, Reject, read_extract, rows_at
from ingestion.land.keys import KeyFindings, KeyWatch, find_repeated
from ingestion.land.parts import LocalPart, refuse_other_count
from ingestion.land.purging import PeopleWatch
from ingestion.land.rejects import Rejects
from ingestion.land.rules import NewLoad, may_be_empty
from ingestion.land.writer import Lineage, LoadWriter, Written, without
from ingestion.pseudonyms import Pseudonymiser

NOTHING, NOBODY = Edits(), Forgotten()


@dataclass(frozen=True)
class Job:
    """An extract to convert, the folder for its files, and the persons to remove.

    `forgotten` rows of its parts are gone already, `unnamed` ones have lost their person.
    """

    new: NewLoad
    load_id: str
    parts: list[LocalPart]
    folder: Path
    listed: Forgotten = NOBODY
    forgotten: int = 0
    unnamed: int = 0


@dataclass(frozen=True)
class Converted:
    """The files of a load that may be committed. rows_in = written.rows + quarantined + duplicates + forgotten.

    `parts` are its originals as the archive may keep them; `edits` are the removals from the given parts.
    """

    parts: list[LocalPart]
    written: Written
    quarantine: Path | None
    rows_in: int
    quarantined: int
    unreadable_keys: int
    duplicates: int
    warnings: Counter[str]
    forgotten: int = 0
    unnamed: int = 0
    edits: Edits = NOTHING


def extract_of(new: NewLoad) -> Extract:
    """The extract as the readers take it."""
    return Extract(
        new.table,
        new.delivery,
        new.extract_date,
        new.extracted_at,
        new.name,
        new.skips_empty,
    )


class Converter:
    """Does one job; `connection` is an in-memory DuckDB with bounded memory."""

    def __init__(
        self, job: Job, key: Pseudonymiser | None, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self._job, self._connection = job, connection
        # an extract may become empty by forgetting, whatever its contract says
        new = may_be_empty(job.new) if job.forgotten else job.new
        self._extract, self._table, self._raw = extract_of(new), new.table, raw_table(new.table)
        self._people = PeopleWatch(self._extract, job.listed, key)
        self._lineage = Lineage(self._table, self._raw, new.extracted_at, key)
        self._rejects = Rejects(job.folder / "quarantine.parquet", self._table, job.load_id)
        self._watch = KeyWatch(self._table)
        self._warnings: Counter[str] = Counter()
        self.rows_in = job.forgotten

    @property
    def quarantined(self) -> int:
        """The number of rows rejected so far."""
        return self._rejects.count

    def convert(self) -> Converted:
        """Read, check and write everything. Raises BadExtract when the whole extract is refused."""
        written = self._read()
        refuse_other_count(self._job.new.promised_rows, self.rows_in)
        self._rejects.refuse_too_many(self.rows_in)
        findings = KeyFindings()
        if not self._watch.is_unique():
            findings = find_repeated(
                self._connection, written.path, self._table, self._extract.delivery
            )
        written = self._apply(findings, written)
        self._warnings += Counter(
            duplicate_row=len(findings.duplicates),
            key_case=findings.same_but_for_case,
            repeated_operation=findings.repeated_operations,
        )
        return Converted(
            self._job.parts,
            written,
            self._rejects.close(),
            self.rows_in,
            self._rejects.count,
            self._rejects.unreadable_keys,
            len(findings.duplicates),
            +self._warnings,
            self._job.forgotten,
            self._job.unnamed,
            self._people.edits(self._job.parts),
        )

    def _read(self) -> Written:
        writer = LoadWriter(self._job.folder / "rows.parquet", self._raw)
        for batch in read_extract(self._job.parts, self._extract):
            self.rows_in += batch.rows_in
            self._rejects.keep(batch.rejects)
            self._warnings += batch.warnings
            if not self._rejects.is_hopeless:  # else it is refused, and only its counts matter
                self._watch.see(batch.rows)
                rows = self._lineage.complete(batch.rows)
                self._people.see(rows, batch.rejects)
                writer.write(rows)
        return writer.close()

    def _apply(self, findings: KeyFindings, written: Written) -> Written:
        """Remove repeated and conflicting rows; the conflicting ones go to quarantine, with their lines."""
        dropped = np.concatenate([findings.duplicates, findings.conflicts])
        if not len(dropped):
            return written
        if len(findings.conflicts):
            first = self._at(findings.conflicts[:1])[0]
            self._rejects.refuse_too_many(self.rows_in, len(findings.conflicts), first)
            self._rejects.keep(self._at(findings.conflicts))
        dropped.sort()
        kept = without(written.path, self._job.folder / "kept.parquet", self._raw, dropped)
        written.path.unlink()
        return kept

    def _at(self, rows: Ints) -> list[Reject]:
        """The records with these source rows, read a second time, as rejects."""
        return list(rows_at(self._job.parts, self._extract, set(rows.tolist())))

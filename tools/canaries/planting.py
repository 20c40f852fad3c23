"""Puts canaries into an inbox: in each personal column of each table, and in the places beside them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from ingestion.contract import NUMBERS, Column, Delivery, Project, Table
from tools.canaries.delivered import CsvFile, Delivered, opened
from tools.canaries.values import Canary, in_a_bad_row, of_column, of_text

BAD = "canarybad"
"""The ending of personal cells in bad rows."""

FILE_NAME = of_text("the name of a file")
"""In the name of a file: the lander shows it, as all names of files; no mart may."""

_NEVER_TEXT = (*NUMBERS, "date", "timestamp")


class Planter:
    """Plants canaries into the files of an inbox, again after each delivery. `planted` has the canaries by place.

    - One person of each pseudonym domain, and one value of other personal keys, is a canary wherever it is named, so
      that rows still find each other.
    - Each other personal column gets one in the newest file of its table; with `keeps_days` days that marts hold as
      they are get one that lies ahead: marts count the months from the first day that there is. `without_form` has
      the columns in which no canary fits, such as a code from a list: theirs are in bad rows alone.
    - The newest text file of a table, but for files of changes and for `but_for` sources, gets a bad row.
    - A heading that no contract knows becomes one, and a file of no table, in the folder of the source `beside`, has
      one in its name.
    """

    def __init__(
        self,
        project: Project,
        beside: str,
        but_for: Collection[str] = (),
        keeps_days: bool = False,
    ) -> None:
        self._project, self._beside, self._but_for = project, beside, but_for
        self._keeps_days = keeps_days
        self._old: dict[str | None, str] = {}
        self._stand_ins: dict[str | None, Canary] = {}
        self.planted: dict[str, Canary] = {}

    def plant(self, inbox: Path) -> None:
        """Plant into all files of the inbox."""
        files = {table.full_name: list(_files(table, inbox)) for table in self._project}
        newest = {}
        for table in self._project:
            for path, delivery in reversed(files[table.full_name]):
                file = opened(path, table, delivery)
                if file.columns:
                    newest[path] = file
                    break
        self._choose([*newest.values()])
        for table in self._project:
            for path, delivery in files[table.full_name]:
                file = newest.get(path) or opened(path, table, delivery)
                self._replace(file)
                if path in newest:
                    self._fill(file)
                    self._spoil(file)
                self._head(file)
                file.save()
        (inbox / self._beside).mkdir(parents=True, exist_ok=True)
        (inbox / self._beside / f"{FILE_NAME.value}.png").write_bytes(b"\x89PNG")

    def _choose(self, files: list[Delivered]) -> None:
        """For each domain without a canary, choose the value that occurs in most columns."""
        held: dict[str, Counter[str]] = defaultdict(Counter)
        first: dict[str, tuple[Delivered, Column]] = {}
        for file in files:
            for column in file.columns:
                domain = _domain(file.table, column)
                if domain and domain not in self._stand_ins:
                    held[domain].update({cell for cell in file.cells(column) if cell})
                    first.setdefault(domain, (file, column))
        for domain, cells in held.items():
            if cells:
                most = max(cells.values())
                old = min(cell for cell, count in cells.items() if count == most)
                file, column = first[domain]
                if canary := of_column(file.table, column, old):
                    self._old[domain], self._stand_ins[domain] = old, canary

    def _replace(self, file: Delivered) -> None:
        for column in file.columns:
            canary = self._stand_in(file.table, column)
            if canary and file.replace(
                column, self._old[_domain(file.table, column)], canary.value
            ):
                self._add(canary)

    def _stand_in(self, table: Table, column: Column) -> Canary | None:
        """The canary of the column's domain, as one of this column."""
        if found := self._stand_ins.get(_domain(table, column)):
            place = f"{table.full_name}.{column.name}"
            return Canary(place, found.value, found.forms, column.in_marts)
        return None

    def _fill(self, file: Delivered) -> None:
        for column in file.columns:
            is_planted = f"{file.table.full_name}.{column.name}" in self.planted
            if column.sensitivity == "none" or (_domain(file.table, column) and is_planted):
                continue
            cells = file.cells(column)
            filled = [row for row, cell in enumerate(cells) if cell is not None]
            row = filled[-1] if filled else len(cells) - 1
            canary = self._stand_in(file.table, column) or of_column(
                file.table,
                column,
                cells[row],
                is_ahead=self._keeps_days and column.in_marts == "as_is",
            )
            if canary:
                file.put(column, row, canary.value)
                self._add(canary)

    def _spoil(self, file: Delivered) -> None:
        """Add a bad record: with a wrong value in a cell that is not text, or with an extra cell."""
        is_left_out = file.delivery.kind == "changes" or file.table.source in self._but_for
        if not isinstance(file, CsvFile) or is_left_out:
            return
        personal = [column for column in file.columns if column.sensitivity != "none"]
        canaries = {column.name: in_a_bad_row(file.table, column) for column in personal}
        # without its key the row would make the whole state doubtful
        keys = file.table.key_columns
        typed = [c for c in file.columns if c.type.name in _NEVER_TEXT and c.name not in keys]
        bad = dict.fromkeys((column.name for column in typed), BAD)
        bad |= {name: str(canary.value) for name, canary in canaries.items()}
        if personal:
            file.add(-1, bad, () if typed else (BAD,))
            for canary in canaries.values():
                self._add(canary)

    def _head(self, file: Delivered) -> None:
        if isinstance(file, CsvFile) and file.header:
            known = {name for column in file.table.columns for name in column.file_names}
            for heading in {*file.header} - known - {*file.table.ignored_headers}:
                canary = of_text(f"{file.table.full_name}, a heading")
                file.rename(heading, str(canary.value))
                self._add(canary)

    def _add(self, canary: Canary) -> None:
        self.planted[canary.place] = canary


def without_form(project: Project) -> list[str]:
    """The personal columns whose contract allows no recognisable value, by source.table.column."""
    return [
        f"{table.full_name}.{column.name}"
        for table in project
        for column in table.columns
        if column.sensitivity != "none" and of_column(table, column, None) is None
    ]


def _domain(table: Table, column: Column) -> str | None:
    """Columns of one domain name the same persons; so do those of one source's keys that have no pseudonym."""
    if column.pseudonym:
        return column.pseudonym
    is_key = column.sensitivity != "none" and column.name in table.key_columns
    return f"keys of {table.source}" if is_key else None


def _files(table: Table, inbox: Path) -> Iterator[tuple[Path, Delivery]]:
    """The files of a table, from the oldest to the newest."""
    found = (inbox / table.source).rglob("*")
    paths = [path for path in found if path.is_file() and path.stat().st_size]
    for path in sorted(paths, key=lambda one: (one.stat().st_mtime_ns, str(one))):
        name = path.relative_to(inbox).as_posix()
        delivery = next((one for one in table.deliveries if one.path.match(name)), None)
        if delivery:
            yield path, delivery

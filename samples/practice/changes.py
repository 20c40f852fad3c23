"""Delivery by DMS: one full load without a header, then files of changes with the operation in front."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from samples.clock import stamp
from samples.practice.life import Day
from samples.practice.options import Options
from samples.practice.tables import TABLES, Cell, Layout, Row, layout


def line(cells: list[str | None]) -> str:
    """One record as DMS writes it: quotes by RFC 4180, an unquoted NULL for null, so text NULL is quoted."""
    spelt = []
    for cell in cells:
        if cell is None:
            spelt.append("NULL")
        elif cell == "NULL" or any(mark in cell for mark in ',"\r\n'):
            spelt.append('"' + cell.replace('"', '""') + '"')
        else:
            spelt.append(cell)
    return ",".join(spelt) + "\n"


class DmsDelivery:
    """One table's delivery: compares each evening's rows with the ones before, by key."""

    def __init__(self, outdir: Path, options: Options, table: str) -> None:
        self._options, self._table = options, table
        self._folder = outdir / TABLES[table].source / "dms" / "unicornDB" / table
        self._before: dict[Cell, Row] = {}

    def see(self, day: Day) -> None:
        """Remember the rows of the day before the first delivery that goes on from an earlier one."""
        if self._options.resume and day.index == self._options.first_written - 1:
            self._before = {row[0]: row for row in day.open_rows(self._table)}

    def deliver(self, day: Day) -> Iterator[Path]:
        """Write the full load on the first day, changes on the others; a day without changes has no file."""
        shape = layout(self._options, self._table, day.index)
        rows = {row[0]: row for row in day.open_rows(self._table)}
        before, self._before = self._before, rows
        if day.index == self._options.first_written and not self._options.resume:
            yield self._write(
                self._folder / "LOAD00000001.csv", self._loaded(rows, shape), day.date, 0
            )
            return
        changes = self._changes(before, rows, shape)
        # Two files a day where there is enough to tell: their order must not matter less than their names.
        half = len(changes) // 2 if len(changes) > 3 else 0
        for part, lines in enumerate((changes[:half], changes[half:])):
            if lines:
                yield self._write(self._change_file(day, part), lines, day.date, part + 1)

    def _loaded(self, rows: dict[Cell, Row], shape: Layout) -> list[str]:
        return [line(shape.cells(row, 0)) for row in rows.values()]

    def _changes(self, before: dict[Cell, Row], rows: dict[Cell, Row], shape: Layout) -> list[str]:
        lines = []
        for key, row in rows.items():
            old = before.get(key)
            if old is not row and old != row:
                lines.append(line(["I" if old is None else "U", *shape.cells(row, 0)]))
        gone = [row for key, row in before.items() if key not in rows]
        return lines + [line(["D", *shape.cells(row, 0)]) for row in gone]

    def _change_file(self, day: Day, part: int) -> Path:
        moment = self._options.stream(f"dms {self._table} {day.date} {part}")
        clock = f"{(10, 17)[part]:02d}{moment.randrange(60):02d}{moment.randrange(60):02d}{moment.randrange(1000):03d}"
        folder = self._folder
        if day.index >= self._options.links_from:
            # The task was set to folders by date in the middle of the time.
            folder = folder / day.date.strftime("%Y/%m/%d")
        return folder / f"{day.date:%Y%m%d}-{clock}.csv"

    def _write(self, path: Path, lines: list[str], day: date, seconds: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="")
        stamp(path, day, seconds)
        return path

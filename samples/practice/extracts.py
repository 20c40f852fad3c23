"""Writes the extracts of each evening below the inbox, as the sources deliver them.

Every extract is the whole table, so the volume grows with the square of the days: 500 patients and 60 days are some
80 MB; 50,000 patients and 730 days would be hundreds of gigabytes, of which `last` writes only the newest.
Rows that never change again are spelt once, into a spool file per layout of their table; an extract is a copy of that
file and the rows that may still change. So neither memory nor the time per day grows with the days gone by.
"""

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from samples.clock import stamp
from samples.practice.changes import DmsDelivery
from samples.practice.dirt import Planter
from samples.practice.life import Day
from samples.practice.options import Options
from samples.practice.tables import TABLES, Layout, Row, layout
from samples.practice.truth import simulate
from samples.written import Written


class _Spool:
    """The settled rows of one table in one layout, as a CSV file that only grows."""

    def __init__(self, path: Path, shape: Layout, stack: ExitStack) -> None:
        self.path, self.shape, self.count = path, shape, 0
        self._file: TextIO = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(shape.header)

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows that never change again."""
        for row in rows:
            self._csv.writerow(self.shape.cells(row, self.count))
            self.count += 1

    def extract(self, path: Path, open_rows: Iterator[Row]) -> int:
        """Write the whole table to `path`; its number of rows. An empty table is not exported."""
        self._file.flush()
        shutil.copyfile(self.path, path)
        count = self.count
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for row in open_rows:
                writer.writerow(self.shape.cells(row, count))
                count += 1
        if not count:
            path.unlink()
        return count


class _Tables:
    """The spools of all tables that come as CSV files."""

    def __init__(self, options: Options, folder: Path, stack: ExitStack) -> None:
        self._options, self._folder, self._stack = options, folder, stack
        self.names = [name for name in TABLES if name not in options.dms]
        # The last day on which each layout is written: after it, nothing has to be added to its spool.
        self._spools: dict[str, dict[str, tuple[_Spool, int]]] = {name: {} for name in self.names}
        for index in range(options.first_written, options.days):
            for name in self.names:
                self._see(name, index)

    def _see(self, name: str, index: int) -> None:
        shape = layout(self._options, name, index)
        spools = self._spools[name]
        if shape.era in spools:
            spools[shape.era] = (spools[shape.era][0], index)
        else:
            path = self._folder / f"{name}-{shape.era}.csv"
            spools[shape.era] = (_Spool(path, shape, self._stack), index)

    def settle(self, day: Day) -> None:
        """Spool the rows that became final today."""
        for name, rows in day.settled.items():
            for spool, last in self._spools[name].values():
                if day.index <= last:
                    spool.add(rows)

    def extract(self, day: Day, name: str, path: Path) -> int:
        """Write one table of that evening."""
        era = layout(self._options, name, day.index).era
        return self._spools[name][era][0].extract(path, day.open_rows(name))


@contextmanager
def _opened(options: Options) -> Iterator[_Tables]:
    with tempfile.TemporaryDirectory(prefix="samples-") as folder, ExitStack() as stack:
        yield _Tables(options, Path(folder), stack)


def write(
    outdir: Path, options: Options, progress: Callable[[int, int], None] | None = None
) -> Written:
    """Write the extracts below `outdir`; files that were not written by it are left alone.

    `progress` is told the days lived so far and in all. Equal options give equal files, modification times included.
    """
    written = Written()
    planter = Planter(outdir, options)
    deliveries = [DmsDelivery(outdir, options, table) for table in options.dms]
    with _opened(options) as tables:
        for day in simulate(options):
            tables.settle(day)
            for delivery in deliveries:
                delivery.see(day)
            if day.index >= options.first_written:
                paths = [
                    *_write_day(outdir, day, tables),
                    *[p for d in deliveries for p in d.deliver(day)],
                ]
                paths += planter.plant(day, paths)
                for path in paths:
                    written.add(path)
                written.dates.append(day.date)
            if progress is not None:
                progress(day.index + options.history + 1, options.days + options.history)
    written.dirt = planter.planted
    return written


def _write_day(outdir: Path, day: Day, tables: _Tables) -> Iterator[Path]:
    for position, name in enumerate(tables.names):
        table = TABLES[name]
        folder = outdir / table.source / day.date.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / table.file
        if tables.extract(day, name, path):
            stamp(path, day.date, seconds=10 * position)
            yield path

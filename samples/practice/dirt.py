"""A little dirt among the extracts, so that a demo shows what becomes of it; `Planter.planted` lists every piece."""

import base64
import csv
import gzip
import os
from pathlib import Path

from samples.clock import stamp
from samples.practice.life import Day
from samples.practice.options import Options
from samples.practice.tables import TABLES
from samples.written import Dirt

LEAST_DAYS = 5
# When each piece is planted, as a share of the days; the repeated delivery waits for one that can be repeated.
SHARES = {"repeat": 0.4, "picture": 0.5, "bad_row": 0.6, "refuse": 0.7, "delay": 0.8}
DELAY_SECONDS = 3 * 86_400
# Capstoneer.png: one pixel of grey.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)


class Planter:
    """Plants each piece once, on a day that follows from the number of days. `planted` lists what was planted."""

    def __init__(self, outdir: Path, options: Options) -> None:
        self._outdir, self._options = outdir, options
        days = {kind: int(options.days * share) for kind, share in SHARES.items()}
        if options.clean or options.days < LEAST_DAYS:
            days = {}
        self._days = {kind: day for kind, day in days.items() if day >= options.first_written}
        self.planted: list[Dirt] = []

    def plant(self, day: Day, written: list[Path]) -> list[Path]:
        """Spoil some of the files `written` that day; the files that were added."""
        added: list[Path] = []
        if day.index >= self._days.get("repeat", self._options.days):
            added += self._repeat(
                day, [path for path in written if "dms" in path.parts and "LOAD" not in path.name]
            )
        if day.index == self._days.get("picture"):
            added.append(self._picture(day))
        if day.index == self._days.get("bad_row"):
            self._spoil_row(day)
        if day.index == self._days.get("refuse"):
            self._add_column(day)
        if day.index == self._days.get("delay"):
            self._delay(day)
        return added

    def _csv(self, day: Day, *tables: str) -> tuple[str, Path]:
        """The first of the tables that does not come by DMS, and its file of that day."""
        name = next(table for table in tables if table not in self._options.dms)
        table = TABLES[name]
        return name, self._outdir / table.source / day.date.isoformat() / table.file

    def _note(
        self,
        day: Day,
        path: Path,
        table: str | None,
        words: tuple[str, str],
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        name = path.relative_to(self._outdir).as_posix()
        self.planted.append(Dirt(*words, name.split("/")[0], table, day.date, name, line, column))

    def _repeat(self, day: Day, changes: list[Path]) -> list[Path]:
        """A file of changes again in another folder; where there is none, a CSV again as its gzip."""
        if changes:
            original = changes[0]
            base = (
                self._outdir
                / "clinic"
                / "dms"
                / "unicornDB"
                / original.relative_to(self._outdir).parts[3]
            )
            dated = base / day.date.strftime("%Y/%m/%d")
            path = (base if original.parent == dated else dated) / original.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(original.read_bytes())
            words = (
                "delivered_twice",
                "the same changes under another name, nothing is counted twice",
            )
            table = base.name
        elif not self._options.dms or day.index == self._options.days - 1:
            table, original = self._csv(day, "insurance", "appointment")
            if not original.exists():
                return []
            path = original.with_name(original.name + ".gz")
            path.write_bytes(gzip.compress(original.read_bytes(), mtime=0))
            words = ("two_for_a_date", "a second full extract for the date, the later one counts")
        else:
            return []
        stamp(path, day.date, seconds=3600)
        self._note(day, path, table, words)
        del self._days["repeat"]
        return [path]

    def _picture(self, day: Day) -> Path:
        path = self._outdir / "clinic" / "Capstoneer.png"
        path.write_bytes(PICTURE)
        stamp(path, day.date)
        self._note(
            day, path, None, ("unknown_table", "a picture that no contract claims, refused by name")
        )
        return path

    def _spoil_row(self, day: Day) -> None:
        """A date or a time that does not exist, in the middle of a file."""
        table, path = self._csv(day, "patient", "encounter")
        rows = self._read(path)
        if len(rows) < 3:
            return
        column, value = ("dob", "2/30/1984") if table == "patient" else ("start_time", "25:61 PM")
        place = len(rows) // 2
        rows[place][rows[0].index(column)] = value
        self._rewrite(path, rows)
        words = (
            "bad_date" if table == "patient" else "bad_time",
            "the row is quarantined, its last good state is kept",
        )
        self._note(day, path, table, words, place + 1, column)

    def _add_column(self, day: Day) -> None:
        """A column that the contract does not know."""
        table, path = self._csv(day, "account", "insurance", "encounter")
        rows = self._read(path)
        if rows:
            self._rewrite(
                path, [[*rows[0], "email"], *([*row, "someone@example.org"] for row in rows[1:])]
            )
            words = (
                "unknown_column",
                "a column no contract declares, the file is refused; the day before counts",
            )
            self._note(day, path, table, words, 1, "email")

    def _delay(self, day: Day) -> None:
        """A file that arrives days after its date."""
        table, path = self._csv(day, "claim")
        if path.exists():
            stamp(path, day.date, seconds=DELAY_SECONDS)
            self._note(
                day,
                path,
                table,
                ("late_extract", "arrived three days late, history is put in order"),
            )

    @staticmethod
    def _read(path: Path) -> list[list[str]]:
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    @staticmethod
    def _rewrite(path: Path, rows: list[list[str]]) -> None:
        when = path.stat().st_mtime_ns
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        os.utime(path, ns=(when, when))

"""Files that a source delivers into its folder of the day: `<source>/YYYY-MM-DD/<table>.csv`."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from samples.clock import stamp
from samples.written import Written


class Evening:
    """The folder of one source and day, called like the day or `folder`.

    Files are written as their rows come, and dated one after the other.
    """

    def __init__(
        self, outdir: Path, source: str, day: date, written: Written, folder: str | None = None
    ) -> None:
        self._folder = outdir / source / (folder or day.isoformat())
        self._day, self._written, self._seconds = day, written, 0

    def table(
        self, name: str, header: Sequence[str], rows: Iterable[Sequence[str | int | None]]
    ) -> Path:
        """Write one table, null as an empty cell; its path."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(header)
            lines.writerows(rows)
        stamp(path, self._day, seconds=self._seconds)
        self._seconds += 10
        self._written.add(path)
        return path


def money(cents: int) -> str:
    """Cents as a decimal number with two digits."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def moment(day: date, seconds: int, millis: int = 0) -> str:
    """A time of that day, UTC: `YYYY-MM-DD HH:MM:SS`, with milliseconds where there are any."""
    when = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
    return f"{when:%Y-%m-%d %H:%M:%S}" + (f".{millis:03d}" if millis else "")

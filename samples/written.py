"""What writing extracts tells: what was written, and the dirt planted among it."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Dirt:
    """One planted fault: what landing says of it (`code`), and in words what becomes of it (`effect`).

    `path` is relative to the inbox, `line` the physical line from 1; `table` is None where no contract claims the file.
    """

    code: str
    effect: str
    source: str
    table: str | None
    extract_date: date
    path: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f", line {self.line}"
        return f"{self.path}{place}: {self.effect} ({self.code})"


@dataclass
class Written:
    """What was written: numbers of files and bytes, the extract dates, the planted dirt."""

    files: int = 0
    bytes: int = 0
    dates: list[date] = field(default_factory=list)
    dirt: list[Dirt] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Count a file that is whole."""
        self.files += 1
        self.bytes += path.stat().st_size

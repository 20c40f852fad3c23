"""The times of delivery: the files' modification times, which decide the order of landing."""

import os
from datetime import UTC, date, datetime, time
from pathlib import Path

# Five or six in the afternoon at the practice, the same date there and in UTC: DMS full loads are dated by it.
EVENING = time(22, 5, tzinfo=UTC)


def stamp(path: Path, day: date, seconds: int = 0) -> None:
    """Give a file the modification time of that day's evening, plus some seconds."""
    when = int(datetime.combine(day, EVENING).timestamp()) + seconds
    os.utime(path, (when, when))

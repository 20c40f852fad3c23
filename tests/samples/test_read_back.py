"""The product's own readers find in each extract exactly the truth of its day."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO

import pytest

from ingestion.contract import Delivery, Table, read_project
from ingestion.formats import Extract, read_extract
from samples.practice import Options, true_days, write

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class OnDisk:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        return self.path.open("rb")


def read(
    path: Path, table: Table, delivery: Delivery, day: date
) -> tuple[list[tuple[object, ...]], Counter[str]]:
    """The rows of one extract over the contract's columns; its rejects and warnings by code."""
    extract = Extract(table, delivery, day, datetime.combine(day, time(23)), path.name)
    names = [column.name for column in table.columns]
    rows: list[tuple[object, ...]] = []
    remarks: Counter[str] = Counter()
    for batch in read_extract([OnDisk(path)], extract):
        rows += [tuple(row[name] for name in names) for row in batch.rows.to_pylist()]
        remarks += batch.warnings + Counter(reject.code for reject in batch.rejects)
    return rows, remarks


@pytest.mark.slow
@pytest.mark.parametrize("dms", [(), ("employee", "patient", "account", "insurance")])
def test_what_the_readers_find_is_the_truth(tmp_path: Path, dms: tuple[str, ...]) -> None:
    options = Options(days=12, patients=80, employees=9, seed=4, dms=dms, clean=True)
    write(tmp_path, options)
    truth = {day.date: day for day in true_days(options)}
    project = read_project(ROOT)
    changes = 0
    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        name = path.relative_to(tmp_path).as_posix()
        claims = [(t, d) for t in project for d in t.deliveries if d.path.match(name)]
        table, delivery = claims[0]
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        rows, remarks = read(path, table, delivery, day)
        assert not remarks, name
        if delivery.kind == "full":
            true = truth[day].tables[table.name]
            width = len(true[0])
            assert [row[:width] for row in rows] == true, name
            # what the contract takes from other systems' views alone
            assert {cell for row in rows for cell in row[width:]} <= {None}
        else:
            changes += len(rows)
    assert (changes > 10) == bool(dms)

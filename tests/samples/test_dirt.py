"""The planted dirt is where the list says, and nowhere else."""

import csv
from pathlib import Path

from samples.practice import TABLES, Options, true_days, write
from samples.practice.dirt import PICTURE
from tests.samples.reading import Inbox, read_csv

CODES = ["bad_date", "delivered_twice", "late_extract", "unknown_column", "unknown_table"]


def planted(inbox: Inbox, code: str) -> tuple[Path, int | None]:
    dirt = next(dirt for dirt in inbox.written.dirt if dirt.code == code)
    return inbox.path / dirt.path, dirt.line


def test_each_kind_is_planted_once(dirty: Inbox) -> None:
    assert sorted(dirt.code for dirt in dirty.written.dirt) == CODES
    assert all((dirty.path / dirt.path).is_file() for dirt in dirty.written.dirt)
    assert dirty.written.files == len(dirty.files())


def test_clean_and_very_short_deliveries_have_none(clean: Inbox, tmp_path: Path) -> None:
    assert clean.written.dirt == []
    assert not any(name.endswith(".png") for name in clean.files())
    assert write(tmp_path, Options(days=4, patients=20, employees=5, seed=1)).dirt == []


def test_a_date_that_does_not_exist(dirty: Inbox) -> None:
    path, line = planted(dirty, "bad_date")
    assert line is not None
    record = next(csv.reader([path.read_text("utf-8").splitlines()[line - 1]]))
    assert record[4].startswith("2/30/")


def test_an_undeclared_column(dirty: Inbox) -> None:
    path, line = planted(dirty, "unknown_column")
    assert line == 1
    assert path.read_text("utf-8").splitlines()[0].endswith(",email")


def test_the_same_bytes_under_another_name(dirty: Inbox) -> None:
    path, _ = planted(dirty, "delivered_twice")
    twins = [
        name for name in dirty.files()
        if Path(name).name == path.name and (dirty.path / name).read_bytes() == path.read_bytes()
    ]  # fmt: skip
    assert len(twins) == 2
    assert path.name[0] == "2"


def test_a_file_that_came_late(dirty: Inbox) -> None:
    path, _ = planted(dirty, "late_extract")
    late = (path.stat().st_mtime - path.with_name("ledger.csv").stat().st_mtime) / 86_400
    assert 2.9 < late < 3.1


def test_a_picture_among_the_data(dirty: Inbox) -> None:
    path, _ = planted(dirty, "unknown_table")
    assert path.read_bytes() == PICTURE
    assert PICTURE.startswith(b"\x89PNG\r\n\x1a\n")
    assert PICTURE.endswith(b"IEND\xaeB`\x82")


def test_without_dms_a_gzip_repeats_a_table(tmp_path: Path) -> None:
    written = write(tmp_path, Options(days=10, patients=30, employees=6, seed=2, dms=()))
    codes = [dirt.code for dirt in written.dirt]
    assert "two_for_a_date" in codes
    assert "delivered_twice" not in codes


def test_all_else_is_the_truth(dirty: Inbox) -> None:
    spoilt = {
        dirt.path for dirt in dirty.written.dirt if dirt.code in ("bad_date", "unknown_column")
    }
    compared = 0
    for day in true_days(dirty.options):
        for source, name in (("clinic", "patient"), ("clinic", "account"), ("billing", "claim")):
            path = f"{source}/{day.date}/{name}.csv"
            columns = [column.name for column in TABLES[name].columns]
            if path not in spoilt:
                assert read_csv(dirty.path / path, columns) == day.tables[name]
                compared += 1
    assert compared == 3 * 40 - 2

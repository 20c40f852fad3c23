"""The small populations in Synthea's format, and how the demo takes the user's own files."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.contract import read_project
from samples import demo
from samples.own_files import NotDelivered, deliver
from samples.synthea import HEADERS, Tables, population, write
from samples.synthea.__main__ import main
from tools.project import ROOT

END = date(2026, 6, 30)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return population(20, 1, END)


@pytest.fixture
def folder(tables: Tables, tmp_path: Path) -> Path:
    write(tmp_path / "csv", tables)
    return tmp_path / "csv"


def test_equal_arguments_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    again = CliRunner().invoke(main, [str(tmp_path / "again"), "--people", "20"])
    assert again.exit_code == 0
    for name in HEADERS:
        text = (tmp_path / "again" / f"{name}.csv").read_bytes()
        assert text == (folder / f"{name}.csv").read_bytes()
        assert b'"' not in text, "Synthea quotes nothing"
    assert population(20, 2, END)["patients"] != population(20, 1, END)["patients"]


def test_outstanding_is_what_is_open_after_each_transaction(tables: Tables) -> None:
    still: dict[str, Decimal] = {}
    for row in tables["claims_transactions"]:
        if row["TYPE"] == "CHARGE":
            still[row["CLAIMID"]] = Decimal(row["AMOUNT"])
            continue
        still[row["CLAIMID"]] -= Decimal(row["PAYMENTS"]) + Decimal(row["ADJUSTMENTS"])
        assert Decimal(row["OUTSTANDING"]) == still[row["CLAIMID"]]
    assert set(still.values()) == {Decimal(0)}


def test_every_kind_of_transaction_occurs(tables: Tables) -> None:
    rows = tables["claims_transactions"]
    kinds = Counter((row["TYPE"], row["METHOD"] or row["TRANSFERTYPE"]) for row in rows)
    assert set(kinds) == {
        *(("CHARGE", "1"), ("CHARGE", "p"), ("ADJUSTMENT", "SYSTEM")),
        *(("PAYMENT", method) for method in ("COPAY", "ECHECK", "CASH", "CHECK", "CC")),
        *(("TRANSFEROUT", ""), ("TRANSFERIN", "2"), ("TRANSFERIN", "p")),
    }
    numbers = [int(row["CHARGEID"]) for row in rows]
    assert numbers == sorted(set(numbers))


def test_the_demo_takes_the_eight_files_as_they_are(folder: Path, tmp_path: Path) -> None:
    (folder / "allergies.csv").write_text("START,STOP,PATIENT\n")
    for place in (folder, folder.parent):  # the folder itself, or the one that has it
        inbox = tmp_path / f"inbox of {place.name}"
        day = deliver("synthea", str(place), inbox)
        assert "2026-06-01" < day <= "2026-06-30"
        copied = {path.relative_to(inbox).as_posix(): path for path in inbox.rglob("*.csv")}
        claimed = {
            f"synthea/{day}/{table.name}.csv"
            for table in read_project(ROOT)
            if table.source == "synthea"
        }
        assert copied.keys() == claimed
        for path in copied.values():
            assert path.read_bytes() == (folder / path.name).read_bytes()


def without(*names: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for name in names:
            (folder / f"{name}.csv").unlink()

    return spoil


def headed(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / f"{name}.csv").write_text(text)

    return spoil


MISTAKES: dict[str, tuple[str, str | None, Callable[[Path], None], str]] = {
    "another practice": ("epic", None, without(), "PRACTICE=epic is none that the demo knows"),
    "no folder said": ("synthea", "", without(), "say where Synthea's CSV files are"),
    "no such folder": ("synthea", "nowhere", without(), "DIR=nowhere: there is no such folder"),
    "a file is missing": ("synthea", None, without("claims", "payers"), "no payers.csv, claims.csv there"),
    "nothing there": ("synthea", None, without(*HEADERS), "no patients.csv, payers.csv, "),
    "not Synthea's": ("synthea", None, headed("patients", "patient_id,name\n1,Ann\n"), "no column Id, BIRTHDATE, "),
    "before 3.0": (
        "synthea", None, headed("payer_transitions", "PATIENT,START,END,PAYER,OWNERSHIP\n"),
        "no column START_DATE, END_DATE, SECONDARY_PAYER in its first line",
    ),
    "an empty file": ("synthea", None, headed("claims", ""), "not as Synthea 3 writes it"),
    "no visit": ("synthea", None, headed("encounters", ",".join(HEADERS["encounters"]) + "\n"), "nobody was seen"),
    "a visit of no day": (
        "synthea", None,
        headed("encounters", ",".join(HEADERS["encounters"]) + "\nv1,../../../../etc,,p\n"), "nobody was seen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_leaves_the_demo_that_is_there(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mistake: str,
) -> None:
    practice, place, spoil, message = MISTAKES[mistake]
    spoil(folder)
    there = tmp_path / "demo"
    there.mkdir()
    monkeypatch.setattr(demo.show_practice, "__defaults__", (there,))
    (there / "kept").touch()
    assert demo.main([practice, str(folder) if place is None else place]) == 1
    said = capsys.readouterr().err
    assert said.startswith("demo: ") and message in said and said.count("\n") == 1
    assert [path.name for path in there.iterdir()] == ["kept"]


def test_what_cannot_be_taken_is_not_copied(folder: Path, tmp_path: Path) -> None:
    without("claims")(folder)
    with pytest.raises(NotDelivered):
        deliver("synthea", str(folder), tmp_path / "inbox")
    assert not (tmp_path / "inbox").exists()

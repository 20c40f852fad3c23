"""Each file is what its source would send, and holds the truth of its day."""

import csv
import re
from pathlib import Path

import pytest

from ingestion.contract import Project, read_project
from samples.practice import TABLES, TrueDay, true_days
from tests.samples.reading import Inbox, read_csv, read_dms, typed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(ROOT)


@pytest.fixture(scope="module")
def truth(clean: Inbox) -> list[TrueDay]:
    return list(true_days(clean.options))


def lines(inbox: Inbox, path: str) -> list[list[str]]:
    with (inbox.path / path).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_every_file_is_claimed_by_one_contract(clean: Inbox, project: Project) -> None:
    tables = {name: f"{table.source}.{name}" for name, table in TABLES.items()}
    for path in clean.files():
        claims = [t.full_name for t in project for d in t.deliveries if d.path.match(path)]
        assert len(claims) == 1, path
        assert claims[0] in tables.values()


def test_columns_are_the_contracts(project: Project) -> None:
    for name, table in TABLES.items():
        contract = project.table(f"{table.source}.{name}")
        # what no invented extract has stands last in the contract, and may be missing
        told = contract.columns[: len(table.columns)]
        assert [column.name for column in table.columns] == [c.header or c.name for c in told]
        assert all(column.optional for column in contract.columns[len(table.columns) :])
        links = [column.name for column in table.columns if column.link]
        assert links == [c.header or c.name for c in told if c.optional]


@pytest.mark.slow
def test_csv_extracts_hold_the_truth_of_their_day(clean: Inbox, truth: list[TrueDay]) -> None:
    assert [day.date for day in truth] == clean.written.dates
    seen = 0
    for day in truth:
        for name, table in TABLES.items():
            if name not in clean.options.dms:
                path = clean.path / table.source / day.date.isoformat() / table.file
                columns = [column.name for column in table.columns]
                assert read_csv(path, columns) == day.tables[name], path
                seen += 1
    assert seen == 40 * 7


@pytest.mark.parametrize(
    ("name", "expected"), [("employee", {"U", "D"}), ("patient", {"I", "U", "D"})]
)
def test_dms_changes_lead_from_day_to_day(
    clean: Inbox, truth: list[TrueDay], name: str, expected: set[str]
) -> None:
    columns = [column.name for column in TABLES[name].columns]
    folder = clean.path / "clinic" / "dms" / "unicornDB" / name

    def values(record: list[str | None]) -> tuple[object, ...]:
        return tuple(typed(*pair) for pair in zip(columns, record, strict=True))

    state = {record[0]: values(record) for record in read_dms(folder / "LOAD00000001.csv")}
    assert state == {row[0]: row for row in truth[0].tables[name]}
    operations = set()
    for day in truth[1:]:
        for path in sorted(folder.rglob(f"{day.date:%Y%m%d}-*.csv"), key=lambda path: path.name):
            for operation, *record in read_dms(path):
                assert (operation == "I") == (record[0] not in state)
                operations.add(operation)
                state[record[0]] = values(record)
                if operation == "D":
                    del state[record[0]]
        assert state == {row[0]: row for row in day.tables[name]}, day.date
    assert operations >= expected


def test_dms_files_lie_in_folders_by_date_from_the_middle_on(clean: Inbox) -> None:
    names = [path for path in clean.files() if "/dms/unicornDB/patient/2" in path]
    dated = [path for path in names if re.search(r"/patient/\d{4}/\d\d/\d\d/", path)]
    middle = clean.options.linked_since.strftime("%Y%m%d")
    assert dated == [path for path in names if Path(path).name[:8] >= middle]
    assert 0 < len(dated) < len(names)


def test_old_appointments_carry_an_index(clean: Inbox) -> None:
    old = lines(clean, f"clinic/{clean.options.day(0)}/appointment.csv")
    assert old[0] == ["", "appId", "physician", "app_date", "app_time", "scheduled_by"]
    assert [row[0] for row in old[1:]] == [str(number) for number in range(len(old) - 1)]
    new = lines(clean, f"clinic/{clean.options.day(clean.options.index_until)}/appointment.csv")
    assert new[0][0] == "appId"


def test_starts_gain_their_date_and_links_come_last(clean: Inbox) -> None:
    options = clean.options
    headers = []
    shapes = (r"\d{1,2}:\d\d [AP]M", r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d")
    for index, shape in ((0, shapes[0]), (options.clock_until, shapes[1]), (39, shapes[1])):
        rows = lines(clean, f"clinic/{options.day(index)}/encounter.csv")
        headers.append(rows[0])
        assert all(re.fullmatch(shape, row[2]) for row in rows[1:])
    assert [len(header) for header in headers] == [4, 4, 5]
    assert headers[2][-1] == "appointment"
    last = options.day(39)
    assert lines(clean, f"clinic/{last}/appointment.csv")[0][-1] == "patient"
    assert lines(clean, f"clinic/{last}/account.csv")[0][-1] == "patient"


def test_numbers_and_dates_are_spelt_as_the_sources_do(dirty: Inbox) -> None:
    accounts, patients = [], []
    for date in dirty.written.dates:
        accounts += lines(dirty, f"clinic/{date}/account.csv")[1:]
        patients += lines(dirty, f"clinic/{date}/patient.csv")[1:]
    payments = {row[2] for row in accounts}
    assert all(re.fullmatch(r"(\+\d\.\d{15}e[+-]\d\d)?", text) for text in payments)
    balances = {row[4] for row in accounts}
    for shape in (
        r"\$\d+\.\d\d",
        r"\$\d,\d{3}\.\d\d",
        r"\$\d{4}\.\d\d",
        r"\(\$\d+\.\d\d\)",
        r"\$-\d+\.\d\d",
    ):
        assert any(re.fullmatch(shape, text) for text in balances), shape
    assert any(row[6].startswith("0") for row in patients)
    assert {len(row[6]) for row in patients} == {5}
    assert any(row[4].startswith("0") for row in patients)
    assert any(re.match(r"\d/", row[4]) for row in patients)
    assert {row[0] for row in patients} >= {"P0007", "P00023"}


def test_reviews_have_breaks_quotes_and_commas_in_one_cell(clean: Inbox) -> None:
    path = f"reviews/{clean.options.day(39)}/yelpmerge1.csv"
    rows = lines(clean, path)
    texts = [row[5] for row in rows[1:]]
    assert any("\n" in text for text in texts)
    assert any('"' in text and "," in text for text in texts)
    assert all(re.fullmatch(r"[A-Za-z ]+, [A-Z]{2}", row[1]) for row in rows[1:])
    assert (clean.path / path).read_bytes().count(b"\n") > len(rows)


def test_texts_fit_the_sources_columns(truth: list[TrueDay]) -> None:
    longest = {"patient": (12, 45, 45, 45, None, 30, 5, 30), "employee": (15, 45, 45, 45, 12, 45)}
    for name, widths in longest.items():
        for row in truth[-1].tables[name]:
            for cell, width in zip(row, widths, strict=True):
                assert width is None or len(str(cell or "")) <= width

"""A DynamoDB export is drafted by the name of its summary: the table it names, the attributes that its items have."""

import gzip
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.store import StoredObject
from ingestion.store.local import LocalStore
from tests.ingestion.drafting.conftest import OPEN, Project
from tests.ingestion.dynamodb import change, export, full, lines

ROOT = "hotel/"
FULL, CHANGES = "01693685827463-2d8752fd", "01693685999999-aaaabbbb"
SUMMARY = f"{ROOT}AWSDynamoDB/{FULL}/manifest-summary.json"
CHANGED = f"{ROOT}AWSDynamoDB/{CHANGES}/manifest-summary.json"


def guest(number: int, **more: Any) -> dict[str, Any]:
    """An item; more attributes in some."""
    return {
        "guestId": {"S": f"g{number:03}"},
        "since": {"S": f"2026-03-{number % 28 + 1:02}T10:00:00Z"},
        "paid": {"N": f"{number}.50"},
        "nights": {"N": str(number)},
        "is_member": {"BOOL": number % 2 == 0},
        "stays": {"L": [{"M": {"room": {"S": "Bär"}}}]},
        "photo": {"B": "AAH/"},
        **more,
    }


def deliver(
    project: Project, *items: dict[str, Any], table: str = "HotelGuests", export_id: str = FULL
) -> None:
    """A full export, in two files."""
    files = [lines(full(*items[:1])), lines(full(*items[1:]))]
    counts = [len(items[:1]), len(items[1:])]
    at = "2026-11-20T10:00:00.000Z"
    for name, content in export(ROOT, export_id, files, counts, time=at, table=table).items():
        project.deliver(name, content)


def deliver_changes(project: Project, *changes: Any) -> None:
    since, at = "2026-11-20T10:00:00.000Z", "2026-11-21T10:00:00.000Z"
    made = export(
        ROOT, CHANGES, [lines(changes)], [len(changes)], time=at, since=since, table="HotelGuests"
    )
    for name, content in made.items():
        project.deliver(name, content)


def drafted(project: Project, *names: str) -> dict[str, Any]:
    """The one table of the contract that was written and decided."""
    done = project.run("draft", "hotel", "--from", *names, "--write")
    assert done.exit_code == 0, done.output
    project.decide()
    (table,) = yaml.safe_load(project.contract().read_text())["sources"][0]["tables"]
    return dict(table)


def shown_of_the_next(project: Project, *items: dict[str, Any], table: str = "HotelGuests") -> str:
    """What `draft` shows of an export after one of two guests, which has a contract."""
    deliver(project, guest(1), guest(2))
    drafted(project, SUMMARY)
    deliver(project, *items, table=table)
    shown = project.run("draft", "hotel", "--from", SUMMARY)
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_an_export_without_a_contract_is_refused_once_and_lands_by_its_draft(
    project: Project,
) -> None:
    deliver(project, *(guest(n, **({"vip": {"N": "1"}} if n == 5 else {})) for n in range(1, 30)))
    refused = project.run("land")
    assert refused.output.count("unknown_table") == 2, refused.output  # its line, and the last
    assert f"draft hotel --from {SUMMARY}" in refused.output
    table = drafted(project, SUMMARY)
    contract = table["config"]["meta"]["contract"]
    assert table["name"] == "hotel_guests"
    assert contract["key"] == ["guest_id"]
    assert contract["ignored_headers"] == ["photo"]
    assert {c["name"]: c["data_type"] for c in table["columns"]} == {
        "guest_id": "string",
        "since": "timestamp",
        "paid": "decimal(18,2)",
        "nights": "bigint",
        "is_member": "boolean",
        "stays": "string",
        "vip": "bigint",
    }
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    found = project.query(
        "select guest_id, paid::varchar, nights, is_member, stays, vip from raw_hotel.hotel_guests"
        " where guest_id in ('g004', 'g005') order by all"
    )
    stays = '[{"M":{"room":{"S":"Bär"}}}]'
    assert found == [
        ("g004", "4.50", 4, True, stays, None),
        ("g005", "5.50", 5, False, stays, 1),
    ]


def test_changes_tell_the_key_and_land_by_one_draft_with_the_full_export(project: Project) -> None:
    deliver(project, *(guest(n) for n in range(1, 30)))
    key = {"guestId": {"S": "g001"}}
    deliver_changes(
        project,
        change(key, None, guest(1), {"N": "1763719200000000"}),
        change({"guestId": {"S": "g002"}}, guest(90), guest(2), {"N": "1763719200000001"}),
    )
    table = drafted(project, SUMMARY, CHANGED)
    contract = table["config"]["meta"]["contract"]
    assert contract["key"] == ["guest_id"]
    path = {"path": f"{ROOT}AWSDynamoDB/{{export_id}}/manifest-summary.json", "file": "dynamodb"}
    known = path | {"exported_as": "HotelGuests"}
    order = "metadata_write_timestamp_micros"
    assert contract["deliveries"] == [
        known | {"kind": "full"},
        known | {"kind": "changes", "order": order},
    ]
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert project.query(
        f"select _operation, guest_id, {order} from raw_hotel.hotel_guests"
        " where _operation <> 'L' order by all"
    ) == [("D", "g001", 1763719200000000), ("U", "g090", 1763719200000001)]


def test_the_types_of_a_draft_keep_every_digit_and_no_type_is_read_from_empty_text(
    project: Project,
) -> None:
    numbers = {
        "whole": "12345678901234567890123456789012345678",
        "exact": "3.1415926535897932384626433832795028841",
        "great": "1.5E+120",
    }
    values = {name: {"N": number} for name, number in numbers.items()} | {"note": {"S": ""}}
    deliver(project, guest(1, **values), guest(2))
    table = drafted(project, SUMMARY)
    types = {c["name"]: c["data_type"] for c in table["columns"]}
    assert [types[name] for name in values] == ["string", "string", "double", "string"]
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert project.query(
        "select whole, exact, great from raw_hotel.hotel_guests where guest_id = 'g001'"
    ) == [(numbers["whole"], numbers["exact"], 1.5e120)]


def test_attributes_with_names_of_lineage_have_other_names_in_the_raw_table(
    project: Project,
) -> None:
    """A staging model has its own `extracted_at` and `source_row`."""
    deliver(project, guest(1, extracted_at={"S": "x"}, source_row={"S": "x"}), guest(2))
    names = [column["name"] for column in drafted(project, SUMMARY)["columns"]]
    assert names[-2:] == ["hotel_guests_extracted_at", "hotel_guests_source_row"]
    staged = project.run("draft", "hotel", "--staging").output
    assert staged.count("- name: extracted_at\n") == 1


def test_tables_whose_names_differ_in_case_are_drafted_apart(project: Project) -> None:
    other = FULL.replace("2d", "3e")
    deliver(project, guest(1), guest(2), table="guests")
    deliver(project, {"room": {"S": "r1"}}, table="Guests", export_id=other)
    done = project.run("draft", "hotel", "--from", SUMMARY, SUMMARY.replace(FULL, other), "--write")
    assert done.exit_code == 0, done.output
    project.decide()
    tables = yaml.safe_load(project.contract().read_text())["sources"][0]["tables"]
    assert [table["name"] for table in tables] == ["guests", "guests_2"]
    assert [column["name"] for column in tables[1]["columns"]] == ["room"]
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert project.query("select count(*) from raw_hotel.guests") == [(2,)]
    assert project.query("select room from raw_hotel.guests_2") == [("r1",)]


def test_a_window_without_changes_does_not_stop_the_draft_of_its_table(project: Project) -> None:
    deliver_changes(project)
    alone = project.run("draft", "hotel", "--from", CHANGED)
    assert (alone.exit_code, "no item shows an attribute" in alone.output) == (2, True), (
        alone.output
    )
    deliver(project, guest(1), guest(2))
    contract = drafted(project, SUMMARY, CHANGED)["config"]["meta"]["contract"]
    assert [delivery["kind"] for delivery in contract["deliveries"]] == ["full", "changes"]


def test_a_key_of_bytes_is_a_column_of_digits(project: Project) -> None:
    key = {"device": {"B": "AAH/"}}
    deliver_changes(project, change(key, key | {"room": {"S": "r1"}}, None, 1763719200000000))
    assert drafted(project, CHANGED)["config"]["meta"]["contract"]["key"] == ["device"]
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert project.query("select device from raw_hotel.hotel_guests") == [("0001ff",)]


def test_bytes_in_a_column_of_numbers_get_no_lines_that_read_them_as_a_number(
    project: Project,
) -> None:
    """`AAE=` is the byte 0 and the byte 1: no number 1."""
    shown = shown_of_the_next(project, guest(1, nights={"B": "AAE="}), guest(2))
    assert "binary" not in shown
    assert "no words of the contract would accept it" in shown


def test_a_draft_brings_only_the_files_of_its_sample_here(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.drafting.sample.ROWS", 1)
    deliver(project, guest(1), guest(2), guest(3))
    fetched = []
    fetch = LocalStore.fetch

    def spy(self: LocalStore, stored: StoredObject, target: Path) -> str:
        fetched.append(stored.key)
        return fetch(self, stored, target)

    monkeypatch.setattr(LocalStore, "fetch", spy)
    shown = project.run("draft", "hotel", "--from", SUMMARY)
    assert len(fetched) == 1
    assert (shown.exit_code, "name: nights" in shown.output) == (0, True), shown.output


def test_the_lines_name_a_new_attribute_that_only_a_late_item_has(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.drafting.sample.ROWS", 2)
    shown = shown_of_the_next(project, *map(guest, range(1, 9)), guest(9, vip={"N": "1"}))
    assert "9 of 9 rows land" in shown
    assert "name: vip" in shown


def test_the_lines_for_a_new_attribute_accept_its_export(project: Project) -> None:
    """DynamoDB tells `Paid` from `paid`."""
    shown = shown_of_the_next(project, guest(1), guest(2, Paid={"S": "yes"}, token={"S": "x"}))
    assert f"draft hotel --from {SUMMARY}" in project.run("land").output
    assert "2 of 2 rows land" in shown
    assert "# token is left out: a secret" in shown
    (line,) = [line for line in shown.splitlines() if "header: Paid" in line]
    assert "optional" not in line  # a missing attribute is null anyhow
    contract = yaml.safe_load(project.contract().read_text())
    table = contract["sources"][0]["tables"][0]
    table["columns"] += yaml.safe_load(line.replace(OPEN, "sensitivity: none"))
    table["config"]["meta"]["contract"]["ignored_headers"].append("token")
    project.contract().write_text(yaml.safe_dump(contract))
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output


def test_a_new_kind_of_delivery_of_a_known_table_is_said_to_be_one(project: Project) -> None:
    deliver(project, guest(1), guest(2))
    drafted(project, SUMMARY)
    key = {"guestId": {"S": "g001"}}
    deliver_changes(project, change(key, guest(1), None, 1763719200000000))
    shown = project.run("draft", "hotel", "--from", CHANGED).output
    assert "# hotel.hotel_guests has a contract: it lacks this delivery" in shown
    assert "kind: changes" in shown


def test_another_table_under_the_same_prefix_is_drafted_anew(project: Project) -> None:
    shown = shown_of_the_next(project, guest(1), guest(2), table="rooms")
    assert "unknown_table" in project.run("land").output
    assert "- name: rooms" in shown
    assert "exported_as" not in shown


def test_an_export_without_a_contract_waits_until_it_is_whole_and_is_discarded_as_one(
    project: Project,
) -> None:
    deliver(project, guest(1), guest(2))
    summary = project.folder / "lake/inbox" / SUMMARY
    content = summary.read_bytes()
    summary.unlink()
    waiting = project.run("land")
    assert (waiting.exit_code, "incomplete_export" in waiting.output) == (0, True), waiting.output
    summary.write_bytes(content)
    discarded = project.run("discard", SUMMARY, "--reason", "a trial")
    assert discarded.exit_code == 0, discarded.output
    assert not [p for p in (project.folder / "lake/inbox").rglob("*") if p.is_file()]


def test_a_summary_that_cannot_be_read_stops_nothing(project: Project) -> None:
    deliver(project, guest(1), guest(2))
    project.deliver(SUMMARY, "[]")
    project.deliver("desk/2026-11-20/visit.csv", "visit_id\n1\n")
    done = project.run("land")
    assert done.exit_code == 3
    assert "desk.visit  landed" in done.output
    shown = project.run("draft", "hotel", "--from", SUMMARY)
    assert (shown.exit_code, "bad_record" in shown.output) == (2, True), shown.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (SUMMARY.replace(FULL, "01693685827463-00000000"), "it is not in the inbox"),
        (f"{ROOT}AWSDynamoDB/{FULL}/data/52fd0.json.gz", "give the manifest-summary.json"),
        (SUMMARY, "1 of its files missing"),
    ],
)
def test_what_cannot_be_drafted_is_one_line(project: Project, name: str, said: str) -> None:
    deliver(project, guest(1), guest(2))
    (project.folder / f"lake/inbox/{ROOT}AWSDynamoDB/{FULL}/data/52fd1.json.gz").unlink()
    shown = project.run("draft", "hotel", "--from", name)
    assert shown.exit_code == 2
    assert said in shown.output, shown.output


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        '{"Item": []}',
        '{"Item": {"a": 1}}',
        '{"Item": {"a": {}}}',
        '{"Item": {"a": {"N": 1}}}',
        '{"Item": {"a": {"M": {"b": 1}}}}',
    ],
)
def test_a_line_that_is_not_dynamodbs_is_named_by_its_number(project: Project, line: str) -> None:
    data = gzip.compress(f'{{"Item": {{"a": {{"S": "1"}}}}}}\n{line}\n'.encode())
    at = "2026-11-20T10:00:00.000Z"
    for name, content in export(ROOT, FULL, [data], [2], time=at, table="t").items():
        project.deliver(name, content)
    shown = project.run("draft", "hotel", "--from", SUMMARY)
    assert (shown.exit_code, "line 2" in shown.output) == (2, True), shown.output

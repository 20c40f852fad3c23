"""A DynamoDB export is drafted by the name of its summary: the table it names, the attributes that its items have."""

import gzip
from typing import Any

import pytest
import yaml

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


def deliver(project: Project, *items: dict[str, Any], table: str = "HotelGuests") -> None:
    """A full export, in two files."""
    files = [lines(full(*items[:1])), lines(full(*items[1:]))]
    counts = [1, len(items) - 1]
    at = "2026-11-20T10:00:00.000Z"
    for name, content in export(ROOT, FULL, files, counts, time=at, table=table).items():
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


def test_the_lines_for_a_new_attribute_accept_its_export(project: Project) -> None:
    """DynamoDB tells `Paid` from `paid`."""
    deliver(project, guest(1), guest(2))
    drafted(project, SUMMARY)
    deliver(project, guest(1), guest(2, Paid={"S": "yes"}, token={"S": "x"}))
    refused = project.run("land")
    assert f"draft hotel --from {SUMMARY}" in refused.output, refused.output
    shown = project.run("draft", "hotel", "--from", SUMMARY).output
    assert "2 of 2 rows land" in shown
    assert "'token' is left out" in shown or "token is left out" in shown
    (line,) = [line for line in shown.splitlines() if "header: Paid" in line]
    assert "optional" not in line  # a missing attribute is null anyhow
    contract = yaml.safe_load(project.contract().read_text())
    table = contract["sources"][0]["tables"][0]
    table["columns"] += yaml.safe_load(line.replace(OPEN, "sensitivity: none"))
    table["config"]["meta"]["contract"]["ignored_headers"].append("token")
    project.contract().write_text(yaml.safe_dump(contract))
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output


def test_another_table_under_the_same_prefix_is_drafted_anew(project: Project) -> None:
    deliver(project, guest(1), guest(2))
    drafted(project, SUMMARY)
    deliver(project, guest(1), guest(2), table="rooms")
    assert "unknown_table" in project.run("land").output
    shown = project.run("draft", "hotel", "--from", SUMMARY).output
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
    ["no JSON", '{"Item": []}', '{"Item": {"a": 1}}', '{"Item": {"a": {}}}'],
)
def test_a_line_that_is_not_dynamodbs_is_named_by_its_number(project: Project, line: str) -> None:
    data = gzip.compress(f'{{"Item": {{"a": {{"S": "1"}}}}}}\n{line}\n'.encode())
    at = "2026-11-20T10:00:00.000Z"
    for name, content in export(ROOT, FULL, [data], [2], time=at, table="t").items():
        project.deliver(name, content)
    shown = project.run("draft", "hotel", "--from", SUMMARY)
    assert (shown.exit_code, "line 2" in shown.output) == (2, True), shown.output

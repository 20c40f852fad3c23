"""Exports of DynamoDB through the whole lander: found by their manifests alone and compared with them."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import land as lander
from ingestion.inbox import Refusals
from tests.ingestion import dynamodb
from tests.ingestion.lakes import Lake, write_project
from tests.ingestion.land.test_kills import seen_after_each_step

CONTRACT = """
version: 2
sources:
  - name: shop
    tables:
      - name: customer
        config:
          meta:
            contract:
              key: [customer_id]
              may_be_empty: true
              deliveries:
                - &export
                  path: "shop/AWSDynamoDB/{export_id}/manifest-summary.json"
                  kind: full
                  file: dynamodb
                  exported_as: Customers-1
                - {<<: *export, kind: changes, order: written}
        columns:
          - {name: customer_id, data_type: string, config: {meta: {sensitivity: direct, pseudonym: person, header: Id}}}
          - {name: fare, data_type: "decimal(12,4)", config: {meta: {sensitivity: none, header: FARE}}}
          - name: written
            data_type: bigint
            config: {meta: {sensitivity: none, header: Metadata.WriteTimestampMicros}}
"""
FULL, FIRST, SECOND = (
    "01700000000000-aaaa0001",
    "01700000000000-bbbb0002",
    "01700000000000-cccc0003",
)


def item(name: str, fare: str | None = None) -> dict[str, Any]:
    return {"Id": {"S": name}} | ({"FARE": {"N": fare}} if fare else {})


def full_export(**words: Any) -> dict[str, bytes]:
    files = [
        dynamodb.lines(dynamodb.full(item("A", "1.10"), item("B", "2.2000"))),
        dynamodb.lines([]),
        dynamodb.lines(dynamodb.full(item("C"))),
    ]
    facts = {"time": "2026-01-05T03:30:00.250Z", "table": "Customers-1"} | words
    return dynamodb.export("shop/", FULL, files, facts.pop("counts", (2, 0, 1)), **facts)


def window(
    export_id: str, since: str, until: str, *changes: tuple[str, str | None, int]
) -> dict[str, bytes]:
    """An incremental export: of each name its new fare, or None where the item was deleted."""
    lines = [
        dynamodb.change(
            item(name), item(name, fare) if fare else None, item(name), {"N": str(micros)}
        )
        for name, fare, micros in changes
    ]
    return dynamodb.export(
        "shop/", export_id, [dynamodb.lines(lines)], [len(lines)],
        time=until, since=since, table="Customers-1",
    )  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    write_project(lake.settings.project_dir, CONTRACT)
    return lake


def deliver(lake: Lake, *exports: dict[str, bytes], without: str = "never") -> None:
    for export in exports:
        for name, data in export.items():
            if without not in name:
                lake.put(name, data)


def rows(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.query(
        "select extract_date, _operation, customer_id, fare from raw_shop.customer "
        "order by extract_date, _extracted_at, _source_row"
    )


def test_an_export_waits_for_its_summary_and_lands_by_its_list_alone(here: Lake) -> None:
    export = full_export()
    deliver(here, export, without="manifest-summary.json")
    (waiting,) = here.land()
    assert (waiting.outcome, waiting.code) == ("waiting", "incomplete_export")
    assert waiting.extract == f"shop/AWSDynamoDB/{FULL}/data"
    deliver(here, export)
    here.put(
        f"shop/AWSDynamoDB/{FULL}/data/unlisted.json.gz", dynamodb.lines(dynamodb.full(item("Z")))
    )
    waiting, landed = here.land()
    assert (landed.outcome, landed.landed) == ("landed", 3)
    assert landed.extract_date == date(2026, 1, 4)  # half past ten in the evening in New York
    assert waiting.outcome == "waiting"
    assert [(row[2], str(row[3])) for row in rows(here)] == [
        ("A", "1.1000"), ("B", "2.2000"), ("C", "None"),
    ]  # fmt: skip
    assert here.manifests[0].extracted_at == datetime(2026, 1, 5, 3, 30, 0, 250_000)
    # as long as a file lies in the export's own folder, the word of the export stays
    unlisted = f"shop/AWSDynamoDB/{FULL}/data/unlisted.json.gz"
    assert unlisted in here.inbox
    here.store.delete(f"inbox/{unlisted}")
    here.land()
    assert here.inbox == []
    kept = f"archive/shop/AWSDynamoDB/{FULL}/manifest-summary.json"
    assert here.store.read(kept) == export[f"shop/AWSDynamoDB/{FULL}/manifest-summary.json"]


def test_a_window_up_to_midnight_in_greenwich_is_of_the_evening_in_new_york(here: Lake) -> None:
    deliver(here, full_export())
    deliver(
        here, window(FIRST, "2026-01-05T00:00:00.000Z", "2026-01-06T00:00:00.000Z", ("D", "4", 9))
    )
    assert [o.extract_date for o in here.land()] == [date(2026, 1, 4), date(2026, 1, 5)]


def test_windows_share_a_folder_and_one_that_ends_at_midnight_is_of_the_next_day(
    here: Lake,
) -> None:
    first = window(
        FIRST,
        "2026-01-05T05:00:00.000Z",
        "2026-01-06T05:00:00.000Z",
        ("A", "3.5", 7),
        ("B", None, 8),
    )
    second = window(SECOND, "2026-01-06T05:00:00.000Z", "2026-01-07T04:59:59.000Z", ("D", "4", 9))
    deliver(here, second, without="manifest-summary.json")
    deliver(here, full_export(), first)
    outcomes = here.land()
    assert [(o.outcome, o.extract_date) for o in outcomes] == [
        ("waiting", None), ("landed", date(2026, 1, 4)), ("landed", date(2026, 1, 6)),
    ]  # fmt: skip
    deliver(here, second)
    assert [(o.outcome, o.extract_date) for o in here.land()] == [("landed", date(2026, 1, 6))]
    assert here.inbox == []
    changed = [(day, word, name) for day, word, name, _ in rows(here) if word]
    assert changed == [
        (date(2026, 1, 6), "U", "A"), (date(2026, 1, 6), "D", "B"), (date(2026, 1, 6), "U", "D"),
    ]  # fmt: skip
    assert sorted(m.kind for m in here.manifests) == ["changes", "changes", "full"]


@pytest.mark.parametrize(
    "trouble",
    ["count", "md5", "gone", "list gone", "no list", "list cut", "no time", "other bytes"],
)
def test_what_its_manifests_do_not_bear_out_is_refused_whole(here: Lake, trouble: str) -> None:
    folder = f"shop/AWSDynamoDB/{FULL}"
    export = full_export(counts=(2, 0, 2)) if trouble == "count" else full_export()
    summary = json.loads(export[f"{folder}/manifest-summary.json"])
    data = next(name for name in export if "/data/" in name)
    if trouble == "md5":
        listed = export[f"{folder}/manifest-files.json"].splitlines()
        entry = json.loads(listed[0]) | {"md5Checksum": "XUFAKrxLKna5cZ2REBfFkg=="}
        export[f"{folder}/manifest-files.json"] = b"\n".join(
            [json.dumps(entry).encode(), *listed[1:]]
        )
    elif trouble == "other bytes":
        export[data] = dynamodb.lines(dynamodb.full(item("A"), item("X")))
    elif trouble == "gone":
        del export[data]
    elif trouble == "list gone":
        del export[f"{folder}/manifest-files.json"]
    elif trouble == "no list":
        export[f"{folder}/manifest-files.json"] = b'{"itemCount": 1}\n'
    elif trouble == "list cut":
        listed = export[f"{folder}/manifest-files.json"].splitlines()
        export[f"{folder}/manifest-files.json"] = b"\n".join(listed[:-1])
    elif trouble == "no time":
        export[f"{folder}/manifest-summary.json"] = json.dumps(
            summary | {"exportTime": ""}
        ).encode()
    deliver(here, export)
    (refused,) = [o for o in here.land() if o.outcome != "waiting"]
    code = "bad_record" if trouble in ("no list", "no time") else "incomplete_export"
    assert (refused.outcome, refused.code) == ("refused", code), refused.message
    assert here.manifests == []
    assert here.keys("raw/shop/") == here.keys("quarantine/") == []
    assert set(here.inbox) == set(export)


def test_an_export_in_ion_is_refused_with_the_form_that_is_read(here: Lake) -> None:
    name = f"shop/AWSDynamoDB/{FULL}/manifest-summary.json"
    export = full_export()
    summary = json.loads(export[name]) | {"outputFormat": "ION"}
    deliver(here, export | {name: json.dumps(summary).encode()})
    (refused,) = [o for o in here.land() if o.outcome != "waiting"]
    assert (refused.extract, refused.outcome, refused.code) == (name, "refused", "wrong_type")
    assert "DYNAMODB_JSON" in refused.message
    assert set(here.inbox) == set(export)


@pytest.mark.parametrize("kind", ["full", "changes"])
def test_the_data_of_an_export_that_is_not_read_is_refused_with_it_and_does_not_wait(
    here: Lake, kind: str
) -> None:
    """An incremental export has its data in a folder of all: only its list names them."""
    export = full_export()
    if kind == "changes":
        export = window(FIRST, "2026-01-05T05:00:00Z", "2026-01-06T05:00:00Z", ("A", "1", 7))
    name = next(name for name in export if name.endswith("manifest-summary.json"))
    summary = json.loads(export[name]) | {"exportType": "OTHER"}
    deliver(here, export | {name: json.dumps(summary).encode()})
    refused = here.land_one()
    assert (refused.extract, refused.code) == (name, "bad_record")
    assert refused.message == "exportType is unreadable"
    lander.discard(here.context, name, "another kind of export")
    assert here.land() == []
    assert not [left for left in here.inbox if "/data/" in left]


def test_a_refused_export_is_corrected_or_discarded_as_a_whole(
    here: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(here, full_export(counts=(2, 0, 2)))
    name = f"shop/AWSDynamoDB/{FULL}/manifest-summary.json"
    (refused,) = here.land()
    assert refused.extract == name
    lander.discard(here.context, name, "the export was broken")
    assert here.inbox == []
    assert here.land() == []
    acts = "select distinct act, reason from raw_landfall.acts"
    assert here.query(acts) == [("discarded", "the export was broken")]
    assert caplog.messages == []  # its manifests end like the records of discards, and are none
    deliver(here, full_export())
    (landed,) = here.land(object_key=f"inbox/{name}")
    assert landed.outcome == "landed"
    assert here.inbox == []


def test_an_export_of_a_table_that_no_contract_names_is_refused_by_name(here: Lake) -> None:
    deliver(here, full_export(table="Customers-2"))
    (refused,) = here.land()
    assert (refused.outcome, refused.code, refused.table) == ("refused", "unknown_table", None)
    assert len(here.inbox) == len(full_export())


def test_a_table_without_items_is_an_extract_without_rows(here: Lake) -> None:
    empty = dynamodb.export("shop/", FULL, [], [], time="2026-01-05T03:30:00Z", table="Customers-1")
    deliver(here, empty)
    (landed,) = here.land()
    assert (landed.outcome, landed.rows_in, landed.warnings) == ("landed", 0, {"no_rows": 1})
    assert here.inbox == []
    deliver(here, empty)
    assert [o.outcome for o in here.land()] == ["nothing"]
    assert here.inbox == []


@pytest.mark.parametrize("what_comes", ["the window", "a full export", "a person's word"])
def test_changes_between_two_windows_are_missing_until_they_come(
    here: Lake, what_comes: str
) -> None:
    days = [f"2026-01-{day:02}T03:30:00.250Z" for day in range(5, 9)]
    first, between, last = (
        window(f"0169{n}-{n}", days[n], days[n + 1], (f"D{n}", "4", n)) for n in range(3)
    )
    deliver(here, full_export(), first)
    assert [one.message for one in here.land()] == ["", ""]
    assert list(Refusals(here.store)) == []
    deliver(here, last)
    landed = here.land_one()
    assert landed.outcome == "landed"
    assert landed.message == "no export has the changes up to 2026-01-07T03:30:00Z"
    (missing,) = Refusals(here.store)
    assert (missing.code, missing.is_missing, missing.table) == ("never_came", True, "customer")
    assert missing.extract_date == date(2026, 1, 6)  # in the evening in New York
    here.land()
    assert list(Refusals(here.store)) == [missing]
    if what_comes == "the window":
        deliver(here, between)
    elif what_comes == "a full export":
        deliver(here, full_export(time="2026-01-09T03:30:00.250Z"))
    else:
        lander.discard(here.context, missing.name, "no changes then", is_surplus=True)
    here.land()
    assert list(Refusals(here.store)) == []


def test_an_export_is_landed_again_from_the_archive(here: Lake) -> None:
    first = window(
        FIRST, "2026-01-05T05:00:00Z", "2026-01-06T05:00:00Z", ("A", "3.5", 7), ("B", None, 8)
    )
    deliver(here, full_export(), first)
    here.land()
    before = rows(here)
    wider = CONTRACT.replace("decimal(12,4)", "decimal(14,4)")
    write_project(here.settings.project_dir, wider)
    outcomes = lander.reland(here.context, "shop.customer")
    assert [(o.outcome, o.landed) for o in outcomes] == [("landed", 3), ("landed", 2)]
    assert rows(here) == before
    assert {m.generation for m in here.manifests} == {1, 2}


@pytest.mark.slow
def test_killed_after_any_step_the_next_run_finishes_the_export(tmp_path: Path) -> None:
    def lake_of(name: str) -> Lake:
        lake = Lake(tmp_path / name, str(tmp_path / name / "lake"))
        write_project(lake.settings.project_dir, CONTRACT)
        deliver(lake, full_export())
        return lake

    whole = lake_of("whole")
    with seen_after_each_step(tmp_path) as steps:
        whole.land()
    expected = whole.fingerprint()
    assert (expected["inbox"], len(expected["manifests"])) == ([], 1)
    for step, done in enumerate(steps, start=1):
        lake = Lake(tmp_path / str(step), str(tmp_path / str(step) / "lake"))
        write_project(lake.settings.project_dir, CONTRACT)
        lake.land()
        assert lake.fingerprint() == expected, f"killed after {done}, step {step}"

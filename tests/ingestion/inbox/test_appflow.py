"""Executions of AppFlow flows through the whole lander: only successful ones, whole, and no field unasked for."""

import io
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.land import discard
from ingestion.report import advice
from ingestion.store import LocalStore
from samples.salesforce.flows import parquet, record, records
from tests.ingestion.lakes import Lake, lakes

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = "models/staging/salesforce/_salesforce__sources.yml"
FIRST, SECOND = "11111111-aaaa-4bbb-8ccc-000000000001", "11111111-aaaa-4bbb-8ccc-000000000002"
FLOW = "salesforce/landfall-opportunity"
ENDED = datetime(2026, 11, 21, 3, 30, 0, 250_000)  # half past ten in the evening in New York
OPENED = datetime(2026, 11, 1, 12)


def deal(number: int, **cells: Any) -> dict[str, Any]:
    """An opportunity as Salesforce has it."""
    known: dict[str, Any] = {
        "Id": f"006000000{number:06}",
        "Name": f"Deal {number}",
        "StageName": "Prospecting",
    }
    known |= {
        "Amount": Decimal("1200.50"),
        "Probability": Decimal("10.00"),
        "CloseDate": date(2026, 12, 31),
    }
    known |= {"IsClosed": False, "IsWon": False, "CreatedDate": OPENED, "SystemModstamp": OPENED}
    return known | cells


def with_salesforce(lake: Lake) -> Lake:
    """The lake, its project with the contract of Salesforce too."""
    place = lake.settings.project_dir / CONTRACT
    place.parent.mkdir(parents=True)
    shutil.copy(ROOT / CONTRACT, place)
    return lake


@pytest.fixture
def here(tmp_path: Path) -> Lake:
    return with_salesforce(Lake(tmp_path, str(tmp_path / "lake")))


def deliver(
    lake: Lake, execution: str, *rows: dict[str, Any], name: str = "part", folder: str = ""
) -> None:
    lake.put(f"{FLOW}/{folder}{execution}/{name}", parquet("opportunity", rows))


def landed(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.query(
        "select id, stage_name, amount, close_date, is_closed, system_modstamp from raw_salesforce.opportunity"
        " order by extract_date, id"
    )


def test_all_files_of_a_successful_execution_are_one_extract_of_the_end_of_its_pull(
    here: Lake,
) -> None:
    deliver(here, FIRST, deal(1), deal(2), folder="2026/11/20/")
    deliver(here, FIRST, deal(3), name="another", folder="2026/11/20/")
    here.put(f"{FLOW}/2026/11/20/{FIRST}/{FIRST}", "")
    waiting = here.land_one()
    assert (waiting.outcome, waiting.code) == ("waiting", "incomplete_export")
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 3)))
    outcome = here.land_one()
    assert (outcome.outcome, outcome.rows_in, outcome.landed) == ("landed", 3, 3)
    assert outcome.extract_date == date(2026, 11, 20)
    assert here.manifests[0].extracted_at == ENDED
    assert here.inbox == []
    assert here.store.read(f"archive/{FLOW}/executions.json")


@pytest.mark.parametrize(
    "folder", ["2026/", "2026/11/", "2026/11/20/", "2026/11/20/22/", "2026/11/20/22/30/"]
)
def test_date_folders_are_as_fine_as_a_flow_has_them(here: Lake, folder: str) -> None:
    deliver(here, FIRST, deal(1), folder=folder)
    deliver(here, SECOND, deal(2), folder=folder)
    here.put(f"{FLOW}/{folder}{FIRST}/{FIRST}", "")
    here.put(f"{FLOW}/{folder}executions.json", records(record(FIRST, ENDED, 1)))
    here.put(f"{FLOW}/executions.json", records(record(SECOND, ENDED, 1)))
    assert [o.outcome for o in here.land()] == ["landed", "landed"]
    assert here.inbox == []


def test_the_date_folders_of_a_flow_need_not_be_optional(here: Lake) -> None:
    place = here.settings.project_dir / CONTRACT
    place.write_text(place.read_text().replace("[{day}/]{execution}", "{day}/{execution}"))
    deliver(here, FIRST, deal(1), folder="2026/11/20/")
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
    assert here.land_one().outcome == "landed"
    assert here.inbox == []


def test_records_may_lie_beside_the_executions_of_a_day_and_the_flows_own_are_known_too(
    here: Lake,
) -> None:
    deliver(here, FIRST, deal(1), folder="2026/11/20/")
    deliver(here, SECOND, deal(2), folder="2026/11/20/")
    here.put(f"{FLOW}/2026/11/20/executions.json", records(record(FIRST, ENDED, 1)))
    here.put(f"{FLOW}/executions.json", records(record(SECOND, ENDED, 1)))
    assert [o.outcome for o in here.land()] == ["landed", "landed"]
    assert here.inbox == []


@pytest.mark.parametrize("status", ["InProgress", "CancelStarted", "Canceled", "Error"])
def test_an_execution_that_did_not_succeed_is_left_alone(here: Lake, status: str) -> None:
    deliver(here, FIRST, deal(1))
    deliver(here, SECOND, deal(2))
    here.put(
        f"{FLOW}/executions.json",
        records(record(FIRST, ENDED, 1, status), record(SECOND, ENDED, 1)),
    )
    assert sorted((o.outcome, o.code) for o in here.land()) == [
        ("landed", None), ("waiting", "incomplete_export"),
    ]  # fmt: skip
    # its record stays with it, and lands it once it says so
    assert here.inbox == [f"{FLOW}/{FIRST}/part", f"{FLOW}/executions.json"]
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
    assert here.land_one().outcome == "landed"
    assert here.inbox == []


def test_other_rows_than_were_processed_refuse_the_execution_until_the_rest_is_there(
    here: Lake,
) -> None:
    deliver(here, FIRST, deal(1))
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 2)))
    refused = here.land_one()
    assert (refused.outcome, refused.code) == ("refused", "incomplete_export")
    assert landed(here) == []
    deliver(here, FIRST, deal(2), name="late")
    assert here.land_one().landed == 2


def test_a_record_that_says_no_time_or_no_number_refuses_its_execution(here: Lake) -> None:
    told = record(FIRST, ENDED, 1)
    without = dict.fromkeys(("dataPullEndTime", "startedAt"))
    for broken, said in (
        (told | {"dataPullEndTime": "soon"}, "dataPullEndTime is unreadable"),
        (told | without, "dataPullEndTime is missing"),
        (told | without | {"startedAt": "soon"}, "startedAt is unreadable"),
        (told | {"executionResult": {}}, "recordsProcessed is missing"),
        (told | {"executionResult": None}, "executionResult is missing"),
    ):
        deliver(here, FIRST, deal(1))
        here.put(f"{FLOW}/executions.json", records(broken))
        refused = here.land_one()
        assert (refused.outcome, refused.code, refused.message) == ("refused", "bad_record", said)
        assert here.land_one().outcome == "refused"


def test_a_run_without_an_end_of_its_pull_is_of_its_start(here: Lake) -> None:
    """Until then it has every change; and the next run, of a later start or end, comes after it."""
    deliver(here, FIRST, deal(1))
    deliver(here, SECOND, deal(1, Name="Later"))
    later = datetime(2026, 11, 21, 3, 40)
    on_demand = record(FIRST, ENDED, 1)
    del on_demand["dataPullEndTime"], on_demand["dataPullStartTime"]
    on_demand["lastUpdatedAt"] = "2026-11-21T05:00:00Z"
    here.put(f"{FLOW}/executions.json", records(on_demand, record(SECOND, later, 1)))
    assert [o.outcome for o in here.land()] == ["landed", "landed"]
    assert sorted(load.extracted_at for load in here.manifests) == [ENDED, later]


@pytest.mark.parametrize("start", ['{"Id": "006", ', '\ufeff\n[\n {"Id": "006"}', "{}"])
def test_json_is_refused_with_what_to_do_about_it(here: Lake, start: str) -> None:
    """Of a delivery of parquet, and of one of CSV; any other file that is not parquet may be damaged."""
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
    for code, text in (("wrong_format", start), ("wrong_type", "Id,Name")):
        here.put(f"{FLOW}/{FIRST}/part", text)
        refused = here.land_one()
        assert (refused.outcome, refused.code) == ("refused", code)
        assert ("CSV or parquet" in refused.message) == (code == "wrong_format")
        assert bool(advice([refused])) == (code == "wrong_type")
    contract = here.settings.project_dir / CONTRACT
    contract.write_text(contract.read_text().replace("file: parquet", "file: csv"))
    here.put(f"{FLOW}/{FIRST}/part", start)
    refused = here.land_one()
    assert (refused.code, advice([refused])) == ("wrong_format", "")


@pytest.mark.parametrize(
    "ended", ["2026-11-21T03:30:00.250Z[UTC]", "2026-11-20T22:30:00.250-05:00", 1795231800.25]
)
def test_times_are_read_in_every_manner_of_aws(here: Lake, ended: object) -> None:
    deliver(here, FIRST, deal(1))
    here.put(
        f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1) | {"dataPullEndTime": ended})
    )
    assert here.land_one().outcome == "landed"
    assert here.manifests[0].extracted_at == ENDED


def test_typed_and_all_text_files_land_the_same_cells(here: Lake) -> None:
    rows = [deal(1), deal(2, Amount=None, IsClosed=True, SystemModstamp=ENDED)]
    here.put(f"{FLOW}/{FIRST}/part", parquet("opportunity", rows))
    here.put(f"{FLOW}/{SECOND}/part", parquet("opportunity", rows, typed=False))
    later = datetime(2026, 11, 22, 3)
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 2), record(SECOND, later, 2)))
    assert [o.landed for o in here.land()] == [2, 2]
    found = landed(here)
    assert found[:2] == found[2:]
    assert found[1] == (
        "006000000000002", "Prospecting", None, date(2026, 12, 31), True, ENDED,
    )  # fmt: skip


def test_an_amount_may_come_as_a_double(here: Lake) -> None:
    told = pq.read_table(io.BytesIO(parquet("opportunity", [deal(1, Amount=Decimal("0.10"))])))
    place = told.schema.get_field_index("Amount")
    sink = io.BytesIO()
    pq.write_table(told.set_column(place, "Amount", told["Amount"].cast(pa.float64())), sink)
    here.put(f"{FLOW}/{FIRST}/part", sink.getvalue())
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
    assert here.land_one().landed == 1
    assert landed(here)[0][2] == Decimal("0.10")


def test_a_new_field_refuses_the_execution_and_is_told_by_its_place(here: Lake) -> None:
    here.put(f"{FLOW}/{FIRST}/part", parquet("opportunity", [deal(1)], Social_Security__c="x"))
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
    refused = here.land_one()
    assert (refused.outcome, refused.code, refused.column) == ("refused", "unknown_column", None)
    assert refused.message.startswith("column ")


def test_a_deleted_row_lands_once_more_and_an_execution_without_rows_is_allowed(here: Lake) -> None:
    gone = deal(1, IsDeleted=True, SystemModstamp=ENDED)
    deliver(here, FIRST, gone)
    deliver(here, SECOND)
    here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1), record(SECOND, ENDED, 0)))
    assert sorted(o.landed for o in here.land()) == [0, 1]
    assert here.query("select is_deleted from raw_salesforce.opportunity") == [(True,)]


def test_what_is_no_execution_is_unknown_and_a_discarded_one_leaves_the_others_their_record(
    here: Lake,
) -> None:
    here.put(f"{FLOW}/readme.txt", "x")
    deliver(here, FIRST, deal(1))
    deliver(here, SECOND, deal(2))
    here.put(
        f"{FLOW}/executions.json",
        records(record(FIRST, ENDED, 7), record(SECOND, ENDED, 1, "InProgress")),
    )
    assert sorted((o.outcome, o.code) for o in here.land()) == [
        ("refused", "incomplete_export"), ("refused", "unknown_table"), ("waiting", "incomplete_export"),
    ]  # fmt: skip
    discard(here.context, f"{FLOW}/{FIRST}/{{file}}", "cut short")
    here.store.delete(f"inbox/{FLOW}/readme.txt")
    assert here.inbox == [f"{FLOW}/{SECOND}/part", f"{FLOW}/executions.json"]


def test_a_marker_beside_the_executions_folder_is_skipped(tmp_path: Path, aws: str) -> None:
    for lake in lakes("s3", tmp_path):
        with_salesforce(lake)
        deliver(lake, FIRST, deal(1))
        lake.put(f"{FLOW}/{FIRST}", "")
        lake.put(f"{FLOW}/{SECOND}", "")
        lake.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 1)))
        assert lake.land_one().outcome == "landed"
        assert lake.inbox == []


class Killed(BaseException):
    """The process was killed."""


def test_a_kill_while_the_inbox_is_cleared_leaves_nothing_of_an_execution(
    here: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete, step = LocalStore.delete, 0
    for step in range(1, 9):
        deliver(here, FIRST, deal(step))
        deliver(here, FIRST, deal(9), name="another")
        here.put(f"{FLOW}/{FIRST}/{FIRST}", "")
        here.put(f"{FLOW}/executions.json", records(record(FIRST, ENDED, 2)))
        seen: list[str] = []

        def dying(
            self: LocalStore, key: str, etag: str | None = None, seen: list[str] = seen
        ) -> None:
            delete(self, key, etag)
            seen.append(key)
            if len(seen) == step:  # noqa: B023 (called within this round)
                raise Killed

        monkeypatch.setattr(LocalStore, "delete", dying)
        try:
            here.land()
        except Killed:
            monkeypatch.setattr(LocalStore, "delete", delete)
            here.land()
        else:
            break
        assert here.inbox == [], f"killed after {seen[-1]}"
    assert step == 5
    assert len(here.manifests) == step

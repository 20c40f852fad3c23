"""Landing, on both kinds of lake: commits, warnings, refusals and the catalogue."""

import hashlib
import json
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.errors import BadSettings, LandingFailed
from ingestion.land import register, reland, retract
from ingestion.outcome import Outcome
from tests.ingestion.lakes import (
    CONTRACT,
    HEADER,
    Lake,
    customers,
    lakes,
    prices,
    visits,
    write_project,
)


def test_a_full_extract_is_archived_landed_registered_and_cleared(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2, 3))
    outcome = lake.land_one()
    assert (outcome.outcome, outcome.rows_in, outcome.landed) == ("landed", 3, 3)
    assert lake.inbox == []
    (manifest,) = lake.manifests
    assert manifest.load_id == outcome.load_id
    assert manifest.objects[0].archive in lake.keys("archive/")
    assert lake.store.read(manifest.objects[0].archive) == customers(1, 2, 3).encode()
    assert str(manifest.sums["balance"]) == "4.50"
    rows = lake.query(
        "select customer_id, extract_date, load_id, _source_row from raw_shop.customer"
    )
    assert sorted(rows) == [(f"C{n}", date(2026, 1, 1), outcome.load_id, n) for n in (1, 2, 3)]


def test_the_same_object_again_is_nothing(lake: Lake) -> None:
    for word in ("landed", "nothing"):
        lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
        outcome = lake.land_one()
        assert (outcome.outcome, outcome.warnings) == (word, {})
        assert lake.inbox == []
    assert len(lake.manifests) == 1


def test_the_same_bytes_for_another_day_are_a_new_load(local_lake: Lake) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        local_lake.put(f"shop/{day}/customer.csv", customers(1, 2))
        assert local_lake.land_one().outcome == "landed"
    assert local_lake.query("select load_number from raw_landfall.loads order by 1") == [(1,), (2,)]


def test_the_same_bytes_under_another_name_are_delivered_twice(local_lake: Lake) -> None:
    local_lake.put("shop/dms/customer/20260101-120000000.csv", "I,C1,1/2/1980,5\n")
    local_lake.land()
    local_lake.put("shop/dms/customer/2026/01/01/20260101-120000000.csv", "I,C1,1/2/1980,5\n")
    outcome = local_lake.land_one()
    assert (outcome.outcome, outcome.warnings) == ("nothing", {"delivered_twice": 1})
    assert local_lake.inbox == []


def test_other_bytes_under_the_same_name_are_redelivered_and_a_third_time_known(
    local_lake: Lake,
) -> None:
    name = "shop/2026-01-01/customer.csv"
    seen = []
    for content in (customers(1), customers(1, 2), customers(1)):
        local_lake.put(name, content)
        outcome = local_lake.land_one()
        seen.append((outcome.outcome, outcome.warnings))
    assert seen == [
        ("landed", {}),
        ("landed", {"redelivered": 1, "two_for_a_date": 1}),
        ("nothing", {"redelivered": 1}),
    ]


def test_a_late_extract_is_warned_of_and_sorted_in(local_lake: Lake) -> None:
    for day in ("2026-01-03", "2026-01-01"):
        local_lake.put(f"shop/{day}/customer.csv", customers(1, 2))
        outcome = local_lake.land_one()
    assert outcome.warnings == {"late_extract": 1}
    order = local_lake.query("select extract_date from raw_landfall.loads order by load_number")
    assert order == [(date(2026, 1, 1),), (date(2026, 1, 3),)]


def test_far_fewer_rows_wait_for_a_person_to_release_them(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(*range(100)))
    local_lake.land()
    local_lake.put("shop/2026-01-02/customer.csv", customers(*range(89)))
    refused = local_lake.land_one()
    assert (refused.outcome, refused.code) == ("refused", "row_floor")
    assert local_lake.land_one(release="someotherload").code == "row_floor"
    released = local_lake.land_one(release=refused.load_id)
    assert (released.outcome, released.warnings) == ("landed", {"row_floor": 1})
    assert local_lake.query("select count(*) from raw_landfall.refusals") == [(0,)]


def test_an_extract_without_rows_waits_for_a_person_to_release_it(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    local_lake.put("shop/2026-01-01/visit.csv", visits((1, "C1"), (2, "C2")))
    local_lake.land()
    local_lake.put("shop/2026-01-02/visit.csv", visits())
    refused = local_lake.land_one()
    assert (refused.code, refused.message) == (
        "no_rows",
        f"if that is right: land --release {refused.load_id}",
    )
    assert local_lake.land_one(release="someotherload").code == "no_rows"
    released = local_lake.land_one(release=refused.load_id)
    assert (released.outcome, released.warnings) == ("landed", {"no_rows": 1, "row_floor": 1})


@pytest.mark.parametrize("rows", [90, 95, 100])
def test_a_few_rows_less_are_no_matter(local_lake: Lake, rows: int) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(*range(100)))
    local_lake.put("shop/2026-01-02/customer.csv", customers(*range(rows)))
    assert [outcome.outcome for outcome in local_lake.land()] == ["landed", "landed"]


def test_the_floor_looks_only_at_days_before(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-05/customer.csv", customers(*range(100)))
    local_lake.land()
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    assert local_lake.land_one().outcome == "landed"


def test_what_no_contract_claims_is_said_once(lake: Lake) -> None:
    lake.put("shop/picture.png", b"\x89PNG")
    first = lake.land_one()
    assert (first.outcome, first.code, first.table) == ("refused", "unknown_table", None)
    assert lake.land() == []
    assert lake.inbox == ["shop/picture.png"]
    assert lake.query("select object_name, code from raw_landfall.refusals") == [
        ("shop/picture.png", "unknown_table")
    ]
    lake.put("shop/picture.png", b"\x89PNG and more")
    assert lake.land_one().code == "unknown_table"


@pytest.mark.parametrize(
    "name",
    [
        "shop/2026-02-30/customer.csv",
        "shop/%2e%2e/customer.csv",
        "shop/2026-01-01/customer.csv'",
        "shop/2026-01-01;rm/customer.csv",
        "shop/dms/customer/20261301-000000000.csv",
        "shop/dms/customer/2026/02/31/20260228-000000000.csv",
        "shop/a\nb.csv",
    ],
)
def test_tricks_and_impossible_dates_in_names_are_refused_for_as_long_as_they_lie(
    local_lake: Lake, name: str
) -> None:
    local_lake.put(name, customers(1))
    for _ in range(2):
        outcome = local_lake.land_one()
        assert (outcome.outcome, outcome.code) == ("refused", "bad_name")
        assert outcome.extract.isprintable()
    assert local_lake.manifests == []


def test_steps_out_of_a_folder_are_bad_names_on_s3(s3_lake: Lake) -> None:
    s3_lake.put("shop/../customer.csv", customers(1))
    assert s3_lake.land_one().code == "bad_name"


def test_a_refused_extract_leaves_nothing_but_its_record(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", HEADER + "C1,not a date,1\n" * 20)
    outcome = lake.land_one()
    assert (outcome.outcome, outcome.code, outcome.rows_in, outcome.quarantined) == (
        "refused",
        "too_many_rejects",
        20,
        20,
    )
    assert (outcome.line, outcome.column) == (2, "born_on")
    assert lake.inbox == ["shop/2026-01-01/customer.csv"]
    assert lake.manifests == [] and lake.keys("archive/") == [] and lake.keys("quarantine/") == []
    assert lake.keys("raw/shop/") == []
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    assert lake.land_one().outcome == "landed"
    assert lake.query("select count(*) from raw_landfall.refusals") == [(0,)]


def test_landing_goes_on_where_it_may_only_delete_in_the_inbox(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "ingestion")
    kind = type(lake.store)
    delete = kind.delete

    def denied(self, key, etag=None):  # type: ignore[no-untyped-def]
        if not key.startswith("inbox/"):
            raise LandingFailed("AccessDenied")
        delete(self, key, etag)

    monkeypatch.setattr(kind, "delete", denied)
    lake.put("shop/2026-01-01/customer.csv", "customer_id,born_on\nC1,1/2/1980\n")
    assert lake.land_one().outcome == "refused"
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.now = datetime(2099, 1, 1)  # so late that the derived tables of the first landing are old
    assert lake.land_one().outcome == "landed"
    assert lake.inbox == []
    assert lake.query("select count(*) from raw_shop.customer") == [(1,)]
    assert lake.query("select count(*) from raw_landfall.refusals") == [(0,)]
    (record,) = lake.keys("manifests/refusals/")
    assert record in caplog.text and "raw/landfall/" in caplog.text


def test_a_refusal_is_remembered_until_the_load_is_committed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put("shop/2026-01-01/customer.csv", "customer_id,born_on\nC1,1/2/1980\n")
    lake.land()
    lake.put("shop/2026-01-01/customer.csv", customers(1))

    def failing(*_: object) -> tuple[bool, ...]:
        raise LandingFailed("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(type(lake.store), "put_all_if_absent", failing)
        with pytest.raises(LandingFailed):
            lake.land()
    assert len(lake.keys("manifests/refusals/")) == 1
    assert lake.land_one().outcome == "landed"
    assert lake.keys("manifests/refusals/") == []


def test_quarantined_rows_are_kept_with_line_offset_and_key(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2) + "C3,2/30/2001,1\n" + "C4\n")
    outcome = lake.land_one()
    assert (outcome.landed, outcome.quarantined) == (2, 2)
    rows = lake.query(
        "select line, byte_offset, column_name, code, row_key from raw_landfall.quarantined_rows order by 1"
    )
    offset = len(customers(1, 2))
    assert rows == [
        (4, offset, "born_on", "bad_date", "C3"),
        (5, offset + 15, None, "column_count", None),
    ]
    (manifest,) = lake.manifests
    assert manifest.unreadable_keys == 1
    assert lake.keys("quarantine/") == [manifest.quarantine_key]


def test_a_quarantined_row_keeps_its_last_state_and_withholds_deletions(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(*range(50)))
    local_lake.land()
    readable = customers(*range(48)) + "C48,2/30/2001,1\n"
    local_lake.put("shop/2026-01-02/customer.csv", readable)
    local_lake.land()
    unreadable = customers(*range(47)) + "C47,2/30/2001,1\nC49\n"
    local_lake.put("shop/2026-01-03/customer.csv", unreadable)
    local_lake.land()
    # C49 was gone on the 2nd; on the 3rd C47 and C48 (kept since the 1st) are in the state before: C47 is held by its
    # own quarantined row, C48 is absent and withheld
    kept = local_lake.query(
        "select rows_kept, deletions_withheld from raw_landfall.loads order by load_number"
    )
    assert kept == [(0, 0), (1, 0), (1, 1)]


def test_a_row_that_an_extract_of_the_same_day_withheld_is_kept_by_the_next(
    local_lake: Lake,
) -> None:
    """The newest extract of a day does not hide an older one whose row it withheld."""
    held = customers(*range(50)) + "C50,2/30/2001,1\n"
    for key, text in (
        ("shop/2026-01-01/customer.csv", customers(*range(51))),
        ("shop/2026-01-01/customer.csv", held),
        ("shop/2026-01-02/customer.csv", held),
    ):
        local_lake.put(key, text)
        local_lake.land()
    kept = local_lake.query("select rows_kept from raw_landfall.loads order by load_number")
    assert kept == [(0,), (1,), (1,)]


def test_repeated_rows_are_dropped_and_conflicting_ones_quarantined(local_lake: Lake) -> None:
    local_lake.put(
        "shop/2026-01-01/customer.csv",
        customers(*range(300), 7, 7) + "C9,1/2/1980,99\nc8,1/2/1980,1\n",
    )
    outcome = local_lake.land_one()
    assert (outcome.rows_in, outcome.landed, outcome.quarantined, outcome.duplicates) == (
        304,
        300,
        2,
        2,
    )
    assert outcome.warnings == {"duplicate_row": 2, "key_case": 2}
    lines = local_lake.query(
        "select line, code, column_name, row_key from raw_landfall.quarantined_rows order by 1"
    )
    assert lines == [
        (11, "key_conflict", "customer_id", "C9"),
        (304, "key_conflict", "customer_id", "C9"),
    ]
    assert local_lake.query(
        "select _source_row from raw_shop.customer where customer_id = 'C7'"
    ) == [(8,)]


def test_in_an_append_table_the_first_row_of_a_key_stands(local_lake: Lake) -> None:
    rows = [(number, "C1") for number in range(300)]
    local_lake.put("shop/2026-01-01/visit.csv", visits(*rows, (5, "C1"), (6, "C2"), (6, "C3")))
    outcome = local_lake.land_one()
    assert (outcome.landed, outcome.quarantined, outcome.duplicates) == (300, 2, 1)
    assert local_lake.query("select customer from raw_shop.visit where visit_id = 6") == [("C1",)]


def test_in_an_incremental_table_the_watermark_decides(local_lake: Lake) -> None:
    good = [(f"i{number}", 1, "1.00", "08:00:00") for number in range(300)]
    local_lake.put(
        "shop/2026-01-01/price.csv",
        prices(
            *good,
            ("a", 1, "1", "09:00:00"),
            ("a", 1, "2", "09:00:00"),
            ("a", 1, "3", "10:00:00"),
            ("b", 1, "1", "09:00:00"),
            ("b", 1, "1.00", "09:00:00"),
            ("b", 2, "1", "09:00:00"),
        ),
    )
    outcome = local_lake.land_one()
    assert (outcome.landed, outcome.quarantined, outcome.duplicates) == (303, 2, 1)
    assert local_lake.query("select amount::double from raw_shop.price where item = 'a'") == [
        (3.0,)
    ]


def test_rows_without_a_key_are_all_kept(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/note.csv", "body\nsame\nsame\n")
    assert local_lake.land_one().landed == 2


def test_repeated_operations_are_warned_of_and_kept(local_lake: Lake) -> None:
    rows = "I,C1,1/2/1980,5\nI,C1,1/2/1980,6\nD,C2,1/2/1980,6\nI,C2,1/2/1980,6\n"
    local_lake.put("shop/dms/customer/20260101-120000000.csv", rows)
    outcome = local_lake.land_one()
    assert (outcome.landed, outcome.duplicates, outcome.warnings) == (
        4,
        0,
        {"repeated_operation": 1},
    )


def test_an_empty_extract_where_allowed(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", HEADER)
    local_lake.put("shop/2026-01-01/visit.csv", "visit_id,customer\n")
    by_table = {outcome.table: outcome for outcome in local_lake.land()}
    assert by_table["customer"].warnings == {"no_rows": 1}
    assert by_table["visit"].code == "no_rows"
    assert local_lake.query("select count(*) from raw_shop.customer") == [(0,)]


def test_an_uncommitted_object_is_invisible(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    lake.land()
    (manifest,) = lake.manifests
    stray = manifest.data_key.replace(manifest.load_id, "0123456789abcdef")
    lake.store.put(stray, lake.store.read(manifest.data_key))
    lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    lake.land()
    assert lake.query("select count(*) from raw_shop.customer") == [(4,)]


@pytest.mark.parametrize("again", [False, True])
def test_who_loses_the_race_under_another_contract_leaves_the_winners_rows(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2) + "C3,2026-01-31,1\nC4,2/30/2001,1\n")
    load_id = lake.land_one().load_id if again else None

    def run() -> list[Outcome]:
        return reland(lake.context, "shop.customer", load_id) if again else lake.land()

    kind = type(lake.store)
    name = "put_all_if_absent"
    commit = getattr(kind, name)
    won: list[Outcome] = []

    def overtaken(self, *words):  # type: ignore[no-untyped-def]
        if "manifests/shop/" not in str(words):
            return commit(self, *words)  # the lake's key is put so too
        monkeypatch.setattr(kind, name, commit)
        changed = CONTRACT.replace("format: M/D/YYYY", "format: [M/D/YYYY, YYYY-MM-DD]")
        write_project(lake.settings.project_dir, changed)
        won.extend(run())
        return commit(self, *words)

    monkeypatch.setattr(kind, name, overtaken)
    (lost,) = run()
    assert [(o.outcome, o.landed, o.quarantined) for o in won] == [("landed", 3, 1)]
    assert (lost.outcome, lost.load_id) == ("nothing", won[0].load_id)
    winner = max(lake.manifests, key=lambda manifest: manifest.generation)
    for key, sha256 in (
        (winner.data_key, winner.data_sha256),
        (str(winner.quarantine_key), winner.quarantine_sha256),
    ):
        assert hashlib.sha256(lake.store.read(key)).hexdigest() == sha256
    assert len(lake.keys(f"{winner.data_prefix.rpartition('load_id=')[0]}")) == 2 + again
    assert lake.query("select count(*) from raw_shop.customer") == [(3,)]
    rejects = "select count(*) from raw_landfall.quarantined_rows where load_id = '{}'"
    assert lake.query(rejects.format(winner.load_id)) == [(1,)]
    assert lake.query("select landed from raw_landfall.loads where is_counted") == [(3,)]


def test_every_table_of_every_contract_exists_and_is_typed(lake: Lake) -> None:
    lake.land()
    described = lake.query("select column_name, column_type from (describe raw_shop.customer)")
    assert described == [
        ("customer_id", "VARCHAR"),
        ("born_on", "DATE"),
        ("balance", "DECIMAL(12,2)"),
        ("customer_id_pseudonym", "VARCHAR"),
        ("_operation", "VARCHAR"),
        ("_pseudonym_key_id", "VARCHAR"),
        ("_extracted_at", "TIMESTAMP"),
        ("_source_row", "BIGINT"),
        ("extract_date", "DATE"),
        ("load_id", "VARCHAR"),
    ]
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    assert (
        lake.query("select column_name, column_type from (describe raw_shop.customer)") == described
    )
    for name in ("loads", "load_amounts", "quarantined_rows", "refusals", "runs"):
        lake.query(f"select count(*) from raw_landfall.{name}")


def test_the_amounts_of_a_load_are_summed(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1, 2, balance='"$1,000.25"'))
    local_lake.land()
    (row,) = local_lake.query(
        "select column_name, landed_sum::varchar from raw_landfall.load_amounts"
    )
    assert row == ("balance", "2000.5000")


def test_the_same_extract_gives_the_same_bytes_in_every_lake(tmp_path: Path, aws: str) -> None:
    found = []
    for name, kind in (("a", "local"), ("b", "local"), ("c", "s3")):
        lake = next(lakes(kind, tmp_path / name))
        lake.put("shop/2026-01-01/customer.csv", customers(1, 2, 7, 7) + "C3,2/30/2001,1\n")
        lake.land()
        found.append(
            {
                key: lake.store.read(key)
                for prefix in ("raw/shop/", "quarantine/")
                for key in lake.keys(prefix)
            }
        )
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(lake: Lake) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2) + "C3,2/30/2001,1\n")
    lake.put("shop/picture.png", b"\x89PNG")
    before = lake.keys("")
    refused, landed = lake.land(dry_run=True)
    assert refused.code == "unknown_table"
    assert (landed.outcome, landed.landed, landed.quarantined) == ("landed", 2, 1)
    assert f"load_id={landed.load_id}" in landed.message and "archive" in landed.message
    assert lake.keys("") == before
    assert not lake.settings.warehouse.exists()


def test_one_source_or_one_object_is_landed_when_asked_for(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.put("shop/2026-01-01/visit.csv", visits((1, "C1")))
    with pytest.raises(BadSettings, match="no source other: there are shop"):
        local_lake.land(source="other")
    local_lake.put("other/letter.txt", "not yet")
    assert local_lake.land_one(source="other").code == "unknown_table"
    assert local_lake.land_one(object_key="inbox/shop/2026-01-01/visit.csv").table == "visit"
    assert local_lake.land_one(object_key="shop/2026-01-01/customer.csv").table == "customer"
    # the same event again finds it landed; an object that never was is an error
    assert local_lake.land(object_key="shop/2026-01-01/visit.csv") == []
    with pytest.raises(BadSettings, match="no such object"):
        local_lake.land(object_key="shop/2026-01-09/visit.csv")
    local_lake.put("shop/2026-01-02/visit.csv", visits((1, "C1")))
    with pytest.raises(BadSettings, match="extract-date"):
        local_lake.land(object_key="shop/2026-01-02/visit.csv", extract_date=date(2026, 1, 1))


def test_an_object_may_be_named_as_an_upload_event_names_it(lake: Lake) -> None:
    root = lake.context.store.root
    key = f"{root}/inbox/shop/2026-01-01/customer.csv"
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.put("shop/2026-01-02/customer.csv", customers(1))
    assert lake.land_one(object_key=key.replace("01/customer", "02/customer")).table == "customer"
    in_bucket = key.removeprefix("s3://").partition("/")[2] if root.startswith("s3://") else key
    assert lake.land_one(object_key=in_bucket).table == "customer"
    assert lake.keys("inbox/") == []


def test_the_clock_is_in_the_manifest_and_nowhere_else(tmp_path: Path) -> None:
    written = []
    for year in (2031, 2032):
        lake = Lake(tmp_path / str(year), str(tmp_path / str(year) / "lake"))
        lake.now = datetime(year, 5, 6, 7, 8, 9)
        lake.put("shop/2026-01-01/customer.csv", customers(1))
        lake.land()
        (manifest,) = lake.manifests
        assert manifest.landed_at == lake.now
        written.append(lake.store.read(manifest.data_key))
    assert written[0] == written[1]


def test_how_long_each_landing_took_is_in_its_manifest(lake: Lake) -> None:
    begun = time.monotonic()
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    load_id = str(lake.land_one().load_id)
    (landed,) = lake.manifests
    assert landed.seconds and 0 < landed.seconds < time.monotonic() - begun
    retract(lake.context, "shop.customer", load_id, "sent by mistake")
    begun = time.monotonic()
    reland(lake.context, "shop.customer", load_id)
    (again,) = (m for m in lake.manifests if m.generation == 3)
    assert again.seconds and 0 < again.seconds < time.monotonic() - begun
    assert lake.query("select act, seconds from raw_landfall.loads order by generation") == [
        ("landed", landed.seconds),
        ("retracted", None),
        ("relanded", again.seconds),
    ]


def test_a_manifest_from_before_seconds_were_measured_is_read(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1, 2))
    local_lake.land()
    (manifest,) = local_lake.manifests
    older = json.loads(manifest.to_bytes())
    del older["seconds"]
    local_lake.store.put(manifest.key, json.dumps(older).encode())
    for key in local_lake.keys("raw/landfall/manifests/"):
        local_lake.store.delete(key)
    local_lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    local_lake.land()
    known = local_lake.query("select seconds is null from raw_landfall.loads order by extract_date")
    assert known == [(True,), (False,)]


def test_no_cell_value_in_any_outcome_or_log(
    local_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "ingestion")
    canary = "Canary7731"
    bad = HEADER + f"{canary},{canary},{canary}\n" * 20
    local_lake.put("shop/2026-01-01/customer.csv", bad)
    local_lake.put(
        "shop/2026-01-02/customer.csv", customers(1, 2) + f"{canary}a,{canary},1\n{canary}\n"
    )
    local_lake.put(
        "shop/2026-01-03/customer.csv",
        customers(1, 2) + f"{canary},1/2/1980,1\n{canary},1/2/1980,2\n",
    )
    outcomes = local_lake.land()
    assert canary not in "".join(map(repr, outcomes))
    assert canary not in caplog.text
    assert caplog.records


def test_a_contract_with_a_new_column_reads_what_was_landed_before(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/note.csv", "body\na\n")
    local_lake.land()
    more = "          - {name: author, data_type: string, config: {meta: {sensitivity: none, optional: true}}}\n"
    write_project(local_lake.settings.project_dir, CONTRACT + more)
    local_lake.put("shop/2026-01-02/note.csv", "body,author\nb,me\n")
    local_lake.land()
    assert local_lake.query("select body, author from raw_shop.note order by 1") == [
        ("a", None),
        ("b", "me"),
    ]


def test_loads_of_a_table_that_has_left_the_project_stay_in_the_record(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.land()
    contract = local_lake.settings.project_dir / "models/staging/shop/_shop__sources.yml"
    contract.write_text(contract.read_text().replace("name: customer\n", "name: client\n"))
    local_lake.land()
    assert local_lake.query("select table_name from raw_landfall.loads") == [("customer",)]


def test_settings_are_not_needed_for_a_table_without_pseudonyms(local_lake: Lake) -> None:
    local_lake.settings = replace(local_lake.settings, key=None)
    local_lake.put("shop/2026-01-01/note.csv", "body\na\n")
    assert local_lake.land_one().outcome == "landed"


WIDE = """
version: 2
sources:
  - name: shop
    config: {meta: {time_zone: UTC}}
    tables:
      - name: wei
        config:
          meta:
            contract: {key: [id], deliveries: [{path: "shop/{date}/wei.csv", kind: full}]}
        columns:
          - {name: id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: whole, data_type: "decimal(38,0)", config: {meta: {sensitivity: none}}}
          - {name: fine, data_type: "decimal(38,20)", config: {meta: {sensitivity: none}}}
"""


def test_nothing_after_the_commit_fails_on_a_sum_of_any_size(local_lake: Lake) -> None:
    write_project(local_lake.settings.project_dir, WIDE)
    nines, small = "9" * 38, "0." + "0" * 19 + "1"
    for day, rows in (
        ("2026-01-01", f"1,{'9' * 24},1\n2,1,{small}\n"),
        ("2026-01-02", f"1,{nines},{'9' * 18}\n2,{nines},{small}\n3,-1,\n"),
    ):
        local_lake.put(f"shop/{day}/wei.csv", f"id,whole,fine\n{rows}")
        assert local_lake.land_one().outcome == "landed"
    sums = {str(m.extract_date): m.sums for m in local_lake.manifests}
    assert sums["2026-01-01"] == {"whole": Decimal(10**24), "fine": Decimal("1" + small[1:])}
    assert sums["2026-01-02"] == {
        "whole": Decimal(2 * int(nines) - 1), "fine": Decimal("9" * 18 + small[1:]),
    }  # fmt: skip
    amounts = "select landed_sum from raw_landfall.load_amounts order by all"
    assert local_lake.query(amounts) == [
        (Decimal(1),), (Decimal("9" * 18),), (Decimal(10**24),), (None,),
    ]  # fmt: skip
    assert local_lake.land() == []
    context = local_lake.context
    register(context)
    (second,) = [m for m in local_lake.manifests if str(m.extract_date) == "2026-01-02"]
    retract(context, "shop.wei", second.load_id, "a test")
    (again,) = reland(context, "shop.wei", second.load_id)
    assert again.outcome == "landed"

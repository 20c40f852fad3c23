"""A person is removed from everything in a lake, stays out, and everything else stays as it was."""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion import land as lander
from ingestion.codes import Code
from ingestion.errors import BadSettings, LandingFailed
from ingestion.forgotten import listed, read_forgotten
from ingestion.land import erase as erasing
from ingestion.verify import verify
from tests.ingestion.lakes import (
    CONTRACT,
    HEADER,
    Lake,
    customer_parquet,
    customers,
    visits,
    write_project,
)

WHO = "C7000077"
NUMBER = 7000077


def bytes_of(lake: Lake) -> Iterator[tuple[str, bytes]]:
    """Every object of the lake but the inbox's, unpacked."""
    for found in lake.store.list(""):
        data = lake.store.read(found.key) or b""
        yield found.key, gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def places_of(lake: Lake, text: str = WHO) -> list[str]:
    """The objects in which a text stands: in their bytes, or in a cell of their parquet."""
    found = []
    for key, data in bytes_of(lake):
        said = data
        if data.startswith(b"PAR1"):
            said = str(pq.read_table(io.BytesIO(data)).to_pydict()).encode()
        if text.encode() in data + said:
            found.append(key)
    return sorted(found)


def pseudonym(lake: Lake) -> str:
    """The person's."""
    key = lake.context.pseudonyms
    assert key
    return key.value(WHO, "person")


def forget(lake: Lake, who: str = WHO, reason: str = "asked for it") -> Any:
    """Forget, in a fresh context."""
    return lander.forget(lake.context, "person", who, reason)


def delivered(lake: Lake) -> None:
    """The person in files of every kind: in a row with an error, as a duplicate, in parquet, as a fact."""
    rows = customers(1, NUMBER, 2, NUMBER)
    lake.put("shop/2026-01-10/customer.csv", rows + f"{WHO},2/30/1999,1\nC9,2/30/1999,1\n")
    lake.put("shop/2026-01-11/customer.csv", rows)
    lake.put("shop/2026-01-11/visit.csv", visits((1, "C1"), (2, WHO), (3, "C2")))
    told = b'{"status": "COMPLETE", "snapshotTime": "2026-01-14T20:00:00Z"}'
    lake.put("shop/exp/db/db.customer/1/part-0.parquet", customer_parquet(1, NUMBER, 2))
    lake.put("shop/export_info_exp.json", told)
    assert {one.outcome for one in lake.land()} == {"landed"}


def test_nothing_of_a_forgotten_person_is_left_in_any_object(lake: Lake) -> None:
    delivered(lake)
    mine = pseudonym(lake)
    assert len(places_of(lake)) > 6
    before = {load.full_name: load.sums for load in lake.manifests}
    done = forget(lake)
    assert places_of(lake) == []
    assert [
        key for key in places_of(lake, mine) if not key.startswith("manifests/forgotten/")
    ] == []
    assert {one.outcome for one in done.outcomes} == {"landed"}
    assert not done.left
    assert not done.to_do
    assert lake.query("select count(*) from raw_shop.customer") == [(6,)]
    visit = "select visit_id, customer, customer_pseudonym is null from raw_shop.visit order by all"
    assert lake.query(visit) == [(1, "C1", False), (2, None, True), (3, "C2", False)]
    counts = "select rows_in, landed, quarantined, duplicates, forgotten, unnamed"
    assert lake.query(f"{counts} from raw_landfall.loads where is_counted order by all") == [
        (3, 2, 0, 0, 1, 0),
        (3, 3, 0, 0, 0, 1),
        (4, 2, 0, 0, 2, 0),
        (6, 2, 1, 0, 3, 0),
    ]
    assert before.keys() == {load.full_name for load in lake.manifests}
    assert verify(lake.context, reads_all=True) == []


def test_whoever_is_not_forgotten_keeps_every_row_and_every_byte(local_lake: Lake) -> None:
    lake = local_lake
    delivered(lake)
    rows = "select * exclude (load_id, _source_row) from raw_shop.customer where customer_id <> ? order by all"
    sql = rows.replace("?", f"'{WHO}'")
    before = lake.query(sql)
    forget(lake)
    assert lake.query(sql) == before
    (archived,) = [
        data.decode()
        for key, data in bytes_of(lake)
        if key.startswith("archive/shop/customer/") and b"C9" in data
    ]
    assert archived == customers(1, 2) + "C9,2/30/1999,1\n"


def test_the_original_file_delivered_again_is_the_same_load_and_brings_no_one_back(
    local_lake: Lake,
) -> None:
    lake = local_lake
    delivered(lake)
    forget(lake)
    archived = lake.keys("archive/")
    lake.put("shop/2026-01-11/customer.csv", customers(1, NUMBER, 2, NUMBER))
    outcome = lake.land_one()
    assert (outcome.outcome, outcome.message) == ("nothing", "landed before")
    assert lake.inbox == []
    assert lake.keys("archive/") == archived
    assert places_of(lake) == []


def test_what_the_archive_has_lost_of_such_a_file_comes_back_without_the_person(
    local_lake: Lake,
) -> None:
    lake = local_lake
    delivered(lake)
    forget(lake)
    (key,) = [
        load.objects[0].archive
        for load in lake.manifests
        if load.object_name.endswith("11/visit.csv") and load.erases
    ]
    lake.store.delete(key)
    lake.put("shop/2026-01-11/visit.csv", visits((1, "C1"), (2, WHO), (3, "C2")))
    lake.land_one()
    assert lake.store.stat(key)
    assert verify(lake.context, reads_all=True) == []


def test_a_later_extract_does_not_bring_the_person_back(lake: Lake) -> None:
    delivered(lake)
    forget(lake)
    lake.put("shop/2026-01-20/customer.csv", customers(1, NUMBER, 2, 3))
    lake.put("shop/2026-01-20/visit.csv", visits((4, WHO)))
    customer, visit = sorted(lake.land(), key=lambda one: str(one.table))
    assert (customer.rows_in, customer.landed, customer.forgotten, customer.unnamed) == (4, 3, 1, 0)
    assert (visit.rows_in, visit.landed, visit.forgotten, visit.unnamed) == (1, 1, 0, 1)
    assert places_of(lake) == []
    assert lake.query("select count(*) from raw_shop.visit where customer is null") == [(2,)]


def test_an_extract_of_the_person_alone_lands_empty(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-10/visit.csv", visits((1, WHO)))
    local_lake.put("shop/2026-01-10/customer.csv", customers(NUMBER))
    local_lake.land()
    forget(local_lake)
    assert local_lake.query("select count(*) from raw_shop.customer") == [(0,)]
    assert places_of(local_lake) == []


def test_a_relanded_load_counts_the_forgotten_as_before(local_lake: Lake) -> None:
    delivered(local_lake)
    forget(local_lake)
    counts = (
        "select base_load_id, rows_in, landed, forgotten, unnamed"
        " from raw_landfall.loads where is_counted order by 1"
    )
    before = local_lake.query(counts)
    for load_id, *_ in before:
        for table in ("shop.customer", "shop.visit"):
            if any(
                one.base_load_id == load_id and one.full_name == table
                for one in local_lake.manifests
            ):
                (outcome,) = lander.reland(local_lake.context, table, load_id)
                assert outcome.outcome == "landed"
    assert local_lake.query(counts) == before
    assert verify(local_lake.context, reads_all=True) == []


def test_a_retracted_load_stays_retracted_and_loses_the_person_too(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/2026-01-10/customer.csv", customers(1, NUMBER))
    load_id = lake.land_one().load_id
    assert load_id
    lander.retract(lake.context, "shop.customer", load_id, "a test")
    forget(lake)
    assert places_of(lake) == []
    assert lake.query("select count(*) from raw_shop.customer") == [(0,)]
    (outcome,) = lander.reland(lake.context, "shop.customer", load_id)
    assert (outcome.landed, outcome.forgotten) == (1, 1)
    assert verify(lake.context, reads_all=True) == []


def test_what_was_discarded_with_the_person_in_it_is_gone(local_lake: Lake) -> None:
    lake = local_lake
    delivered(lake)
    lake.put("shop/2026-01-12/customer.csv", customers(NUMBER, 8).replace("born_on", "born"))
    lake.put("shop/2026-01-13/customer.csv", customers(8).replace("born_on", "born"))
    lake.land()
    for day in ("12", "13"):
        lander.discard(lake.context, f"shop/2026-01-{day}/customer.csv", "of another kind")
    assert forget(lake).discarded == 1
    assert places_of(lake) == []
    assert len([key for key in lake.keys("archive/discarded/") if not key.endswith(".json")]) == 1


def test_a_discarded_object_that_ends_like_the_record_of_a_discard_is_searched_too(
    local_lake: Lake,
) -> None:
    lake = local_lake
    delivered(lake)
    lake.put("shop/customers.json", json.dumps([{"customer_id": WHO, "balance": "1.50"}]))
    lake.land()
    place = lander.discard(lake.context, "shop/customers.json", "of another kind")
    assert place.endswith(".json") and forget(lake).discarded == 1
    assert place not in lake.keys("archive/discarded/")
    assert len(lake.keys("archive/discarded/")) == 1  # why and when


def test_what_lies_in_the_inbox_with_the_person_in_it_is_named(local_lake: Lake) -> None:
    lake = local_lake
    delivered(lake)
    lake.put("shop/2026-01-12/customer.csv", customers(NUMBER, 8))
    (told,) = forget(lake).to_do
    assert told.startswith("inbox/shop/2026-01-12/customer.csv")
    lake.land()
    assert places_of(lake) == []


def test_two_persons_one_after_the_other_are_both_gone(local_lake: Lake) -> None:
    delivered(local_lake)
    forget(local_lake)
    forget(local_lake, "C1")
    assert [len(who) for who in listed(read_forgotten(local_lake.store)).domains.values()] == [2]
    assert local_lake.query("select distinct customer_id from raw_shop.customer") == [("C2",)]
    assert verify(local_lake.context, reads_all=True) == []


def test_forgetting_again_begins_anew_and_changes_nothing(local_lake: Lake) -> None:
    delivered(local_lake)
    forget(local_lake)
    before = local_lake.fingerprint()
    assert forget(local_lake).outcomes == []
    assert local_lake.fingerprint() == before


@pytest.mark.parametrize(
    ("domain", "who", "reason", "said"),
    [
        ("persons", WHO, "x", "no contract has the domain persons: person"),
        ("person", WHO, " ", "say why"),
        ("person", " \n", "x", "standard input"),
        ("person", "C404", "x", "nothing in the lake holds"),
    ],
)
def test_what_cannot_be_forgotten_changes_nothing(
    local_lake: Lake, domain: str, who: str, reason: str, said: str
) -> None:
    delivered(local_lake)
    before = local_lake.fingerprint()
    with pytest.raises(BadSettings, match=said) as raised:
        lander.forget(local_lake.context, domain, who, reason)
    assert who.strip() == "" or who not in str(raised.value)
    assert read_forgotten(local_lake.store) == []
    assert local_lake.fingerprint() == before


def test_the_files_of_dms_lose_every_operation_on_the_person(local_lake: Lake) -> None:
    lake = local_lake
    lake.put(
        "shop/dms/customer/20260111-100000000.csv",
        f"I,C1,1/2/1980,5\nI,{WHO},1/2/1980,5\nD,{WHO},1/2/1980,5\n",
    )
    lake.land()
    forget(lake)
    assert lake.query("select customer_id, _operation from raw_shop.customer") == [("C1", "I")]
    assert places_of(lake) == []


def test_a_headerless_file_of_nothing_else_is_still_a_file(local_lake: Lake) -> None:
    local_lake.put("shop/dms/customer/20260111-100000000.csv", f"I,{WHO},1/2/1980,5")
    local_lake.land()
    forget(local_lake)
    assert places_of(local_lake) == []
    assert verify(local_lake.context, reads_all=True) == []


KEPT = CONTRACT.replace(
    "key: [customer_id]", "key: [customer_id]\n              when_forgotten: kept"
)


def test_a_direct_key_is_replaced_where_the_row_is_kept(local_lake: Lake) -> None:
    write_project(local_lake.settings.project_dir, KEPT)
    delivered(local_lake)
    total = local_lake.query("select sum(balance) from raw_shop.customer")
    forget(local_lake)
    assert local_lake.query("select sum(balance) from raw_shop.customer") == total
    kept = "select distinct customer_id, born_on from raw_shop.customer where customer_id like 'forgotten-%'"
    assert len(local_lake.query(kept)) == 1
    assert places_of(local_lake) == []
    local_lake.put("shop/2026-01-20/customer.csv", customers(1, NUMBER))
    local_lake.land()
    assert len(local_lake.query(kept)) == 1


def test_a_row_that_is_about_someone_else_stays_with_its_key(local_lake: Lake) -> None:
    table = CONTRACT.replace("customer, data_type: string", "visitor, data_type: string")
    table = table.replace(
        "visit_id, data_type: bigint, config: {meta: {sensitivity: none}}",
        "guest, data_type: string, config: {meta: {sensitivity: direct}}",
    )
    table = table.replace("key: [visit_id]", "key: [guest]")
    write_project(local_lake.settings.project_dir, table)
    local_lake.put("shop/2026-01-10/visit.csv", f"guest,visitor\nAnn,{WHO}\nBob,C2\n")
    local_lake.land()
    forget(local_lake)
    rows = "select guest, visitor from raw_shop.visit order by all"
    assert local_lake.query(rows) == [("Ann", None), ("Bob", "C2")]
    assert places_of(local_lake) == []


def test_packed_and_recoded_files_keep_what_they_are(local_lake: Lake) -> None:
    lake = local_lake
    contract = CONTRACT.replace(
        '- {path: "shop/{date}/customer.csv", kind: full}',
        '- {path: "shop/{date}/customer.csv.gz", kind: full, encoding: cp1252}',
    )
    write_project(lake.settings.project_dir, contract)
    odd = (
        f'{HEADER}"Cé",1/2/1980,1\r\n"{WHO}",1/2/1980,2\r\n'.encode("cp1252")
        + b"C\x81,1/2/1980,3\n"
    )
    lake.put("shop/2026-01-10/customer.csv.gz", gzip.compress(odd))
    outcome = lake.land_one()
    assert (outcome.landed, outcome.quarantined) == (2, 1)
    forget(lake)
    (key,) = lake.keys("archive/")
    # a byte that the encoding does not know becomes another such byte
    expected = odd.replace(f'"{WHO}",1/2/1980,2\r\n'.encode(), b"").replace(b"\x81", b"\x9d")
    assert gzip.decompress(lake.store.read(key)) == expected
    assert lake.query(
        "select landed, quarantined, forgotten from raw_landfall.loads where is_counted"
    ) == [(1, 1, 1)]


@pytest.mark.parametrize(
    ("stop", "at"),
    [("put", 0), ("put", 1), ("put_file", 2), ("put_all_if_absent", 1), ("erase", 0), ("erase", 1)],
)
def test_stopped_anywhere_the_next_landing_finishes(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, stop: str, at: int
) -> None:
    delivered(local_lake)
    store = type(local_lake.store)
    real, calls = getattr(store, stop), iter(range(1000))

    def stopped(self: Any, *words: Any, **more: Any) -> Any:
        """The process ends before its call of this number."""
        if next(calls) == at:
            raise KeyboardInterrupt
        return real(self, *words, **more)

    monkeypatch.setattr(store, stop, stopped)
    with suppress(KeyboardInterrupt):
        forget(local_lake)
    monkeypatch.setattr(store, stop, real)
    if not read_forgotten(local_lake.store):  # it had not begun
        assert verify(local_lake.context, reads_all=True) == []
        return
    local_lake.land()
    assert places_of(local_lake) == []
    assert [one.finished_at is None for one in read_forgotten(local_lake.store)] == [False]
    assert verify(local_lake.context, reads_all=True) == []


def test_a_lander_that_began_before_commits_nothing_with_the_person(local_lake: Lake) -> None:
    delivered(local_lake)
    local_lake.put("shop/2026-01-20/visit.csv", visits((9, WHO)))

    def progress(_: str) -> None:
        """Someone else forgets the person while this landing is at work."""
        if not read_forgotten(local_lake.store):
            forget(local_lake)

    with pytest.raises(LandingFailed, match="forgotten meanwhile"):
        local_lake.land(progress=progress)
    local_lake.land()
    assert places_of(local_lake) == []
    assert local_lake.query(
        "select unnamed from raw_landfall.loads where table_name = 'visit' and is_counted order by 1"
    ) == [(1,), (1,)]


def test_a_load_that_the_contract_refuses_today_is_named_and_not_called_forgotten(
    local_lake: Lake,
) -> None:
    delivered(local_lake)
    write_project(
        local_lake.settings.project_dir,
        CONTRACT.replace("visit_id, data_type: bigint", "visit_id, data_type: date").replace(
            "{meta: {sensitivity: none}}}\n          - {name: customer,",
            "{meta: {sensitivity: none, format: M/D/YYYY}}}\n          - {name: customer,",
        ),
    )
    done = forget(local_lake)
    assert [(one.table, one.code) for one in done.refused] == [("visit", Code.TOO_MANY_REJECTS)]
    assert [one.problem for one in verify(local_lake.context) if one.severity == "lost"][-1:] != []
    write_project(local_lake.settings.project_dir)
    local_lake.land()
    assert places_of(local_lake) == []


def test_older_versions_in_a_bucket_go_too(s3_lake: Lake) -> None:
    bucket = s3_lake.settings.lake.removeprefix("s3://").partition("/")[0]
    client = boto3.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    delivered(s3_lake)
    assert forget(s3_lake).left == []
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket)
    versions = [version for page in pages for version in page.get("Versions", ())]
    assert len(versions) > 10
    for version in versions:
        data = client.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])[
            "Body"
        ].read()
        said = (
            str(pq.read_table(io.BytesIO(data)).to_pydict()).encode()
            if data[:4] == b"PAR1"
            else data
        )
        assert WHO.encode() not in data + said, version["Key"]


def test_versions_that_the_bucket_keeps_are_said(s3_lake: Lake) -> None:
    bucket = s3_lake.settings.lake.removeprefix("s3://").partition("/")[0]
    client = boto3.client("s3")
    client.delete_bucket(Bucket=bucket)
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    delivered(s3_lake)
    for key in s3_lake.keys("archive/shop/"):
        name = {"Bucket": bucket, "Key": f"some/lake/{key}"}
        client.put_object_legal_hold(**name, LegalHold={"Status": "ON"})
    done = forget(s3_lake)
    assert done.left
    assert "stay in the bucket (AccessDenied)" in done.left[0]
    assert places_of(s3_lake) == []  # no reader meets them
    assert "versions of" in str(verify(s3_lake.context))


def test_warehouse_files_with_the_person_are_found(local_lake: Lake, tmp_path: Path) -> None:
    delivered(local_lake)
    forget(local_lake)
    with duckdb.connect(str(tmp_path / "march.duckdb")) as connection:
        connection.execute(
            "create table facts as select ? as patient_pseudonym", [pseudonym(local_lake)]
        )
    found = [(one.problem, one.where) for one in verify(local_lake.context)]
    assert found == [("rows of a forgotten person", "march.duckdb main.facts")]
    assert "march.duckdb" in str(forget(local_lake).to_do)


def test_the_list_names_nobody_and_damage_of_it_stops_everything(local_lake: Lake) -> None:
    delivered(local_lake)
    forget(local_lake)
    (key,) = local_lake.keys("manifests/forgotten/")
    assert WHO.encode() not in (local_lake.store.read(key) or b"")
    local_lake.store.put(key, b"{")
    with pytest.raises(LandingFailed, match="is damaged"):
        local_lake.land()


def test_acts_are_told_with_who_when_and_why(lake: Lake) -> None:
    lake.put("shop/2026-01-10/customer.csv", customers(*range(30), NUMBER))
    first = lake.land_one().load_id
    lake.put("shop/2026-01-11/customer.csv", customers(1))
    held = lake.land_one().load_id
    lake.land(release=held)
    assert first
    lander.retract(lake.context, "shop.customer", first, "sent by mistake")
    lander.reland(lake.context, "shop.customer", first)
    lake.put("shop/picture.png", "no table")
    lander.discard(lake.context, "shop/picture.png", "a picture")
    forget(lake)
    acts = (
        "select act, reason, load_id, object_name from raw_landfall.acts order by acted_at, act_id"
    )
    assert lake.query(acts) == [
        ("released", None, held, "shop/2026-01-11/customer.csv"),
        ("retracted", "sent by mistake", f"{first}-2", "shop/2026-01-10/customer.csv"),
        ("relanded", None, f"{first}-3", "shop/2026-01-10/customer.csv"),
        ("discarded", "a picture", None, "inbox/shop/picture.png"),
        ("forgot", "asked for it", None, None),
    ]
    ((who,),) = lake.query("select distinct acted_by from raw_landfall.acts")
    assert who.startswith("arn:aws:") == lake.settings.lake.startswith("s3://")
    assert verify(lake.context) == []


def test_a_day_of_the_extract_is_the_same_afterwards(local_lake: Lake) -> None:
    delivered(local_lake)
    forget(local_lake)
    days = {load.extract_date for load in local_lake.manifests}
    assert days == {date(2026, 1, 10), date(2026, 1, 11), date(2026, 1, 14)}
    assert erasing.DISCARDED_OBJECTS.startswith("archive/")

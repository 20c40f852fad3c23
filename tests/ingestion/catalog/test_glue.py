"""Registration in Glue: databases, tables and partitions such as Athena, Spectrum and Trino read them."""

from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ingestion import land as lander
from ingestion.errors import BadSettings, LandingFailed
from ingestion.land import open_context
from tests.ingestion.lakes import CONTRACT, Lake, customers, write_project


@pytest.fixture
def glue(s3_lake: Lake) -> Lake:
    """A lake on S3 whose target is Athena; the account's catalogue is empty before."""
    client = boto3.client("glue")
    for database in client.get_databases()["DatabaseList"]:
        client.delete_database(Name=database["Name"])
    s3_lake.settings = replace(s3_lake.settings, target="athena")
    return s3_lake


def table(name: str, database: str = "raw_shop") -> dict[str, Any]:
    return dict(boto3.client("glue").get_table(DatabaseName=database, Name=name)["Table"])


def partitions(name: str = "customer") -> dict[tuple[str, ...], Any]:
    pages = (
        boto3.client("glue")
        .get_paginator("get_partitions")
        .paginate(DatabaseName="raw_shop", TableName=name)
    )
    return {tuple(found["Values"]): found for page in pages for found in page["Partitions"]}


def test_every_table_is_there_before_anything_is_landed(glue: Lake) -> None:
    lander.register(glue.context)
    found = table("customer")
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert found["Parameters"]["classification"] == "parquet"
    storage = found["StorageDescriptor"]
    assert storage["Location"] == f"{glue.settings.lake}/raw/shop/customer/"
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert storage["SerdeInfo"]["Parameters"] == {"serialization.format": "1"}
    assert [(c["Name"], c["Type"]) for c in storage["Columns"]] == [
        ("customer_id", "string"),
        ("born_on", "date"),
        ("balance", "decimal(12,2)"),
        ("customer_id_pseudonym", "string"),
        ("_operation", "string"),
        ("_pseudonym_key_id", "string"),
        ("_extracted_at", "timestamp"),
        ("_source_row", "bigint"),
    ]
    keys = [(key["Name"], key["Type"]) for key in found["PartitionKeys"]]
    assert keys == [("extract_date", "date"), ("load_id", "string")]
    for name in ("visit", "price", "note"):
        assert partitions(name) == {}
    for name in ("loads", "load_amounts", "quarantined_rows", "refusals", "runs"):
        assert table(name, "raw_landfall")["PartitionKeys"] == []


def test_a_partition_appears_with_the_commit_and_has_a_place_of_its_own(glue: Lake) -> None:
    glue.put("shop/2026-01-01/customer.csv", customers(1))
    outcome = glue.land_one()
    glue.store.put(
        "raw/shop/customer/extract_date=2026-01-02/load_id=0123456789abcdef/part-00000.parquet",
        b"stray",
    )
    glue.land()
    found = partitions()
    assert list(found) == [("2026-01-01", outcome.load_id)]
    storage = found["2026-01-01", str(outcome.load_id)]["StorageDescriptor"]
    (manifest,) = glue.manifests
    content = manifest.data_sha256[:16]
    folder = f"raw/shop/customer/extract_date=2026-01-01/load_id={outcome.load_id}/{content}/"
    assert storage["Location"] == f"{glue.settings.lake}/{folder}"
    assert glue.keys(folder) == [f"{folder}part-00000.parquet"]
    assert storage["Columns"] == table("customer")["StorageDescriptor"]["Columns"]
    loads = table("loads", "raw_landfall")["StorageDescriptor"]["Location"]
    assert len(glue.keys(loads.removeprefix(f"{glue.settings.lake}/"))) == 1


@pytest.mark.slow
def test_more_partitions_than_one_call_takes(glue: Lake) -> None:
    for number in range(105):
        glue.put(f"shop/2026-{number // 28 + 1:02}-{number % 28 + 1:02}/customer.csv", customers(1))
    assert len(glue.land()) == 105
    assert len(partitions()) == 105
    client = boto3.client("glue")
    client.delete_table(DatabaseName="raw_shop", Name="customer")
    lander.register(glue.context)
    assert len(partitions()) == 105


def test_landing_switches_the_tables_about_loads(glue: Lake) -> None:
    places = []
    for day in (1, 2):
        glue.put(f"shop/2026-01-0{day}/customer.csv", customers(1))
        glue.land()
        places.append(table("loads", "raw_landfall")["StorageDescriptor"]["Location"])
    assert places[0] != places[1]
    assert glue.keys(
        places[0].removeprefix(f"{glue.settings.lake}/")
    )  # running queries keep what they read


def test_superseded_and_retracted_partitions_leave(glue: Lake) -> None:
    for day in (1, 2):
        glue.put(f"shop/2026-01-0{day}/customer.csv", customers(1))
    first, second = glue.land()
    lander.reland(glue.context, "shop.customer", first.load_id)
    assert set(partitions()) == {
        ("2026-01-01", f"{first.load_id}-2"),
        ("2026-01-02", second.load_id),
    }
    lander.retract(glue.context, "shop.customer", str(second.load_id), "mistake")
    assert set(partitions()) == {("2026-01-01", f"{first.load_id}-2")}


def test_a_partition_at_a_wrong_place_is_moved(glue: Lake) -> None:
    glue.put("shop/2026-01-01/customer.csv", customers(1))
    values = ["2026-01-01", str(glue.land_one().load_id)]
    there = partitions()[values[0], values[1]]["StorageDescriptor"]
    boto3.client("glue").update_partition(
        DatabaseName="raw_shop",
        TableName="customer",
        PartitionValueList=values,
        PartitionInput={
            "Values": values,
            "StorageDescriptor": {**there, "Location": f"{glue.settings.lake}/elsewhere/"},
        },
    )
    lander.register(glue.context)
    assert partitions()[values[0], values[1]]["StorageDescriptor"] == there


def test_register_makes_the_catalogue_agree_with_the_manifests(glue: Lake) -> None:
    glue.put("shop/2026-01-01/customer.csv", customers(1))
    outcome = glue.land_one()
    client = boto3.client("glue")
    there = partitions()["2026-01-01", str(outcome.load_id)]["StorageDescriptor"]
    names = {"DatabaseName": "raw_shop", "TableName": "customer"}
    stray = {"Values": ["2026-01-05", "stray"], "StorageDescriptor": there}
    client.create_partition(**names, PartitionInput=stray)  # type: ignore[arg-type]
    client.delete_partition(**names, PartitionValues=["2026-01-01", str(outcome.load_id)])
    lander.register(glue.context)
    assert set(partitions()) == {("2026-01-01", outcome.load_id)}


def test_a_new_column_reaches_table_and_partitions(glue: Lake) -> None:
    glue.put("shop/2026-01-01/note.csv", "body\na\n")
    glue.land()
    more = "          - {name: author, data_type: string, config: {meta: {sensitivity: none, optional: true}}}\n"
    write_project(glue.settings.project_dir, CONTRACT + more)
    glue.put("shop/2026-01-02/note.csv", "body,author\nb,me\n")
    glue.land()
    wanted = ["body", "author", "_extracted_at", "_source_row"]
    definitions = [table("note"), *partitions("note").values()]
    assert len(definitions) == 3
    for definition in definitions:
        assert [column["Name"] for column in definition["StorageDescriptor"]["Columns"]] == wanted


def test_a_table_that_another_process_changes_is_tried_again(
    glue: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.land()
    context = glue.context
    client = context.catalog._client  # type: ignore[attr-defined]
    update, refused = client.update_table, []

    def racing(**words: Any) -> Any:
        if len(refused) < 2:
            refused.append(words)
            raise ClientError({"Error": {"Code": "ConcurrentModificationException"}}, "UpdateTable")
        return update(**words)

    monkeypatch.setattr(client, "update_table", racing)
    glue.put("shop/2026-01-01/customer.csv", customers(1))
    lander.land(context)
    assert len(refused) == 2 and refused[0]["SkipArchive"] is True
    assert len(partitions()) == 1


def test_what_glue_refuses_is_a_failed_landing(glue: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    glue.land()
    context = glue.context
    client = context.catalog._client  # type: ignore[attr-defined]
    errors = {"Errors": [{"ErrorDetail": {"ErrorCode": "InternalServiceException"}}]}
    monkeypatch.setattr(client, "batch_create_partition", lambda **_: errors)
    glue.put("shop/2026-01-01/customer.csv", customers(1))
    with pytest.raises(LandingFailed, match="InternalServiceException"):
        lander.land(context)
    assert glue.inbox == ["shop/2026-01-01/customer.csv"]
    assert glue.land_one().outcome == "nothing"  # it was committed: the next run registers it
    assert len(partitions()) == 1


def test_a_lake_on_this_machine_is_not_for_athena(local_lake: Lake) -> None:
    with pytest.raises(BadSettings, match="s3"):
        open_context(replace(local_lake.settings, target="athena"))

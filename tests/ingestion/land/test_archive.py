"""The archive's lifecycle: a bucket takes the rule of deploy/, and it is about what `land` archives alone."""

import json
from pathlib import Path

import boto3

from ingestion.land import reland
from tests.ingestion.lakes import Lake, customers

RULES = Path(__file__).parents[3] / "deploy" / "archive_lifecycle.json"


def test_what_was_landed_moves_to_glacier_after_a_year_and_nothing_else(s3_lake: Lake) -> None:
    bucket, _, prefix = s3_lake.context.store.root.removeprefix("s3://").partition("/")
    rules = json.loads(RULES.read_text())
    (rule,) = rules["Rules"]
    below = f"{prefix}/" if prefix else ""
    rule["Filter"]["And"]["Prefix"] = below + rule["Filter"]["And"]["Prefix"]
    s3 = boto3.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    (kept,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert kept["Status"] == "Enabled"
    assert kept["Transitions"] == [{"Days": 365, "StorageClass": "GLACIER"}]
    s3_lake.put("shop/2026-01-01/customer.csv", customers(1))
    s3_lake.land_one()
    moved = [
        k for k in s3_lake.keys("") if f"{below}{k}".startswith(kept["Filter"]["And"]["Prefix"])
    ]
    assert moved == s3_lake.keys("archive/") and len(moved) == 1


def test_an_original_in_glacier_is_refused_by_name_until_it_is_restored(s3_lake: Lake) -> None:
    s3_lake.put("shop/2026-01-01/customer.csv", customers(1))
    landed = s3_lake.land_one()
    bucket, _, prefix = s3_lake.context.store.root.removeprefix("s3://").partition("/")
    (original,) = s3_lake.keys("archive/")
    key = f"{prefix}/{original}".lstrip("/")
    s3 = boto3.client("s3")
    place = {"Bucket": bucket, "Key": key}
    s3.copy_object(**place, CopySource=place, StorageClass="GLACIER", MetadataDirective="COPY")
    (refused,) = reland(s3_lake.context, "shop.customer", landed.load_id)
    assert (refused.outcome, refused.code) == ("refused", "unreadable")
    assert [load.load_id for load in s3_lake.manifests] == [landed.load_id]

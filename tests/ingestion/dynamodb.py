"""Exports of DynamoDB as the service writes them: a folder of manifests, and data here or in the shared folder."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

BUCKET_PREFIX = "some/prefix/of/the/bucket/"
"""The manifests name files by the bucket's own keys, which say nothing of where the inbox is."""

Item = dict[str, Any]


def lines(items: Iterable[Any]) -> bytes:
    """A data file: gzipped JSON lines; nothing at all is an empty file."""
    return gzip.compress("".join(json.dumps(item) + "\n" for item in items).encode(), mtime=0)


def full(*items: Item) -> list[Any]:
    """The lines of a full export."""
    return [{"Item": item} for item in items]


def change(keys: Item, new: Item | None, old: Item | None, micros: Any) -> Any:
    """One line of an incremental export; `micros` is given in the export's own form."""
    line = {"Metadata": {"WriteTimestampMicros": micros}, "Keys": keys}
    return line | ({"NewImage": new} if new else {}) | ({"OldImage": old} if old else {})


def export(
    root: str,
    export_id: str,
    files: Sequence[bytes],
    counts: Sequence[int],
    *,
    time: str,
    since: str | None = None,
    table: str = "trips_table",
) -> dict[str, bytes]:
    """The objects of an export below `root` (with `/`), by name; incremental when it has a window `since` a time."""
    folder = f"AWSDynamoDB/{export_id}/"
    data = "AWSDynamoDB/data/" if since else f"{folder}data/"
    names = [f"{data}{export_id[-4:]}{number}.json.gz" for number in range(len(files))]
    listed = [
        {
            "itemCount": count,
            "md5Checksum": base64.b64encode(hashlib.md5(file).digest()).decode(),
            "etag": f"{hashlib.md5(file).hexdigest()}-1",
            "dataFileS3Key": BUCKET_PREFIX + name,
        }
        for name, file, count in zip(names, files, counts, strict=True)
    ]
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}"
    summary = {
        "version": "2023-08-01" if since else "2020-06-30",
        "exportArn": f"{arn}/export/{export_id}",
        "startTime": time,
        "endTime": time,
        "tableArn": arn,
        "tableId": "12345a12-abcd-123a-ab12-1234abc12345",
        "s3Bucket": "a-bucket",
        "s3Prefix": BUCKET_PREFIX.rstrip("/"),
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{BUCKET_PREFIX}{folder}manifest-files.json",
        "billedSizeBytes": 0,
        "itemCount": sum(counts),
        "outputFormat": "DYNAMODB_JSON",
    }
    if since:
        summary |= {
            "exportFromTime": since,
            "exportToTime": time,
            "exportType": "INCREMENTAL_EXPORT",
        }
        summary |= {"outputView": "NEW_AND_OLD_IMAGES"}
    else:
        summary |= {"exportTime": time, "exportType": "FULL_EXPORT"}
    text = "".join(json.dumps(entry) + "\n" for entry in listed).encode()
    return {
        f"{root}{folder}_started": b"",
        **{root + name: file for name, file in zip(names, files, strict=True)},
        f"{root}{folder}manifest-files.json": text,
        f"{root}{folder}manifest-files.checksum": _checksum(text),
        f"{root}{folder}manifest-summary.json": json.dumps(summary).encode(),
        f"{root}{folder}manifest-summary.checksum": _checksum(json.dumps(summary).encode()),
    }


def _checksum(data: bytes) -> bytes:
    return base64.b64encode(hashlib.md5(data).digest())

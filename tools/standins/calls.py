"""Landfall's calls of AWS, recorded at boto3, as the actions and resources of policies."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tools.template import listed

PLACE = "us-east-1:123456789012"
Asked = tuple[str, str]
"""An action and a resource, as IAM writes them."""

# what a call needs under another name than its own
S3 = {
    "HeadObject": "GetObject",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "UploadPart": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
}


@contextmanager
def recorded(
    answers: dict[str, Any] | None = None, refusals: dict[str, Any] | None = None
) -> Iterator[set[Asked]]:
    """Every call of boto3 in the block; `answers` are those of operations that the stand-in does not know, `refusals`
    the errors with which those that name a version end."""
    asked: set[Asked] = set()
    with patch.object(BaseClient, "_make_api_call", _recording(asked, answers, refusals)):
        yield asked


def record_into(file: Path) -> None:
    """Record every call of this process: what it asks for the first time is added to the file (`read_recorded`)."""
    BaseClient._make_api_call = _recording(_Written(file))  # type: ignore[attr-defined]


class _Written(set[Asked]):
    """A set whose members are lines of a file too, at once: a process may end without a word."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def update(self, *found: Iterable[Asked]) -> None:
        """Add them, and write those that are new."""
        new = set().union(*found) - self
        super().update(new)
        if new:
            with self._file.open("a") as lines:
                lines.writelines(f"{json.dumps(one)}\n" for one in sorted(new))


def read_recorded(file: Path) -> set[Asked]:
    """The calls of all processes that recorded into the file."""
    return {tuple(json.loads(line)) for line in file.read_text().splitlines()}


def _recording(
    asked: set[Asked],
    answers: dict[str, Any] | None = None,
    refusals: dict[str, Any] | None = None,
) -> Callable[..., Any]:
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recording(self: Any, operation: str, given: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        asked.update(needed(service, operation, given))
        if answers and operation in answers:
            return answers[operation]
        if refusals and operation in refusals and given.get("VersionId"):
            raise ClientError(refusals[operation], operation)
        return call(self, operation, given)

    return recording


def needed(service: str, operation: str, given: dict[str, Any]) -> Iterator[Asked]:
    """The actions that a call needs, each on its resource."""
    if service == "s3":
        bucket = f"arn:aws:s3:::{given['Bucket']}"
        action = S3.get(operation, operation)
        if given.get("VersionId"):  # the version's own right, and not the object's
            action += "Version"
        keys = [
            given.get("Key"),
            *(one["Key"] for one in given.get("Delete", {}).get("Objects", [])),
        ]
        keys = [key for key in keys if key]
        for resource in [f"{bucket}/{key}" for key in keys] or [bucket]:
            yield f"s3:{action}", resource
            if action in ("GetObject", "PutObject"):
                # the bucket is encrypted with the stack's key
                yield ("kms:GenerateDataKey" if action == "PutObject" else "kms:Decrypt"), "key"
    elif service == "glue":
        yield from _of_glue(operation, given)
    elif service == "athena":
        group = given.get("WorkGroup", "landfall")
        is_catalog = operation == "GetDataCatalog"
        kind = f"datacatalog/{given.get('Name')}" if is_catalog else f"workgroup/{group}"
        yield f"athena:{operation}", f"arn:aws:athena:{PLACE}:{kind}"
    elif service == "ssm":
        yield f"ssm:{operation}", f"arn:aws:ssm:{PLACE}:parameter{given['Name']}"
    elif service == "appflow":
        yield f"appflow:{operation}", f"arn:aws:appflow:{PLACE}:flow/{given['flowName']}"
    else:
        name = given.get("SecretId") or given.get("TopicArn") or "*"
        yield f"{service}:{operation}", name


def _of_glue(operation: str, given: dict[str, Any]) -> Iterator[Asked]:
    """Glue asks for the right on the catalogue, the database and the table, whichever a call names."""
    database = given.get("DatabaseName") or given.get("DatabaseInput", {}).get("Name")
    if operation in ("GetDatabase", "DeleteDatabase"):
        database = given.get("Name")
    table = given.get("TableName") or given.get("TableInput", {}).get("Name")
    if operation in ("GetTable", "DeleteTable"):
        table = given.get("Name")
    about = f"arn:aws:glue:{PLACE}:"
    yield f"glue:{operation}", f"{about}catalog"
    if database:
        yield f"glue:{operation}", f"{about}database/{database}"
    if database and (table or operation in ("GetTables",)):
        yield f"glue:{operation}", f"{about}table/{database}/{table or '*'}"


def allows(document: dict[str, Any], asked: Asked) -> bool:
    """Whether a policy allows an action on a resource; conditions are taken as met."""
    action, resource = asked
    return any(
        one["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in listed(one["Action"]))
        and any(resource == "key" or fnmatchcase(resource, p) for p in listed(one["Resource"]))
        for one in document["Statement"]
    )


def actions(document: dict[str, Any]) -> set[str]:
    """The actions that a policy allows."""
    return {action for one in document["Statement"] for action in listed(one["Action"])}

"""Faults of the wire between lander and S3: for each request of a small landing, each fault."""

import copy
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from ingestion import land as lander
from ingestion.catalog import DerivedTable, Difference, Registration
from ingestion.errors import LandfallError
from ingestion.land import Context
from ingestion.loads.manifest import Manifest, is_manifest
from tests.ingestion.faults.s3 import Bucket, Wire, served
from tests.ingestion.lakes import Lake, customers, visits

DOCUMENTED = (0, 3, 4)
DAYS = ("2026-01-01", "2026-01-02")


class NoCatalog:
    """A lake without engines: nothing is registered."""

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Do nothing."""

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Do nothing."""

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """None."""
        return []

    def taken_loads(self) -> list[str]:
        """None are known."""
        return []


class Wired:
    """A lake in a bucket behind a wire, with deliveries that have landed before and some that have not."""

    def __init__(self, folder: Path) -> None:
        self.bucket = Bucket()
        self._lake = Lake(folder, "s3://lake/some")
        self._template: dict[str, Any] = {}
        with self.wire():
            self._lake.put(f"shop/{DAYS[0]}/customer.csv", customers(*range(100)))
            self._land()
            self._lake.put(
                f"shop/{DAYS[1]}/customer.csv", customers(*range(100), 7) + "C1,2/30/2001,1\n"
            )
            self._lake.put("shop/2026-01-02/visit.csv", visits((1, "C1"), (2, "C2")))
            self._lake.put(
                "shop/2026-01-03/customer.csv", customers(1)
            )  # far fewer rows: it is never landed
            self._template = copy.deepcopy(self.bucket.objects)
            self.seen.spoil(0, "")
            self._land()
            self.requests, self.told = self.seen.seen, list(self.seen.told)
            self._expected = self._state()

    @contextmanager
    def wire(self) -> Iterator[Wire]:
        """The bucket, reached over a wire."""
        with served(self.bucket) as self.seen, pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", self.seen.address)
            patch.setattr(boto3, "DEFAULT_SESSION", None)
            patch.setattr(time, "sleep", lambda _: None)
            yield self.seen

    def problem(self, wire: Wire, at: int, fault: str) -> str | None:
        """Land with this fault at the request of this number, and again without; what is wrong then."""
        self.bucket.objects = copy.deepcopy(self._template)
        wire.spoil(at, fault)
        try:
            self._land()
        except LandfallError as error:
            if error.exit_code not in DOCUMENTED:
                return f"exit code {error.exit_code}: {error}"
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            return f"{type(error).__name__}: {error}"
        if problem := self._lost():
            return problem
        wire.spoil(0, "")
        self._land()
        there = self._state()
        return None if there == self._expected else f"{there} instead of {self._expected}"

    def _context(self) -> Context:
        return replace(self._lake.context, catalog=NoCatalog())

    def _land(self) -> None:
        lander.land(self._context())

    def _lost(self) -> str | None:
        """What has left the inbox must be in a load that is there."""
        gone = {key for key in self._template if "/inbox/" in key} - self.bucket.objects.keys()
        names = {m.object_name for m in manifests_in(self.bucket)}
        lost = {key for key in gone if key.partition("/inbox/")[2] not in names}
        return f"lost {lost}" if lost else None

    def _state(self) -> dict[str, Any]:
        changing = {"landed_at", "seconds", "writer", "objects", "object_modified_at"}
        return {
            "inbox": sorted(key for key in self.bucket.objects if "/inbox/" in key),
            "manifests": [m.model_dump_json(exclude=changing) for m in manifests_in(self.bucket)],
            "refusals": sorted(
                json.loads(stored.data)["code"]
                for key, stored in self.bucket.objects.items()
                if "manifests/refusals/" in key
            ),
            "lost": [
                key
                for m in manifests_in(self.bucket)
                for key, sha in promised(m)
                if self._sha(key) != sha
            ],
        }

    def _sha(self, key: str) -> str | None:
        stored = self.bucket.objects.get(f"some/{key}")
        return hashlib.sha256(stored.data).hexdigest() if stored else None


def manifests_in(bucket: Bucket) -> list[Manifest]:
    """The manifests of the lake below `some/`."""
    return [
        Manifest.model_validate_json(stored.data)
        for key, stored in sorted(bucket.objects.items())
        if is_manifest(key.removeprefix("some/"))
    ]


def promised(load: Manifest) -> Iterator[tuple[str, str | None]]:
    """The keys of what a load promises, and the SHA-256 of each."""
    yield load.data_key, load.data_sha256
    yield from ((part.archive, part.sha256) for part in load.objects)
    if load.quarantine_key:
        yield load.quarantine_key, load.quarantine_sha256

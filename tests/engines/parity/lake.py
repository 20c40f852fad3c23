"""One lake for all engines: that of the deployed stack, on the S3 and in the Glue catalogue of the Athena stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingestion.land import land, open_context
from ingestion.land.context import utc_now
from ingestion.outcome import Outcome
from ingestion.settings import Settings
from tests.engines.parity.legs import reachable

RUNS = "raw/landfall/runs/"
ARRIVED = timedelta(hours=1)
"""A full load by DMS is left alone until it has lain a while: it is landed an hour later, by the lander's clock."""


class Lake:
    """The lake at the settings of an engine: a bucket, or a folder of one. Keys are relative to it."""

    def __init__(self, s3: Any, environment: dict[str, str], project: Path) -> None:
        self._s3, self._environment, self._project = s3, environment, project
        address = environment["LANDFALL_LAKE"].removeprefix("s3://")
        self._bucket, _, folder = address.partition("/")
        self._folder = f"{folder}/" if folder else ""

    def put(self, key: str, body: bytes) -> None:
        """Write one object."""
        self._s3.put_object(**self._place(key), Body=body)

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self._s3.get_object(**self._place(key))["Body"].read()
        return body

    def delete(self, key: str) -> None:
        """Remove one object."""
        self._s3.delete_object(**self._place(key))

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix of the lake, themselves as the lake has them."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._folder + prefix
        )
        found = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return [key.removeprefix(self._folder) for key in found]

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._folder + key}

    def deliver(self, files: dict[str, bytes]) -> list[Outcome]:
        """Put extracts into the inbox and land them."""
        for name, body in files.items():
            self.put(f"inbox/{name}", body)
        with reachable(self._environment):
            settings = Settings.from_environment(self._environment, self._project)
            context = replace(open_context(settings), clock=lambda: utc_now() + ARRIVED)
            return land(context)

    def runs(self) -> dict[str, bytes]:
        """What runs have recorded, by key."""
        return {key: self.read(key) for key in self.keys(RUNS)}

    @contextmanager
    def holding(self, runs: dict[str, bytes]) -> Iterator[None]:
        """Hold these records of runs and, afterwards, none: each engine sees its own alone."""
        for key, body in runs.items():
            self.put(key, body)
        try:
            yield
        finally:
            for key in self.keys(RUNS):
                self.delete(key)

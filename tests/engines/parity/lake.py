"""One lake for all engines, on the S3 and in the Glue catalogue that come with the Athena stand-in."""

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
from tools.standins.aws import BUCKET

PREFIX = "lake/"
RUNS = "raw/landfall/runs/"
ARRIVED = timedelta(hours=1)
"""A full load by DMS is left alone until it has lain a while: it is landed an hour later, by the lander's clock."""


class Lake:
    """The lake at the settings of an engine."""

    def __init__(self, s3: Any, environment: dict[str, str], project: Path) -> None:
        self._s3, self._environment, self._project = s3, environment, project

    def put(self, key: str, body: bytes) -> None:
        """Write one object."""
        self._s3.put_object(Bucket=BUCKET, Key=PREFIX + key, Body=body)

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix of the lake, without it."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=PREFIX + prefix
        )
        found = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
        return [key.removeprefix(PREFIX) for key in found]

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
        whole = ((key, {"Bucket": BUCKET, "Key": PREFIX + key}) for key in self.keys(RUNS))
        return {key: self._s3.get_object(**place)["Body"].read() for key, place in whole}

    @contextmanager
    def holding(self, runs: dict[str, bytes]) -> Iterator[None]:
        """Hold these records of runs and, afterwards, none: each engine sees its own alone."""
        for key, body in runs.items():
            self.put(key, body)
        try:
            yield
        finally:
            for key in self.keys(RUNS):
                self._s3.delete_object(Bucket=BUCKET, Key=PREFIX + key)

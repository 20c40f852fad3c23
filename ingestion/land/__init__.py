"""Landing: from the inbox to committed loads, and a person's commands on loads.

The protocol (docs/guides/landing.md): list, read and identify, check and convert, upload, commit by creating the
manifest, register, clear. A kill at any point loses nothing and duplicates nothing.
"""

from ingestion.land.advice import advice
from ingestion.land.commit import registrations
from ingestion.land.context import Context, open_context, utc_now
from ingestion.land.erase import Erasure
from ingestion.land.forget import forget
from ingestion.land.lander import land
from ingestion.land.repair import catch_up, discard, register, reland, retract
from ingestion.land.status import FileStatus, Status, TableStatus, status
from ingestion.land.writer import exact_sum

__all__ = [
    "Context",
    "Erasure",
    "FileStatus",
    "Status",
    "TableStatus",
    "advice",
    "catch_up",
    "discard",
    "exact_sum",
    "forget",
    "land",
    "open_context",
    "register",
    "registrations",
    "reland",
    "retract",
    "status",
    "utc_now",
]

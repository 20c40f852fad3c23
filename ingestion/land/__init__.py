"""Landing: from the inbox to committed loads, and what a person may do with a load afterwards.

The protocol (docs/guides/landing.md): list, read and identify, check and convert, upload, commit by creating the
manifest, register, clear. A kill at any point loses nothing and duplicates nothing.
"""

from ingestion.land.context import Context, Outcome, Progress, open_context, utc_now
from ingestion.land.lander import land
from ingestion.land.lease import hold_lease, refuse_if_lost
from ingestion.land.reland import reland
from ingestion.land.repair import discard, register, retract
from ingestion.land.status import TableStatus, status

__all__ = [
    "Context",
    "Outcome",
    "Progress",
    "TableStatus",
    "discard",
    "hold_lease",
    "land",
    "open_context",
    "refuse_if_lost",
    "register",
    "reland",
    "retract",
    "status",
    "utc_now",
]

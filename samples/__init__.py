"""Invented extracts of a small practice, in its sources' own formats and oddities, for the demo, tests and benchmarks.

`write` puts extracts below an inbox and returns what it wrote, the planted dirt included; `true_days` gives the same
days as typed rows, to compare with what landed; `simulate` gives them one by one in flat memory, for any size.
Nothing here is taken from a real person or practice.
"""

from samples.dirt import Dirt
from samples.extracts import Written, write
from samples.options import DEFAULT_HISTORY, DEFAULT_START, DMS_TABLES, Options
from samples.practice import Day
from samples.tables import TABLES
from samples.truth import TrueDay, simulate, true_days

__all__ = [
    "DEFAULT_HISTORY",
    "DEFAULT_START",
    "DMS_TABLES",
    "TABLES",
    "Day",
    "Dirt",
    "Options",
    "TrueDay",
    "Written",
    "simulate",
    "true_days",
    "write",
]

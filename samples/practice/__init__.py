"""Invented extracts of a small practice: clinic, billing and reviews, which tell of the same lives.

`write` puts extracts below an inbox and returns what it wrote, the planted dirt included; `true_days` gives the same
days as typed rows, to compare with what landed; `simulate` gives them one by one in flat memory, for any size.
"""

from samples.practice.extracts import write
from samples.practice.life import Day
from samples.practice.options import DEFAULT_HISTORY, DMS_TABLES, Options
from samples.practice.tables import TABLES
from samples.practice.truth import TrueDay, simulate, true_days
from samples.written import Dirt, Written

__all__ = [
    "DEFAULT_HISTORY",
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

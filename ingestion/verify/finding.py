"""The findings of `verify`: their texts, and the action for each."""

from dataclasses import dataclass
from typing import Literal

from ingestion.loads import Manifest

Severity = Literal["lost", "cache", "note"]

REGISTER = "python -m ingestion register"
RESTORE = "restore it from a backup or an earlier version"
AGAIN = f"{RESTORE}, or deliver the file again"
REMOVE = "nothing reads it: remove it at leisure"
NOTHING = "nothing: no engine reads it"
ANEW = "move the file away, then python -m ingestion run"
REBUILD = "python -m ingestion run --full-refresh"


@dataclass(frozen=True)
class Finding:
    """One difference from the manifests.

    `severity` is `lost` if bytes are gone that engines read or that have no copy, `cache` if it can be rebuilt, and
    `note` if nothing reads it. `where` is a key of the lake or a table, `repair` the command or the act that repairs
    it.
    """

    severity: Severity
    problem: str
    where: str
    repair: str


def lost(problem: str, where: str, repair: str) -> Finding:
    """Bytes that are gone or wrong."""
    return Finding("lost", problem, where, repair)


def cache(problem: str, where: str, repair: str = REGISTER) -> Finding:
    """Something that can be made again."""
    return Finding("cache", problem, where, repair)


def note(problem: str, where: str, repair: str = REMOVE) -> Finding:
    """Something that engines do not read."""
    return Finding("note", problem, where, repair)


def reland(load: Manifest) -> str:
    """The command that makes a load's rows and rejects again from its original."""
    return f"python -m ingestion reland {load.full_name} --load {load.load_id}"

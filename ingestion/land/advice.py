"""The problems of the tables, in one line each, with the action for each."""

from collections.abc import Callable, Sequence

from ingestion.inbox import DISCARDED
from ingestion.land.status import TableStatus
from ingestion.outcome import Advice, named
from ingestion.seeds import ARCHIVE, DUE, FindingCodes

_NAMED = 3
"""The maximum of tables that a line names; the table below it has all."""


def advice(
    tables: Sequence[TableStatus], codes: FindingCodes, late: Sequence[str] = ()
) -> list[Advice]:
    """The actions, the most urgent first; empty when all is well. `late` are overdue tables."""
    found = []
    if said := _counted(tables, lambda one: one.refused, "refused extract"):
        do = "`status --source SOURCE` names each file, the reason and what to do about it"
        found.append(Advice(said, do))
    if said := _counted(tables, lambda one: one.missing, "missing extract"):
        found.append(Advice(said, codes.what_to_do(ARCHIVE, DISCARDED)))
    if said := _counted(tables, lambda one: one.quarantined, "row", " in quarantine"):
        do = "the figures lack them: the page of operations says why, and what to do about each reason"
        found.append(Advice(said, do))
    if late:
        found.append(Advice(f"late: {named(late, _NAMED)}", codes.what_to_do(DUE, "late")))
    if said := _counted(tables, lambda one: one.waiting, "extract", " in the inbox"):
        found.append(Advice(said, "the next `land` or `run` takes what is whole by then", False))
    return found


def _counted(
    tables: Sequence[TableStatus], count: Callable[[TableStatus], int], what: str, where: str = ""
) -> str:
    """A count and its tables, in words; empty for zero."""
    wrong = sorted((one for one in tables if count(one)), key=lambda one: (-count(one), one.table))
    if not wrong:
        return ""
    total = sum(count(one) for one in wrong)
    plural = "" if total == 1 else "s"
    return f"{total} {what}{plural}{where}: {named([one.table for one in wrong], _NAMED)}"

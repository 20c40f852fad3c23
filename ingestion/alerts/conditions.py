"""What may be wrong, and the part of it that a command has checked."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingestion.inbox import Refusal, Refusals
from ingestion.outcome import Outcome, place_of
from ingestion.seeds import ARCHIVE, INBOX, FindingCodes, areas_by_source, read_finding_codes
from ingestion.settings import Settings
from ingestion.store import Store

Kind = Literal["command", "node", "refused", "quarantined", "late", "incomplete", "damaged"]

ENDS = {
    1: "a model, a test or a check failed",
    2: "a setting, a contract or a word is wrong",
    4: "storage, catalogue or database did not answer",
    5: "it was interrupted",
}
"""The meaning of each exit code that no other condition explains."""


class Condition(BaseModel):
    """A problem for a person. `areas` are the areas of marts that it touches.

    `kind`, `place` and `code` are its identity: the same with a higher `count` is news, with a lower one is not.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    place: str
    code: str = ""
    areas: tuple[str, ...] = ()
    count: int = 1
    what: str
    help: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """Its identity, by which the next run recognises it."""
        return self.kind, self.place, self.code


@dataclass(frozen=True)
class Seen:
    """What a check found. `covers` says of a known condition whether this check would have found it."""

    covers: Callable[[Condition], bool]
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def all_of(cls, kind: Kind, conditions: Iterable[Condition]) -> "Seen":
        """All there is of a kind."""
        return cls(lambda condition: condition.kind == kind, tuple(conditions))


def of_command(command: str, exit_code: int, why: str = "") -> Seen:
    """Whether a command came to its end: `exit_code` is 0 where it did, `why` its error's line where it did not."""

    def covers(condition: Condition) -> bool:
        """Whether it says how this command ended."""
        return condition.kind == "command" and condition.place == command

    if exit_code not in ENDS:
        return Seen(covers)
    what = f"{command} ended with code {exit_code}, {ENDS[exit_code]}" + (f": {why}" if why else "")
    # a wrong setting shows in the quickest command as well
    again = "status" if exit_code == 2 else command
    help_ = f"python -m ingestion {again}"
    ended = Condition(kind="command", place=command, code=str(exit_code), what=what, help=help_)
    return Seen(covers, (ended,))


def of_landing(settings: Settings, store: Store, outcomes: Sequence[Outcome]) -> list[Seen]:
    """All refused files of the inbox, the files missing since a person took them out, and the rows that the newest
    extracts lost to quarantine."""
    areas = areas_by_source(settings.project_dir)
    codes = read_finding_codes(settings.project_dir)
    refused = tuple(_refused(one, areas[one.source], codes) for one in Refusals(store))
    newest = {
        f"{o.source}.{o.table}": o
        for o in sorted(outcomes, key=lambda o: str(o.extract_date))
        if o.outcome == "landed"
    }
    quarantined = tuple(
        Condition(
            kind="quarantined",
            place=table,
            areas=areas[outcome.source],
            count=outcome.quarantined,
            what=f"{outcome.quarantined} rows of {table} are in quarantine, load {outcome.load_id}",
            help="python -m ingestion status; the rows lie in quarantine/ with line and code",
        )
        for table, outcome in newest.items()
        if outcome.quarantined
    )

    def without_area(condition: Condition) -> bool:
        """Where no run judges the figures, the next extract does."""
        is_of_these = condition.kind == "quarantined" and condition.place in newest
        return is_of_these and not condition.areas

    return [Seen.all_of("refused", refused), Seen(without_area, quarantined)]


def _refused(refusal: Refusal, areas: tuple[str, ...], codes: FindingCodes) -> Condition:
    place = ARCHIVE if refusal.is_missing else INBOX
    do = [codes.about(place, refusal.code, refusal.source, refusal.name)]
    if refusal.is_missing:
        what = f"{refusal.code}, and nothing has taken its place: {refusal.name}"
    else:
        what = f"refused {refusal.code}: {refusal.name}"
        place = place_of(refusal.line, refusal.column)
        what += f" ({place})" if place else ""
        do.append(f"python -m ingestion discard {shlex.quote(refusal.name)} --reason …")
    return Condition(
        kind="refused",
        place=refusal.name,
        code=refusal.code,
        areas=areas,
        what=what,
        help="; or: ".join(filter(None, do)),
    )


def of_damage(found: Iterable[tuple[str, str, str]], is_all: bool) -> list[Seen]:
    """What a verification found, each as problem, place and repair; `is_all` says whether it looked at everything."""
    damaged = tuple(
        Condition(
            kind="damaged", place=where, code=problem, what=f"{problem}: {where}", help=repair
        )
        for problem, where, repair in found
    )
    if is_all:
        return [Seen.all_of("damaged", damaged)]
    return [Seen(lambda _: False, damaged)]


def of_run(
    failures: Mapping[str, tuple[str, ...]],
    late: Mapping[str, tuple[str, ...]],
    incomplete: Iterable[str] | None,
) -> list[Seen]:
    """Failed nodes and late tables with the areas that each touches, and the areas with incomplete figures (None:
    unknown, as after a failed run)."""
    failed = [
        Condition(
            kind="node",
            place=name,
            areas=areas,
            what=f"failed: {name}",
            help=f"dbt build --select {name.split('.')[2]}",
        )
        for name, areas in failures.items()
    ]
    behind = [
        Condition(
            kind="late",
            place=name,
            areas=areas,
            what=f"late: {name}",
            help="python -m ingestion status",
        )
        for name, areas in late.items()
    ]
    seen = [Seen.all_of("node", failed), Seen.all_of("late", behind)]
    return seen if incomplete is None else seen + _of_figures(frozenset(incomplete))


def _of_figures(incomplete: frozenset[str]) -> list[Seen]:
    """The areas with incomplete figures, and the quarantined rows that no area lacks any more, by the warehouse."""
    lacking = [
        Condition(
            kind="incomplete",
            place=area,
            areas=(area,),
            what=f"the figures of {area} are incomplete",
            help="select verdict from operations.figures_status",
        )
        for area in sorted(incomplete)
    ]

    def made_good(condition: Condition) -> bool:
        """Whether the areas that lacked quarantined rows are complete."""
        is_known = condition.kind == "quarantined" and bool(condition.areas)
        return is_known and not incomplete & set(condition.areas)

    return [Seen.all_of("incomplete", lacking), Seen(made_good)]

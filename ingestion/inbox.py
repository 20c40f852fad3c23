"""What lies in the inbox: each object claimed by a contract or by none, parts grouped, each extract with its time."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestion.contract import Delivery, Project, Table
from ingestion.contract.paths import BadName, PathPattern
from ingestion.exports import COMPANION, Exports
from ingestion.loads import Loads
from ingestion.store import Store, StoredObject

INBOX = "inbox/"
_TRICKS = re.compile(r"""[\x00-\x1f\x7f\\'"`;%<>|*?$&\ud800-\udfff]""")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Candidate:
    """An extract as it lies in the inbox. `name` is below the inbox; that of several parts has a word for the part.

    `code` says why it cannot be landed: it is waited for when `is_waiting`, else refused. Without a code, table,
    delivery and times are given (`extracted_at` without zone).
    """

    name: str
    objects: tuple[StoredObject, ...]
    table: Table | None = None
    delivery: Delivery | None = None
    extract_date: date | None = None
    extracted_at: datetime | None = None
    code: str | None = None
    is_waiting: bool = False
    is_dated_by_hand: bool = False

    @property
    def source(self) -> str:
        """The source, from the contract or else from the first folder of its name."""
        return self.table.source if self.table else self.name.split("/")[0]

    @property
    def export(self) -> tuple[str, str] | None:
        """Where the export lies and its name, of a part of a snapshot export: `clinic/` and `nightly`."""
        found = (
            self.delivery.path.match(self.objects[0].key.removeprefix(INBOX))
            if self.delivery
            else None
        )
        if not found or "export" not in found.groupdict():
            return None
        return found.string[: found.start("export")], found["export"]

    @property
    def modified_at(self) -> datetime:
        """When the newest of its objects was modified, UTC."""
        return max(found.modified_at for found in self.objects)

    @property
    def order(self) -> tuple[date, datetime, datetime, str]:
        """Extracts are landed in the order of their loads; what cannot be landed comes first."""
        return (
            self.extract_date or date.min,
            self.extracted_at or datetime.min,
            self.modified_at,
            self.name,
        )


@dataclass
class Survey:
    """The inbox of one moment. `companions` are objects that carry no rows but belong to an export."""

    candidates: list[Candidate] = field(default_factory=list)
    companions: list[StoredObject] = field(default_factory=list)


@dataclass(frozen=True)
class _Claim:
    table: Table
    delivery: Delivery
    found: re.Match[str]


class Surveyor:
    """Reads the inbox. `forced_date` is `--extract-date`: it overrides the time of deliveries whose name has none."""

    def __init__(
        self,
        store: Store,
        project: Project,
        loads: Loads,
        now: datetime,
        forced_date: date | None = None,
    ) -> None:
        self._store, self._loads, self._now, self._forced = store, loads, now, forced_date
        self._zone = ZoneInfo(project.business_time_zone)
        self._patterns = [(table, delivery) for table in project for delivery in table.deliveries]
        self._exports = Exports(store)

    def survey(self) -> Survey:
        """Every object of the inbox in exactly one candidate, or among the companions; candidates in landing order."""
        survey = Survey()
        groups: dict[tuple[str, str], list[tuple[StoredObject, _Claim]]] = defaultdict(list)
        for found in self._store.list(INBOX):
            name = found.key.removeprefix(INBOX)
            claim = None if is_bad_name(name) else self._claim(name)
            if claim:
                group = claim.delivery.path.group(name)
                groups[claim.table.full_name, group].append((found, claim))
            elif is_bad_name(name):
                survey.candidates.append(Candidate(name, (found,), code="bad_name"))
            elif COMPANION.fullmatch(name):
                survey.companions.append(found)
            else:
                survey.candidates.append(Candidate(name, (found,), code="unknown_table"))
        for (_, group), members in groups.items():
            survey.candidates.append(self._candidate(group, members, groups))
        survey.candidates.sort(key=lambda candidate: candidate.order)
        return survey

    def _claim(self, name: str) -> _Claim | None:
        for table, delivery in self._patterns:
            if found := delivery.path.match(name):
                return _Claim(table, delivery, found)
        return None

    def _candidate(
        self,
        name: str,
        members: list[tuple[StoredObject, _Claim]],
        groups: dict[tuple[str, str], list[tuple[StoredObject, _Claim]]],
    ) -> Candidate:
        claim = members[0][1]
        objects = tuple(
            found for found, _ in sorted(members, key=lambda member: _part_order(member[0].key))
        )
        known = Candidate(name, objects, claim.table, claim.delivery)
        try:
            when = self._time_of(known, claim, groups)
        except BadName:
            return Candidate(name, objects, claim.table, claim.delivery, code="bad_name")
        if isinstance(when, str):
            return Candidate(name, objects, claim.table, claim.delivery, code=when, is_waiting=True)
        by_hand = self._forced is not None and "load" in claim.delivery.path.words
        return Candidate(
            name, objects, claim.table, claim.delivery, *when, is_dated_by_hand=by_hand
        )

    def _time_of(
        self,
        known: Candidate,
        claim: _Claim,
        groups: dict[tuple[str, str], list[tuple[StoredObject, _Claim]]],
    ) -> tuple[date, datetime] | str:
        """Extract date and time, or the code for which it is left for a later run."""
        _check_day(claim.found)
        if day := PathPattern.date_in(claim.found):
            return day, datetime.combine(day, time())
        if moment := PathPattern.change_time_in(claim.found):
            return moment.date(), moment
        if "export" in claim.delivery.path.words:
            start = claim.found.start("export")
            snapshot = self._exports.snapshot_time(known.name[:start], claim.found["export"])
            return (self._business_date(snapshot), snapshot) if snapshot else "incomplete_export"
        if known.modified_at + timedelta(minutes=claim.delivery.settle_minutes) > self._now:
            return "still_arriving"
        if self._forced:
            return self._forced, datetime.combine(self._forced, time())
        return self._before_changes(known, groups)

    def _before_changes(
        self, known: Candidate, groups: dict[tuple[str, str], list[tuple[StoredObject, _Claim]]]
    ) -> tuple[date, datetime]:
        """A full load's newest part says its time, but it always precedes the changes that follow it in its folder."""
        assert known.table is not None
        folder = known.name.rpartition("/")[0] + "/"
        changes = [
            moment
            for (table, _), members in groups.items()
            if table == known.table.full_name
            for _, claim in members
            if claim.found.string.startswith(folder)
            if (moment := _change_time(claim.found))
        ]
        changes += [
            load.extracted_at
            for load in self._loads.counted(known.table.full_name)
            if load.kind == "changes" and load.object_name.startswith(folder)
        ]
        moment = known.modified_at.replace(microsecond=known.modified_at.microsecond // 1000 * 1000)
        day = self._business_date(moment)
        if changes and min(changes) <= moment:
            return min(day, min(changes).date()), min(changes) - timedelta(milliseconds=1)
        return (min(day, min(changes).date()) if changes else day), moment

    def _business_date(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(self._zone).date()


def is_bad_name(name: str) -> bool:
    """Whether a name below the inbox is a trick: steps out of its folder, escapes, quotes, control characters."""
    return bool(_TRICKS.search(name)) or any(step in ("", ".", "..") for step in name.split("/"))


def printable(name: str) -> str:
    """A name as it may be shown: what is not printable is escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name
    )


def chosen(
    candidates: Iterable[Candidate], source: str | None, object_key: str | None
) -> list[Candidate]:
    """The candidates of one source, or the one that is, or holds, the object `object_key` (with or without inbox/)."""
    wanted = object_key.removeprefix(INBOX) if object_key else None
    return [
        candidate
        for candidate in candidates
        if source in (None, candidate.source)
        if wanted is None
        or wanted == candidate.name
        or any(f.key == INBOX + wanted for f in candidate.objects)
    ]


def _check_day(found: re.Match[str]) -> None:
    if text := found.groupdict().get("day"):
        try:
            datetime.strptime(text, "%Y/%m/%d")
        except ValueError as error:
            raise BadName("impossible date in the name") from error


def _change_time(found: re.Match[str]) -> datetime | None:
    try:
        return PathPattern.change_time_in(found)
    except BadName:
        return None


def _part_order(key: str) -> tuple[list[tuple[int, str]], str]:
    """Numbered folders by number (part 10 after part 9); the full loads' hexadecimal counters sort as they are."""
    return [
        (int(step), "") if _NUMBER.fullmatch(step) else (-1, step) for step in key.split("/")
    ], key

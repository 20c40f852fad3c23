"""Reads the inbox: finds the contract of each object, groups parts, and gives each extract its time."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from ingestion.boundary import boundary
from ingestion.codes import Code
from ingestion.contract import BadName, Delivery, PathPattern, Project, Table
from ingestion.errors import BadExtract
from ingestion.inbox.candidates import Candidate, Survey, is_bad_name, is_marker
from ingestion.inbox.exports import Kind, Promise, Sets
from ingestion.loads import Loads
from ingestion.moments import day_of, in_millis
from ingestion.store import INBOX, Store, StoredObject

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class _Claim:
    table: Table
    delivery: Delivery
    found: re.Match[str]


_Members = list[tuple[StoredObject, _Claim]]
_Groups = dict[tuple[str, str], _Members]


class Surveyor:
    """Reads the inbox. `forced` is `--extract-date`, a day or a moment: the time of deliveries whose name has none."""

    def __init__(
        self,
        store: Store,
        project: Project,
        loads: Loads,
        now: datetime,
        forced: date | None = None,
    ) -> None:
        self._store, self._loads, self._now, self._forced = store, loads, now, forced
        self._project = project
        self._patterns = [(table, delivery) for table in project for delivery in table.deliveries]

    def survey(self) -> Survey:
        """Every object of the inbox in exactly one candidate, or among the companions; candidates in landing order."""
        listed = {found.key.removeprefix(INBOX): found for found in self._store.list(INBOX)}
        objects = {name: found for name, found in listed.items() if found.is_file}
        survey = Survey(Sets(self._store, objects, self._project))
        groups: _Groups = defaultdict(list)
        unclaimed: dict[str, StoredObject] = {}
        for name, found in listed.items():
            if is_bad_name(name):
                survey.candidates.append(Candidate(name, (found,), code=Code.BAD_NAME))
            elif not found.is_file:
                survey.candidates.append(Candidate(name, (found,), code=Code.NOT_A_FILE))
            elif not (part := survey.sets.part_of(name)) and survey.sets.is_companion(name):
                survey.companions.append(found)
            elif claim := self._claim(part or name):
                groups[claim.table.full_name, claim.delivery.path.group(claim.found.string)].append(
                    (found, claim)
                )
            elif is_marker(found):
                survey.markers.append(found)
            else:
                unclaimed[name] = found
        found_sets = [
            (self._candidate(group, members, groups, survey.sets), [found for found, _ in members])
            for (_, group), members in groups.items()
        ]
        found_sets += [
            (_unknown_set(name, found, *of_record), [found])
            for name, found in unclaimed.items()
            if (of_record := survey.sets.of_record(name))
        ]
        for candidate, claimed in found_sets:
            survey.candidates.append(candidate)
            if candidate.promise and candidate.promise.files is not None:
                survey.companions += claimed
            for found in (*candidate.objects, *claimed):
                unclaimed.pop(found.key.removeprefix(INBOX), None)
        survey.candidates += _of_nobody(unclaimed, survey.sets)
        survey.candidates.sort(key=lambda candidate: candidate.order)
        return survey

    def _claim(self, name: str) -> _Claim | None:
        for table, delivery in self._patterns:
            if found := delivery.path.match(name):
                return _Claim(table, delivery, found)
        return None

    def _candidate(self, name: str, members: _Members, groups: _Groups, sets: Sets) -> Candidate:
        claim = members[0][1]
        ordered = sorted(members, key=lambda member: _part_order(member[0].key))
        objects = tuple(found for found, one in ordered if found.key == INBOX + one.found.string)
        markers = tuple(found for found, one in ordered if found.key != INBOX + one.found.string)
        known = Candidate(name, objects, claim.table, claim.delivery, markers=markers)
        try:
            with boundary(name):
                return self._dated(known, claim, groups, sets)
        except BadExtract as error:
            kind = sets.kind_of(claim.found)
            data = kind.data_of(claim.found) if kind else ()
            return replace(known, objects=objects + data, code=error.code, detail=error.detail)

    def _dated(self, known: Candidate, claim: _Claim, groups: _Groups, sets: Sets) -> Candidate:
        """A candidate with its time, or with the code for which it is not landed."""
        try:
            PathPattern.check_day(claim.found)
            if kind := sets.kind_of(claim.found):
                return self._promised(known, claim, kind)
            known = self._timed(known, claim, groups)
        except BadName:
            return replace(known, code=Code.BAD_NAME)
        if known.code:
            return known
        if gap := _missing_part(known.objects, claim.delivery.path):
            known = replace(known, code=Code.INCOMPLETE_EXPORT, detail=f"{gap} is missing")
        assert known.extracted_at
        return replace(known, promise=sets.of_extract(known.name, known.extracted_at))

    def _promised(self, known: Candidate, claim: _Claim, kind: Kind) -> Candidate:
        """A candidate of a set, by the set's record: its objects, time, table and kind."""
        promise = kind.promise(claim.found)
        if promise is None:
            return replace(known, code=Code.INCOMPLETE_EXPORT, is_waiting=True)
        objects = known.objects if promise.files is None else promise.files
        known = replace(known, objects=objects, promise=promise)
        if promise.kind:
            mine = self._told_apart(claim.found.string, promise)
            if mine is None:
                return replace(known, table=None, delivery=None, code=Code.UNKNOWN_TABLE)
            known = replace(known, table=mine[0], delivery=mine[1])
        day = self._business_date(promise.moment)
        known = replace(known, extract_date=day, extracted_at=promise.moment)
        if promise.missing:
            return replace(known, code=Code.INCOMPLETE_EXPORT)
        if lacking := self._landed_apart(known):
            said = f"{lacking} of its parts landed before the others came"
            return replace(known, code=Code.INCOMPLETE_EXPORT, detail=said)
        return known

    def _landed_apart(self, known: Candidate) -> int:
        """The number of its parts that are not here, because they have landed as if they were the whole set."""
        assert known.table is not None
        there = {found.key for found in known.objects}
        return max(
            (
                len({part.name for part in load.objects} - there)
                for load in self._loads.counted(known.table.full_name)
                if (load.object_name, load.extracted_at) == (known.name, known.extracted_at)
            ),
            default=0,
        )

    def _told_apart(self, name: str, promise: Promise) -> tuple[Table, Delivery] | None:
        """Choose among the deliveries with this path, by the source's name of the table and the kind of extract."""
        for table, delivery in self._patterns:
            if promise.is_for(table, delivery) and delivery.path.match(name):
                return table, delivery
        return None

    def _timed(self, known: Candidate, claim: _Claim, groups: _Groups) -> Candidate:
        """The candidate with its date and time, or with the code with which it waits for a later run."""
        path, found = claim.delivery.path, claim.found
        if day := path.date_in(found):
            return replace(known, extract_date=day, extracted_at=datetime.combine(day, time()))
        if moment := path.change_time_in(found) or path.folder_time_in(found):
            return self._at(known, moment)
        if known.modified_at + timedelta(minutes=claim.delivery.settle_minutes) > self._now:
            return replace(known, code=Code.STILL_ARRIVING, is_waiting=True)
        if isinstance(self._forced, datetime):
            return replace(self._at(known, self._forced), is_dated_by_hand=True)
        if day := self._forced:
            moment = datetime.combine(day, time())
            return replace(known, extract_date=day, extracted_at=moment, is_dated_by_hand=True)
        return self._by_its_file(known, groups)

    def _by_its_file(self, known: Candidate, groups: _Groups) -> Candidate:
        """A full load has its newest part's time, before the changes of its folder; a later one cannot be told so."""
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
        changes += self._loads.changes_in(known.table.full_name, folder)
        own = in_millis(known.modified_at)
        moment = before_changes(own, changes)
        is_again = bool(self._loads.dms_loads_in(known.table.full_name, folder))
        return replace(self._at(known, moment), is_undated=is_again and moment != own)

    def _at(self, known: Candidate, moment: datetime) -> Candidate:
        return replace(known, extract_date=self._business_date(moment), extracted_at=moment)

    def _business_date(self, moment: datetime) -> date:
        return day_of(moment, self._project.business_time_zone)


def before_changes(moment: datetime, changes: Collection[datetime]) -> datetime:
    """The time of a full load whose only time is its file's: it always precedes the changes of its folder."""
    return min([moment, *(change - timedelta(milliseconds=1) for change in changes)])


def _unknown_set(name: str, stored: StoredObject, kind: Kind, record: re.Match[str]) -> Candidate:
    """The set of a record that no contract claims."""
    known = Candidate(name, (stored, *kind.data_of(record)), code=Code.UNKNOWN_TABLE)
    try:
        with boundary(name):
            promise = kind.promise(record)
    except BadExtract:
        return known
    files = known.objects if promise is None or promise.files is None else promise.files
    return replace(known, objects=files, promise=promise)


def _of_nobody(unclaimed: Mapping[str, StoredObject], sets: Sets) -> Iterator[Candidate]:
    """The unclaimed objects: files of an incomplete set wait, everything else is unknown."""
    waiting: dict[str, list[StoredObject]] = defaultdict(list)
    for name, found in unclaimed.items():
        if group := sets.waits_as(name):
            waiting[group].append(found)
        else:
            yield Candidate(name, (found,), code=Code.UNKNOWN_TABLE)
    for group, members in waiting.items():
        yield Candidate(group, tuple(members), code=Code.INCOMPLETE_EXPORT, is_waiting=True)


def _change_time(found: re.Match[str]) -> datetime | None:
    try:
        return PathPattern.change_time_in(found)
    except BadName:
        return None


def _missing_part(objects: Iterable[StoredObject], path: PathPattern) -> str | None:
    """The first part that a full load of DMS lacks: it counts its parts from 1 on, in hexadecimal digits, without gaps
    (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html)."""
    found = (path.match(one.key.removeprefix(INBOX)) for one in objects)
    numbers = {number for one in found if one and (number := PathPattern.load_number_in(one))}
    gap = next((n for n in range(1, max(numbers, default=0)) if n not in numbers), None)
    return PathPattern.load_name(gap) if gap else None


def _part_order(key: str) -> tuple[list[tuple[int, str]], str]:
    """Numbered folders by number (part 10 after part 9); the full loads' hexadecimal counters sort as they are."""
    return [
        (int(step), "") if _NUMBER.fullmatch(step) else (-1, step) for step in key.split("/")
    ], key

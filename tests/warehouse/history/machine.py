"""A source system that changes from day to day, its extracts, and the invariants of their history."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.warehouse.history.clerk import State, state_on
from tests.warehouse.history.invariants import check_history, only_grew
from tests.warehouse.raw_tables import Load

TABLES = {
    "full": "toy.listed",
    "changes": "toy.changed",
    "incremental": "toy.flagged",
    "append": "toy.appended",
}
"""Which table of the toy source is delivered so; the one of changes by full extracts too."""
KEYS = (1, 2, 3, 10)
BEGIN = date(2022, 7, 1)
Cells = tuple[str | None, Decimal | None]
CELLS = some.tuples(
    some.sampled_from(["a", "b", "A", "", None]),
    some.sampled_from([Decimal("1.00"), Decimal("-2.50"), None]),
)
ANY_ROWS = some.dictionaries(some.sampled_from(KEYS), CELLS, max_size=4)
EDITS = some.dictionaries(some.sampled_from(KEYS), some.none() | CELLS, min_size=1, max_size=3)
DATA = some.data()


class World(Protocol):
    """A raw table with its history: compiled SQL in memory, or dbt over a file."""

    def land(self, load: Load) -> None:
        """Make the load count."""

    def retract(self, load: Load) -> None:
        """Make the load count no longer."""

    def take(self, days: list[date], in_order: bool) -> None:
        """Bring history up to date; `days` are all days of counted loads."""

    def history(self) -> list[dict[str, Any]]:
        """The history's rows, in any order."""

    def check_otherwise(self, history: list[dict[str, Any]], day: date, state: State) -> None:
        """What holds of the other ways to this history, whole and as of `day`, and of a second
        run."""

    def close(self) -> None:
        """End."""


class Practice(RuleBasedStateMachine):
    """One table. Each rule is a day of the source, or something that befalls its extracts."""

    kind: ClassVar[str]
    make: ClassVar[Callable[[], World]]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make()
        self.loads: list[Load] = []
        self.used: set[tuple[date, int]] = set()
        self.truth: dict[int, Cells] = {}
        self.ever: set[int] = set()
        self.stamps: dict[int, int] = {}
        self.today, self.clock = BEGIN, 0
        self.is_news = False

    # what the source does -------------------------------------------------------------------

    def edited(self, edits: dict[int, Cells | None]) -> list[dict[str, Any]]:
        """The rows of the day's extract after these edits; None deletes."""
        rows = [self._edit(key, cells) for key, cells in edits.items()]
        if self.kind == "full":
            return [self._row(key, cells) for key, cells in self.truth.items()]
        return [row for row in rows if row]

    def _edit(self, key: int, cells: Cells | None) -> dict[str, Any] | None:
        was = self.truth.pop(key, None)
        if cells is None and was is None:
            return None
        self.clock += 1
        # some changes share a stamp with the one before
        self.stamps[key] = self.clock // 2
        row = self._row(key, cells or was or (None, None))
        if cells is None:
            return None if self.kind == "append" else row | {"_operation": "D", "is_gone": True}
        self.truth[key] = cells
        self.ever.add(key)
        return row | {"_operation": "U" if was else "I"}

    def _row(self, key: int, cells: Cells) -> dict[str, Any]:
        moment = datetime(2022, 1, 1) + timedelta(hours=self.stamps.get(key, 0))
        return {"id": key, "word": cells[0], "number": cells[1], "changed_at": moment}

    def deliver(self, rows: list[dict[str, Any]], withheld: tuple[int | None, ...] = ()) -> None:
        """The extract of the next day."""
        self.today += timedelta(days=1)
        kept = [row for row in rows if row["id"] not in withheld]
        names = [None if key is None else str(key) for key in withheld]
        self.arrive(Load(TABLES[self.kind], self.today, kept, kind=self.kind, withheld=names))

    def arrive(self, load: Load) -> None:
        """An extract comes, in time or late, and history takes it."""
        while (load.day, load.second) in self.used:
            load.second += 1
        self.used.add((load.day, load.second))
        in_order = all(load.day > other.day for other in self.loads)
        before = self.world.history() if self.loads else []
        self.world.land(load)
        self.loads.append(load)
        self.world.take(self.days, in_order)
        if in_order:
            only_grew(before, self.world.history())
        self.step()

    def step(self) -> None:
        """Count a step and let the invariants look."""
        type(self).steps += 1
        self.is_news = True

    @property
    def days(self) -> list[date]:
        """The days of the loads that count."""
        return sorted({load.day for load in self.loads})

    def absent(self, among: set[int]) -> list[int]:
        """Those of the keys that the source does not have."""
        return sorted(among - set(self.truth))

    # the rules ------------------------------------------------------------------------------

    @precondition(lambda self: self.absent(set(KEYS) - self.ever))
    @rule(data=DATA, cells=CELLS)
    def insert(self, data: some.DataObject, cells: Cells) -> None:
        key = data.draw(some.sampled_from(self.absent(set(KEYS) - self.ever)))
        self.deliver(self.edited({key: cells}))

    @precondition(lambda self: self.truth)
    @rule(data=DATA, cells=CELLS)
    def change(self, data: some.DataObject, cells: Cells) -> None:
        self.deliver(self.edited({data.draw(some.sampled_from(sorted(self.truth))): cells}))

    @precondition(lambda self: self.truth)
    @rule(data=DATA)
    def value_to_null(self, data: some.DataObject) -> None:
        key = data.draw(some.sampled_from(sorted(self.truth)))
        self.deliver(self.edited({key: (None, self.truth[key][1])}))

    @precondition(lambda self: any(cells[0] is None for cells in self.truth.values()))
    @rule(data=DATA, word=some.sampled_from(["a", ""]))
    def null_to_value(self, data: some.DataObject, word: str) -> None:
        key = data.draw(some.sampled_from([k for k, c in self.truth.items() if c[0] is None]))
        self.deliver(self.edited({key: (word, self.truth[key][1])}))

    @precondition(lambda self: self.truth)
    @rule(data=DATA)
    def delete(self, data: some.DataObject) -> None:
        self.deliver(self.edited({data.draw(some.sampled_from(sorted(self.truth))): None}))

    @precondition(lambda self: self.absent(self.ever))
    @rule(data=DATA, cells=CELLS)
    def return_(self, data: some.DataObject, cells: Cells) -> None:
        self.deliver(self.edited({data.draw(some.sampled_from(self.absent(self.ever))): cells}))

    @rule(edits=EDITS)
    def several(self, edits: dict[int, Cells | None]) -> None:
        self.deliver(self.edited(edits))

    @precondition(lambda self: self.kind != "full")
    @rule(first=EDITS, second=EDITS)
    def twice_in_one_extract(
        self, first: dict[int, Cells | None], second: dict[int, Cells | None]
    ) -> None:
        rows = self.edited(first) + self.edited(second)
        self.deliver(rows if self.kind != "append" else _first_of_each(rows))

    @precondition(lambda self: self.loads)
    @rule(data=DATA)
    def duplicate(self, data: some.DataObject) -> None:
        """The same rows again, for the same day or for the next."""
        newest = max(self.loads, key=lambda load: (load.day, load.second))
        self.today += timedelta(days=data.draw(some.integers(0, 1)))
        again = Load(newest.table, self.today, list(newest.rows), newest.kind, newest.withheld)
        self.arrive(again)

    @rule()
    def empty_extract(self) -> None:
        self.deliver([])

    @rule()
    def no_op_day(self) -> None:
        self.deliver(self.edited({}))

    @rule(days=some.integers(1, 2))
    def missing_day(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.step()

    @rule(edits=EDITS, data=DATA)
    def quarantined_with_a_readable_key(
        self, edits: dict[int, Cells | None], data: some.DataObject
    ) -> None:
        rows = self.edited(edits)
        self.deliver(rows, (data.draw(some.sampled_from(KEYS)),))

    @rule(edits=EDITS, key=some.sampled_from(KEYS))
    def quarantined_with_an_unreadable_key(self, edits: dict[int, Cells | None], key: int) -> None:
        rows = [row for row in self.edited(edits) if row["id"] != key]
        self.deliver(rows, (None,))

    @precondition(lambda self: self.kind == "changes")
    @rule(data=DATA)
    def full_extract_among_changes(self, data: some.DataObject) -> None:
        self.today += timedelta(days=1)
        held = data.draw(some.lists(some.sampled_from([*KEYS, None]), max_size=1))
        rows = [self._row(key, cells) for key, cells in self.truth.items() if key not in held]
        names = [None if key is None else str(key) for key in held]
        self.arrive(Load(TABLES[self.kind], self.today, rows, withheld=names))

    @precondition(lambda self: self.loads)
    @rule(data=DATA, rows=ANY_ROWS)
    def late_extract(self, data: some.DataObject, rows: dict[int, Cells]) -> None:
        """Of a day that was missed, or a second one of a day that is taken."""
        ago = data.draw(some.integers(0, (self.today - BEGIN).days))
        kinds = ["full", "changes"] if self.kind == "changes" else [self.kind]
        kind = data.draw(some.sampled_from(kinds))
        dicts = [self._row(key, cells) | _fate(data, kind) for key, cells in rows.items()]
        held: list[str | None] = [data.draw(some.sampled_from(["1", "10", None]))]
        load = Load(TABLES[self.kind], self.today - timedelta(days=ago), dicts, kind=kind)
        load.withheld = [key for key in held if not any(str(row["id"]) == key for row in dicts)]
        load.second = data.draw(some.integers(0, 3))
        self.arrive(load)

    @precondition(lambda self: len(self.loads) > 1)
    @rule(data=DATA)
    def retracted_extract(self, data: some.DataObject) -> None:
        load = data.draw(some.sampled_from(self.loads))
        self.world.retract(load)
        self.loads.remove(load)
        self.world.take(self.days, False)
        self.step()

    @precondition(lambda self: self.is_news and self.loads)
    @invariant()
    def history_is_right(self) -> None:
        self.is_news = False
        history, day = self.world.history(), self.days[self.steps % len(self.days)]
        check_history(history, self.loads)
        self.world.check_otherwise(history, day, state_on(self.loads, day))

    def teardown(self) -> None:
        """Let go of the world."""
        self.world.close()


def _fate(data: some.DataObject, kind: str) -> dict[str, Any]:
    if kind in ("full", "append"):
        return {}
    is_gone = data.draw(some.booleans())
    return {"_operation": "D" if is_gone else "U", "is_gone": is_gone}


def _first_of_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["id"], row)
    return list(found.values())

"""The events in the stockroom: items come and go, change their cost, and are moved in and out of its places."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.chance import poisson

LOCATIONS = ("EAST", "WEST", "DESK")
ITEMS = 40
_THINGS = (
    "Gloves|Gauze|Syringe|Swab|Bandage|Paper roll|Test strip|Mask|Saline|Label|Wipe|Cuff".split("|")
)
_SIZES = "small|large|sterile|boxed|blue|spare".split("|")
_CATEGORIES = ("CONSUMABLE", "OFFICE", None)


@dataclass
class Item:
    """One item; the cost of one in hundredths of a cent, since Oracle's numbers have as many digits as they need."""

    number: str
    description: str | None
    category: str | None
    cost: int


@dataclass(frozen=True)
class Movement:
    """Thousandths of an item into a place, or out of it."""

    number: int
    item: str
    location: str
    thousandths: int
    moved_at: datetime


class Stockroom:
    """The items and balances of the evening, and the movements of the day."""

    def __init__(self, items: random.Random, movements: random.Random, moves_a_day: int) -> None:
        self._items, self._moves, self._moves_a_day = items, movements, moves_a_day
        self._numbers = self._count = 0
        self.items: dict[str, Item] = {}
        self.balances: dict[tuple[str, str], int] = {}
        self.movements: list[Movement] = []

    def live(self, today: date) -> None:
        """One day; the first one opens the books with a movement for each item and place."""
        is_first = not self.items
        new = [self._add() for _ in range(ITEMS if is_first else poisson(self._items, 0.1))]
        for item in self.items.values():
            if self._items.random() < 0.01:
                item.cost = max(50, round(item.cost * self._items.uniform(0.9, 1.15)))
        if self._items.random() < 0.05:
            del self.items[self._items.choice(list(self.items))]
        chance, self.movements = self._moves, []
        opened = [(item.number, place) for item in new for place in LOCATIONS]
        seconds = sorted(chance.randrange(6 * 3600, 21 * 3600) for _ in range(self._moves_a_day))
        start = datetime(today.year, today.month, today.day)
        for number, place in opened:
            self._move(number, place, chance.randint(20, 400) * 1000, start + timedelta(hours=5))
        for second in seconds:
            number, place = chance.choice(list(self.items)), chance.choice(LOCATIONS)
            held = self.balances.get((number, place), 0)
            # Half units leave, whole boxes arrive; nothing leaves that is not there.
            change = -chance.randint(1, 16) * 500 if held > 8000 else chance.randint(2, 20) * 5000
            at = start + timedelta(seconds=second, milliseconds=chance.randrange(1000))
            self._move(number, place, change, at)

    def _add(self) -> Item:
        chance = self._items
        self._numbers += 1
        words = f"{chance.choice(_THINGS)}, {chance.choice(_SIZES)}"
        described = words if chance.random() > 0.05 else None
        cost = chance.choice((chance.randint(50, 9_999), chance.randint(10_000, 400_000)))
        item = Item(f"IT{self._numbers:04d}", described, chance.choice(_CATEGORIES), cost)
        self.items[item.number] = item
        return item

    def _move(self, item: str, place: str, thousandths: int, at: datetime) -> None:
        self._count += 1
        self.movements.append(Movement(self._count, item, place, thousandths, at))
        self.balances[item, place] = self.balances.get((item, place), 0) + thousandths

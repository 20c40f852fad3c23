"""The taxi company's life: who drives, who rides, and every trip of a day, from its booking to its billing.

Trips of a day come from a stream of chance of their own, so any day can be told again without those before it: that
is how a whole table is written again and again in flat memory.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from samples.chance import poisson, weighted
from samples.days import Days
from samples.names import FIRST_NAMES, LAST_NAMES, ascii_name

DRIVERS, RIDERS = 24, 60
FIRST_DRIVER, FIRST_RIDER, FIRST_TRIP = 500_001, 60_001, 2_000_001
EXPORTED = time(3, 0, tzinfo=UTC)
"""When exports are taken: late in the evening at the practice, after the billing run of the day."""

BILLED = time(23, 59, tzinfo=UTC)
"""When the billing run of a day takes place. What is dropped off after it is never billed."""

MIDNIGHT_EVERY, CANCELLED, DRIVERLESS, LATE, OTHER_TIP = 4, 0.03, 0.01, 0.01, 0.01
PAYMENT_TYPES = (
    "Credit Card", "Cash", "No Charge", "Dispute", "Unknown", "Cancelled", "Bank Deposit",
)  # fmt: skip
RATE_CODES = {
    1: "Standard rate", 2: "JFK", 3: "Newark", 4: "Nassau or Westchester", 5: "Negotiated fare",
    6: "Group ride", 99: "Peak rate",
}  # fmt: skip
CAB_TYPES = ("yellow", "green", "uber", "lyft")
CAR_MODELS = (("Toyota", "SUV 2016"), ("Honda", "SEDAN 2016"), ("Ford", "TRUCK 2016"))


@dataclass(frozen=True)
class Person:
    """A driver or a rider; `payment` is the number of a payment type, `plate` and `model` a driver's vehicle."""

    number: int
    name: str
    email: str
    mobile: str
    payment: int
    rating: str
    plate: str
    model: int


@dataclass(frozen=True)
class Trip:
    """One trip with its moments (UTC) and figures; cents are hundredths of a dollar, `miles` hundredths of a mile.

    `arrived` is when Aurora got it. `is_cancelled` trips end at `accepted`, and are removed a day later.
    """

    number: int
    rider: Person
    driver: Person
    booked: datetime
    accepted: datetime
    dropped: datetime
    arrived: datetime
    is_cancelled: bool
    is_driverless: bool
    passengers: int
    rate: int
    cab: int
    payment: int
    fare: int
    extra: int
    tip: int
    tolls: int
    aurora_tip: int
    miles: int

    @property
    def info(self) -> str:
        """The trip's own part of its key."""
        return f"{self.booked:%Y-%m-%dT%H:%M:%SZ},{self.number:07d}"

    @property
    def taxes(self) -> int:
        """What every trip is taxed, in cents."""
        return 50

    def total(self, tip: int) -> int:
        """The whole of it with such a tip, in cents."""
        return self.fare + self.extra + self.taxes + tip + self.tolls

    @property
    def is_billed(self) -> bool:
        """Whether its day's run takes it: dropped off within the day, its first instant left out, and there in time."""
        run = datetime.combine(self.dropped.date(), BILLED)
        midnight = datetime.combine(self.dropped.date(), time(tzinfo=UTC))
        return not self.is_cancelled and midnight < self.dropped and self.arrived <= run


class Life:
    """What happened by when. Days are those of the exports: day 0's trips are booked before its export."""

    def __init__(self, days: Days, trips_a_day: int) -> None:
        self._days, self._trips_a_day = days, trips_a_day

    def moment(self, index: int) -> datetime:
        """When the exports of a day are taken; for -1, when the company begins."""
        return datetime.combine(self._days.day(index) + timedelta(days=1), EXPORTED)

    def driver(self, number: int, index: int) -> Person:
        """A driver as of a day; a few change how they are paid on their twelfth day."""
        return self._person("driver", FIRST_DRIVER + number, index)

    def rider(self, number: int, index: int) -> Person:
        """A rider as of a day."""
        return self._person("rider", FIRST_RIDER + number, index)

    def riders(self, index: int) -> int:
        """How many riders there are on a day: one more each day."""
        return RIDERS + index

    def _person(self, kind: str, number: int, index: int) -> Person:
        chance = self._days.stream(f"taxi {kind} {number}")
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        email = f"{ascii_name(first)}.{ascii_name(last)}{number}@example.org".lower()
        payment = 7 if kind == "driver" else chance.choice((1, 2))
        if number % 8 == 1 and index >= 11:
            payment = 2
        mobile = f"+1555{chance.randrange(10**7):07d}"
        plate = f"{chance.choice('QGXCHTOUP')}{chance.randrange(10**6):06d}"
        rating = f"{chance.randint(35, 50) / 10}"
        return Person(
            number, f"{first} {last}", email, mobile, payment, rating, plate, 1 + number % 3
        )

    def trips_of(self, index: int) -> list[Trip]:
        """The trips booked between the export before and that of a day, in the order of their bookings."""
        chance = self._days.stream(f"taxi trips {index}")
        many = max(2, poisson(chance, self._trips_a_day))
        start = self.moment(index - 1)
        seconds = sorted(chance.sample(range(86_400), many))
        first = FIRST_TRIP + index * 10_000
        return [
            self._trip(chance, index, first + n, start + timedelta(seconds=s))
            for n, s in enumerate(seconds)
        ]

    def _trip(self, chance: random.Random, index: int, number: int, booked: datetime) -> Trip:
        accepted = booked + timedelta(seconds=chance.randint(60, 600))
        dropped = accepted + timedelta(seconds=chance.randint(300, 3600))
        if number % 10_000 == 1 and index % MIDNIGHT_EVERY == 0:
            dropped = datetime.combine(dropped.date() + timedelta(days=1), time(tzinfo=UTC))
        is_late = chance.random() < LATE
        arrived = dropped + (timedelta(days=1) if is_late else timedelta(seconds=5))
        tip = chance.choice((0, 0, 100, 250, chance.randint(1, 1000)))
        return Trip(
            number=number,
            rider=self.rider(chance.randrange(self.riders(index)), index),
            driver=self.driver(chance.randrange(DRIVERS), index),
            booked=booked,
            accepted=accepted,
            dropped=dropped,
            arrived=arrived,
            is_cancelled=chance.random() < CANCELLED,
            is_driverless=chance.random() < DRIVERLESS,
            passengers=chance.randint(1, 6),
            rate=weighted(chance, tuple(RATE_CODES), (80, 5, 5, 2, 2, 2, 4)),
            cab=chance.randint(1, len(CAB_TYPES)),
            payment=chance.choice((1, 1, 2)),
            fare=chance.randint(350, 9000),
            extra=chance.choice((0, 50, 100)),
            tip=tip,
            tolls=chance.choice((0, 0, 0, 576)),
            aurora_tip=tip + 1 if chance.random() < OTHER_TIP else tip,
            miles=chance.randint(40, 2500),
        )

    def billings(self, index: int) -> Iterator["Billing"]:
        """The billings of all runs up to a day's export, in the order in which they were written."""
        number, cycle = 200_000, 1
        for day, trips in self._runs(index):
            cycle += 1
            per_driver: dict[int, list[Trip]] = {}
            for trip in trips:
                per_driver.setdefault(0 if trip.is_driverless else trip.driver.number, []).append(
                    trip
                )
            for driver, mine in sorted(per_driver.items()):
                number += 1
                cents = sum(trip.total(trip.aurora_tip) for trip in mine)
                yield Billing(number, driver or None, cycle, day, cents, len(mine), mine[0].driver)

    def _runs(self, index: int) -> Iterator[tuple[date, list[Trip]]]:
        """Each day (UTC) with trips that its run billed, up to a day's export."""
        waiting: list[Trip] = []
        for told in range(index + 1):
            waiting += [trip for trip in self.trips_of(told) if trip.is_billed]
            while days := sorted({trip.dropped.date() for trip in waiting}):
                if datetime.combine(days[0], BILLED) > self.moment(told):
                    break
                yield days[0], [trip for trip in waiting if trip.dropped.date() == days[0]]
                waiting = [trip for trip in waiting if trip.dropped.date() != days[0]]


@dataclass(frozen=True)
class Billing:
    """What the run of a day wrote for one driver, or for the trips without one."""

    number: int
    driver: int | None
    cycle: int
    day: date
    cents: int
    rides: int
    paid: Person

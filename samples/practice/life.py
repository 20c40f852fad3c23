"""The practice, day by day: everything that happens, in the order in which it happens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from samples.practice.billing import Billing
from samples.practice.options import Options
from samples.practice.patients import Patients
from samples.practice.plans import PLANS, RENAMED
from samples.practice.reviews import Reviews
from samples.practice.staff import Staff
from samples.practice.tables import Row
from samples.practice.visits import Visits


@dataclass(frozen=True)
class Day:
    """One evening at the practice. Index 0 is the day of the first extract, the days before have none.

    `settled` holds, by table, the rows that became final today and were never among an earlier day's settled
    rows; a table of that evening is all rows settled so far, then `open_rows`. Use it before asking for the next day.
    `totals` are the cents in the whole ledger by entry type.
    """

    index: int
    date: date
    settled: dict[str, list[Row]]
    totals: dict[str, int]
    _practice: "Practice" = field(repr=False)

    def open_rows(self, table: str) -> Iterator[Row]:
        """The rows of `table` that may still change."""
        return self._practice.open_rows(table)


class Practice:
    """All that the days have in common. Only what may still change is kept, so memory does not grow with the days."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._renamed_on = options.days // 3
        self._plans: list[Row] = [(plan.insid, plan.name) for plan in PLANS]
        self._staff = Staff(options)
        self._patients = Patients(options, self._staff)
        self._visits = Visits(options, self._staff, self._patients)
        self._billing = Billing(options)
        self._reviews = Reviews(options)

    def days(self) -> Iterator[Day]:
        """Live the days of the options' history and extracts, one after the other."""
        first = -self._options.history
        for index in range(first, self._options.days):
            today = self._options.day(index)
            # People come and go from the first extract on: whoever left before it would be unknown to everyone.
            if index > 0:
                self._move_people(index, today)
            self._billing.live(today, self._visits.live(today))
            self._reviews.live(today, index == first)
            yield Day(index, today, self._settled(), dict(self._billing.ledger.totals), self)

    def open_rows(self, table: str) -> Iterator[Row]:
        """The rows of `table` that may still change, by number."""
        since = self._options.linked_since
        if table == "appointment":
            return (appointment.row(since) for appointment in self._visits.appointments.values())
        if table == "encounter":
            return (encounter.row(since) for encounter in self._visits.encounters.values())
        if table == "claim":
            return (bill.row() for bill in self._billing.claims.values())
        if table == "patient":
            return self._patients.rows()
        if table == "account":
            return self._patients.accounts()
        if table == "employee":
            return (employee.row for employee in self._staff.present.values())
        return iter(self._plans if table == "insurance" else ())

    def _move_people(self, index: int, today: date) -> None:
        if index == self._renamed_on:
            self._plans = [RENAMED if plan[0] == RENAMED[0] else plan for plan in self._plans]
        for gone in self._staff.live(today):
            self._patients.hand_over(gone)
            self._visits.hand_over(gone)
        self._patients.live(today)

    def _settled(self) -> dict[str, list[Row]]:
        return {
            "appointment": self._visits.settled_appointments,
            "encounter": self._visits.settled_encounters,
            "claim": self._billing.settled_claims,
            "ledger": self._billing.ledger.entries,
            "yelpmerge1": self._reviews.new,
        }

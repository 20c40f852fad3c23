"""The practice's employees: who joins, leaves, marries, moves desk or telephone."""

from datetime import date, timedelta

from samples.chance import poisson, weighted
from samples.names import FIRST_NAMES, LAST_NAMES, ascii_name
from samples.practice.options import Options
from samples.practice.tables import Row

PHYSICIAN, DESK = "Physician", "Front Desk"
TITLES = {"Nurse": 5.0, "Medical Assistant": 6.0, DESK: 3.0, "Biller": 2.0, "Office Manager": 1.0}
PROMOTED = {
    "Medical Assistant": "Nurse",
    "Nurse": "Lead Nurse",
    "Biller": "Billing Lead",
    DESK: "Front Desk Lead",
}


class Employee:
    """One employee; `row` is the row of the table employee as it stands today."""

    __slots__ = ("email", "employee_id", "first", "last", "number", "phone", "row", "title")

    def __init__(self, number: int, first: str, last: str, phone: str | None, title: str) -> None:
        self.number, self.first, self.last, self.phone, self.title = (
            number,
            first,
            last,
            phone,
            title,
        )
        self.employee_id = f"E000{number}"
        self.email = f"{ascii_name(first)}.{ascii_name(last)}{number}@example.org"
        self.row: Row = ()
        self.refresh()

    def refresh(self) -> None:
        """Write the row again after a change."""
        self.row = (self.employee_id, self.first, self.last, self.email, self.phone, self.title)


class Staff:
    """All who work at the practice today. `present` is in the order of their numbers."""

    def __init__(self, options: Options) -> None:
        self._chance = options.stream("staff")
        self._count = 0
        self._size = options.employees
        self._vacancies: list[tuple[date, str]] = []
        self.present: dict[int, Employee] = {}
        physicians = max(1, options.employees // 6)
        titles = [PHYSICIAN] * physicians + [DESK]
        while len(titles) < options.employees:
            titles.append(weighted(self._chance, list(TITLES), list(TITLES.values())))
        self._chance.shuffle(titles)
        for title in titles:
            self._hire(title)

    @property
    def physicians(self) -> list[Employee]:
        """Those who see patients."""
        return [employee for employee in self.present.values() if employee.title == PHYSICIAN]

    @property
    def desk(self) -> list[Employee]:
        """Those who book appointments; never empty."""
        desk = [employee for employee in self.present.values() if employee.title.startswith(DESK)]
        return desk or list(self.present.values())

    def live(self, today: date) -> list[Employee]:
        """One day of joining, leaving and changing; the physicians who left, of whom one always stays."""
        chance = self._chance
        for vacancy in [vacancy for vacancy in self._vacancies if vacancy[0] <= today]:
            self._vacancies.remove(vacancy)
            self._hire(vacancy[1])
        for _ in range(poisson(chance, 0.006 * self._size)):
            self._change(chance.choice(list(self.present.values())))
        gone = []
        for _ in range(poisson(chance, 0.0016 * self._size)):
            leaver = chance.choice(list(self.present.values()))
            if len(self.present) < 3 or (leaver.title == PHYSICIAN and len(self.physicians) < 2):
                continue
            del self.present[leaver.number]
            self._vacancies.append((today + timedelta(days=chance.randint(5, 25)), leaver.title))
            if leaver.title == PHYSICIAN:
                gone.append(leaver)
        return gone

    def _hire(self, title: str) -> None:
        chance = self._chance
        self._count += 1
        phone = (
            None
            if chance.random() < 0.08
            else f"{chance.choice((201, 551, 973))}-555-{chance.randint(100, 199):04d}"
        )
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        self.present[self._count] = Employee(self._count, first, last, phone, title)

    def _change(self, employee: Employee) -> None:
        chance = self._chance
        what = chance.random()
        if what < 0.55:
            employee.phone = f"{chance.choice((201, 551, 973))}-555-{chance.randint(100, 199):04d}"
        elif what < 0.75:
            employee.last = chance.choice(LAST_NAMES)
        else:
            employee.title = PROMOTED.get(employee.title, employee.title)
        employee.refresh()

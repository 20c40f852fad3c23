"""The practice's patients and their accounts: who moves, changes plan, leaves, returns, and what each owes."""

from collections.abc import Iterator
from datetime import date, timedelta

from samples.chance import poisson, weighted
from samples.names import FIRST_NAMES, LAST_NAMES, STREETS, ZIPS, ascii_name
from samples.practice.options import Options
from samples.practice.plans import PLANS
from samples.practice.staff import Employee, Staff
from samples.practice.tables import Row

SENIOR_PLAN = 5
PAYERS = {"prompt": 58.0, "parts": 20.0, "slow": 13.0, "never": 9.0}
# What may happen to a patient, per head and year.
YEARLY = {"move": 0.10, "plan": 0.08, "marry": 0.02, "email": 0.06, "leave": 0.08}
JOIN_YEARLY = 0.07


class Patient:
    """One patient with the account. `plan` and `secondary` are indices of PLANS; amounts are cents."""

    __slots__ = (
        "account_row", "address", "balance", "born", "due", "email", "first", "last", "last_payment", "manner",
        "misses", "number", "person_id", "physician", "place", "plan", "present", "row", "secondary", "zip_code",
    )  # fmt: skip

    def __init__(self, number: int, first: str, last: str, born: date, physician: Employee) -> None:
        self.number, self.first, self.last, self.born, self.physician = (
            number,
            first,
            last,
            born,
            physician,
        )
        self.person_id = f"P000{number}"
        self.email: str | None = f"{ascii_name(first)}.{ascii_name(last)}{number}@example.org"
        self.address = self.zip_code = ""
        self.plan: int | None = None
        self.secondary: int | None = None
        self.misses, self.manner, self.present = 0.05, "prompt", True
        self.place = -1
        self.balance = 0
        self.last_payment: int | None = None
        self.due: date | None = None
        self.row: Row | None = None
        self.account_row: Row | None = None

    def patient_row(self) -> Row:
        """The row of the table patient as it stands today."""
        if self.row is None:
            plan = None if self.plan is None else PLANS[self.plan].insid
            name = (self.person_id, self.first, self.last, self.email)
            self.row = (*name, self.born, self.address, self.zip_code, plan)
        return self.row

    def account(self) -> Row:
        """The row of the table account as it stands today; one account in twenty never says whose it is."""
        if self.account_row is None:
            member = None if self.plan is None else PLANS[self.plan].insid
            owner = None if self.number % 20 == 0 else self.person_id
            money = (self.last_payment, self.due, self.balance)
            self.account_row = (f"ACC000{self.number}", member, *money, owner)
        return self.account_row

    def owe(self, cents: int, today: date) -> None:
        """Raise (or lower) what the account owes; the first debt is due in thirty days, none without a debt."""
        self.balance += cents
        if self.balance <= 0:
            self.due = None
        elif self.due is None:
            self.due = today + timedelta(days=30)
        self.account_row = None

    def pay(self, cents: int) -> None:
        """Note the last payment."""
        self.last_payment, self.account_row = cents, None


class Patients:
    """All patients who are or were there; `everyone` is by number, the accounts of those who left stay."""

    def __init__(self, options: Options, staff: Staff) -> None:
        self._chance = options.stream("patients")
        self._staff = staff
        self._here: list[Patient] = []
        self._returns: dict[date, list[Patient]] = {}
        self._joins = options.patients * JOIN_YEARLY / 365
        self.everyone: dict[int, Patient] = {}
        earliest = options.day(-options.history)
        physicians = staff.physicians
        for _ in range(options.patients):
            self._join(earliest, physicians)
        for patient in self.everyone.values():
            # Old debts were brought forward from the books before this ledger, which does not know them.
            if self._chance.random() < 0.04:
                patient.owe(self._chance.randint(20_000, 350_000), earliest)

    def __len__(self) -> int:
        return len(self._here)

    def anyone(self, draw: float) -> Patient:
        """The patient at that share (0 to 1) of those present."""
        return self._here[int(draw * len(self._here))]

    def rows(self) -> Iterator[Row]:
        """The table patient as it stands today, by number."""
        return (patient.patient_row() for patient in self.everyone.values() if patient.present)

    def accounts(self) -> Iterator[Row]:
        """The table account as it stands today, by number."""
        return (patient.account() for patient in self.everyone.values())

    def live(self, today: date) -> None:
        """One day of joining, leaving, returning and changing."""
        chance = self._chance
        physicians = self._staff.physicians
        for patient in self._returns.pop(today, []):
            self._enter(patient)
        for _ in range(poisson(chance, self._joins)):
            self._join(today, physicians)
        for what, rate in YEARLY.items():
            for _ in range(poisson(chance, rate / 365 * len(self._here))):
                self._change(chance.choice(self._here), what, today)

    def hand_over(self, gone: Employee) -> None:
        """Spread the panel of a physician who left over the others."""
        physicians = self._staff.physicians
        for patient in self.everyone.values():
            if patient.physician is gone:
                patient.physician = physicians[patient.number % len(physicians)]

    def _enter(self, patient: Patient) -> None:
        patient.present, patient.place = True, len(self._here)
        self._here.append(patient)

    def _leave(self, patient: Patient, today: date) -> None:
        last = self._here.pop()
        if last is not patient:
            self._here[patient.place], last.place = last, patient.place
        patient.present = False
        if self._chance.random() < 0.4:
            back = today + timedelta(days=self._chance.randint(5, 60))
            self._returns.setdefault(back, []).append(patient)

    def _join(self, today: date, physicians: list[Employee]) -> None:
        chance = self._chance
        age = min(97, max(0, round(chance.triangular(0, 97, 45))))
        born = today - timedelta(days=age * 365 + chance.randint(1, 364))
        number = len(self.everyone) + 1
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        patient = Patient(number, first, last, born, chance.choice(physicians))
        patient.email = None if chance.random() < 0.06 else patient.email
        patient.misses = min(0.6, chance.gammavariate(1.2, 0.05))
        patient.manner = weighted(chance, list(PAYERS), list(PAYERS.values()))
        self._settle_in(patient)
        self._insure(patient, age)
        self.everyone[number] = patient
        self._enter(patient)

    def _settle_in(self, patient: Patient) -> None:
        chance = self._chance
        flat = f", Apt {chance.randint(1, 40)}" if chance.random() < 0.2 else ""
        patient.address = f"{chance.randint(1, 480)} {chance.choice(STREETS)}{flat}"
        patient.zip_code = chance.choice(ZIPS)

    def _insure(self, patient: Patient, age: int) -> None:
        chance = self._chance
        younger = [index for index in range(len(PLANS)) if index != SENIOR_PLAN]
        if chance.random() < 0.06:
            patient.plan = None
        elif age >= 65 and chance.random() < 0.8:
            patient.plan = SENIOR_PLAN
        else:
            patient.plan = weighted(chance, younger, [PLANS[index].weight for index in younger])
        others = [index for index in younger if index != patient.plan]
        second = patient.plan is not None and chance.random() < (0.35 if age >= 65 else 0.04)
        patient.secondary = chance.choice(others) if second else None

    def _change(self, patient: Patient, what: str, today: date) -> None:
        if what == "leave":
            if len(self._here) > 1:
                self._leave(patient, today)
        elif what == "move":
            self._settle_in(patient)
        elif what == "plan":
            self._insure(patient, (today - patient.born).days // 365)
        else:
            if what == "marry":
                patient.last = self._chance.choice(LAST_NAMES)
            tag = self._chance.randint(10, 99)
            patient.email = (
                f"{ascii_name(patient.first)}.{ascii_name(patient.last)}{tag}@example.org"
            )
        patient.row = patient.account_row = None

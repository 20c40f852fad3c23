"""The ledger's entries, and the bills (a visit's charges and the claim behind them) that they are posted to."""

from datetime import date

from samples.practice.patients import Patient
from samples.practice.plans import PLANS
from samples.practice.tables import Row

PATIENT = "patient"


class Charge:
    """One charge; `owed` is what each payer owes on it in cents, below zero where it paid too much."""

    __slots__ = ("charge_id", "code", "fee", "owed")

    def __init__(self, charge_id: str, code: str, fee: int, payer: str) -> None:
        self.charge_id, self.code, self.fee = charge_id, code, fee
        self.owed = {payer: fee}

    def owes(self, payer: str) -> int:
        """What that payer owes on this charge, in cents."""
        return self.owed.get(payer, 0)


class Bill:
    """A visit's charges. `claim_id` is None where the patient has no plan; `pending` counts the steps to come.

    `released` says that the patient was asked to pay: from then on the account follows the ledger.
    """

    __slots__ = (
        "accepted", "charges", "claim_id", "decided", "denial", "encounter_id", "patient", "pending", "plan",
        "released", "secondary", "sent", "service", "status", "submitted",
    )  # fmt: skip

    def __init__(
        self, encounter_id: str, patient: Patient, service: date, claim_id: str | None, today: date
    ) -> None:
        self.encounter_id, self.patient, self.service, self.claim_id = (
            encounter_id,
            patient,
            service,
            claim_id,
        )
        self.plan = None if patient.plan is None else PLANS[patient.plan]
        self.secondary = None if patient.secondary is None else PLANS[patient.secondary]
        self.charges: list[Charge] = []
        self.pending = 0
        self.released = False
        self.status, self.sent = "Submitted", 1
        self.submitted: date = today
        self.accepted: date | None = None
        self.decided: date | None = None
        self.denial: str | None = None

    @property
    def payer(self) -> str:
        """Who owes the charges first: the plan, or the patient where there is none."""
        return PATIENT if self.plan is None else self.plan.insid

    def owes(self, payer: str) -> int:
        """What that payer owes on all charges together, in cents."""
        return sum(charge.owes(payer) for charge in self.charges)

    def is_even(self) -> bool:
        """Whether nothing is owed and nothing overpaid."""
        return not any(any(charge.owed.values()) for charge in self.charges)

    def row(self) -> Row:
        """The row of the table claim as it stands today."""
        plan = None if self.plan is None else self.plan.insid
        days = (self.submitted, self.accepted, self.decided)
        return (
            self.claim_id,
            self.encounter_id,
            self.patient.person_id,
            plan,
            *days,
            self.status,
            self.denial,
        )


class Ledger:
    """Posts entries. `entries` are those of the day, `totals` the cents by entry type since the practice began."""

    def __init__(self) -> None:
        self._entries = self._charges = 0
        self.entries: list[Row] = []
        self.totals: dict[str, int] = {}

    def charge(self, bill: Bill, code: str, fee: int, today: date) -> None:
        """A new charge, first owed by the bill's payer; the source leaves the payer of a charge empty."""
        self._charges += 1
        charge = Charge(f"CHG{self._charges}", code, fee, bill.payer)
        bill.charges.append(charge)
        self._write(bill, charge, "charge", fee, today)

    def payment(
        self, bill: Bill, charge: Charge, cents: int, payer: str, method: str, today: date
    ) -> None:
        """Money that came in."""
        self._shift(bill, charge, payer, -cents)
        self._write(bill, charge, "payment", cents, today, payer=payer, method=method)
        if payer == PATIENT:
            bill.patient.pay(cents)

    def refund(self, bill: Bill, charge: Charge, cents: int, payer: str, today: date) -> None:
        """Money that went back."""
        self._shift(bill, charge, payer, cents)
        self._write(bill, charge, "refund", cents, today, payer=payer, method="check")

    def adjustment(
        self, bill: Bill, charge: Charge, cents: int, payer: str, code: str, today: date
    ) -> None:
        """What no one will pay: contractual, write_off, charity or bad_debt."""
        if cents:
            self._shift(bill, charge, payer, -cents)
            self._write(bill, charge, "adjustment", cents, today, payer=payer, adjustment=code)

    def transfer(
        self, bill: Bill, charge: Charge, cents: int, payers: tuple[str, str], to: str, today: date
    ) -> None:
        """Move an open balance from one payer to another: a pair of entries that nets to zero."""
        if cents:
            for kind, payer, sign in (
                ("transfer_out", payers[0], -1),
                ("transfer_in", payers[1], 1),
            ):
                self._shift(bill, charge, payer, sign * cents)
                self._write(bill, charge, kind, cents, today, payer=payer, transfer_to=to)

    def unapplied(self, patient: Patient, cents: int, method: str, today: date) -> None:
        """A payment that belongs to no charge."""
        patient.owe(-cents, today)
        patient.pay(cents)
        self._add("payment", cents)
        middle = ("payment", cents, PATIENT, None, method, None, None)
        self.entries.append(
            (self._next(), None, None, None, patient.person_id, *middle, None, today)
        )

    def _next(self) -> str:
        self._entries += 1
        return f"LE{self._entries}"

    def _add(self, kind: str, cents: int) -> None:
        self.totals[kind] = self.totals.get(kind, 0) + cents

    def _shift(self, bill: Bill, charge: Charge, payer: str, cents: int) -> None:
        charge.owed[payer] = charge.owed.get(payer, 0) + cents
        if payer == PATIENT and bill.released:
            bill.patient.balance += cents
            bill.patient.account_row = None

    def _write(
        self,
        bill: Bill,
        charge: Charge,
        kind: str,
        cents: int,
        today: date,
        *,
        payer: str | None = None,
        transfer_to: str | None = None,
        method: str | None = None,
        adjustment: str | None = None,
    ) -> None:
        self._add(kind, cents)
        ids = (
            self._next(),
            charge.charge_id,
            bill.claim_id,
            bill.encounter_id,
            bill.patient.person_id,
        )
        how = (kind, cents, payer, transfer_to, method, charge.code, adjustment)
        self.entries.append((*ids, *how, bill.service, today))

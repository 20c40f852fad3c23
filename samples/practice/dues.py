"""What patients owe themselves: paid at once, in parts, late or never; overpaid, refunded, forgiven."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from samples.chance import weighted
from samples.practice.ledger import PATIENT, Bill, Ledger
from samples.practice.patients import PAYERS

PlanStep = Callable[[Bill, date, int, Callable[[Bill, date], None]], None]
METHODS = {"card": 6.0, "check": 2.5, "cash": 1.0, "echeck": 1.5}


class Dues:
    """The patient's side of a bill. `plan_step` notes a step some days ahead."""

    def __init__(self, chance: random.Random, ledger: Ledger, plan_step: PlanStep) -> None:
        self._chance, self._ledger, self._plan = chance, ledger, plan_step

    def at_the_desk(self, bill: Bill, today: date) -> None:
        """A visit without a plan: the patient owes it all, and some pay before they leave."""
        if self._chance.random() < 0.4:
            self._pay_share(bill, bill.owes(PATIENT), "card", today)
        self.release(bill, today)

    def release(self, bill: Bill, today: date) -> None:
        """Ask the patient to pay what the ledger says; give back what was paid too much."""
        chance = self._chance
        bill.released = True
        bill.patient.owe(bill.owes(PATIENT), today)
        due = self._due(bill)
        if any(charge.owes(PATIENT) < 0 for charge in bill.charges):
            # Some credits wait for the next visit that never comes, and go back only when someone looks.
            days = chance.randint(12, 40) if chance.random() < 0.7 else chance.randint(90, 200)
            self._plan(bill, today, days, self._refund)
        if not due:
            return
        manner = bill.patient.manner
        if chance.random() < 0.15:
            manner = weighted(chance, list(PAYERS), list(PAYERS.values()))
        if due < 700 and chance.random() < 0.5:
            self._plan(bill, today, chance.randint(30, 60), self._forgive)
        elif manner == "prompt":
            self._plan(bill, today, chance.randint(4, 34), self._pay_all)
        elif manner == "slow":
            self._plan(bill, today, chance.randint(45, 115), self._pay_all)
        elif manner == "parts":
            parts = chance.randint(2, 4)
            for part in range(1, parts):
                self._plan(bill, today, 30 * part + chance.randint(-12, 6), self._pay_part)
            self._plan(bill, today, 30 * parts, self._pay_all)
        else:
            step = self._charity if chance.random() < 0.3 else self._bad_debt
            self._plan(bill, today, chance.randint(130, 185), step)

    def _pay_share(self, bill: Bill, cents: int, method: str, today: date) -> None:
        """Pay an amount in cents, charge by charge."""
        left = cents
        for charge in bill.charges:
            part = min(left, charge.owes(PATIENT))
            if part > 0:
                self._ledger.payment(bill, charge, part, PATIENT, method, today)
                left -= part
        if left < cents:
            bill.patient.pay(cents - left)
        if bill.released:
            bill.patient.owe(0, today)

    def _method(self) -> str:
        return weighted(self._chance, list(METHODS), list(METHODS.values()))

    def _due(self, bill: Bill) -> int:
        return sum(max(0, charge.owes(PATIENT)) for charge in bill.charges)

    def _pay_all(self, bill: Bill, today: date) -> None:
        due = self._due(bill)
        method = self._method()
        self._pay_share(bill, due, method, today)
        if due and self._chance.random() < 0.015:
            # The letter and the payment crossed: paid twice.
            self._ledger.payment(bill, bill.charges[0], due, PATIENT, method, today)
            bill.patient.owe(0, today)
            self._plan(bill, today, self._chance.randint(15, 60), self._refund)

    def _pay_part(self, bill: Bill, today: date) -> None:
        due = self._due(bill)
        part = min(due, max(2000, due // 3 // 100 * 100))
        if part:
            self._pay_share(bill, part, self._method(), today)
        if bill.patient.due is not None:
            # Who pays by instalments is asked for the next one a month later.
            bill.patient.due = today + timedelta(days=30)
            bill.patient.account_row = None

    def _refund(self, bill: Bill, today: date) -> None:
        for charge in bill.charges:
            if charge.owes(PATIENT) < 0:
                self._ledger.refund(bill, charge, -charge.owes(PATIENT), PATIENT, today)
        bill.patient.owe(0, today)

    def _forgive(self, bill: Bill, today: date) -> None:
        self._adjust(bill, "write_off", today)

    def _charity(self, bill: Bill, today: date) -> None:
        self._adjust(bill, "charity", today)

    def _bad_debt(self, bill: Bill, today: date) -> None:
        self._adjust(bill, "bad_debt", today)

    def _adjust(self, bill: Bill, code: str, today: date) -> None:
        for charge in bill.charges:
            self._ledger.adjustment(
                bill, charge, max(0, charge.owes(PATIENT)), PATIENT, code, today
            )
        bill.patient.owe(0, today)

"""The course of a visit's charges: the diary of steps, and the insurers' part."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias

from samples.chance import weighted
from samples.practice.dues import Dues
from samples.practice.ledger import PATIENT, Bill, Charge, Ledger
from samples.practice.opening import is_business_day, next_day
from samples.practice.options import Options
from samples.practice.plans import DENIAL_CODES, OTHER_CODES, VISIT_CODES
from samples.practice.tables import Row
from samples.practice.visits import Encounter

Step: TypeAlias = Callable[[Bill, date], None]


class Billing:
    """The billing office. `claims` holds the claims that may still change, by number."""

    def __init__(self, options: Options) -> None:
        self._chance = options.stream("billing")
        self._diary: dict[date, list[tuple[Bill, Step]]] = {}
        self._count = 0
        self.ledger = Ledger()
        self.claims: dict[str, Bill] = {}
        self.settled_claims: list[Row] = []
        self._dues = Dues(options.stream("dues"), self.ledger, self.plan_step)

    def live(self, today: date, encounters: list[Encounter]) -> None:
        """One day: the steps that are due, then the bills of the visits documented today."""
        self.ledger.entries, self.settled_claims = [], []
        for bill, step in self._diary.pop(today, []):
            step(bill, today)
            bill.pending -= 1
            self._file(bill)
        for encounter in encounters:
            self._open(encounter, today)

    def plan_step(self, bill: Bill, today: date, days: int, step: Step) -> None:
        """Note a step for the first business day at least this many days (one or more) ahead."""
        day = next_day(today + timedelta(days=max(1, days)), is_business_day)
        bill.pending += 1
        self._diary.setdefault(day, []).append((bill, step))

    def _file(self, bill: Bill) -> None:
        """A bill without a step to come is done: its claim never changes again."""
        if bill.pending:
            return
        if bill.is_even():
            bill.status = "Closed"
        if bill.claim_id is not None:
            del self.claims[bill.claim_id]
            self.settled_claims.append(bill.row())

    def _open(self, encounter: Encounter, today: date) -> None:
        chance, patient = self._chance, encounter.patient
        claim_id = None
        if patient.plan is not None:
            self._count += 1
            claim_id = f"CLM{self._count}"
        bill = Bill(f"ENC{encounter.number}", patient, encounter.day, claim_id, today)
        codes = [weighted(chance, VISIT_CODES, [code[2] for code in VISIT_CODES])]
        extras = weighted(chance, (0, 1, 2), (5, 3, 1.5))
        codes += [
            weighted(chance, OTHER_CODES, [code[2] for code in OTHER_CODES]) for _ in range(extras)
        ]
        for code, fee, _ in codes:
            self.ledger.charge(bill, code, fee, today)
        if chance.random() < 0.005:
            self.ledger.unapplied(patient, chance.randint(4, 30) * 500, "cash", today)
        if bill.plan is None or claim_id is None:
            self._dues.at_the_desk(bill, today)
            return
        self.claims[claim_id] = bill
        if bill.plan.copay and bill.secondary is None and chance.random() < 0.8:
            method = "copay" if chance.random() < 0.9 else "card"
            self.ledger.payment(bill, bill.charges[0], bill.plan.copay, PATIENT, method, today)
        self._send(bill, today)

    def _send(self, bill: Bill, today: date) -> None:
        step = self._bounce if self._chance.random() < 0.02 else self._accept
        self.plan_step(bill, today, self._chance.randint(1, 3), step)

    def _accept(self, bill: Bill, today: date) -> None:
        assert bill.plan is not None
        bill.status, bill.accepted = "Accepted", today
        days = round(self._chance.gauss(bill.plan.delay, bill.plan.delay / 4))
        days += self._chance.randint(70, 130) if self._chance.random() < 0.02 else 0
        denied = self._chance.random() < bill.plan.denial
        self.plan_step(bill, today, days, self._deny if denied else self._pay)

    def _bounce(self, bill: Bill, today: date) -> None:
        """Refused before it was ever accepted: a wrong member number and the like."""
        bill.status, bill.decided, bill.denial = "Denied", today, "CO-16"
        self._answer(bill, today)

    def _deny(self, bill: Bill, today: date) -> None:
        bill.status, bill.decided, bill.denial = "Denied", today, self._chance.choice(DENIAL_CODES)
        self._answer(bill, today)

    def _answer(self, bill: Bill, today: date) -> None:
        """Correct and send again, once or twice; or give up the visit; or bill the patient."""
        chance = self._chance
        step = self._write_off if chance.random() < 0.5 else self._bill_patient
        if bill.sent < 3 and chance.random() < 0.72:
            step = self._send_again
        self.plan_step(bill, today, chance.randint(4, 20), step)

    def _send_again(self, bill: Bill, today: date) -> None:
        """The same claim is sent again; the last denial's code stays on it."""
        bill.status, bill.submitted, bill.sent = "Submitted", today, bill.sent + 1
        bill.accepted = bill.decided = None
        self._send(bill, today)

    def _write_off(self, bill: Bill, today: date) -> None:
        for charge in bill.charges:
            paid = max(0, -charge.owes(PATIENT))
            self.ledger.transfer(bill, charge, paid, (bill.payer, PATIENT), PATIENT, today)
            self.ledger.adjustment(
                bill, charge, charge.owes(bill.payer), bill.payer, "write_off", today
            )

    def _bill_patient(self, bill: Bill, today: date) -> None:
        for charge in bill.charges:
            self.ledger.transfer(
                bill, charge, charge.owes(bill.payer), (bill.payer, PATIENT), PATIENT, today
            )
        self._dues.release(bill, today)

    def _pay(self, bill: Bill, today: date) -> None:
        """The plan decides: discount, its own part (now, or in two parts), the rest to the next payer."""
        assert bill.plan is not None
        chance, plan = self._chance, bill.plan
        bill.status, bill.decided = "Paid", today
        copay_due = chance.random() > 0.04
        in_parts = chance.random() < plan.in_parts
        for position, charge in enumerate(bill.charges):
            allowed = charge.fee * plan.allowed // 100
            copay = min(allowed, plan.copay) if position == 0 and copay_due else 0
            share = copay + (allowed - copay) * plan.coinsurance // 100
            share = 0 if position == 0 and not copay_due else share
            self.ledger.adjustment(
                bill, charge, charge.fee - allowed, plan.insid, "contractual", today
            )
            paid = (
                (allowed - share) * chance.randint(40, 80) // 100 if in_parts else allowed - share
            )
            if paid:
                self.ledger.payment(bill, charge, paid, plan.insid, self._by(), today)
            self._pass_on(bill, charge, share, today)
        if in_parts:
            self.plan_step(bill, today, chance.randint(12, 45), self._pay_rest)
        elif chance.random() < 0.01:
            extra = chance.randint(10, 40) * 100
            self.ledger.payment(bill, bill.charges[0], extra, plan.insid, "check", today)
            self.plan_step(bill, today, chance.randint(20, 60), self._take_back)
        if bill.secondary is None:
            self._dues.release(bill, today)
        else:
            self.plan_step(bill, today, chance.randint(14, 35), self._pay_second)

    def _by(self) -> str:
        return "echeck" if self._chance.random() < 0.7 else "check"

    def _pass_on(self, bill: Bill, charge: Charge, cents: int, today: date) -> None:
        payer, to = (
            (PATIENT, PATIENT) if bill.secondary is None else (bill.secondary.insid, "secondary")
        )
        self.ledger.transfer(bill, charge, cents, (bill.payer, payer), to, today)

    def _pay_rest(self, bill: Bill, today: date) -> None:
        for charge in bill.charges:
            if charge.owes(bill.payer) > 0:
                self.ledger.payment(
                    bill, charge, charge.owes(bill.payer), bill.payer, self._by(), today
                )

    def _take_back(self, bill: Bill, today: date) -> None:
        for charge in bill.charges:
            if charge.owes(bill.payer) < 0:
                self.ledger.refund(bill, charge, -charge.owes(bill.payer), bill.payer, today)

    def _pay_second(self, bill: Bill, today: date) -> None:
        assert bill.secondary is not None
        second = bill.secondary.insid
        share = self._chance.choice((80, 100, 100))
        for charge in bill.charges:
            paid = charge.owes(second) * share // 100
            if paid > 0:
                self.ledger.payment(bill, charge, paid, second, self._by(), today)
            self.ledger.transfer(
                bill, charge, charge.owes(second), (second, PATIENT), PATIENT, today
            )
        self._dues.release(bill, today)

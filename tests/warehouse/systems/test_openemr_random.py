"""Random ledgers of OpenEMR against a plain reading of its own rule: per visit, per payer, per day.

The rule: what is open is due from the lowest level of insurance that is not done, if the patient has that level on the
day of service or it was billed, else from the patient. A level is done from its last payment or adjustment on.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse.systems.built import Built
from tests.warehouse.systems.openemr import OpenEMR, marts_of

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

LAST = date(2026, 6, 30)
LEVELS = ("primary", "secondary", "tertiary")
PATIENTS, VISITS = 40, 400


@dataclass
class Visit:
    """A visit as the test knows it: days and signed amounts, and whom each level was with."""

    day: date
    billed: int
    closed: int
    companies: list[int]
    charges: list[tuple[date, Decimal]] = field(default_factory=list)
    # level, day, amount that is taken off
    postings: list[tuple[int, date, Decimal]] = field(default_factory=list)

    def done_on(self, level: int) -> date:
        """The day of the last thing that the level posted, what it took back aside; else the day of service."""
        own = [day for at, day, amount in self.postings if at == level and amount > 0]
        return max(own, default=self.day)

    def responsible(self, on: date) -> str:
        done = 0
        while done < self.closed and all(self.done_on(n) <= on for n in range(1, done + 2)):
            done += 1
        company = self.companies[done] if done < 3 else 0
        return str(company) if company else "patient"

    def balance(self, on: date) -> Decimal:
        charged = sum((amount for day, amount in self.charges if day <= on), Decimal(0))
        return charged - sum((amount for _, day, amount in self.postings if day <= on), Decimal(0))

    def owed(self, on: date) -> dict[str, Decimal]:
        """Who owes what, once it is charged."""
        balance = self.balance(on)
        return {self.responsible(on): balance} if balance else {}


def cents(chance: random.Random, least: int, most: int) -> Decimal:
    return Decimal(chance.randint(least, most)) / 100


def insure(emr: OpenEMR, chance: random.Random, pid: int) -> dict[str, list[tuple[date, int]]]:
    """Coverages of a patient: of each level some companies, each from a day on; 0 is none."""
    found: dict[str, list[tuple[date, int]]] = {}
    for level in LEVELS[: chance.choice((0, 1, 1, 2, 2, 3))]:
        first = chance.choice(("", "0000-00-00", "2025-03-01"))
        rows = [
            (date.min if first != "2025-03-01" else date(2025, 3, 1), first, chance.randint(3, 6))
        ]
        days = sorted(
            {
                date(2025, 6, 1) + timedelta(chance.randint(0, 300))
                for _ in range(chance.randint(0, 2))
            }
        )
        rows += [(day, str(day), chance.choice((0, 3, 4, 5, 6))) for day in days]
        for _, written, company in rows:
            emr.insured(pid, level, company or chance.choice(("", "0")), written)
        found[level] = [(day, company) for day, _, company in rows]
    return found


def make(seed: int) -> tuple[OpenEMR, dict[int, Visit]]:
    """A practice of a year and a half, at random."""
    chance, emr, visits = random.Random(seed), OpenEMR(LAST), {}
    for company in range(3, 7):
        emr.company(company)
    covered = {}
    for pid in range(1, PATIENTS + 1):
        emr.patient(pid)
        covered[pid] = insure(emr, chance, pid)
    for number in range(1001, 1001 + VISITS):
        pid, day = chance.randint(1, PATIENTS), date(2025, 1, 1) + timedelta(chance.randint(0, 500))
        companies = [
            max(
                ((since, c) for since, c in covered[pid].get(level, ()) if since <= day),
                default=(day, 0),
            )[1]
            for level in LEVELS
        ]
        known = companies.index(0) if 0 in companies else 3
        closed = chance.randint(0, known)
        visit = Visit(day, chance.randint(closed, known), closed, companies)
        emr.visit(pid, number, day, visit.billed, visit.closed)
        fill(emr, chance, pid, number, visit)
        visits[number] = visit
    return emr, visits


def fill(emr: OpenEMR, chance: random.Random, pid: int, number: int, visit: Visit) -> None:
    """Charges, copays, payments of each level in turn, adjustments, reversals, and what does not count."""
    for _ in range(chance.randint(1, 3)):
        entered, fee = visit.day + timedelta(chance.randint(0, 4)), cents(chance, 500, 30000)
        emr.line(pid, number, fee, entered)
        visit.charges.append((entered, fee))
    if chance.random() < 0.1:
        emr.line(pid, number, "-5.00", visit.day + timedelta(5))
        visit.charges.append((visit.day + timedelta(5), Decimal(-5)))
    if chance.random() < 0.2:
        emr.line(pid, number, "77.00", visit.day, activity=0)
        emr.line(pid, number, "0", visit.day, code_type="ICD10", code="J20.9")
    if chance.random() < 0.3:
        copay = cents(chance, 500, 4000)
        if chance.random() < 0.5:
            emr.line(pid, number, -copay, visit.day, code_type="COPAY", code=str(copay))
        else:
            emr.post(pid, number, 0, visit.day, paid=copay, account_code="PCP")
        visit.postings.append((0, visit.day, copay))
    day = visit.day
    for level in (*range(1, visit.billed + 1), 0):
        for _ in range(chance.randint(0, 2)):
            day += timedelta(chance.randint(0, 20))
            paid, adjusted = cents(chance, 0, 8000), cents(chance, 0, 3000)
            if chance.random() < 0.1:
                paid = -paid
            deleted = f"{day} 20:00:00" if chance.random() < 0.1 else ""
            for amounts in ({"paid": paid}, {"adjusted": adjusted}):
                emr.post(pid, number, level, day, deleted=deleted, **amounts)
                if not deleted:
                    visit.postings.append((level, day, *amounts.values()))


@pytest.fixture(scope="module", params=[20261])
def practice(
    request: pytest.FixtureRequest, compiled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Built, dict[int, Visit]]]:
    emr, visits = make(request.param)
    built = marts_of(tmp_path_factory.mktemp("random"), compiled, emr)
    assert {(o.outcome, o.quarantined) for o in built.outcomes} == {("landed", 0)}
    yield built, visits
    built.close()


def test_every_visit_is_owed_by_whom_the_rule_names_on_every_day(
    practice: tuple[Built, dict[int, Visit]],
) -> None:
    built, visits = practice
    compared = 0
    moved = built.rows(
        "select charge_id, payer_id, posted_on, sum(signed_amount)"
        " from intermediate.int_ledger_entries_signed group by all"
    )
    entries: dict[int, list[tuple[str, date, Decimal]]] = {number: [] for number in visits}
    for charge, payer, day, amount in moved:
        entries[int(charge.removeprefix("openemr:"))].append(
            (payer.removeprefix("openemr:"), day, amount)
        )
    for number, visit in visits.items():
        charged = min(day for day, _ in visit.charges)
        days = {day for _, day, _ in entries[number]} | {day for _, day, _ in visit.postings}
        for day in sorted({d for d in days if d >= charged} | {charged, LAST}):
            shown: dict[str, Decimal] = {}
            for payer, at, amount in entries[number]:
                if at <= day:
                    shown[payer] = shown.get(payer, Decimal(0)) + amount
            assert {p: a for p, a in shown.items() if a} == visit.owed(day), (number, day)
            compared += 1
    assert compared > 1000


def test_the_sum_of_all_is_openemrs_own(practice: tuple[Built, dict[int, Visit]]) -> None:
    built, visits = practice
    total = sum((visit.balance(LAST) for visit in visits.values()), Decimal(0))
    assert built.rows("select sum(signed_amount) from billing.fct_ledger_entries") == [(total,)]

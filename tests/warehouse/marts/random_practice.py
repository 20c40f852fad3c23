"""An invented practice over half a year: each evening's extracts of the clinic and of billing, drawn from a seed."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.warehouse.raw_tables import Load

Row = dict[str, Any]
FIRST_DAY = date(2023, 1, 2)
EVENINGS = (date(2024, 1, 31), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 29))
"""The days on which the practice delivers: the last but one is a leap day."""
PLANS = ("INS1", "INS2", "INS3")
STATUSES = ("Completed",) * 6 + ("No Show", "No Show", "Cancelled", "Checked In", None)
OPENING = date(1900, 1, 1)


@dataclass
class Practice:
    """What happened, each row with the day from which the practice knew of it; the newest of a key counts."""

    rows: dict[str, list[tuple[date, str, Row]]] = field(default_factory=dict)

    def note(self, table: str, known_from: date, key: str, **cells: Any) -> None:
        """From this day on the practice's table has this row under this key."""
        self.rows.setdefault(table, []).append((known_from, key, cells))

    def loads(self, evenings: Iterable[date]) -> list[Load]:
        """Every table in full, as it stood on each of these evenings."""
        return [
            Load(table, evening, list(self._state(told, evening)))
            for evening in evenings
            for table, told in self.rows.items()
        ]

    @staticmethod
    def _state(told: list[tuple[date, str, Row]], evening: date) -> Iterable[Mapping[str, Any]]:
        newest: dict[str, Row] = {}
        for known_from, key, cells in sorted(told, key=lambda one: one[0]):
            if known_from <= evening:
                newest[key] = cells
        return newest.values()


def open_practice(seed: int, patients: int = 40, visits: int = 500) -> Practice:
    """A practice with its book, its visits, their charges and what became of them."""
    practice, chance = Practice(), random.Random(seed)
    for number, plan in enumerate(PLANS):
        practice.note("clinic.insurance", OPENING, plan, insid=plan, plan=f"Plan {number}")
    practice.note("clinic.insurance", EVENINGS[2], "INS1", insid="INS1", plan="Plan 0, renamed")
    for number in range(4):
        physician = f"E000{number}"
        practice.note("clinic.employee", OPENING, physician, employee_id=physician, title="MD")
    for number in range(patients):
        _register(practice, chance, f"P{number:03}")
    last = (EVENINGS[-1] - FIRST_DAY).days + 14
    for number in range(visits):
        day = FIRST_DAY + timedelta(days=chance.randint(0, last))
        _book(practice, chance, number, day, f"P{chance.randrange(patients):03}")
    return practice


def _register(practice: Practice, chance: random.Random, patient: str) -> None:
    """A patient, who may change plan, and an account whose balance changes every month."""
    person: Row = {"person_id": patient, "dob": date(1940 + chance.randrange(80), 2, 28)}
    person |= {"zip": "95336", "insurance": chance.choice((*PLANS, None))}
    practice.note("clinic.patient", OPENING, patient, **person)
    if chance.random() < 0.3:
        moved = {"insurance": chance.choice((*PLANS, None))}
        practice.note("clinic.patient", chance.choice(EVENINGS), patient, **(person | moved))
    for evening in EVENINGS:
        account = {"accountid": f"A{patient}", "patient": patient, "member_id": person["insurance"]}
        due = evening - timedelta(days=chance.randint(-20, 60))
        owed = Decimal(chance.randint(-500, 9000)).scaleb(-2)
        money = {"account_balance": owed, "payment_due": due, "last_payment": Decimal("7.00")}
        practice.note("clinic.account", evening, f"A{patient}", **account, **money)


def _book(practice: Practice, chance: random.Random, number: int, day: date, patient: str) -> None:
    """An appointment, known a week before; its encounter and its charge from the day itself on."""
    hour = f"{chance.randint(8, 16):02}:{chance.choice(('00', '30'))}"
    booked: Row = {"appid": f"APPO{number}", "physician": f"E000{chance.randrange(4)}"}
    booked |= {"app_date": day, "app_time": hour, "patient": patient}
    practice.note("clinic.appointment", day - timedelta(days=7), booked["appid"], **booked)
    status, visit = chance.choice(STATUSES), f"V{number}"
    if status is None:
        return
    met = {"encounter_id": visit, "patient": patient, "start_time": f"{day} {hour}"}
    met |= {"status": status, "appointment": booked["appid"]}
    practice.note("clinic.encounter", day, visit, **met)
    if status == "Completed":
        _charge(practice, chance, visit, day, patient)


def _charge(practice: Practice, chance: random.Random, visit: str, day: date, patient: str) -> None:
    """A charge, perhaps a claim, and up to six entries upon it in the months that follow, a few dated ahead."""
    claim = {"claim_id": f"C{visit}", "encounter_id": visit, "patient": patient}
    claim |= {"insurance": chance.choice(PLANS), "submitted_on": day + timedelta(days=2)}
    has_claim = chance.random() < 0.8
    if has_claim:
        practice.note("billing.claim", day, visit, **claim, status="Submitted")
        decided = day + timedelta(days=chance.randint(5, 60))
        verdict = chance.choice(("Paid", "Paid", "Paid", "Denied"))
        code = "CO-16" if verdict == "Denied" else None
        answer = {"decided_on": decided, "status": verdict, "denial_code": code}
        practice.note("billing.claim", decided, visit, **claim, **answer)

    def post(kind: str, on: date, cents: int, **cells: Any) -> None:
        entry = {"entry_id": f"L{visit}-{len(practice.rows['billing.ledger'])}", "entry_type": kind}
        entry |= {"charge_id": f"H{visit}", "claim_id": claim["claim_id"] if has_claim else None}
        entry |= {"encounter_id": visit, "patient": patient, "service_date": day, "posted_on": on}
        entry |= {"amount": Decimal(cents).scaleb(-2)} | cells
        known = on - timedelta(days=chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 6)))
        practice.note("billing.ledger", max(day, known), entry["entry_id"], **entry)

    practice.rows.setdefault("billing.ledger", [])
    charged = chance.randint(1000, 30000)
    post("charge", day + timedelta(days=chance.randint(0, 2)), charged)
    for _ in range(chance.randint(0, 6)):
        later = day + timedelta(days=chance.choice((0, 0, 9, 30, 90, chance.randint(0, 300))))
        kind = chance.choice(("payment", "payment", "payment", "adjustment", "refund"))
        code = chance.choice(("contractual", "contractual", "bad_debt", "charity"))
        more = {"adjustment_code": code} if kind == "adjustment" else {}
        payer = chance.choice(("patient", "patient", claim["insurance"]))
        where = {"charge_id": None} if chance.random() < 0.03 else {}
        post(kind, later, chance.randint(1, charged // 2), payer=payer, **more, **where)

"""The ledger's rules once more, in plain Python and unlike the SQL: what the billing marts are held against."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

PATIENT = "patient"
SIGNS = {
    "charge": 1,
    "refund": 1,
    "transfer_in": 1,
    "payment": -1,
    "adjustment": -1,
    "transfer_out": -1,
}
ZERO = Decimal(0)
Entry = Mapping[str, Any]


@dataclass
class Books:
    """What is owed at the end of `as_of`. `items`: (charge, payer) to (bucket, open, credit); `unapplied`: (payer,
    patient) to amount; `months`: (patient, month) to what was moved in it; `balances`: patient to amount."""

    as_of: date
    items: dict[tuple[str, str], tuple[str, Decimal, Decimal]] = field(default_factory=dict)
    unapplied: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    months: dict[tuple[str, date], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    balances: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def keep_books(entries: Iterable[Entry], plans: Mapping[str, str], as_of: date) -> Books:
    """Post the entries one by one; `plans` gives the plan of each claim."""
    books, posted = Books(as_of), [entry for entry in entries if entry["posted_on"] <= as_of]
    charges: dict[object, Entry] = {
        e["charge_id"]: e for e in posted if e["entry_type"] == "charge"
    }
    owed: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry in posted:
        amount = entry["amount"] * SIGNS[str(entry["entry_type"])]
        patient, posted_on = str(entry["patient"]), entry["posted_on"]
        books.balances[patient] += amount
        books.months[patient, posted_on.replace(day=1)] += amount
        payer = str(entry["payer"] or first_payer(charges.get(entry["charge_id"], entry), plans))
        if entry["charge_id"] in charges:
            owed[str(entry["charge_id"])][payer] += amount
        else:
            books.unapplied[payer, patient] += amount
    for charge_id, payers in owed.items():
        charge = charges[charge_id]
        settle(payers, first_payer(charge, plans))
        for payer, amount in payers.items():
            if amount:
                bucket = age((as_of - charge["service_date"]).days)
                books.items[charge_id, payer] = (bucket, max(amount, ZERO), min(amount, ZERO))
    return books


def first_payer(entry: Entry, plans: Mapping[str, str]) -> str:
    """Who owes a charge first: its claim's plan, or the patient."""
    return plans.get(str(entry["claim_id"]), PATIENT)


def settle(payers: dict[str, Decimal], first: str) -> None:
    """Move credits onto debts cent for cent, both from the head of the queue: primary, secondary, patient."""
    queue = sorted(payers, key=lambda payer: (payer == PATIENT, payer != first, payer))
    while True:
        debtors = [payer for payer in queue if payers[payer] > 0]
        creditors = [payer for payer in queue if payers[payer] < 0]
        if not debtors or not creditors:
            return
        moved = min(payers[debtors[0]], -payers[creditors[0]])
        payers[debtors[0]] -= moved
        payers[creditors[0]] += moved


def age(days: int) -> str:
    """The bucket of an age."""
    borders = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))
    return next((name for last, name in borders if days <= last), ">120")

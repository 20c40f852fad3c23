"""The ledger's smallest rules in plain Python: signs, how credits pay debts within a charge, and ages."""

from decimal import Decimal

PATIENT, UNKNOWN = "patient", "unknown"
SIGNS = {
    "charge": 1,
    "refund": 1,
    "transfer_in": 1,
    "payment": -1,
    "adjustment": -1,
    "transfer_out": -1,
}
ZERO = Decimal(0)


def settle(payers: dict[str, Decimal], first: str) -> None:
    """Let each credit pay what payers before its own owe: the first, a payer unknown, other plans, the patient."""
    places = {UNKNOWN: 1, PATIENT: 3} | {first: 0}
    place = {payer: places.get(payer, 2) for payer in payers}
    queue = sorted(payers, key=lambda payer: (place[payer], payer))
    for creditor in queue:
        for debtor in queue:
            if place[debtor] < place[creditor] and payers[debtor] > 0 > payers[creditor]:
                moved = min(payers[debtor], -payers[creditor])
                payers[debtor] -= moved
                payers[creditor] += moved


def age(days: int) -> str:
    """The bucket of an age."""
    borders = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))
    return next((name for last, name in borders if days <= last), ">120")

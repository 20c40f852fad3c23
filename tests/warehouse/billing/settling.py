"""The ledger's smallest rules in plain Python: signs, how credits pay debts within a charge, and ages."""

from decimal import Decimal

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

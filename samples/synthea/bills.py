"""What becomes of a bill: its transactions, in the order and the columns in which Synthea exports them."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from samples.synthea.written import Tables

NONE = Decimal("0.00")
PAID_BY_PATIENTS = ("CASH", "CHECK", "CC")


@dataclass(frozen=True)
class Plan:
    """Who insures in a year and on which terms; None without a payer."""

    payer: str = ""
    secondary: str = ""
    copay: Decimal = NONE
    coinsurance: Decimal = NONE
    discount: Decimal = NONE


@dataclass(frozen=True)
class Item:
    """What is charged: of an encounter itself, or of what was done or given at it."""

    code: str
    text: str
    cost: Decimal
    at: datetime
    until: datetime | None


@dataclass
class Bill:
    """A bill, the ids that its transactions repeat, and the rows to which they are added."""

    chance: random.Random
    tables: Tables
    claim: str
    plan: Plan
    repeated: dict[str, str] = field(default_factory=dict)

    def charge(self, item: Item, deductible: Decimal, with_copay: bool) -> Decimal:
        """Charge an item and settle it with whoever pays; what of the deductible the patient has paid in it."""
        self._add(item, "CHARGE", open_after=NONE, amount=item.cost, level="1" if self.plan.payer else "p")  # fmt: skip
        rest = item.cost
        copay = min(self.plan.copay, rest) if with_copay and self.plan.payer else NONE
        if copay:
            rest -= copay
            self._add(item, "PAYMENT", rest, method="COPAY", paid=copay)
        by_patient = min(deductible, rest) if self.plan.payer else NONE
        insured = rest - by_patient if self.plan.payer else NONE
        discount = self._share(insured, self.plan.discount)
        if discount:
            rest -= discount
            self._add(item, "ADJUSTMENT", rest, method="SYSTEM", adjusted=discount)
        covered = (insured - discount) - self._share(insured - discount, self.plan.coinsurance)
        if covered:
            rest -= covered
            self._add(item, "PAYMENT", rest, method="ECHECK", paid=covered)
        second = insured - discount - covered if self.plan.secondary else NONE
        if second:
            self._move(item, rest, "2")
            rest -= second
            self._add(item, "PAYMENT", rest, method="ECHECK", paid=second)
        if rest:
            if self.plan.payer:
                self._move(item, rest, "p")
            method = self.chance.choice(PAID_BY_PATIENTS)
            self._add(item, "PAYMENT", NONE, method=method, paid=rest)
        return by_patient

    @staticmethod
    def _share(amount: Decimal, share: Decimal) -> Decimal:
        return (amount * share).quantize(NONE, ROUND_HALF_EVEN)

    def _move(self, item: Item, amount: Decimal, level: str) -> None:
        self._add(item, "TRANSFEROUT", amount, moved=amount)
        left = self.tables["claims_transactions"][-1]["CHARGEID"]
        self._add(item, "TRANSFERIN", amount, amount=amount, moved=amount, level=level)
        self.tables["claims_transactions"][-1]["TRANSFEROUTID"] = left

    def _add(
        self,
        item: Item,
        kind: str,
        open_after: Decimal,
        *,
        amount: Decimal | None = None,
        moved: Decimal | None = None,
        method: str = "",
        paid: Decimal = NONE,
        adjusted: Decimal = NONE,
        level: str = "",
    ) -> None:
        rows = self.tables["claims_transactions"]
        # the exporter skips a number after each charge that is settled
        number = int(rows[-1]["CHARGEID"]) + 1 + (kind == "CHARGE") if rows else 0
        rows.append(
            self.repeated
            | {
                "ID": identifier(self.chance),
                "CLAIMID": self.claim,
                "CHARGEID": str(number),
                "TYPE": kind,
                "AMOUNT": "" if amount is None else f"{amount:.2f}",
                "METHOD": method,
                "FROMDATE": instant(item.at),
                "TODATE": instant(item.until),
                "PROCEDURECODE": item.code,
                "UNITS": "1",
                "NOTES": item.text,
                "UNITAMOUNT": f"{(amount if kind == 'CHARGE' else None) or NONE:.2f}",
                "TRANSFERTYPE": level,
                "PAYMENTS": f"{paid:.2f}",
                "ADJUSTMENTS": f"{adjusted:.2f}",
                "TRANSFERS": "" if moved is None else f"{moved:.2f}",
                "OUTSTANDING": f"{open_after:.2f}",
                "FEESCHEDULEID": "1",
            }
        )


def identifier(chance: random.Random) -> str:
    """A random id, spelt as a UUID."""
    digits = f"{chance.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def instant(moment: datetime | None) -> str:
    """An instant as the exporter writes it; what has not ended ends with the beginning of Java's time."""
    return f"{moment or datetime(1970, 1, 1):%Y-%m-%dT%H:%M:%SZ}"

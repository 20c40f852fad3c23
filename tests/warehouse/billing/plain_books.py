"""Every billing view once more, in plain Python and unlike the SQL: one entry at a time, as a clerk keeps books."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from tests.warehouse.billing.settling import PATIENT, SIGNS, UNKNOWN, ZERO, age, settle

Row = Mapping[str, Any]
Key = tuple[Any, ...]
SLICES = ("all", "plan", "physician")


@dataclass
class Charge:
    """A charge that was posted. `owed`: payer to balance; `sums`: kind of entry to amount without sign."""

    patient: str
    plan: str
    physician: str
    service: date
    owed: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


Kept = tuple[Decimal, date, Row, Charge | None, str]
"""What is left of a payment, its day, entry, charge and payer."""


def share(part: Decimal | int, whole: Decimal | int, digits: int = 4) -> Decimal | None:
    """A rate, rounded half up; None where there is nothing to divide by."""
    if not whole:
        return None
    exact = Decimal(part) / Decimal(whole)
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


class Books:
    """What is known at the end of `as_of` from entries posted by then; `physicians` by encounter, `plans` by claim."""

    def __init__(
        self,
        entries: Iterable[Row],
        claims: Iterable[Row],
        physicians: Mapping[str, str],
        as_of: date,
    ) -> None:
        self.as_of, self.year = as_of, as_of - timedelta(days=364)
        self.claims, self.physicians = list(claims), physicians
        plans = {c["claim_id"]: c["insurance_plan_id"] or PATIENT for c in self.claims}
        self.known = [(e["posted_on"] or e["service_date"], e) for e in entries]
        self.posted = [(day, e) for day, e in self.known if day <= as_of]
        self.charges: dict[str, Charge] = {}
        for day, e in self.posted:
            if e["entry_type"] == "charge":
                plan = e.get("owed_first_by") or plans.get(e["claim_id"], PATIENT)
                physician = physicians.get(e["encounter_id"], "unknown")
                service = e["service_date"] or day
                self.charges[e["charge_id"]] = Charge(
                    e["patient_pseudonym"], plan, physician, service
                )
        self.lines: list[tuple[date, Row, Charge | None, str, str, Decimal]] = []
        for day, e in self.posted:
            charge = self.charges.get(e["charge_id"])
            first = charge.plan if charge else plans.get(e["claim_id"], PATIENT)
            own = e["payer"] if e["entry_type"] != "charge" else None
            if not own and e["entry_type"] == "transfer_in":
                own = PATIENT if e["transfer_to"] == PATIENT else UNKNOWN
            payer = own or first
            amount = SIGNS[e["entry_type"]] * e["amount"]
            patient = charge.patient if charge else e["patient_pseudonym"]
            self.lines.append((day, e, charge, payer, patient, amount))
            if charge:
                self._note(charge, e, payer, amount)
        self.items = self._settled()

    def _note(self, charge: Charge, e: Row, payer: str, amount: Decimal) -> None:
        kind = e["entry_type"]
        charge.owed[payer] += amount
        charge.sums[kind] += e["amount"]
        if kind == "adjustment":
            charge.sums[str(e["adjustment_code"])] += e["amount"]
        if kind == "payment":
            charge.sums["patient paid" if payer == PATIENT else "plan paid"] += e["amount"]

    def _settled(self) -> dict[Key, Decimal]:
        """(charge, payer) to what is open (above zero) or credited (below)."""
        items: dict[Key, Decimal] = {}
        for charge_id, charge in self.charges.items():
            left = dict(charge.owed)
            settle(left, charge.plan)
            items |= {(charge_id, payer): amount for payer, amount in left.items() if amount}
        return items

    def owed(self) -> dict[Key, Key]:
        """(charge, payer) to what is open, or credited."""
        return {place: (amount,) for place, amount in self.items.items()}

    def charged(self) -> dict[Key, Key]:
        """By charge: charged, adjusted by kind, paid, given back, balance, days to pay, flags."""
        kinds = ("charge", "contractual", "write_off", "charity", "bad_debt", "adjustment", "plan paid",
                 "patient paid", "refund")  # fmt: skip
        found: dict[Key, Key] = {}
        kept: dict[str, list[tuple[Decimal, date]]] = defaultdict(list)
        for amount, day, e, charge, _ in self.kept():
            if charge:
                kept[e["charge_id"]].append((amount, day))
        for charge_id, c in self.charges.items():
            balance = sum(c.owed.values(), ZERO)
            paid = kept[charge_id]
            paid_on = max((day for _, day in paid), default=None)
            days = (paid_on - c.service).days if balance <= 0 and paid_on else None
            sums = tuple(c.sums.get(kind, ZERO) for kind in kinds)
            above = max((amount for amount, _ in paid), default=ZERO) > c.sums["charge"]
            whose = (c.patient, c.plan, c.physician)
            found[charge_id,] = (*whose, *sums, balance, days, balance < 0, above)
        return found

    def ageing(self) -> dict[Key, Key]:
        """(payer, patient, physician, bucket) to open, credit, unapplied."""
        found: dict[Key, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
        for (charge_id, payer), amount in self.items.items():
            charge = self.charges[charge_id]
            bucket = age((self.as_of - charge.service).days)
            place = (payer, charge.patient, charge.physician, bucket)
            found[place][0 if amount > 0 else 1] += amount
        for _, _, charge_or_none, payer, patient, amount in self.lines:
            if charge_or_none is None:
                found[payer, patient, "unknown", "unapplied"][2] += amount
        return {key: tuple(amounts) for key, amounts in found.items()}

    def debts(self) -> dict[Key, Key]:
        """(payer, bucket) to the number of open items."""
        found: Counter[Key] = Counter()
        for (charge_id, payer), amount in self.items.items():
            if amount > 0:
                found[payer, age((self.as_of - self.charges[charge_id].service).days)] += 1
        return {place: (items,) for place, items in found.items()}

    def statements(self) -> dict[Key, Key]:
        """(patient, month) to opening, closing, the patient's own share at the end."""
        found: dict[Key, Key] = {}
        for patient in {line[4] for line in self.lines}:
            own = [line for line in self.lines if line[4] == patient]
            month = min(day for day, *_ in own).replace(day=1)
            while month <= self.as_of:
                after = (month + timedelta(days=32)).replace(day=1)
                opening = sum((x[5] for x in own if x[0] < month), ZERO)
                closing = sum((x[5] for x in own if x[0] < after), ZERO)
                mine = sum((x[5] for x in own if x[0] < after and x[3] == PATIENT), ZERO)
                found[patient, month] = (opening, closing, mine)
                month = after
        return found

    def letters(self) -> dict[Key, Key]:
        """Patient to open, held, asked for, and what the letter's own lines and all of its lines add up to."""
        found: dict[Key, Key] = {}
        ageing = self.ageing()
        for patient in {line[4] for line in self.lines}:
            mine = [row for key, row in ageing.items() if key[:2] == (PATIENT, patient)]
            is_open = sum((row[0] for row in mine), ZERO)
            held = sum((row[1] + row[2] for row in mine), ZERO)
            due = is_open + held
            if due > 0:
                everything = sum((x[5] for x in self.lines if x[4] == patient), ZERO)
                found[patient,] = (is_open, held, due, due, everything)
        return found

    def followed_up(self) -> dict[Key, Key]:
        """(charge, plan) to what the plan owes beside claims that wait for it, or for us after its denial."""
        waiting: set[Key] = set()
        for c in self.claims:
            denied_anew = c["claim_status"] == "Denied" and not (
                c["submitted_on"] and c["decided_on"] and c["submitted_on"] > c["decided_on"]
            )
            if denied_anew or not self._is_decided(c):
                waiting.add((c["claim_id"], c["insurance_plan_id"]))
        claims = {
            e["charge_id"]: e["claim_id"] for _, e in self.posted if e["entry_type"] == "charge"
        }
        return {
            (charge, payer): (amount,)
            for (charge, payer), amount in self.items.items()
            if amount > 0 and payer != PATIENT and (claims[charge], payer) not in waiting
        }

    def listed(self) -> dict[Key, Key]:
        """What plans owe in all: each cent is on one of three lists."""
        owed = [
            amount for (_, payer), amount in self.items.items() if payer != PATIENT and amount > 0
        ]
        return {(): (sum(owed, ZERO),)}

    def mix(self) -> dict[Key, Key]:
        """(month, payer) to charges, payments and their shares of the month."""
        sums: dict[Key, Decimal] = defaultdict(Decimal)
        for day, e, _, payer, _, amount in self.lines:
            if e["entry_type"] in ("charge", "payment"):
                for member in (payer, "all"):
                    sums[day.replace(day=1), member, e["entry_type"]] += (
                        SIGNS[e["entry_type"]] * amount
                    )
        members = {(month, member) for month, member, _ in sums if member != "all"}
        return {
            (month, member): tuple(
                figure
                for kind in ("charge", "payment")
                for figure in (sums[month, member, kind], share(sums[month, member, kind], sums[month, "all", kind]))
            )
            for month, member in members
        }  # fmt: skip

    def receipts(self) -> dict[Key, Key]:
        """(day, method, payer) to how often and how much: paid, taken back, given back; and what is left."""
        found: dict[Key, list[Any]] = defaultdict(lambda: [0, ZERO, 0, ZERO, 0, ZERO, ZERO])
        for day, e, _, payer, _, _ in self.lines:
            if e["entry_type"] not in ("payment", "refund") or not e["amount"]:
                continue
            place = found[day, e["method"] or UNKNOWN, payer]
            at = 4 if e["entry_type"] == "refund" else 2 if e["amount"] < 0 else 0
            place[at] += 1
            place[at + 1] += -e["amount"] if at == 2 else e["amount"]
            place[6] += -e["amount"] if at == 4 else e["amount"]
        return {place: tuple(figures) for place, figures in found.items()}

    def to_apply(self) -> dict[Key, Key]:
        """(patient, payer) to what is left on no charge, of how many entries, and since when."""
        piles: dict[Key, list[tuple[Decimal, date]]] = defaultdict(list)
        for day, _, charge, payer, patient, amount in sorted(
            self.lines, key=lambda line: (line[0], line[1]["entry_id"])
        ):
            if charge is None:
                pile = piles[patient, payer]
                pile.append((amount, day))
                if not sum(left for left, _ in pile):
                    pile.clear()
        return {
            whose: (sum(left for left, _ in pile), len(pile), pile[0][1])
            for whose, pile in piles.items()
            if pile
        }

    def findings(self) -> dict[Key, Key]:
        """(finding,) to how often: of payments alike all but one, those above their charge, transfers to no one, and
        charges before the books."""
        alike: Counter[Key] = Counter()
        above = 0
        for left, day, e, charge, payer in self.kept():
            above += charge is not None and left > charge.sums["charge"]
            whose = charge.patient if charge else e["patient_pseudonym"]
            alike[e["charge_id"], whose, payer, e["amount"], day] += 1
        counted = {
            "same_payment_again": sum(times - 1 for times in alike.values()),
            "payment_above_its_charge": above,
            "unknown_destination": sum(
                e["entry_type"] == "transfer_in" and not e["payer"] and e["transfer_to"] != PATIENT
                for _, e in self.known
            ),
            "before_the_books": sum(
                e["entry_type"] == "charge" and day < self.opened() for day, e in self.posted
            ),
        }
        return {(finding,): (times,) for finding, times in counted.items() if times}

    def window(self) -> date:
        """The first day of the year: 365 days, or since the books were opened."""
        return max(self.opened(), self.year)

    def opened(self) -> date:
        """The day of the first charge, or of the first after 92 days without one: the books are opened anew."""
        opened = last = date.min
        for day in sorted(day for day, e in self.posted if e["entry_type"] == "charge"):
            opened = day if day > last + timedelta(days=92) else opened
            last = day
        return opened

    def collections(self) -> dict[Key, Key]:
        """(slice, member) to the amounts and rates, in the view's order."""
        start = self.window()
        days = (self.as_of - start).days + 1
        sums: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for day, e, charge, payer, _, amount in self.lines:
            for place in members(charge, payer):
                sums[place]["balance"] += amount
                if day >= start:
                    kind = (
                        e["adjustment_code"] if e["entry_type"] == "adjustment" else e["entry_type"]
                    )
                    sums[place][str(kind)] += e["amount"]
        for (charge_id, _), amount in self.items.items():
            charge = self.charges[charge_id]
            old = (self.as_of - charge.service).days
            for place in members(charge, "") if amount > 0 else ():
                for name, least in (("open", -99999), ("over 90", 91), ("over year", 366)):
                    sums[place][name] += amount if old >= least else ZERO
        found: dict[Key, Key] = {}
        for place, s in sums.items():
            net, charged = s["payment"] - s["refund"], s["charge"]
            found[place] = (
                charged, s["payment"], s["refund"], s["contractual"], s["bad_debt"], s["charity"], s["open"],
                s["over 90"], s["over year"], s["balance"], share(net, charged),
                share(net, charged - s["contractual"]), share(s["bad_debt"], charged), share(s["charity"], charged),
                share(s["open"] * days, charged, 1), share(s["balance"] * days, charged, 1),
                share(s["open"] * days * 12, charged * 365, 2), share(s["over 90"], s["open"]),
                share(s["over year"], s["open"]), days,
            )  # fmt: skip
        return found

    def months(self) -> dict[Key, Key]:
        """(month, plan, physician) to charged, paid, given back, adjusted, by contract, and the two rates."""
        sums: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for day, e, charge, payer, _, _ in self.lines:
            plan, physician = (charge.plan, charge.physician) if charge else (payer, "unknown")
            money = sums[day.replace(day=1), plan, physician]
            money[e["entry_type"]] += e["amount"]
            if e["entry_type"] == "adjustment":
                money[str(e["adjustment_code"])] += e["amount"]
        found: dict[Key, Key] = {}
        for place, s in sums.items():
            net, charged = s["payment"] - s["refund"], s["charge"]
            rates = (share(net, charged), share(net, charged - s["contractual"]))
            found[place] = (
                charged,
                s["payment"],
                s["refund"],
                s["adjustment"],
                s["contractual"],
                *rates,
            )
        return found

    def decisions(self) -> dict[Key, Key]:
        """(month of decision, plan, code) to claims decided, denied and still denied, and what was charged on them."""
        charged: dict[str, Decimal] = defaultdict(Decimal)
        for _, e in self.posted:
            if e["entry_type"] == "charge":
                charged[e["claim_id"]] += e["amount"]
        found: dict[Key, list[Any]] = defaultdict(lambda: [0, 0, 0, ZERO, ZERO])
        for c in self.claims:
            if not self._is_decided(c):
                continue
            still = c["claim_status"] == "Denied"
            denied = still or bool(c["denial_code"])
            code = (c["denial_code"] or "none given") if denied else "not denied"
            month = c["decided_on"].replace(day=1) if c["decided_on"] else None
            money = charged[c["claim_id"]]
            one = (1, int(denied), int(still), money, money * denied)
            place = (month, c["insurance_plan_id"] or PATIENT, code)
            found[place] = [a + b for a, b in zip(found[place], one, strict=True)]
        return {place: tuple(counted) for place, counted in found.items()}

    def at_the_desk(self) -> dict[Key, Key]:
        """(slice, member) to what patients paid: in all, that day, within a week, without a charge."""
        sums: dict[Key, list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
        payments: Counter[Key] = Counter()
        for left, day, _, charge, payer in self.kept():
            if payer != PATIENT or day < self.year:
                continue
            late = (day - charge.service).days if charge else None
            applies = (True, late == 0, late is not None and late <= 7, late is None)
            for place in members(charge, payer):
                payments[place] += 1
                sums[place] = [s + left * yes for s, yes in zip(sums[place], applies, strict=True)]
        return {p: (payments[p], *s, share(s[1], s[0]), share(s[2], s[0])) for p, s in sums.items()}

    def kept(self) -> Iterable[Kept]:
        """The payments, in piles of one charge and payer: a reversal is taken off the top."""
        piles: dict[Key, list[Kept]] = defaultdict(list)

        def turn(line: tuple[Any, ...]) -> Key:
            return line[0], line[1]["amount"] < 0, line[1]["entry_id"]

        paid = (line for line in self.lines if line[1]["entry_type"] == "payment")
        for day, e, charge, payer, patient, _ in sorted(paid, key=turn):
            pile = piles[e["charge_id"], patient, payer]
            pile.append((e["amount"], day, e, charge, payer))
            while len(pile) > 1 and pile[-1][0] < 0:
                back, below = pile.pop()[0], pile[-1][0]
                pile.append((below + back, *pile.pop()[1:]))
            if pile[-1][0] <= 0:
                pile.pop()
        return (payment for pile in piles.values() for payment in pile)

    def days_to_pay(self) -> dict[Key, Key]:
        """(plan,) to claims paid, those within 30 days, mean, median and most days, share within 30 days."""
        found: dict[Key, list[int]] = defaultdict(list)
        for c in self.claims:
            plan = c["insurance_plan_id"] or PATIENT
            days = [
                day
                for _, day, e, _, payer in self.kept()
                if e["claim_id"] == c["claim_id"] and payer == plan
            ]
            if days and c["submitted_on"] and min(days) >= max(c["submitted_on"], self.year):
                found[plan,].append((min(days) - c["submitted_on"]).days)
        shown: dict[Key, Key] = {}
        for plan, days_of in found.items():
            soon, count = sum(days <= 30 for days in days_of), len(days_of)
            middle = Decimal(median(days_of)).quantize(Decimal("0.1"))
            mean = share(sum(days_of), count, 1)
            shown[plan] = (count, soon, mean, middle, max(days_of), share(soon, count))
        return shown

    def denials(self) -> dict[Key, Key]:
        """(slice, member) to counts and rates of the claims that were sent within the year."""
        groups: dict[Key, list[Row]] = defaultdict(list)
        for claim in self.claims:
            if claim["submitted_on"] and self.year <= claim["submitted_on"] <= self.as_of:
                plan = claim["insurance_plan_id"] or PATIENT
                physician = self.physicians.get(claim["encounter_id"], "unknown")
                for place in zip(SLICES, (None, plan, physician), strict=True):
                    groups[place].append(claim)
        return {place: self._judge(group) for place, group in groups.items()}

    def _is_decided(self, claim: Row) -> bool:
        told = claim["claim_status"] in ("Denied", "Paid", "Closed")
        return bool(claim["decided_on"] <= self.as_of if claim["decided_on"] else told)

    def _judge(self, group: list[Row]) -> Key:
        count: Counter[str] = Counter()
        days: list[int] = []
        for c in group:
            decided = self._is_decided(c)
            answered = decided or bool(c["accepted_on"] and c["accepted_on"] <= self.as_of)
            denied = c["claim_status"] == "Denied" or bool(c["denial_code"])
            count["decided"] += decided
            count["answered"] += answered
            count["denied"] += decided and denied
            count["still"] += decided and c["claim_status"] == "Denied"
            count["clean"] += answered and not denied
            if c["decided_on"] and c["submitted_on"] <= c["decided_on"] <= self.as_of:
                days.append((c["decided_on"] - c["submitted_on"]).days)
        middle = Decimal(median(days)).quantize(Decimal("0.1")) if days else None
        return (
            len(group), count["answered"], count["decided"], count["denied"], count["still"], count["clean"],
            share(count["denied"], count["decided"]), share(count["still"], count["decided"]),
            share(count["clean"], count["answered"]), share(sum(days), len(days), 1), middle,
        )  # fmt: skip


def members(charge: Charge | None, payer: str) -> Iterable[Key]:
    """Where an entry counts: its charge's plan and physician, else its own payer and the unknown physician."""
    plan, physician = (charge.plan, charge.physician) if charge else (payer, "unknown")
    return zip(SLICES, (None, plan, physician), strict=True)

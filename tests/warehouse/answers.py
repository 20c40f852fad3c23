"""A practice's answers from the files that it delivered, as archived: plain Python that shares nothing with the models.

Each method answers one question as rows of a table; amounts are decimals, days are dates, plans go by their numbers.
"""

import csv
import io
import json
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from ingestion.store import Store
from tests.warehouse.billing.plain_books import Books, share
from tests.warehouse.billing.settling import PATIENT, age
from tools.canaries import BAD

Row = dict[str, Any]
Rows = set[tuple[Any, ...]]
TABLES = {
    "ledger_entries": ("billing", "ledger"),
    "claims": ("billing", "claim"),
    "encounters": ("clinic", "encounter"),
    "appointments": ("clinic", "appointment"),
    "patients": ("clinic", "patient"),
}
"""The practice's own tables, by what the input layer calls their rows."""
NAMES = {
    "insurance": "insurance_plan_id",
    "patient": "patient_pseudonym",
    "person_id": "patient_pseudonym",
    "appointment": "appointment_id",
    "appId": "appointment_id",
    "app_date": "appointment_date",
    "app_time": "appointment_time",
}
MONEY = ("amount",)
DAYS = ("service_date", "posted_on", "submitted_on", "accepted_on", "decided_on", "app_date")
ENDED = {
    "completed": "completed",
    "noshow": "no-show",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
"""The words, in their letters alone, with which an encounter says how a visit ended."""


def day_of(text: str) -> date:
    """A day as the practice writes it: month, day, year."""
    return datetime.strptime(text, "%m/%d/%Y").date()


def clock_of(text: str) -> str:
    """A time of day, which the practice writes with AM or PM, by 24 hours."""
    return f"{datetime.strptime(text, '%I:%M %p'):%H:%M}"


def moment_of(text: str) -> datetime:
    """A day and a time of day as the practice writes the two together."""
    return datetime.strptime(text, "%m/%d/%Y %H:%M")


def cell(name: str, text: str) -> Any:
    """A cell as a value; an empty one is None."""
    if not text:
        return None
    readers: dict[str, Callable[[str], Any]] = dict.fromkeys(MONEY, Decimal)
    readers |= dict.fromkeys(DAYS, day_of)
    readers |= {"app_time": clock_of, "start_time": moment_of}
    return readers.get(name, str)(text)


def row_of(table: str, line: Mapping[str, str]) -> Row:
    """A line of a file by the names of the input layer."""
    row = {NAMES.get(name, name): cell(name, text) for name, text in line.items()}
    row[f"{table}_status"] = row.pop("status", None)
    if start := row.pop("start_time", None):
        row |= {"encounter_date": start.date(), "encounter_time": f"{start:%H:%M}"}
    return row


def newest(store: Store, source: str, table: str) -> tuple[date, list[Row]]:
    """The newest extract of a table, read from its original bytes but for planted bad rows, and its date."""

    def stored(key: str) -> bytes:
        found = store.read(key)
        assert found is not None, key
        return found

    manifests = [
        json.loads(stored(found.key))
        for found in store.list(f"manifests/{source}/{table}/")
        if found.key.endswith(".json")
    ]
    last = max(manifests, key=lambda manifest: str(manifest["extract_date"]))
    rows: list[Row] = []
    for file in last["objects"]:
        lines = io.StringIO(stored(file["archive"]).decode(), newline="")
        rows += [
            row_of(table, line)
            for line in csv.DictReader(lines)
            if not any(text.endswith(BAD) for text in line.values())
        ]
    return date.fromisoformat(last["extract_date"]), rows


class Answers:
    """What the newest extracts in a lake say.

    `others` are rows of other systems that the same marts are made of: by entity, with the names of the input layer.
    """

    def __init__(self, store: Store, others: Mapping[str, Iterable[Row]] | None = None) -> None:
        own = {entity: newest(store, *table) for entity, table in TABLES.items()}
        rows = {
            entity: [*found, *(others or {}).get(entity, ())] for entity, (_, found) in own.items()
        }
        self.as_of, _ = own["ledger_entries"]
        self.entries, self.claims = rows["ledger_entries"], rows["claims"]
        self.encounters, self.appointments = rows["encounters"], rows["appointments"]
        self.patients = rows["patients"]

    @cached_property
    def month_ends(self) -> list[date]:
        """The last day of each month since the first entry; of the running one, the day of the extract."""
        found, day = [], min(e["posted_on"] for e in self.entries).replace(day=1)
        while day <= self.as_of:
            last = day.replace(day=monthrange(day.year, day.month)[1])
            found.append(min(last, self.as_of))
            day = last + timedelta(days=1)
        return found

    @cached_property
    def books(self) -> list[Books]:
        """The ledger as a clerk keeps it, at the end of each month; physicians are not asked for here."""
        return [Books(self.entries, self.claims, {}, day) for day in self.month_ends]

    def ageing(self) -> Rows:
        """Month end, payer, bucket: open, credit, unapplied."""
        found: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
        for books in self.books:
            for (payer, _, _, bucket), amounts in books.ageing().items():
                place = (books.as_of, payer, bucket)
                found[place] = [a + b for a, b in zip(found[place], amounts, strict=True)]
        return {(*place, *amounts) for place, amounts in found.items()}

    def rates(self) -> Rows:
        """Month end: balance, gross and net collection rate, days in A/R and in net A/R, share over 90 days."""
        found = set()
        for books in self.books:
            row = books.collections()["all", None]
            found.add((books.as_of, row[9], row[10], row[11], row[14], row[15], row[17]))
        return found

    def money(self) -> Rows:
        """Month: charges, payments, refunds, adjustments, the contractual ones."""
        found: dict[date, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 5)
        for (month, _, _), row in self.books[-1].months().items():
            found[month] = [a + b for a, b in zip(found[month], row[:5], strict=True)]
        return {(month, *amounts) for month, amounts in found.items()}

    def decisions(self) -> Rows:
        """Month of decision, denial code: decided, denied and still denied claims, charges on denied ones."""
        found: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, Decimal(0)])
        for (month, _, code), row in self.books[-1].decisions().items():
            one = (*row[:3], row[4])
            found[month, code] = [a + b for a, b in zip(found[month, code], one, strict=True)]
        return {(*place, *counted) for place, counted in found.items()}

    def pending(self) -> Rows:
        """Plan, age since the last submission: claims that wait for a decision."""
        waiting = [
            claim
            for claim in self.claims
            if claim["claim_status"] in ("Submitted", "Accepted")
            or self._is_ahead(claim["decided_on"])
        ]
        counted = Counter(
            (c["insurance_plan_id"] or PATIENT, self._age_of(c["submitted_on"])) for c in waiting
        )
        return {(*place, claims) for place, claims in counted.items()}

    def _is_ahead(self, day: date | None) -> bool:
        return day is not None and day > self.as_of

    def _age_of(self, day: date | None) -> str:
        if day is None or self._is_ahead(day):
            return "not sent"
        return age((self.as_of - day).days)

    def denied(self) -> Rows:
        """Code: claims that are denied, and the longest time since."""
        found: dict[str, list[int]] = defaultdict(list)
        for claim in self.claims:
            sent, decided = claim["submitted_on"], claim["decided_on"]
            if claim["claim_status"] == "Denied" and not (sent and sent > decided):
                found[claim["denial_code"] or "none given"].append((self.as_of - decided).days)
        return {(code, len(days), max(days)) for code, days in found.items()}

    def credits(self) -> Rows:
        """Payer: credit balances and their sum."""
        found: dict[str, list[Decimal]] = defaultdict(list)
        for (_, payer), amount in self.books[-1].items.items():
            if amount < 0:
                found[payer].append(-amount)
        return {(payer, len(amounts), sum(amounts)) for payer, amounts in found.items()}

    def unapplied(self) -> Rows:
        """The number of entries without a known charge since they last added up to nothing, and their sum."""
        left = self.books[-1].to_apply().values()
        return {(sum(entries for _, entries, _ in left), sum(amount for amount, *_ in left))}

    def days_to_pay(self) -> Rows:
        """Plan: claims that it has begun to pay, and the mean of the days from submission to first payment."""
        first: dict[tuple[Any, ...], date] = {}
        for entry in self.entries:
            if entry["entry_type"] == "payment" and entry["claim_id"]:
                place = (entry["claim_id"], entry["payer"])
                first[place] = min(entry["posted_on"], first.get(place, self.as_of))
        found: dict[str, list[int]] = defaultdict(list)
        for claim in self.claims:
            paid = first.get((claim["claim_id"], claim["insurance_plan_id"]))
            if paid and paid >= claim["submitted_on"]:
                found[claim["insurance_plan_id"]].append((paid - claim["submitted_on"]).days)
        return {(plan, len(days), share(sum(days), len(days), 1)) for plan, days in found.items()}

    @cached_property
    def kept(self) -> dict[str, Row]:
        """By encounter the appointment that it names; else, if each is the only one with its start, the one with the
        same start."""
        book = {booked["appointment_id"]: booked for booked in self.appointments}
        named = {e["appointment_id"] for e in self.encounters}
        found = {
            e["encounter_id"]: book[e["appointment_id"]]
            for e in self.encounters
            if e["appointment_id"] in book
        }
        walked_in = by_start("encounter", (e for e in self.encounters if not e["appointment_id"]))
        waiting = by_start(
            "appointment", (a for a in self.appointments if a["appointment_id"] not in named)
        )
        for start in walked_in.keys() & waiting.keys():
            encounter, booked = walked_in[start], waiting[start]
            if len({encounter["patient_pseudonym"], booked["patient_pseudonym"]} - {None}) < 2:
                found[encounter["encounter_id"]] = booked
        return found

    @cached_property
    def visits(self) -> list[tuple[date, str, str]]:
        """Completed visits: day, patient, encounter."""
        return [
            (e["encounter_date"], e["patient_pseudonym"], e["encounter_id"])
            for e in self.encounters
            if e["encounter_date"] <= self.as_of
            and self._outcome(self.kept.get(e["encounter_id"], {}) | e) == "completed"
        ]

    def _outcome(self, visit: Row) -> str:
        """How a visit ended, an encounter's cells or an appointment's or both: by the book's word, else by the
        encounter's, else by its day. Who came on an earlier day was seen (docs/decisions/what_a_no_show_is.md)."""
        in_book = visit.get("appointment_status")
        if in_book not in (None, "booked", "arrived"):
            return str(in_book)
        word = "".join(filter(str.isalpha, (visit.get("encounter_status") or "").lower()))
        if word in ENDED:
            return ENDED[word]
        came = in_book == "arrived" or word.startswith("check")
        day = visit.get("encounter_date") or visit["appointment_date"]
        return "completed" if came and day < self.as_of else "open"

    def visits_by_month(self) -> Rows:
        """Month: completed visits."""
        return set(Counter(day.replace(day=1) for day, *_ in self.visits).items())

    def new_patients(self) -> Rows:
        """Month: patients whose first completed visit was in it."""
        first: dict[str, date] = {}
        for day, patient, _ in self.visits:
            first[patient] = min(day, first.get(patient, day))
        return set(Counter(day.replace(day=1) for day in first.values()).items())

    def listed(self) -> Rows:
        """The patients of the practice."""
        return {(len(self.patients),)}

    def not_charged(self) -> Rows:
        """Day: completed visits that no charge names, or only charges that were voided."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        charges = [e for e in self.entries if e["entry_type"] == "charge"]
        for charge in charges:
            sums[charge["charge_id"]] += charge["amount"]
        charged = {e["encounter_id"] for e in charges if sums[e["charge_id"]]}
        since = min(e["service_date"] for e in self.entries if e["entry_type"] == "charge")
        days = [day for day, _, visit in self.visits if visit not in charged and day >= since]
        return set(Counter(days).items())

    def ended(self) -> Rows:
        """Month, hour: past appointments, those kept, missed and cancelled."""
        # of several encounters that name an appointment the last counts
        begun = sorted(
            (e for e in self.encounters if e["encounter_id"] in self.kept),
            key=lambda e: (e["encounter_date"], e["encounter_time"] or ""),
        )
        met = {self.kept[e["encounter_id"]]["appointment_id"]: e for e in begun}
        found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        for booked in self.appointments:
            day = booked["appointment_date"]
            outcome = self._outcome(booked | met.get(booked["appointment_id"], {}))
            if day < self.as_of or (day == self.as_of and outcome != "open"):
                place = (day.replace(day=1), int(booked["appointment_time"][:2]))
                found[place][outcome] += 1
        return {
            (*place, c.total(), c["completed"], c["no-show"], c["cancelled"] + c["late cancelled"])
            for place, c in found.items()
        }


def by_start(kind: str, rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    """Encounters or appointments by system, day and time of day, where no other begins then."""
    found = defaultdict(list)
    for row in rows:
        day, clock = row[f"{kind}_date"], row[f"{kind}_time"]
        if day and clock:
            found[row.get("system_name"), day, clock].append(row)
    return {start: row for start, (row, *more) in found.items() if not more}


PLANS = """inner join clinic.dim_insurance_plans as plans
    on {}.insurance_plan_durable_key = plans.insurance_plan_durable_key and plans.is_current"""
QUESTIONS = {
    "ageing": """select measured_on, payer_id, age_bucket, open_amount, credit_amount, unapplied_amount
        from billing.ar_by_month""",
    "rates": """select measured_on, balance_amount, gross_collection_rate, net_collection_rate, days_in_ar,
        days_in_net_ar, open_over_90_share from billing.billing_months""",
    "money": """select month_start, sum(charge_amount), sum(payment_amount), sum(refund_amount),
        sum(adjustment_amount), sum(contractual_amount) from billing.collections_by_month group by 1""",
    "decisions": """select month_start, denial_code, sum(claims_decided), sum(claims_denied),
        sum(claims_still_denied), sum(denied_charge_amount) from billing.denials_by_month group by 1, 2""",
    "pending": f"""select plans.insurance_plan_id, age_bucket, count(*) from billing.claims_pending
        {PLANS.format("claims_pending")} group by 1, 2""",
    "denied": "select denial_code, count(*), max(days_since_denial) from billing.denials_to_resubmit group by 1",
    "credits": "select payer_id, count(*), sum(to_refund_amount) from billing.credits_to_refund group by 1",
    "unapplied": "select count(*), coalesce(sum(signed_amount), 0) from billing.entries_to_apply",
    "days_to_pay": f"""select plans.insurance_plan_id, claims_paid, average_days_to_pay
        from billing.days_to_pay_by_plan {PLANS.format("days_to_pay_by_plan")}""",
    "visits_by_month": """select month_start, sum(visits) from billing.physician_months group by 1
        having sum(visits) > 0""",
    "new_patients": """select month_start, sum(new_patients) from clinic.panel_by_month group by 1
        having sum(new_patients) > 0""",
    "listed": "select sum(patients) from clinic.panel_by_month where measured_on = as_of_date",
    "not_charged": "select visit_date, count(*) from billing.visits_to_charge group by 1",
    "ended": """select month_start, appointment_hour, sum(booked_appointments), sum(kept_appointments),
        sum(no_show_appointments), sum(cancelled_appointments) from clinic.no_shows group by 1, 2""",
}
"""How the marts answer the question of each method, in one text for the three engines."""

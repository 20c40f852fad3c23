"""What happens in Salesforce: accounts are won and move, contacts come and go, deals pass from stage to stage."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from samples.chance import poisson

Row = dict[str, Any]
ACCOUNTS = 60
USERS = ("Avery Quill", "Bo Tarn", "Casey Rook", "Devon Marsh", "Emery Vale")
STAGES = {  # stage -> (probability in per cent, the stages that may follow)
    "Prospecting": ("10", ("Qualification", "Qualification", "Closed Lost")),
    "Qualification": ("25", ("Proposal/Price Quote", "Proposal/Price Quote", "Closed Lost")),
    "Proposal/Price Quote": ("65", ("Negotiation/Review", "Qualification", "Closed Lost")),
    "Negotiation/Review": ("85", ("Closed Won", "Closed Won", "Closed Lost")),
    "Closed Won": ("100", ()),
    "Closed Lost": ("0", ()),
}
_PLACES = (("Manteca", "CA", "95336"), ("Albany", "NY", "12207"), ("Newark", "NJ", "07102"))
_WORDS = "Alder Birch Cedar Elm Fir Hazel Juniper Larch Maple Oak Pine Rowan Spruce Willow".split()
_KINDS = ("Clinic", "Pharmacy", "Laboratory", "Care Home", "School")
_GIVEN = "Ash Blake Cam Dana Ellis Finn Gray Harper Indy Jules".split()
_FAMILY = "Alcott Brill Cole Dorn Ferris Gale Hart Lorne Marlow Nash".split()


class Crm:
    """The objects as they stand, by object and id; `changed` are those of the day, as Salesforce sends them."""

    def __init__(self, chance: random.Random, deals_a_day: int) -> None:
        self._chance, self._deals = chance, deals_a_day
        self._rows: dict[str, dict[str, Row]] = {
            name: {}
            for name in ("account", "contact", "opportunity", "opportunity_history", "user")
        }
        self._counts = dict.fromkeys(self._rows, 0)
        self.changed: dict[str, dict[str, Row]] = {}

    def live(self, today: date) -> None:
        """One day; the first one has the users and the accounts that were there before."""
        self.changed = {name: {} for name in self._rows}
        moments = self._moments(today)
        if not self._rows["user"]:
            for name in USERS:
                email = f"{name.split()[1].lower()}@example.com"
                self._new("user", "005", next(moments), Name=name, Email=email, IsActive=True)
            for _ in range(ACCOUNTS):
                self._account(next(moments))
        for _ in range(poisson(self._chance, 0.5)):
            self._account(next(moments))
        for _ in range(poisson(self._chance, 0.7)):
            self._move_account(next(moments))
        if self._chance.random() < 0.4:
            self._touch("contact", self._any("contact"), next(moments), IsDeleted=True)
        for _ in range(1 + poisson(self._chance, self._deals - 1)):
            self._deal(next(moments))
        for deal in [*self._rows["opportunity"].values()]:
            if not deal["IsClosed"] and self._chance.random() < 0.12:
                self._advance(deal, next(moments))

    def _moments(self, today: date) -> Any:
        """Ever later moments of the day, to the millisecond, UTC."""
        at = datetime(today.year, today.month, today.day, 8)
        while True:
            at += timedelta(milliseconds=self._chance.randint(500, 30_000))
            yield at

    def _new(self, name: str, prefix: str, at: datetime, **cells: Any) -> Row:
        number = f"{prefix}5f{self._counts[name]:010}AAA"
        self._counts[name] += 1
        owner = {"OwnerId": self._any("user")["Id"]} if name in _OWNED else {}
        row: Row = {"Id": number, **owner, "CreatedDate": at, "IsDeleted": False, **cells}
        self._rows[name][number] = row
        return self._touch(name, row, at)

    def _touch(self, name: str, row: Row, at: datetime, **cells: Any) -> Row:
        row |= cells | {"SystemModstamp": at}
        self.changed[name][row["Id"]] = dict(row)
        if row["IsDeleted"]:
            del self._rows[name][row["Id"]]
        return row

    def _any(self, name: str) -> Row:
        return self._chance.choice([*self._rows[name].values()])

    def _place(self) -> Mapping[str, str]:
        city, state, code = self._chance.choice(_PLACES)
        return {"BillingCity": city, "BillingState": state, "BillingPostalCode": code}

    def _account(self, at: datetime) -> None:
        chance = self._chance
        name = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {chance.choice(_KINDS)}"
        kind, industry = chance.choice(("Customer", "Prospect", None)), chance.choice(_KINDS)
        more = {"Type": kind, "Industry": industry, "Region__c": chance.choice(("East", "West"))}
        account = self._new("account", "001", at, Name=name, **more, **self._place())
        for _ in range(chance.randint(0, 3)):
            first, last = chance.choice(_GIVEN), chance.choice(_FAMILY)
            reach = {"Email": f"{first}.{last}@example.com".lower(), "Phone": "209-555-0100"}
            named = {"FirstName": first, "LastName": last, "Title": chance.choice(("Buyer", None))}
            self._new("contact", "003", at, AccountId=account["Id"], **named, **reach)

    def _move_account(self, at: datetime) -> None:
        region = {"Region__c": self._chance.choice(("East", "West", "North"))}
        self._touch("account", self._any("account"), at, **self._place(), **region)

    def _deal(self, at: datetime) -> None:
        account, chance = self._any("account"), self._chance
        amount = Decimal(chance.randint(10_000, 9_000_000)).scaleb(-2)
        cells = {"AccountId": account["Id"], "Name": f"{account['Name']} {at:%Y}"}
        cells |= {"Amount": amount if chance.random() > 0.1 else None}
        cells |= {"CloseDate": at.date() + timedelta(days=chance.randint(20, 120))}
        deal = self._new("opportunity", "006", at, **cells, **_stage("Prospecting"))
        self._record(deal, at)

    def _advance(self, deal: Row, at: datetime) -> None:
        """To the next stage, or another amount or closing day in the same."""
        chance, cells = self._chance, dict[str, Any]()
        if chance.random() < 0.75:
            cells |= _stage(chance.choice(STAGES[deal["StageName"]][1]))
        else:
            cells["Amount"] = Decimal(chance.randint(10_000, 9_000_000)).scaleb(-2)
        if cells.get("IsClosed"):
            cells["CloseDate"] = at.date()
        self._record(self._touch("opportunity", deal, at, **cells), at)

    def _record(self, deal: Row, at: datetime) -> None:
        copied = {name: deal[name] for name in ("StageName", "Amount", "Probability", "CloseDate")}
        by = {"OpportunityId": deal["Id"], "CreatedById": deal["OwnerId"]}
        self._new("opportunity_history", "008", at, **by, **copied)


_OWNED = ("account", "contact", "opportunity")


def _stage(name: str) -> Mapping[str, Any]:
    probability = Decimal(STAGES[name][0]).quantize(Decimal("0.01"))
    closed = name.startswith("Closed")
    won = name == "Closed Won"
    return {"StageName": name, "Probability": probability, "IsClosed": closed, "IsWon": won}

"""People who live up to a day: who insures them in each year, whom they see, and what is billed for it."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from samples.names import FIRST_NAMES, LAST_NAMES, STREETS, ZIPS
from samples.synthea.bills import NONE, Bill, Item, Plan, identifier, instant
from samples.synthea.written import HEADERS, Tables

PAYERS = {
    "Dual Eligible": ("Government", "0", "0", "0.10"),
    "Medicare": ("Government", "0", "0.20", "0.15"),
    "Medicaid": ("Government", "0", "0", "0.30"),
    "Humana": ("Private", "20", "0.30", "0"),
    "Anthem": ("Private", "25", "0.20", "0.05"),
    "Cigna Health": ("Private", "80", "0.10", "0"),
}
"""Who owns a payer; its copay, the share that its patients bear, and the share that its contract takes off."""
NO_INSURANCE = "NO_INSURANCE"
END_OF_JAVAS_TIME = "292278994-08-17T07:12:55Z"
YEARS = 4
VISITS = (("ambulatory", "185345009", "Encounter for symptom"),
          ("wellness", "162673000", "General examination of patient (procedure)"),
          ("inpatient", "183452005", "Encounter Inpatient"))  # fmt: skip
DONE = (("430193006", "Medication Reconciliation (procedure)"), ("140", "Influenza split virus trivalent PF"),
        ("710824005", "Assessment of health and social care needs"))  # fmt: skip
GIVEN = (("314076", "lisinopril 10 MG Oral Tablet"), ("313782", "acetaminophen 325 MG Oral Tablet"))
SPECIALITIES = ("GENERAL PRACTICE", "INTERNAL MEDICINE", "NURSE PRACTITIONER", "PHYSICAL THERAPY")


@dataclass
class _World:
    chance: random.Random
    end: datetime
    tables: Tables
    payers: dict[str, str]

    def name(self, names: list[str]) -> str:
        return f"{self.chance.choice(names)}{self.chance.randint(1, 999)}"

    def money(self, least: int, most: int) -> Decimal:
        return Decimal(self.chance.randint(least, most)) / 100


def population(people: int, seed: int, end: date) -> Tables:
    """A population of this number of people, up to the last moment of `end`."""
    tables: Tables = {name: [] for name in HEADERS}
    chance = random.Random(f"synthea {seed}")
    payers = {name: identifier(chance) for name in (*PAYERS, NO_INSURANCE)}
    last = datetime.combine(end, datetime.max.time()).replace(microsecond=0)
    world = _World(chance, last, tables, payers)
    for name, number in payers.items():
        owner = PAYERS[name][0] if name in PAYERS else NO_INSURANCE
        tables["payers"].append({"Id": number, "NAME": name, "OWNERSHIP": owner, "QOLS_AVG": "NaN"})
    _staff(world)
    for _ in range(people):
        _live(world)
    return tables


def _staff(world: _World) -> None:
    for place in range(1, 4):
        number = identifier(world.chance)
        world.tables["organizations"].append(
            {"Id": number, "NAME": f"MILLRACE CLINIC {place}", "REVENUE": "0.0"}
        )
        for speciality in world.chance.sample(SPECIALITIES, 2):
            name = f"{world.name(FIRST_NAMES)} {world.name(LAST_NAMES)}"
            world.tables["providers"].append(
                {"Id": identifier(world.chance), "ORGANIZATION": number, "NAME": name}
                | {"SPECIALITY": speciality, "GENDER": world.chance.choice("FM")}
            )


def _live(world: _World) -> None:
    chance, person = world.chance, identifier(world.chance)
    born = world.end.date() - timedelta(days=chance.randint(400, 33000))
    died = None
    if chance.random() < 0.1:
        died = world.end - timedelta(days=chance.randint(1, 300 * YEARS))
    zip_code = chance.choice([*ZIPS, "", "00000"])
    world.tables["patients"].append(
        {"Id": person, "BIRTHDATE": str(born), "DEATHDATE": str(died.date()) if died else ""}
        | {"SSN": f"999-{chance.randint(10, 99)}-{chance.randint(1000, 9999)}"}
        | {"FIRST": world.name(FIRST_NAMES), "MIDDLE": world.name(FIRST_NAMES)}
        | {"LAST": world.name(LAST_NAMES), "ADDRESS": f"{chance.randint(1, 999)} {chance.choice(STREETS)}"}
        | {"ZIP": zip_code, "LAT": "42.36877442769006", "LON": "-71.15168585038569"}
    )  # fmt: skip
    begin = world.end - timedelta(days=365 * YEARS + chance.randint(0, 300))
    begin = max(begin, datetime.combine(born, datetime.min.time()))
    while begin < (died or world.end):
        stop = begin + timedelta(days=365)
        plan = _insure(world, person, begin, stop)
        deductible = world.money(0, 20000) if plan.payer else NONE
        until = min(stop, died or world.end, world.end)
        for at in sorted(
            begin + (until - begin) * chance.random() for _ in range(chance.randint(0, 4))
        ):
            deductible -= _visit(world, person, at.replace(microsecond=0), plan, deductible)
        begin = stop


def _insure(world: _World, person: str, begin: datetime, stop: datetime) -> Plan:
    name = world.chance.choice([*PAYERS, NO_INSURANCE])
    secondary = world.payers["Humana"] if name == "Medicare" and world.chance.random() < 0.5 else ""
    endless = stop > world.end and world.chance.random() < 0.3
    world.tables["payer_transitions"].append(
        {"PATIENT": person, "MEMBERID": "" if name == NO_INSURANCE else identifier(world.chance)}
        | {"START_DATE": instant(begin), "END_DATE": END_OF_JAVAS_TIME if endless else instant(stop)}
        | {"PAYER": world.payers[name], "SECONDARY_PAYER": secondary}
    )  # fmt: skip
    if name == NO_INSURANCE:
        return Plan()
    _, copay, coinsurance, discount = PAYERS[name]
    terms = (Decimal(copay).quantize(NONE), Decimal(coinsurance), Decimal(discount))
    return Plan(world.payers[name], secondary, *terms)


def _visit(world: _World, person: str, at: datetime, plan: Plan, deductible: Decimal) -> Decimal:
    """An encounter, its bill, and one for each medication; what of the deductible the patient has paid."""
    chance, tables = world.chance, world.tables
    encounter, provider = identifier(chance), chance.choice(tables["providers"])
    kind, code, text = chance.choice(VISITS)
    stop = at + (timedelta(days=3) if kind == "inpatient" else timedelta(minutes=15))
    first = Item(code, text, world.money(5000, 20000), at, stop)
    done = [
        Item(*chance.choice(DONE), world.money(500, 90000), at + timedelta(minutes=5 * n), stop)
        for n in range(chance.randint(0, 3))
    ]
    given = [
        Item(*chance.choice(GIVEN), world.money(100, 9000), at, None) for _ in range(chance.randint(0, 2))
    ]  # fmt: skip
    tables["encounters"].append(
        {"Id": encounter, "START": instant(at), "STOP": instant(stop), "PATIENT": person}
        | {"ORGANIZATION": provider["ORGANIZATION"], "PROVIDER": provider["Id"]}
        | {"PAYER": plan.payer or world.payers[NO_INSURANCE], "ENCOUNTERCLASS": kind}
        | {"CODE": code, "DESCRIPTION": text, "BASE_ENCOUNTER_COST": f"{first.cost:.2f}"}
        | {"TOTAL_CLAIM_COST": f"{first.cost + sum(item.cost for item in done):.2f}"}
    )
    taken = NONE
    for items in ([first, *done], *([item] for item in given)):
        state = "CLOSED" if stop <= world.end else "BILLED"
        bill = identifier(chance)
        tables["claims"].append(
            {"Id": bill, "PATIENTID": person, "PROVIDERID": provider["Id"], "APPOINTMENTID": encounter}
            | {"PRIMARYPATIENTINSURANCEID": plan.payer, "SECONDARYPATIENTINSURANCEID": plan.secondary}
            | {"SERVICEDATE": instant(at), "CURRENTILLNESSDATE": instant(at), "STATUS1": state}
            | {"STATUSP": state, "OUTSTANDING1": "0", "OUTSTANDINGP": "0", "DIAGNOSIS1": code}
            | {"LASTBILLEDDATE1": instant(stop), "LASTBILLEDDATEP": instant(stop)}
            | {"HEALTHCARECLAIMTYPEID1": "1", "HEALTHCARECLAIMTYPEID2": "0"}
        )  # fmt: skip
        repeated = {"PATIENTID": person, "PLACEOFSERVICE": provider["ORGANIZATION"]}
        repeated |= {"APPOINTMENTID": encounter, "PATIENTINSURANCEID": person, "DIAGNOSISREF1": "1"}
        repeated |= {"PROVIDERID": provider["Id"], "SUPERVISINGPROVIDERID": provider["Id"]}
        settled = Bill(chance, tables, bill, plan, repeated)
        for place, item in enumerate(items):
            taken += settled.charge(item, deductible - taken, with_copay=place == 0)
    return taken

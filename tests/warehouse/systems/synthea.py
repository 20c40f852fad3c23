"""Synthea's files as a test fills them: a population of our own generator, and bills that were worked by hand.

A bill's number, its patient, its first and second insurer, its status, and who owes what of it in the end. Then its
transactions: charge with amount and level (1 or 2 an insurer, p the patient); copay, cash, check, card or echeck;
adjust; out, and in with its level. @ gives another day than the second of March 2026.
"""

import csv
import io
from collections import defaultdict
from decimal import Decimal

from samples.synthea import HEADERS, Tables

BILLS = """
b01 ann humana - CLOSED -                  the insurer pays it all
  charge 100 1
  echeck 100
b02 ann humana - CLOSED -                  a copay comes off the insurer's part
  charge 100 1
  copay 20
  echeck 80
b03 ann humana - CLOSED -                  what the insurer leaves is the patient's
  charge 100 1
  copay 20
  echeck 50
  out 30
  in 30 p
  card 30
b04 ann humana - CLOSED -                  its contract takes something off
  charge 100 1
  adjust 15
  echeck 60
  out 25
  in 25 p
  check 25
b05 bob medicare humana CLOSED -           the second insurer pays the rest
  charge 100 1
  echeck 80
  out 20
  in 20 2
  echeck 20
b06 bob medicare humana CLOSED -           and leaves a part of it to the patient
  charge 100 1
  copay 10
  echeck 60
  out 30
  in 30 2
  echeck 18
  out 12
  in 12 p
  cash 12
b07 cem - - CLOSED -                       nobody insures
  charge 100 p
  cash 100
b08 ann humana - BILLED humana=50          two charges, the second with the insurer still
  charge 80 1
  echeck 80
  charge 50 1
b09 ann humana - CLOSED patient=-2.51      a copay above the charge, as older versions write it
  charge 77.49 1
  copay 80
b10 ann humana - BILLED humana=100
  charge 100 1
b11 ann humana - BILLED patient=40         the patient has not paid
  charge 100 1
  echeck 60
  out 40
  in 40 p
b12 bob medicare humana BILLED humana=30   nor the second insurer
  charge 100 1
  echeck 70
  out 30
  in 30 2
b13 ann humana - CLOSED -                  a death certificate costs nothing
  charge 0 1
b14 ann humana - CLOSED humana=-10         the insurer has paid too much
  charge 100 1
  echeck 110
b15 ann humana - BILLED humana=70          cash while the insurer owes
  charge 100 1
  cash 30
b16 cem - - BILLED patient=60              in parts, on two days
  charge 100 p
  cash 30 @2026-03-10
  cash 10 @2026-03-20
b17 bob medicare - CLOSED -                back from the patient to the insurer
  charge 100 1
  out 100
  in 100 p
  out 100
  in 100 1
  echeck 100
b18 cem - - CLOSED -                       two charges, each settled for itself
  charge 40 p
  check 40
  charge 60 p
  card 60
"""

# what the exporter never writes; what becomes of it is counted
ODD = """
o01 ann humana - BILLED patient=100        the second insurer of a bill that has none
  charge 100 2
o02 ann humana - BILLED humana=100         a payment before its charge is of no charge
  cash 5
  charge 100 1
"""

# for what becomes of it a test stops the publication
LOST = """
o03 ann humana - BILLED -                  moved, and nowhere to
  charge 100 1
  out 100
"""

METHODS = {"copay": "COPAY", "cash": "CASH", "check": "CHECK", "card": "CC", "echeck": "ECHECK"}


def hand_made(
    bills: str = BILLS + ODD + LOST,
) -> tuple[Tables, dict[str, dict[str, Decimal]]]:
    """The bills as Synthea has them, each of an encounter of its own; and who owes what of each."""
    tables: Tables = defaultdict(list)
    expected: dict[str, dict[str, Decimal]] = {}
    for person in ("ann", "bob", "cem"):
        tables["patients"].append(
            {"Id": person, "BIRTHDATE": "1980-03-14", "FIRST": person, "LAST": "Day", "ZIP": "00000"}
            | ({"DEATHDATE": "2026-06-01"} if person == "cem" else {})
        )  # fmt: skip
    for payer, owner in (("humana", "Private"), ("medicare", "Government"), ("none", "")):
        name = {"none": "NO_INSURANCE", "medicare": "Medicare"}.get(payer, payer)
        tables["payers"].append({"Id": payer, "NAME": name, "OWNERSHIP": owner, "QOLS_AVG": "NaN"})
    for person, begin, end, payer, second in (
        ("ann", "2020-01-01T09:00:00Z", "2026-05-01T09:00:00Z", "humana", ""),
        ("ann", "2026-05-01T09:00:00Z", "292278994-08-17T07:12:55Z", "none", ""),
        ("bob", "2020-01-01T09:00:00Z", "292278994-08-17T07:12:55Z", "medicare", "humana"),
    ):
        tables["payer_transitions"].append(
            {"PATIENT": person, "START_DATE": begin, "END_DATE": end, "PAYER": payer}
            | {"SECONDARY_PAYER": second}
        )
    tables["organizations"].append({"Id": "org", "NAME": "MAIN STREET"})
    tables["providers"].append(
        {"Id": "doc", "ORGANIZATION": "org", "NAME": "Ann12 de la Vega3", "SPECIALITY": "NURSE"}
    )
    number = bill = person = ""
    for line in bills.strip().replace("\n\n", "\n").splitlines():
        cells = line.split()
        if not line.startswith(" "):
            bill, person = cells[:2]
            expected[bill] = {
                payer: Decimal(amount)
                for payer, _, amount in [cells[5].partition("=")]
                if payer != "-"
            }
            _open(tables, bill, person, *("" if cell == "-" else cell for cell in cells[2:5]))
            continue
        number = str(int(number or 0) + 1)
        _add(tables, bill, person, number, cells)
    return tables, expected


def _open(tables: Tables, bill: str, person: str, first: str, second: str, status: str) -> None:
    # half past nine in the evening before, in New York
    tables["encounters"].append(
        {"Id": f"visit {bill}", "START": "2026-03-02T02:30:00Z", "STOP": "2026-03-02T02:45:00Z"}
        | {"PATIENT": person, "ORGANIZATION": "org", "PROVIDER": "doc"}
    )
    # no payer is empty in newer versions, 0 in older ones
    tables["claims"].append(
        {"Id": bill, "PATIENTID": person, "APPOINTMENTID": f"visit {bill}", "STATUS1": status}
        | {"PRIMARYPATIENTINSURANCEID": first or "0", "SECONDARYPATIENTINSURANCEID": second}
        | {"LASTBILLEDDATE1": "2026-03-02T02:45:00Z" if first else "1970-01-01T00:00:00Z"}
    )


def _add(tables: Tables, bill: str, person: str, number: str, cells: list[str]) -> None:
    kind, amount = cells[0], f"{Decimal(cells[1]):.2f}"
    day = next((cell[1:] for cell in cells if cell.startswith("@")), "2026-03-02")
    # the id is that of other rows too, as in Synthea's releases
    row = {"ID": "one of many", "CLAIMID": bill, "CHARGEID": number, "PATIENTID": person}
    row |= {"APPOINTMENTID": f"visit {bill}", "PROCEDURECODE": "185345009", "OUTSTANDING": "999.99"}
    row |= {"FROMDATE": f"{day}T02:30:00Z", "TODATE": "1970-01-01T00:00:00Z"}
    if kind in METHODS:
        row |= {"TYPE": "PAYMENT", "METHOD": METHODS[kind], "PAYMENTS": amount}
    elif kind == "adjust":
        row |= {"TYPE": "ADJUSTMENT", "METHOD": "SYSTEM", "ADJUSTMENTS": amount}
    elif kind == "out":
        row |= {"TYPE": "TRANSFEROUT", "TRANSFERS": amount}
    else:
        row |= {"TYPE": "CHARGE" if kind == "charge" else "TRANSFERIN", "AMOUNT": amount}
        row |= {"TRANSFERTYPE": cells[2], "TRANSFERS": "" if kind == "charge" else amount}
    tables["claims_transactions"].append(row)


def files(tables: Tables, day: str, headers: dict[str, list[str]] = HEADERS) -> dict[str, str]:
    """The files of one delivery, by their names in the inbox."""
    found = {}
    for name, header in headers.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, header, restval="", extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(tables.get(name, ()))
        found[f"synthea/{day}/{name}.csv"] = text.getvalue()
    return found

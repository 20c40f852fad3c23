"""OpenEMR's visits with every twist that its ledger and its calendar know, as of the last of June 2026.

Every answer is worked by hand. Companies: 3 pays first, 4 second, 5 third.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.warehouse.systems.openemr import OpenEMR

# patient, level, company, since, until
INSURED = """
1 primary   3 2020-01-01 -
1 secondary 4 2020-01-01 -
2 primary   3 2020-01-01 -
2 secondary - 0000-00-00 -
4 primary   5 2020-01-01 -
4 primary   3 2026-03-01 -
5 primary   3 -          -
5 primary   0 2026-04-01 -
6 primary   3 0000-00-00 2026-02-28
7 primary   3 2020-01-01 -
7 secondary 4 2020-01-01 -
7 tertiary  5 2020-01-01 -
8 secondary 4 2020-01-01 -
"""

# a visit: number, patient, day, highest level billed and closed, and who owes what of it in the end. Then its rows:
# charge, struck, tax or sale with amount and day; copay, an old line; note, paid or adjusted by a level (0 the
# patient) with amount and day; a claim with level, company, status and day. ! marks a posting that was deleted
VISITS = """
101 1 2026-01-05 0/0 3=100           never billed: whom the patient is insured with owes
  charge 100 2026-01-05
102 3 2026-01-05 0/0 patient=80      not insured
  charge 80 2026-01-05
103 3 2026-01-05 0/0 patient=50
  charge 80 2026-01-05
  paid 0 30 2026-01-06
104 2 2026-01-05 1/1 patient=15      the only insurer is done: the rest is the patient's
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  adjusted 1 25 2026-02-01
105 2 2026-01-05 1/0 3=40            it has paid in part and is not done
  charge 100 2026-01-05
  paid 1 60 2026-02-01
106 1 2026-01-05 1/1 4=30            the first is done: the second owes
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  adjusted 1 10 2026-02-01
107 1 2026-01-05 2/2 patient=10
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  adjusted 1 10 2026-02-01
  paid 2 20 2026-02-20
108 7 2026-01-05 3/3 patient=5
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  paid 2 20 2026-02-20
  paid 3 5 2026-03-01
  adjusted 3 10 2026-03-01
109 7 2026-01-05 2/2 5=20
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  paid 2 20 2026-02-20
110 2 2026-01-05 1/0 3=80            a copay at the desk, while the insurer owes
  charge 100 2026-01-05
  paid 0 20 2026-01-05 PCP
111 2 2026-01-05 1/1 -
  charge 100 2026-01-05
  paid 0 20 2026-01-05 PCP
  paid 1 60 2026-02-01
  adjusted 1 20 2026-02-01
112 2 2026-01-05 1/0 3=85            a copay of an old version is a line below zero
  charge 100 2026-01-05
  copay 15 2026-01-05
113 2 2026-01-05 1/0 3=70            both kinds: each counts once
  charge 100 2026-01-05
  copay 15 2026-01-05
  paid 0 15 2026-01-05 PCP
114 2 2026-01-05 1/0 3=100           a line that was struck off
  charge 100 2026-01-05
  struck 50 2026-01-05
115 2 2026-01-05 1/0 3=100           a posting that was deleted
  charge 100 2026-01-05
  paid 1 60 2026-02-01 !
116 2 2026-01-05 1/1 patient=80      taken back after it was done: the patient owes it, as OpenEMR says
  charge 100 2026-01-05
  paid 1 80 2026-02-01
  adjusted 1 20 2026-02-01
  paid 1 -80 2026-05-01 Takeback
117 2 2026-01-05 1/1 patient=10
  charge 100 2026-01-05
  paid 1 80 2026-02-01
  paid 1 -80 2026-02-10 Takeback
  paid 1 70 2026-02-20
  adjusted 1 20 2026-02-20
118 2 2026-01-05 1/1 patient=30      a note of the deductible is no money
  charge 100 2026-01-05
  paid 1 50 2026-02-01
  adjusted 1 20 2026-02-01
  note 1 0 2026-02-01
119 2 2026-01-05 1/1 patient=100     denied, and done
  charge 100 2026-01-05
  claim 1 3 2 2026-01-06
  claim 1 3 7 2026-02-03
120 2 2026-01-05 1/0 3=100           denied, and not done
  charge 100 2026-01-05
  claim 1 3 2 2026-01-06
  claim 1 3 7 2026-02-03
121 2 2026-01-05 1/1 patient=-10     paid too much: a credit
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  adjusted 1 20 2026-02-01
  paid 0 30 2026-03-01
122 2 2026-01-05 1/0 3=-20
  charge 100 2026-01-05
  paid 1 120 2026-02-01
123 4 2026-02-28 0/0 5=100           the company of the day of service
  charge 100 2026-02-28
124 4 2026-03-01 0/0 3=100
  charge 100 2026-03-01
125 5 2026-03-31 0/0 3=100           without a beginning: since ever
  charge 100 2026-03-31
126 5 2026-04-01 0/0 patient=100     a row without a company ends the one before it
  charge 100 2026-04-01
127 6 2026-02-28 0/0 3=100           the last day of a coverage
  charge 100 2026-02-28
128 6 2026-03-01 0/0 patient=100     its end has passed
  charge 100 2026-03-01
129 8 2026-01-05 0/0 patient=100     a second level without a first
  charge 100 2026-01-05
130 3 2026-01-05 1/0 4=100           billed without a coverage: whom the claim was sent to
  charge 100 2026-01-05
  claim 1 4 2 2026-01-06
131 2 2026-01-05 0/0 3=50            a visit that was deleted: its money is still in OpenEMR's balance
  charge 50 2026-01-05
132 2 2026-01-05 0/0 3=60            see below: a line of it stayed with the patient before
  charge 60 2026-01-05
133 2 2026-01-05 1/1 patient=100     see below: two visits of one number, the newer counts
  charge 100 2026-01-05
134 3 2026-01-05 0/0 patient=15      a product, and one that was brought back
  sale 25 2026-01-05
  sale -10 2026-01-09
135 3 2026-01-05 0/0 patient=100     an adjustment that was reversed
  charge 100 2026-01-05
  adjusted 0 20 2026-02-01 PA
  adjusted 0 -20 2026-02-02 PA
136 3 2026-01-05 0/0 -               given back to the patient
  charge 60 2026-01-05
  paid 0 100 2026-01-05 PP
  paid 0 -40 2026-01-20 PP
137 2 2026-01-05 1/0 3=80            paid before it was charged
  paid 0 20 2026-01-05 PCP
  charge 100 2026-01-08
138 3 2026-01-05 0/0 patient=97.55   a tax, and a charge below zero
  charge 100 2026-01-05
  tax 7.55 2026-01-05
  charge -10 2026-01-06
139 2 2026-01-05 1/1 -               paid by a company that is not the patient's
  charge 100 2026-01-05
  paid 1 100 2026-02-01 session=9
140 2 2026-01-05 1/1 patient=20      the patient pays before the insurer does
  charge 100 2026-01-05
  paid 0 20 2026-02-10 PP
  paid 1 50 2026-03-01
  adjusted 1 10 2026-03-01
142 3 2026-01-05 0/0 patient=-30     all lines were struck off after it was paid
  struck 100 2026-01-05
  paid 0 30 2026-01-05 PP
143 3 2026-01-05 0/0 -               of a prepayment of 200 50 are applied
  charge 50 2026-01-05
  paid 0 50 2026-01-05 session=7
144 3 2026-01-05 0/0 patient=20      more was applied than came in
  charge 50 2026-01-05
  paid 0 30 2026-01-05 session=8
145 1 2026-01-05 3/3 patient=30      all levels were closed at once, with two insurers
  charge 100 2026-01-05
  paid 1 60 2026-02-01
  adjusted 1 10 2026-02-01
146 2 2026-01-05 1/1 patient=10      denied, sent again, paid
  charge 100 2026-01-05
  claim 1 3 2 2026-01-06
  claim 1 3 7 2026-02-03
  claim 1 3 2 2026-02-10
  paid 1 80 2026-03-01
  adjusted 1 10 2026-03-01
147 1 2026-01-05 2/1 4=30            crossed over to the second
  charge 100 2026-01-05
  claim 1 3 2 2026-01-06
  paid 1 60 2026-02-01
  adjusted 1 10 2026-02-01
  claim 2 4 6 2026-02-01
148 2 2026-01-05 1/0 3=100           queued, and never sent
  charge 100 2026-01-05
  claim 1 3 1 2026-01-06
"""
CHARGES: dict[str, dict[str, Any]] = {
    "charge": {},
    "struck": {"activity": 0},
    "tax": {"code_type": "TAX", "code": "8.75"},
}


def fill(emr: OpenEMR) -> dict[str, dict[str, Decimal]]:
    """The visits as OpenEMR has them; returns who owes what of each."""
    expected: dict[str, dict[str, Decimal]] = {}
    number = pid = 0
    for line in INSURED.strip().splitlines():
        patient, level, company, since, until = (
            "" if cell == "-" else cell for cell in line.split()
        )
        emr.insured(int(patient), level, company, since, until)
    for line in VISITS.strip().splitlines():
        cells = line.split()
        if not line.startswith(" "):
            number, pid = int(cells[0]), int(cells[1])
            billed, closed = map(int, cells[3].split("/"))
            emr.visit(pid, number, cells[2], billed, closed)
            owed = [cells[4].split("=")] if cells[4] != "-" else []
            expected[cells[0]] = {payer: Decimal(amount) for payer, amount in owed}
            continue
        kind, day = cells[0], cells[3 if len(cells) > 3 else 2]
        more: dict[str, Any] = {}
        if kind in CHARGES:
            emr.line(pid, number, cells[1], cells[2], **CHARGES[kind])
        elif kind == "copay":
            emr.line(pid, number, f"-{cells[1]}", cells[2], code_type="COPAY", code=cells[1])
        elif kind == "sale":
            emr.add("drug_sales", sale_id=len(emr.tables["drug_sales"]) + 1, drug_id=1, pid=pid, encounter=number,
                    sale_date=cells[2], fee=cells[1], trans_type=3 if cells[1].startswith("-") else 1)  # fmt: skip
        elif kind == "claim":
            reasons = "99213_25_CO_16,99213__CO_45" if cells[3] == "7" else ""
            emr.claim(pid, number, int(cells[1]), int(cells[2]), int(cells[3]), cells[4], reasons)
        else:
            word = cells[4] if len(cells) > 4 else ""
            if word == "!":
                more["deleted"] = f"{day} 17:00:00"
            elif word.startswith("session="):
                more["session_id"] = word.removeprefix("session=")
            else:
                more["account_code"] = word
            amounts: dict[str, dict[str, Any]] = {
                "paid": {"paid": cells[2]},
                "adjusted": {"adjusted": cells[2]},
            }
            memo = "Ins1 adjust code 45" if kind == "adjusted" and cells[1] != "0" else ""
            emr.post(pid, number, int(cells[1]), day, memo=memo, **amounts.get(kind, {}), **more)
    return expected


def fill_calendar(emr: OpenEMR) -> None:
    """Appointments of every status; each of an invented patient, so that none meets a visit by its day."""
    emr.add("openemr_postcalendar_categories", pc_catid=1, pc_constant_id="no_show", pc_cattype=0)
    emr.add("openemr_postcalendar_categories", pc_catid=2, pc_constant_id="in_office", pc_cattype=1)
    emr.add(
        "list_options", list_id="apptstat", option_id="ROOM", toggle_setting_1=1, toggle_setting_2=0
    )
    emr.add(
        "list_options", list_id="apptstat", option_id="BYE", toggle_setting_1=0, toggle_setting_2=1
    )
    emr.add("list_options", list_id="sex", option_id="ROOM", toggle_setting_1=0, toggle_setting_2=0)
    for place, code in enumerate("- * x % ? @ ~ < > $ ! ROOM BYE HUH".split(), 1):
        emr.appointment(place, 100 + place, "2026-06-01", code)
    emr.appointment(20, 120, "2026-06-01", "-", pc_catid=1)
    emr.appointment(21, "", "2026-06-01", "-", pc_catid=2)  # staff
    emr.appointment(22, 122, "2026-06-01", "-", pc_recurrtype=1)  # a series
    emr.appointment(23, 123, "2026-06-01", ">", pc_multiple=4)  # of two providers
    emr.appointment(24, 123, "2026-06-01", ">", pc_multiple=4, pc_aid=2)
    emr.appointment(25, 125, "2026-07-10", "?")  # missed before its day
    emr.appointment(26, 126, "2026-07-10", "x")
    # 27 by the flow board, which names the row of the second provider; 28 by its day; 29 is deleted
    emr.appointment(27, 2, "2026-02-02", "-", pc_multiple=5)
    emr.appointment(30, 2, "2026-02-02", "-", pc_multiple=5, pc_aid=2)
    emr.appointment(28, 6, "2026-03-01", "?")
    emr.add("patient_tracker", id=1, eid=30, pid=2, encounter=104, apptdate="2026-02-02")
    emr.add("patient_tracker", id=2, eid=29, pid=2, encounter=105, apptdate="2026-01-05")
    emr.add("patient_tracker", id=3, eid=22, pid=2, encounter=110, apptdate="2026-06-01")


def hand_made() -> tuple[OpenEMR, dict[str, dict[str, Decimal]]]:
    """The practice, and who owes what of each visit in the end."""
    emr = OpenEMR(date(2026, 6, 30))
    for pid in range(1, 9):
        emr.patient(pid, deceased_date="2026-06-01 00:00:00" if pid == 8 else "0000-00-00 00:00:00")
    for pid in range(101, 127):  # who have appointments alone
        emr.patient(pid)
    emr.company(3, ins_type_code=17)
    emr.company(4, ins_type_code=2)
    emr.company(5, ins_type_code=99, inactive=1)
    emr.company(6)
    expected = fill(emr)
    for form in emr.tables["forms"]:
        form["deleted"] = int(form["encounter"] == 131)
    emr.line(3, 132, "40", "2026-01-05")
    expected["132 of patient 3"] = {"patient": Decimal(40)}
    # the older of the two visits 133 was not closed
    newer = next(v for v in emr.tables["form_encounter"] if v["encounter"] == 133)
    emr.tables["form_encounter"].append(newer | {"id": 999})
    newer["last_level_closed"] = 0
    emr.session(7, 0, "200.00", patient_id=3, post_to_date="2026-01-03", payment_method="check_payment",
                adjustment_code="pre_payment", global_amount="100.00")  # fmt: skip
    emr.session(8, 0, "10.00", patient_id=3, deposit_date="2026-01-04")
    emr.session(9, 6, "100.00", deposit_date="2026-02-01", payment_method="electronic")
    fill_calendar(emr)
    return emr, expected

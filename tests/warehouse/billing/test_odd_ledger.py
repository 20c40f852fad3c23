"""A ledger with words, signs and gaps that the practice's books should not have, from its files to the published marts.

One run of the whole project, as a user starts it, with every data test.
"""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

import pytest

from tests.warehouse.practice import Practice

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

DAYS = ("2024-02-28", "2024-02-29", "2024-03-01")
PATIENTS = """
person_id,first_name,last_name,email,dob,address,zip,insurance
P1,Ann,Lee,a@example.invalid,2/29/1960,1 A St,02144,INS1
P2,Bob,Lee,b@example.invalid,1/1/1980,2 B St,02145,INS2
"""
PLANS = "insid,plan\nINS1,Gold\nINS2,Silver\n"
ACCOUNTS = """
accountId,member_id,last_payment,payment_due,account_balance,patient
A1,INS1,5.00,2/29/2024,{balance},P1
A2,INS2,,,-0.00,P2
"""
CLAIMS = "claim_id,encounter_id,patient,insurance,submitted_on,accepted_on,decided_on,status,denial_code\n"
NAMES = (
    "entry_id charge_id claim_id encounter_id patient entry_type amount payer transfer_to method procedure_code"
    " adjustment_code service_date posted_on"
).split()

# charge, patient, type, amount, payer, method or adjustment code, service or posted
LEDGER = """
C1 P1 charge     100.00 -       -           2/1/2024
C1 P1 payment    100.00 Patient cash        2/2/2024
C2 P1 charge      80.00 -       -           1/30/2024
C2 P1 payment     80.00 patient check       2/5/2024
C2 P1 payment    -80.00 patient check       2/9/2024
C3 P2 charge      60.00 -       -           2/1/2024
C3 P2 Payment     60.00 patient cash        2/3/2024
C4 P2 charge      50.00 -       -           2/1/2024
C4 P2 charge     -50.00 -       -           2/4/2024
C5 P2 charge      40.00 -       -           2/1/2024
C5 P2 payment     90.00 patient Seashells   2/2/2024
C5 P2 refund      50.00 patient check       3/1/2024
C6 P2 charge      30.00 -       -           2/29/2024
C7 P1 charge          - -       -           2/1/2024
C8 P1 charge      20.00 -       -           2/1/2024
C8 P1 adjustment   5.00 patient Contractual 2/2/2024
-  -  refund       7.00 patient check       2/20/2024
"""


def entries() -> Iterable[dict[str, str]]:
    for number, line in enumerate(LEDGER.strip().splitlines(), 1):
        charge, patient, kind, amount, payer, word, day = (
            "" if cell == "-" else cell for cell in line.split()
        )
        yield {
            "entry_id": f"E{number}",
            "charge_id": charge,
            "patient": patient,
            "entry_type": kind,
            "amount": amount,
            "payer": payer,
            "adjustment_code" if kind == "adjustment" else "method": word,
            "service_date" if kind == "charge" else "posted_on": day,
        } | ({"posted_on": day, "procedure_code": "99213"} if kind == "charge" else {})


def ledger() -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, NAMES, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(entries())
    return sink.getvalue()


def deliver(practice: Practice, day: str, balance: str) -> None:
    """The full extracts of a day, into the inbox."""
    files = {
        "clinic/{}/patient.csv": PATIENTS,
        "clinic/{}/insurance.csv": PLANS,
        "clinic/{}/account.csv": ACCOUNTS.format(balance=balance),
        "billing/{}/ledger.csv": ledger(),
    }
    for name, text in files.items():
        path = practice.lake / "inbox" / name.format(day)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    made = Practice(tmp_path_factory.mktemp("odd"))
    for day, balance in zip(DAYS, ("$10.00", "($10.00)", "$10.00"), strict=True):
        deliver(made, day, balance)
    (made.lake / f"inbox/billing/{DAYS[-1]}/claim.csv").write_text(
        CLAIMS + "M1,,P1,INS1,2/1/2024,,,Lost,\n"
    )
    made.first = made.command("run")
    assert made.first.returncode == 0, made.first.stdout + made.first.stderr
    return made


def test_it_is_published_with_every_amount_where_it_belongs(practice: Practice) -> None:
    """What is open on 2024-03-01, by charge; a charge without an amount counts 0, a reversed payment is open again."""
    assert f"published: {practice.warehouse}" in practice.first.stdout
    charges = dict(
        practice.query(
            "select distinct staged.charge_id, charges.balance_amount"
            " from staging.stg_billing__ledger_entries as staged"
            " inner join billing.fct_ledger_entries as entries on staged.entry_id = entries.entry_id"
            " inner join billing.fct_charges as charges on entries.charge_key = charges.charge_key"
        )
    )
    assert charges == {
        "C1": 0,  # paid by `Patient`
        "C2": Decimal("80.00"),  # paid, and the payment given back
        "C3": Decimal("60.00"),  # its payment is spelt otherwise and lies in quarantine
        "C4": 0,  # voided
        "C5": 0,
        "C6": Decimal("30.00"),
        "C7": 0,  # without an amount
        "C8": Decimal("15.00"),  # `Contractual` is the adjustment that the contract lists
    }
    ageing = practice.query(
        "select payer_id, age_bucket, sum(open_amount), sum(credit_amount), sum(unapplied_amount)"
        " from billing.ar_ageing group by all order by all"
    )
    assert ageing == [
        ("patient", "0-30", Decimal("105.00"), 0, 0),
        ("patient", "31-60", Decimal("80.00"), 0, 0),
        ("patient", "unapplied", 0, 0, Decimal("7.00")),
    ]
    balances = practice.query(
        "select balance_amount from billing.fct_account_balances where balance_amount <> 0 order by balance_date"
    )
    assert [amount for (amount,) in balances] == [10, -10, 10]


def test_what_is_odd_is_found_and_no_verdict_calls_it_complete(practice: Practice) -> None:
    found = practice.query(
        "select table_name, place, column_name, finding, rows_found from operations.data_findings"
        " where finding in ('unknown_value', 'below_minimum', 'amount_of_zero') order by all"
    )
    assert found == [
        ("claim", "staged", "status", "unknown_value", 1),
        ("ledger", "quarantine", "entry_type", "unknown_value", 1),
        ("ledger", "staged", "amount", "below_minimum", 2),
        ("ledger", "staged", "method", "unknown_value", 1),
        ("ledger", "staged", "payer", "unknown_value", 1),
    ]
    verdicts = dict(practice.query("select area, verdict from operations.figures_status"))
    told = str(verdicts["billing"])
    for what in (
        "1 row of billing.ledger in quarantine",
        "2 rows of billing.ledger below the minimum of amount",
        "1 row of billing.ledger with an unknown method",
        "1 row of billing.ledger with an unknown payer",
        "1 row of billing.claim with an unknown status",
    ):
        assert what in told
    assert verdicts["clinic"] == "complete"


def test_the_newest_load_of_every_raw_table_can_be_asked_for_in_what_is_published(
    practice: Practice,
) -> None:
    """Also of the claims, which have a single load, and of tables that have none."""
    tables = practice.query(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema like 'raw\\_%' escape '\\' and table_schema <> 'raw_landfall'"
        " and not starts_with(table_name, 'base_landfall__')"
    )
    newest = {
        name: practice.query(
            f"select max(load_id) is not null, max(extract_date), count(distinct load_id) from {name}"
        )[0]
        for (name,) in tables
    }
    assert newest["raw_billing.claim"][0] and str(newest["raw_billing.claim"][1]) == DAYS[-1]
    assert newest["raw_billing.claim"][2] == 1
    assert newest["raw_billing.ledger"][2] == 3
    assert newest["raw_shop.orders"] == (False, None, 0)


def test_a_discarded_day_makes_the_verdict_say_so_until_it_lands(practice: Practice) -> None:
    """The verdict is a view on the lake: no build is needed."""
    name = "clinic/2024-03-02/patient.csv"
    path = practice.lake / "inbox" / name
    path.parent.mkdir()
    path.write_text("person_id\nP1\n")

    def verdict() -> str:
        found = practice.query(
            "select verdict from operations.figures_status where area = 'clinic'"
        )
        return str(found[0][0])

    assert practice.command("land").returncode == 3
    assert "1 refused file of clinic.patient" in verdict()
    assert practice.command("discard", name, "--reason", "broken").returncode == 0
    assert (
        verdict() == "incomplete: clinic.patient of 2024-03-02 is missing, its file was discarded"
    )
    shown = practice.command("status", "--source", "clinic").stdout
    assert f"{name}  clinic.patient  discarded" in shown
    assert practice.query(
        "select refused_objects, missing_objects from operations.table_status where table_name = 'patient'"
    ) == [(0, 1)]
    # a newer full extract takes the place of the day with the next build, except in histories
    deliver(practice, "2024-03-03", "$10.00")
    assert practice.command("run").returncode == 0
    assert verdict() == "complete"
    past = "select past_days_missing from operations.figures_status where area = 'clinic'"
    assert practice.query(past) == [
        ("clinic.patient of 2024-03-02 is missing, its file was discarded",)
    ]
    assert practice.command("discard", name, "--surplus", "--reason", "a test").returncode == 0
    assert verdict() == "complete" and practice.query(past) == [(None,)]

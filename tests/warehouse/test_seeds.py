"""Code lists that decide what is shown: changed on purpose or not at all."""

import csv
import hashlib
import re
from pathlib import Path

from ingestion.codes import Code, Fate
from ingestion.inbox import DISCARDED
from samples.practice.plans import DENIAL_CODES

ROOT = Path(__file__).resolve().parents[2]
ZIP_AREAS = ROOT / "seeds" / "zip_areas.csv"
ZIP_AREAS_SHA256 = "39da774f68d4b7160168f4b347493e8e61d5f6dc327507ed9e1db73a24a51bf6"
RESTRICTED = (
    "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split()  # by the census of 2000
)


def rows() -> list[dict[str, str]]:
    with ZIP_AREAS.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_allowed_zip_areas_are_the_ones_that_were_checked() -> None:
    assert hashlib.sha256(ZIP_AREAS.read_bytes()).hexdigest() == ZIP_AREAS_SHA256


def test_an_allowed_zip_area_has_three_digits_and_more_than_20000_people() -> None:
    listed = rows()
    assert len(listed) == 871
    assert all(len(row["zip_area"]) == 3 and row["zip_area"].isdigit() for row in listed)
    assert min(int(row["population"]) for row in listed) > 20_000
    assert len({row["zip_area"] for row in listed}) == len(listed)


def test_no_area_of_the_guidances_list_is_allowed() -> None:
    assert {row["zip_area"] for row in rows()}.isdisjoint(RESTRICTED)
    assert "000" not in {row["zip_area"] for row in rows()}


def test_the_allowed_areas_hold_nearly_everybody() -> None:
    # 312.5 million people lived in the areas of the census of 2010, Puerto Rico included
    assert 309_000_000 < sum(int(row["population"]) for row in rows()) < 312_463_000


def explained() -> dict[str, set[str]]:
    """The findings that have words, by the place where they are found."""
    found: dict[str, set[str]] = {}
    with (ROOT / "seeds" / "finding_codes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert row["meaning"] and row["what_to_do"], row
            found.setdefault(row["place"], set()).add(row["finding"])
    return found


def test_every_code_of_refused_and_quarantined_input_says_what_to_do() -> None:
    known = explained()
    for place, fate in (("inbox", Fate.REFUSED), ("quarantine", Fate.QUARANTINED)):
        assert known[place] == {code.value for code in Code if fate in code.fates}
    assert DISCARDED in known["archive"] and known["due"] == {"late"}


def test_every_finding_of_the_staged_rows_says_what_to_do_and_no_other_is_explained() -> None:
    folders = ("intermediate/findings", "intermediate/operations")
    files = [path for folder in folders for path in (ROOT / "models" / folder).glob("*.sql")]
    text = "".join(
        path.read_text() for path in [*files, *(ROOT / "macros/operations").glob("*.sql")]
    )
    named = {*re.findall(r"'(\w+)' as finding\b", text), *re.findall(r"'finding': '(\w+)'", text)}
    for case in re.findall(r"\bcase\b((?:(?!\bcase\b).)*?)end as finding\b", text, re.DOTALL):
        named |= {*re.findall(r"(?:then|else) '(\w+)'", case)}
    assert explained()["staged"] == named


def listed_in(seed: str, column: str) -> list[str]:
    with (ROOT / "seeds" / f"{seed}.csv").open(newline="") as file:
        return [row[column] for row in csv.DictReader(file) if row[column]]


def test_every_reason_that_samples_and_openemr_give_has_words_that_fit_a_chart() -> None:
    known = set(listed_in("adjustment_reasons", "reason_code"))
    assert known >= set(listed_in("openemr_adjustment_reasons", "reason_code"))
    assert known >= {code.partition("-")[2] for code in DENIAL_CODES}
    assert max(map(len, listed_in("adjustment_reasons", "meaning"))) <= 40

"""Code lists that decide what is shown: changed on purpose or not at all."""

import csv
import hashlib
from pathlib import Path

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

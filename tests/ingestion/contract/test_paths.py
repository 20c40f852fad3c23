"""Paths as AWS writes them: date folders in all their forms, and the patterns that a draft proposes."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contract import BadName, PathPattern, pattern_for, read_project
from ingestion.errors import BadSettings
from tests.ingestion.lakes import CONTRACT, VARIABLES

SEQUENCES = ("%Y %m %d", "%Y %m %d %H", "%Y %m", "%m %Y %d", "%d %m %Y")
"""DatePartitionSequence of DMS."""
DELIMITERS = ("/", "_", "-", "")
"""DatePartitionDelimiter of DMS."""
DMS = [sequence.replace(" ", delimiter) for sequence in SEQUENCES for delimiter in DELIMITERS]
APPFLOW = ["%Y", "%Y/%m", "%Y/%m/%d", "%Y/%m/%d/%H", "%Y/%m/%d/%H/%M"]
EXECUTIONS = ("0f7c2a9e-1b1d-4c53-9a57-3f1f0c5a7d10", "1e8d3baf-2c2e-4d64-8b68-4a2a1d6b8e21")
CHANGES = PathPattern.parse("c/[{day}/]{change_time}.csv")
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31))


@given(MOMENTS, st.sampled_from([*DMS, *APPFLOW]))
def test_date_folders_of_every_form_are_a_day(moment: datetime, form: str) -> None:
    found = CHANGES.match(f"c/{moment:{form}}/20220725-033312345.csv")
    assert found and found["day"] == f"{moment:{form}}"
    CHANGES.check_day(found)


@pytest.mark.parametrize(
    "folders",
    [
        "2023/02/29", "2023_02_29", "2023-02-29", "20230229", "2023/13", "202313", "2023_13", "2023-02-28-24",
        "2023022824", "2023/02/28/24", "2023/02/28/23/60", "1899", "2201/01/01", "189912", "29/02/2023", "29022023",
        "13/2023/01", "13202301", "31-04-2023",
    ],
)  # fmt: skip
def test_date_folders_that_the_calendar_lacks_are_refused_by_name(folders: str) -> None:
    found = CHANGES.match(f"c/{folders}/20220725-033312345.csv")
    assert found
    with pytest.raises(BadName, match="impossible date"):
        CHANGES.check_day(found)


@pytest.mark.parametrize(
    "folders", ["2022/07-25", "2022/7/25", "20227", "2022072", "22/07/25", "2022/07/25/", "y=2022"]
)
def test_other_folders_are_no_day(folders: str) -> None:
    assert CHANGES.match(f"c/{folders}/20220725-033312345.csv") is None


def layouts() -> list[tuple[str, str, str]]:
    """Paths as AWS writes them, as forms of strftime with the execution as `$`, and the patterns of their drafts."""
    found = [
        ("c/%Y-%m-%d/t.csv", "", "c/{date}/t.csv"),
        ("c/t_%Y%m%d.csv.gz", "", "c/t_{compact_date}.csv"),
        ("c/%Y-%m-%d/t_%Y%m%d.csv", "", "c/{date}/t_{compact_date}.csv"),
        ("c/%Y/t_%Y-%m-%d.csv", "", "c/[{day}/]t_{date}.csv"),
        ("c/%Y-%m-%dT%H-%M-%SZ/t.csv", "", "c/{folder_time}/t.csv"),
        ("c/d/t/%Y%m%d-%H%M%S123.csv", "", "c/d/t/{change_time}.csv"),
        ("c/f/$/part", "", "c/f/{execution}/{file}"),
        ("c/%Y/%m/%d/LOAD0000000A.csv", "", "c/[{day}/]{load}.csv"),
    ]
    found += [
        ("c/d/t/", f"{form}/%Y%m%d-%H%M%S123.csv", "c/d/t/[{day}/]{change_time}.csv")
        for form in DMS
    ]
    found += [
        ("c/f/", f"{form}/$/f-%Y-%m-%dT%H", "c/f/[{day}/]{execution}/{file}") for form in APPFLOW
    ]
    snapshot = "c/{export}/db/public.t/{part}.parquet"
    found += [
        (f"c/x-%Y-%m-%d/db/public.t/{batch}part-00000-a-c000.gz.parquet", "", snapshot)
        for batch in ("", "1/", "12/")
    ]
    return found  # fmt: skip


@given(MOMENTS, MOMENTS, st.sampled_from(layouts()))
def test_a_draft_of_one_day_claims_the_same_layout_of_every_other(
    one: datetime, other: datetime, layout: tuple[str, str, str]
) -> None:
    folder, rest, expected = layout
    paths = [
        f"{when:{folder + rest}}".replace("$", execution)
        for when, execution in zip((one, other), EXECUTIONS, strict=True)
    ]
    assert [pattern_for(path) for path in paths] == [expected] * 2
    pattern = PathPattern.parse(expected)
    for path in paths:
        found = pattern.match(path)
        assert found
        pattern.check(found)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("c/t/SEGMENT1_LOAD00000001.csv", "SEGMENT1_LOAD….csv of DMS's parallel load"),
        ("c/t/CDC_TXN-20201117153046033.csv", "transaction order"),
        ("c/10/29/2014/20141029-113401600.csv", "a date in its path"),
        ("c/2014/2014-10-29/20141029-113401600.csv", "a date in its path"),
        ("c/dt=2014-10-29/20141029-113401600.csv", "a date in its path"),
        ("c/t_2026-11-14_to_2026-11-21.csv", "a date in its path"),
        ("c/2026-11-21/t_20261120.csv", "two dates"),
        ("c/2026-02-30/t.csv", "impossible date"),
        ("c/20261321-113401600.csv", "impossible time"),
        ("c/[a]/2026-11-21/t.csv", "a bracket"),
    ],
)
def test_a_path_that_a_pattern_cannot_name_is_refused(path: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        pattern_for(path)


@pytest.mark.parametrize(
    "path", ["c/UPLOAD12345678.csv", "c/t.csv", "c/2026/11/21/t.csv", "c/part-00000.parquet"]
)
def test_a_path_without_a_time_has_no_pattern(path: str) -> None:
    assert pattern_for(path) is None


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("shop/t/SEGMENT1_{load}.csv", "{load} must be the whole name of the file"),
        ("shop/t/[SEGMENT1_]{load}.csv", "{load} must be the whole name of the file"),
        ("shop/t/{load}_1.csv", "{load} must be the whole name of the file"),
        ("shop/{compact_date}/{change_time}.csv", "{change_time} tells the time: write {day}"),
        ("shop/[{date}/]{change_time}.csv", "{change_time} tells the time: write {day}"),
        ("shop/{date}/{folder_time}/t.csv", "{folder_time} tells the time: write {day}"),
        ("shop/{date}/t_{date}.csv", "{date} is there twice"),
    ],
)
def test_a_path_whose_deliveries_would_be_misread_is_an_error_of_the_contract(
    tmp_path: Path, path: str, problem: str
) -> None:
    file = tmp_path / "models/staging/shop/_shop__sources.yml"
    file.parent.mkdir(parents=True)
    file.write_text(CONTRACT.replace("shop/{date}/visit.csv", path))
    (tmp_path / "dbt_project.yml").write_text(VARIABLES)
    with pytest.raises(BadSettings) as refused:
        read_project(tmp_path)
    assert problem in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["c/{load}.csv", "c/[{day}/]{load}.parquet", "{load}", "c/{date}/{load}.csv"]
)
def test_a_part_of_a_full_load_is_a_whole_name(path: str) -> None:
    assert "load" in PathPattern.parse(path).words

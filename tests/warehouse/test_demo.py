"""`make demo` does what the README says of it, over fewer days."""

import re
from pathlib import Path

import duckdb
import pytest

from samples import demo

DAYS = 8


@pytest.mark.slow
def test_the_demo_lands_a_month_then_a_day_and_shows_what_came_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    demo.show(tmp_path / "demo", DAYS)
    told = capfd.readouterr().out

    for title, _ in demo.FIGURES:
        assert title in told
    assert "refused unknown_column" in told
    with duckdb.connect(str(tmp_path / "demo" / "warehouse.duckdb"), read_only=True) as warehouse:
        count = "select count(*) from operations.data_validations where verdict = {}"
        assert warehouse.execute(count.format("'differs'")).fetchone() == (0,)
        assert warehouse.execute(count.format("'holds'")).fetchone() > (0,)
        # an export of changes stays part of the state, so what it could not give is missing
        withheld = (
            "select finding, rows_found from operations.data_findings"
            " where table_name = 'trips_table' and place = 'quarantine'"
        )
        assert warehouse.execute(withheld).fetchall() == [("bad_json", 1)]
        rides = "select verdict from operations.figures_status where area = 'rides'"
        assert warehouse.execute(rides).fetchall() == [
            ("incomplete: 1 rows of trips_table in quarantine",)
        ]
        taken = (
            "select taken_by, count(distinct extract_date) from snapshots.taken_loads group by 1"
        )
        assert dict(warehouse.execute(taken).fetchall()) == {"backfill": DAYS - 1, "snapshot": 1}


def test_the_demo_says_which_step_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "show", lambda: demo.command({}, "no_such_module"))
    assert demo.main() == 1
    assert re.search(
        r"^demo: python -m no_such_module: exit code 1, not 0$", capsys.readouterr().err
    )


def test_settings_for_the_shell_are_for_the_owner_alone(tmp_path: Path) -> None:
    values = demo.prepare(tmp_path / "demo")
    script = tmp_path / "demo" / "settings.sh"
    assert script.stat().st_mode & 0o077 == 0
    assert f"export LANDFALL_KEY='{values['LANDFALL_KEY']}'" in script.read_text()

"""The lint of SQL names what an engine cannot parse."""

from pathlib import Path

from tools.lint.sql import unparsable


def test_sql_that_an_engine_cannot_parse_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "right.sql").write_text("select a from b")
    (tmp_path / "wrong.sql").write_text("select a\nfrom (select b")
    found = unparsable(["right.sql", "wrong.sql"], tmp_path, "redshift")
    assert found["right.sql"] == []
    assert [line.partition(":")[0] for line in found["wrong.sql"]] == [
        "wrong.sql (redshift, compiled line 2)"
    ]

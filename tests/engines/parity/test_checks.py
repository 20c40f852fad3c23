"""What a run looks at around a build, on what the engines really hold."""

from ingestion.pipeline import checks
from ingestion.pipeline.dbt import Dbt
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS, reachable

pytestmark = MARKS

TABLE = "shared.dim_dates"
VIEW = "staging.stg_clinic__insurance_plans"


def test_a_table_that_a_killed_run_had_put_aside_is_put_back_and_told(parity: Parity) -> None:
    athena = parity.athena
    before = athena.rows(f"select count(*) from {TABLE}")
    schema, name = TABLE.split(".")
    athena.rows(f"alter table `{schema}`.`{name}` rename to `{schema}`.`{name}__bkp`")
    said = parity.dbt("athena", "run-operation", "restore_backups")
    assert f"restored {TABLE} from what a killed run had put aside" in said
    assert athena.rows(f"select count(*) from {TABLE}") == before
    assert "restored" not in parity.dbt("athena", "run-operation", "restore_backups")


def test_a_view_that_cannot_be_read_stops_the_publication(parity: Parity) -> None:
    leg, redshift = parity.legs["redshift"], parity.redshift
    schema, name = VIEW.split(".")
    with reachable(leg.environment):
        dbt = Dbt(leg.project, "redshift", {})
        assert checks.after(dbt, "redshift") == []
        redshift.rows(f"drop view {VIEW}")
        redshift.rows(f"create view {VIEW} as select * from {schema}.gone with no schema binding")
        (broken,) = checks.after(dbt, "redshift")
    assert broken.failed and broken.name == f"model.landfall.{name}" and "clinic" in broken.areas
    parity.dbt("redshift", "run", "--select", name)

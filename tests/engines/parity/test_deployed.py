"""A run on Athena in the deployed stack: with its workgroup and databases."""

from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS
from tools.standins.calls import Asked, read_recorded
from tools.template import RESOURCES

pytestmark = MARKS


def asked(parity: Parity) -> set[Asked]:
    """What runs on Athena have asked of AWS, but for who they are, which needs no permission."""
    return read_recorded(parity.calls) - {("sts:GetCallerIdentity", "*")}


def test_a_run_asks_in_the_stacks_workgroup_and_makes_no_database(parity: Parity) -> None:
    groups = {resource for action, resource in asked(parity) if action.startswith("athena:Start")}
    assert {group.rpartition("/")[2] for group in groups} == {parity.stack.outputs["Workgroup"]}
    made = {database["Name"] for database in parity.athena.glue.get_databases()["DatabaseList"]}
    declared = {
        one["Properties"]["DatabaseInput"]["Name"]
        for one in RESOURCES.values()
        if one["Type"] == "AWS::Glue::Database"
    }
    assert made - {"default"} == declared

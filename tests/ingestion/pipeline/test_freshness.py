"""How late tables are, by their manifests."""

from datetime import timedelta

import pytest

from ingestion.land import retract
from ingestion.loads import read_loads
from ingestion.pipeline.freshness import freshness
from tests.ingestion.lakes import CONTRACT, Lake, visits, write_project

MUST_BE_FRESH = CONTRACT.replace(
    "    config: {meta: {time_zone: America/New_York}}\n",
    """    config:
      meta: {time_zone: America/New_York}
      freshness: {warn_after: {count: 36, period: hour}, error_after: {count: 7, period: day}}
""",
).replace(
    "      - name: note\n        config:\n",
    "      - name: note\n        config:\n          freshness: null\n",
)


@pytest.mark.parametrize(
    ("hours", "status"), [(0, "pass"), (36, "pass"), (37, "warn"), (168, "warn"), (169, "error")]
)
def test_a_table_is_late_by_the_age_of_its_newest_load(
    local_lake: Lake, hours: int, status: str
) -> None:
    root = write_project(local_lake.settings.project_dir, MUST_BE_FRESH)
    (root / "seeds").mkdir()
    (root / "seeds/areas.csv").write_text("area,source_name\nsales,shop\nstock,shop\n")
    local_lake.put("shop/2026-03-01/visit.csv", visits((1, "C1")))
    local_lake.land()
    loads = read_loads(local_lake.store)
    (landed,) = loads.counted("shop.visit")
    now = landed.landed_at + timedelta(hours=hours)
    found = freshness(local_lake.context.project, loads, now, root)
    # what was never delivered is absent and not late; of `note` nothing is asked
    assert {node.name: node.status for node in found} == {
        "source.landfall.shop.customer": "pass",
        "source.landfall.shop.price": "pass",
        "source.landfall.shop.visit": status,
    }
    assert {node.areas for node in found} == {("sales", "stock")}


def test_a_load_that_was_retracted_is_not_fresh(local_lake: Lake) -> None:
    root = write_project(local_lake.settings.project_dir, MUST_BE_FRESH)
    (root / "seeds").mkdir()
    (root / "seeds/areas.csv").write_text("area,source_name\nsales,shop\n")
    for day in (1, 2):
        local_lake.put(f"shop/2026-03-0{day}/visit.csv", visits((day, "C1")))
        local_lake.land()
    first, second = read_loads(local_lake.store).counted("shop.visit")
    retract(local_lake.context, "shop.visit", second.load_id, "not ours")
    loads = read_loads(local_lake.store)
    limit = first.landed_at + timedelta(hours=36)
    project = local_lake.context.project
    for moment, status in ((limit, "pass"), (limit + timedelta(seconds=1), "warn")):
        assert {n.status for n in freshness(project, loads, moment, root) if "visit" in n.name} == {
            status
        }

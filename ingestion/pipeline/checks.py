"""What is looked at around a build: leftovers of a killed run before it, views that cannot be read after it."""

from ingestion.pipeline.dbt import Dbt, DbtFailed, Node
from ingestion.pipeline.leftovers import stop_leftovers


def before(dbt: Dbt, target: str) -> list[str]:
    """Stop and put back what a killed run left behind; one line for each. Raises LandingFailed, DbtFailed."""
    stopped = stop_leftovers(target) if target == "athena" else []
    return stopped + (dbt.operation("restore_backups") if target == "athena" else [])


def after(dbt: Dbt, target: str) -> list[Node]:
    """The views that cannot be read, as failed nodes: where they bind late, nothing else tells."""
    if target != "redshift":
        return []
    read: list[str] = []
    try:
        dbt.operation("read_every_view", read)
    except DbtFailed:
        if not read:
            raise
        told = "cannot be read: what it selects from is gone or has changed"
        return [Node(read[-1], "model", dbt.areas(read[-1]), "error", 0.0, None, told)]
    return []

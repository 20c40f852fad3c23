"""The practice's marts, built by the SQL that dbt compiled, over a lake in which one system has landed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.land import register as register_lake
from tests.ingestion.lakes import Lake
from tools.project import ROOT


class Built:
    """The marts `marts`, and all that they read, of a lake in which the files of one evening of a system landed."""

    def __init__(
        self,
        folder: Path,
        compiled: Path,
        *,
        system: str,
        day: date,
        files: Mapping[str, str],
        marts: Iterable[str],
    ) -> None:
        lake = Lake(folder, str(folder / "lake"))
        lake.settings = replace(lake.settings, project_dir=ROOT)
        lake.now = datetime.combine(day + timedelta(days=1), datetime.min.time())
        for name, text in files.items():
            lake.put(name, text)
        register_lake(lake.context)
        self.outcomes = lake.land()
        self._front = f"{system}:"
        self._nodes = json.loads((compiled.parents[1] / "manifest.json").read_text())["nodes"]
        self._compiled = compiled
        self._done: set[str] = set()
        self._connection = duckdb.connect(str(lake.settings.warehouse))
        for node in list(self._nodes.values()):
            if node["name"] in marts:
                self._build(node["unique_id"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query).fetchall()

    def close(self) -> None:
        """Close the warehouse."""
        self._connection.close()

    def balances(self, day: date | None = None) -> dict[str, dict[str, Decimal]]:
        """What each payer owes of each charge, by the entries posted until the day, without the systems' names."""
        found: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for charge, payer, amount in self.rows(
            "select charge_id, payer_id, sum(signed_amount) from intermediate.int_ledger_entries_signed"
            f" where posted_on <= date '{day or date(9999, 1, 1)}' and charge_id is not null"
            " group by 1, 2 having sum(signed_amount) <> 0"
        ):
            found[charge.removeprefix(self._front)][payer.removeprefix(self._front)] = amount
        return found

    def _build(self, name: str) -> None:
        node = self._nodes.get(name)
        if name in self._done or node is None:
            return
        self._done.add(name)
        for parent in node["depends_on"].get("nodes", ()):
            self._build(parent)
        self._connection.execute(f"create schema if not exists {node['schema']}")
        target = f"create or replace table {node['schema']}.{node['name']} as"
        if node["resource_type"] == "seed":
            types = node["config"]["column_types"]
            columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
            file = ROOT / node["original_file_path"]
            self._connection.execute(
                f"{target} select * from read_csv('{file}', columns={{{columns}}}, header=true)"
            )
        elif node["resource_type"] == "snapshot":
            # of the one evening there is, the versions are the state, which the staging model has
            staged = name.replace("snapshot.", "model.").replace(".snap_", ".stg_")
            self._build(staged)
            self._connection.execute(
                f"{target} select *, extract_date as dbt_valid_from, cast(null as date) as dbt_valid_to"
                f" from staging.{staged.rpartition('.')[2]}"
            )
        else:
            sql = (self._compiled / node["original_file_path"]).read_text()
            self._connection.execute(f"{target}\n{sql}")

"""The content of the site's pages from the parsed project: the data dictionary, the metrics, the lineage."""

import html
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from docs.site import Site, breakable, table
from tools.lineage import HASHED, NOTHING, Columns, Compiled

Manifest = Mapping[str, Any]

_LINEAGE = (
    "Each column of a mart, and the columns of the sources that it comes from, as the contracts name them: "
    "source.table.column. A column that a value is only compared with, counted by or ordered by is left out. A key "
    "made of a pseudonym, and the words of a code list, come from no column."
)


@dataclass(frozen=True)
class Contents:
    """The parsed project, and the site that shows it."""

    site: Site
    manifest: Manifest

    @cached_property
    def areas(self) -> dict[str, str]:
        """The areas of marts by name, each with what it answers, in a sentence."""
        told = {group["name"]: group["description"] for group in self.manifest["groups"].values()}
        return {area: told[area] for area in sorted(told) if self.marts(area)}

    def marts(self, area: str) -> list[dict[str, Any]]:
        """The marts of an area, by name."""
        return sorted(
            (
                node
                for node in self.manifest["nodes"].values()
                if node["resource_type"] == "model"
                and node["original_file_path"].startswith(f"models/marts/{area}/")
            ),
            key=lambda node: str(node["name"]),
        )

    def overview(self, area: str) -> str:
        """The marts of an area, a sentence each."""
        lines = (
            (
                f"<a href='#{node['name']}'>{breakable(node['name'])}</a>",
                self.site.prose(str(node["description"]).split("\n\n")[0], "../"),
            )
            for node in self.marts(area)
        )
        return f"<div class='mart'>{table(('Table', 'One row is'), lines)}</div>"

    def dictionary(self, area: str) -> str:
        """Each mart of an area with its description and columns."""
        return "".join(self._mart(node) for node in self.marts(area))

    def _mart(self, node: Mapping[str, Any]) -> str:
        name = str(node["name"])
        columns = table(
            ("Column", "Type", "Is"),
            (
                (
                    f"<code>{breakable(column['name'])}</code>",
                    html.escape(str(column["data_type"] or "")),
                    self.site.prose(column["description"], "../"),
                )
                for column in node["columns"].values()
            ),
        )
        return (
            f"<section class='mart' id='{name}'><h2>{node['schema']}.{name}</h2>"
            f"{self.site.prose(node['description'], '../')}{columns}"
            f"<p class='source'><a href='../lineage/{node['group']}.html#{name}'>Where its columns come from</a>, "
            f"<a href='../warehouse.html#!/model/{node['unique_id']}'>its SQL and tests</a></p></section>"
        )

    def metrics_told(self) -> Iterable[tuple[str, str, str]]:
        """Name, label and description of every metric."""
        for name, metric in sorted(self._metrics.items()):
            yield name, str(metric["label"]), str(metric["description"])

    def metrics(self) -> str:
        """Every metric with its formula, and the mart that it is measured on."""
        lines = (
            (
                f"<span id='{name}'>{html.escape(str(metric['label']))}</span><br><code>{breakable(name)}</code>",
                self.site.prose(metric["description"]),
                f"<code>{breakable(self._formula(metric))}</code>",
                self._measured_on(metric),
            )
            for name, metric in sorted(self._metrics.items())
        )
        head = ("Metric", "Is", "Formula", "From")
        told = (
            "What a BI tool may ask for by name "
            "(<a href='guides/guides/metrics.html'>how, and what it may not</a>)."
        )
        return f"<header><h1>Metrics</h1><p>{told}</p></header><div class='mart'>{table(head, lines)}</div>"

    def lineage(self, area: str) -> str:
        """From each column of an area's marts back to the columns of the sources that it is made of."""
        names = "".join(f"<li>{_of_mart(node)}</li>" for node in self.marts(area))
        parts = "".join(self._origins_of(node) for node in self.marts(area))
        return (
            f"<header><h1>Lineage of {area}</h1><p>{_LINEAGE}</p></header><ul class='names'>{names}</ul>{parts}"
            "<p><a href='../lineage.html'>All areas</a></p>"
        )

    def lineages(self) -> str:
        """Which marts each area has, each with the way to its lineage."""
        lines = (
            (
                f"<a href='lineage/{area}.html'>{area}</a>",
                ", ".join(_of_mart(node, f"lineage/{area}.html") for node in self.marts(area)),
            )
            for area in self.areas
        )
        told = table(("Area", "Tables"), lines)
        return f"<header><h1>Lineage</h1><p>{_LINEAGE}</p></header><div class='mart'>{told}</div>"

    def _origins_of(self, node: Mapping[str, Any]) -> str:
        columns = self._followed[f"{node['schema']}.{node['name']}"]
        lines = (
            (f"<code>{breakable(column)}</code>", _origins(columns.get(column, NOTHING)))
            for column in node["columns"]
        )
        entry = f"../areas/{node['group']}.html#{node['name']}"
        return (
            f"<section class='mart' id='{node['name']}'><h2>{node['schema']}.{node['name']}</h2>"
            f"{table(('Column', 'Made of'), lines)}<p class='source'><a href='{entry}'>What its columns are</a></p>"
            "</section>"
        )

    @cached_property
    def _followed(self) -> Mapping[str, Columns]:
        return Compiled.of("duckdb", lambda _origin, _is_direct: True).lineage.relations

    @cached_property
    def _metrics(self) -> dict[str, Any]:
        return {metric["name"]: metric for metric in self.manifest["metrics"].values()}

    @cached_property
    def _measures(self) -> dict[str, tuple[dict[str, Any], str]]:
        """Each measure with its model."""
        return {
            measure["name"]: (measure, str(model["node_relation"]["alias"]))
            for model in self.manifest["semantic_models"].values()
            for measure in model["measures"]
        }

    def _formula(self, metric: Mapping[str, Any]) -> str:
        told = metric["type_params"]
        if told["numerator"]:
            return f"{told['numerator']['name']} / {told['denominator']['name']}"
        if told["expr"] and told["metrics"]:
            return str(told["expr"])
        measure, _ = self._measures[told["measure"]["name"]]
        window = told.get("window") or (told.get("cumulative_type_params") or {}).get("window")
        of = f" over {window['count']} {window['granularity']}s" if window else ""
        return f"{measure['agg']}({measure['expr'] or measure['name']}){of}"

    def _measured_on(self, metric: Mapping[str, Any]) -> str:
        used = {measure["name"] for measure in metric["type_params"]["input_measures"]}
        models = sorted({self._measures[name][1] for name in used})
        return " ".join(self.site.prose(f"`{model}`") for model in models)


def _of_mart(node: Mapping[str, Any], page: str = "") -> str:
    return f"<a href='{page}#{node['name']}'>{breakable(str(node['name']))}</a>"


def _origins(carried: Iterable[tuple[str, str]]) -> str:
    """The columns of sources, by table; and in which form where it is not the value itself."""
    forms: dict[str, set[str]] = defaultdict(set)
    for origin, form in carried:
        forms[origin].add(form)
    return ", ".join(
        f"<code>{breakable(origin)}</code>{_form(forms[origin])}" for origin in sorted(forms)
    )


def _form(forms: set[str]) -> str:
    if "as_is" in forms:
        return ""
    return " (in a hash)" if forms == {HASHED} else f" ({', '.join(sorted(forms))})"

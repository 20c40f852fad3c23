"""Queries on the catalogue: they may use functions that user queries may not, and see Redshift's views of the
catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.redshift.tokens import Edit, Tokens

_SYSTEM = re.compile(
    r"(pg_(am|attribute|class|constraint|database|depend|description|group|index|matviews|namespace|proc|rewrite"
    r"|shdescription|tables|table_def|type|user|views|get_late_binding_view_cols|external_schema)"
    r"|information_schema|(svv|svl|stv|stl|sys|svcs)_\w+|has_\w+_privilege)"
)

# Seen through views of the shim, which show late-binding views as Redshift does and hide the shim's own tables.
VEILED = {
    "pg_class": "landfall.pg_class",
    "pg_attribute": "landfall.pg_attribute",
    "pg_namespace": "landfall.pg_namespace",
    "pg_views": "landfall.pg_views",
    "pg_tables": "landfall.pg_tables",
}
VEILED_STANDARD = {
    "columns": "landfall.columns",
    "tables": "landfall.tables",
    "views": "landfall.views",
}


def is_question(tokens: Tokens) -> bool:
    """Whether a statement reads the catalogue."""
    return tokens.text(0) in ("select", "with", "(") and any(
        _SYSTEM.fullmatch(tokens.text(place)) for place in range(len(tokens))
    )


def question_edits(tokens: Tokens) -> Iterator[Edit]:
    """Put the shim's views in the place of PostgreSQL's where a relation is named."""
    for place, word in enumerate(tokens.words):
        name, first = word.text.lower(), place
        if word.kind not in ("word", "name") or tokens.text(place + 1) in (".", "("):
            continue
        schema = tokens.words[place - 2].text.lower() if tokens.text(place - 1) == "." else ""
        if schema == "information_schema" and name in VEILED_STANDARD:
            yield tokens.edit(place - 2, place, VEILED_STANDARD[name])
        elif name in VEILED and schema in ("", "pg_catalog"):
            first = place - 2 if schema else place
            yield tokens.edit(first, place, VEILED[name])

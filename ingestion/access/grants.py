"""Rights on Redshift: the declared, the granted, and the statements that turn the granted into the declared.

A right is one line of text, so that macros can log it (macros/dialect/readers.sql, access_granted): `<kind> <grantee>
<privilege> <name>`. The grantee is `role:<name>`, `user:<name>`, `group:<name>` or `public:public`.

| kind | privilege | name |
|---|---|---|
| `schema` | usage | schema |
| `relation`, `column` | select | schema.name, schema.name.column |
| `mask` | the masking policy | schema.name.column |
| `rows` | the policy of row-level security | schema.name |
| `secured` | on: no row without a policy | schema.name; the grantee is `every:role` |
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from ingestion.access.declaration import RAW, Declaration, Relation, rule_as_sql

KINDS = ("schema", "relation", "column", "mask", "rows", "secured")
MASK, ROWS = "landfall_mask_", "landfall_rows_"
"""How the names of our policies begin: a mask is named by its type, a rule for rows by its hash."""

PRIORITY = 10
EVERY_ROW = f"{ROWS}all"
_TEXT = re.compile(r"character|varchar|text|bpchar")
_ORDER = ("schema", "mask", "rows", "secured", "relation", "column")
"""The order in which rights are granted: a column gets its mask before anyone may read it."""


def declared_rights(
    declaration: Declaration, relations: Iterable[Relation], types: Mapping[str, str]
) -> set[str]:
    """Every right that the declaration gives on these relations; `types` of their columns, by schema.name.column."""
    return {right for relation in relations for right in _rights(declaration, relation, types)}


def _rights(
    declaration: Declaration, relation: Relation, types: Mapping[str, str]
) -> Iterator[str]:
    name = relation.full_name
    readers = declaration.readers(relation)
    rules = {role: declaration.roles[role].rows.get(name) for role in readers}
    for role in readers:
        yield f"schema role:{role} usage {relation.schema}"
        if relation.place.partition(".")[0] == RAW:
            continue  # an external schema: usage opens all of it
        shown = declaration.columns(role, relation)
        if [*shown] == [*relation.columns]:
            yield f"relation role:{role} select {name}"
        else:
            yield from (f"column role:{role} select {name}.{column}" for column in shown)
        for column, how in shown.items():
            if how == "masked":
                policy = mask_of(types.get(f"{name}.{column}", ""))
                yield f"mask role:{role} {policy} {name}.{column}"
        if any(rules.values()):
            yield f"rows role:{role} {_rows_of(relation, rules[role])} {name}"
    if any(rules.values()):
        yield f"secured every:role on {name}"


def mask_of(kind: str) -> str:
    """The name of the masking policy for a type."""
    return MASK + re.sub(r"\W+", "_", kind).strip("_")


def _rows_of(relation: Relation, rule: Mapping[str, Collection[str]] | None) -> str:
    """The name of the policy for a rule on a relation: another rule, another name."""
    if not rule:
        return EVERY_ROW
    said = f"{relation.full_name} {sorted((c, sorted(v)) for c, v in rule.items())}"
    return ROWS + hashlib.sha256(said.encode()).hexdigest()[:16]


def granted_rights(told: Iterable[str]) -> set[str]:
    """The rights that the macro logged, a line each."""
    return {line for line in told if line.split(" ", 1)[0] in KINDS}


def told_types(told: Iterable[str]) -> dict[str, str]:
    """The types of columns that the macro logged: `type <schema.name.column> <type>`."""
    lines = (line.split(" ", 2) for line in told if line.startswith("type "))
    return {name: kind for _, name, kind in lines}


def policies(
    told: Iterable[str],
    declaration: Declaration,
    relations: Iterable[Relation],
    types: Mapping[str, str],
) -> tuple[list[str], list[str]]:
    """Statements that create declared policies that are missing, and drop ours that are not declared.

    The first come before the changes of rights, the others after. `told` are lines of the macro: `policy <name>`.
    """
    there = {line.split(" ", 1)[1] for line in told if line.startswith("policy ")}
    wanted: dict[str, str] = {}
    for relation in relations:
        for role in declaration.readers(relation):
            rule = declaration.roles[role].rows.get(relation.full_name)
            for column, how in declaration.columns(role, relation).items():
                kind = types.get(f"{relation.full_name}.{column}", "")
                if how == "masked" and kind:
                    wanted[mask_of(kind)] = _mask(kind)
            if rule:
                wanted[EVERY_ROW] = f"create rls policy {EVERY_ROW} using (true)"
                wanted[_rows_of(relation, rule)] = _rule(relation, rule, types)
    made = [wanted[name] for name in sorted(wanted.keys() - there)]
    ours = {name for name in there if name.startswith((MASK, ROWS))}
    dropped = [
        f"drop {'masking' if name.startswith(MASK) else 'rls'} policy {name}"
        for name in sorted(ours - wanted.keys())
    ]
    return made, dropped


def _mask(kind: str) -> str:
    value = f"'***'::{kind}" if _TEXT.match(kind) else f"null::{kind}"
    return f"create masking policy {mask_of(kind)} with (value {kind}) using ({value})"


def _rule(relation: Relation, rule: Mapping[str, tuple[str, ...]], types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{column} {types[f'{relation.full_name}.{column}']}" for column in rule)
    return (
        f"create rls policy {_rows_of(relation, rule)} with ({columns}) using ({rule_as_sql(rule)})"
    )


def changes(granted: Collection[str], declared: Collection[str]) -> list[str]:
    """Statements that make the grants equal the declaration: revokes come first, masks before grants."""
    too_much, too_little = set(granted) - {*declared}, set(declared) - {*granted}
    return [_statement("revoke", "from", right) for right in sorted(too_much, key=_place)] + [
        _statement("grant", "to", right) for right in sorted(too_little, key=_place)
    ]


def _place(right: str) -> tuple[int, str]:
    return _ORDER.index(right.split(" ", 1)[0]), right


def _statement(verb: str, word: str, right: str) -> str:
    kind, grantee, privilege, name = right.split(" ", 3)
    sort, _, who = grantee.partition(":")
    to = f"{word} {who}" if sort in ("user", "public") else f"{word} {sort} {who}"
    if kind == "secured":
        return f"alter table {name} row level security {'on' if verb == 'grant' else 'off'}"
    if kind in ("mask", "rows"):
        return _attached(verb, kind, privilege, name, f"{word} {who}" if sort != "role" else to)
    if kind == "schema":
        return f"{verb} {privilege} on schema {name} {to}"
    if kind == "column":
        relation, _, column = name.rpartition(".")
        return f"{verb} {privilege} ({column}) on {relation} {to}"
    return f"{verb} {privilege} on {name} {to}"


def _attached(verb: str, kind: str, policy: str, name: str, to: str) -> str:
    done = "attach" if verb == "grant" else "detach"
    if kind == "rows":
        return f"{done} rls policy {policy} on {name} {to}"
    relation, _, column = name.rpartition(".")
    priority = f" priority {PRIORITY}" if verb == "grant" else ""
    return f"{done} masking policy {policy} on {relation} ({column}) {to}{priority}"

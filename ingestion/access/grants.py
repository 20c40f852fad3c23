"""Rights on Redshift: those declared, those granted, and the statements that make the second the first.

A right is one line of text, so that macros can tell it (macros/dialect/readers.sql, access_granted):
`<kind> <grantee> <privilege> <name>`. The kind is `schema`, `relation` (schema.name) or `column` (schema.name.column);
the grantee `role:<name>`, `user:<name>`, `group:<name>` or `public:public`.
"""

from collections.abc import Collection, Iterable, Iterator

from ingestion.access.declaration import RAW, Declaration, Relation


def declared_rights(declaration: Declaration, relations: Iterable[Relation]) -> set[str]:
    """Every right that the declaration gives on these relations."""
    return {right for relation in relations for right in _rights(declaration, relation)}


def _rights(declaration: Declaration, relation: Relation) -> Iterator[str]:
    for role in declaration.readers(relation):
        yield f"schema role:{role} usage {relation.schema}"
        if relation.place.partition(".")[0] == RAW:
            continue  # an external schema: who may use it reads all of it
        shown = [c for c, how in declaration.columns(role, relation).items() if how == "shown"]
        if shown == [*relation.columns]:
            yield f"relation role:{role} select {relation.full_name}"
        else:
            yield from (
                f"column role:{role} select {relation.full_name}.{column}" for column in shown
            )


def granted_rights(told: Iterable[str]) -> set[str]:
    """The rights that the macro told, a line each."""
    return {line for line in told if line.startswith(("schema ", "relation ", "column "))}


def changes(granted: Collection[str], declared: Collection[str]) -> list[str]:
    """Statements after which what is granted is what is declared: what is too much goes first."""
    too_much, too_little = set(granted) - {*declared}, set(declared) - {*granted}
    return [_statement("revoke", "from", right) for right in sorted(too_much)] + [
        _statement("grant", "to", right) for right in sorted(too_little)
    ]


def _statement(verb: str, word: str, right: str) -> str:
    kind, grantee, privilege, name = right.split(" ", 3)
    sort, _, who = grantee.partition(":")
    to = f"{word} {who}" if sort in ("user", "public") else f"{word} {sort} {who}"
    if kind == "schema":
        return f"{verb} {privilege} on schema {name} {to}"
    if kind == "column":
        relation, _, column = name.rpartition(".")
        return f"{verb} {privilege} ({column}) on {relation} {to}"
    return f"{verb} {privilege} on {name} {to}"

"""Statements about masking and row-level security policies, and queries over masked columns (shim/6_policies.sql).

It refuses what others saw Redshift Serverless refuse: a mask of another type than its input, two policies at one
priority of a column, dropping what is attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools.redshift.errors import SYNTAX_ERROR, Refused
from tools.redshift.rewrite import query_edits
from tools.redshift.tokens import Edit, Tokens, edited, literal


def policy_statement(tokens: Tokens) -> str | None:
    """The call of the shim for a statement about policies; None for any other."""
    verb, kind = tokens.text(0), tokens.text(1)
    if kind not in ("masking", "rls") or tokens.text(2) != "policy":
        return None
    if verb == "create":
        return _created(tokens, kind)
    name = tokens.words[3].text.lower()
    if verb == "drop":
        return f"call landfall.drop_{_of(kind)}_policy('{name}')"
    if verb in ("attach", "detach"):
        return _attached(tokens, kind, name)
    raise Refused(f"the stand-in for Redshift has no {verb.upper()} {kind.upper()} POLICY")


def row_security(tokens: Tokens, place: int) -> str | None:
    """ALTER TABLE … ROW LEVEL SECURITY ON or OFF, as PostgreSQL says it."""
    if tokens.texts(place, 3) != ["row", "level", "security"]:
        return None
    word = {"on": "enable", "off": "disable"}[tokens.text(place + 3)]
    path = tokens.sql[tokens.words[2].start : tokens.words[place - 1].end]
    return f"alter table {path} {word} row level security"


def _of(kind: str) -> str:
    return {"masking": "masking", "rls": "row"}[kind]


def _created(tokens: Tokens, kind: str) -> str:
    name = tokens.words[3].text.lower()
    given = next(tokens.find("with ("), None)
    using = next(tokens.find("using ("), None)
    if using is None or tokens.has("for|to public|role"):
        raise Refused(f'syntax error at or near "{name}"', SYNTAX_ERROR)
    inputs, types = [], []
    for first, last in tokens.items(given + 1) if given is not None else ():
        inputs.append(tokens.words[first].text.lower())
        type_ = Tokens(tokens.sql[tokens.words[first + 1].start : tokens.words[last].end])
        types.append(edited(type_.sql, query_edits(type_)))
    end = tokens.partner[using + 1]
    inner = Tokens(tokens.sql[tokens.words[using + 2].start : tokens.words[end - 1].end])
    expression = literal(edited(inner.sql, query_edits(inner)))
    if kind == "masking":
        if len(inputs) != 1:
            raise Refused("the stand-in for Redshift masks one column by one policy")
        return (
            f"call landfall.create_masking_policy('{name}', '{inputs[0]}', "
            f"{literal(types[0])}, {expression})"
        )
    lists = [f"array[{', '.join(map(literal, texts))}]::text[]" for texts in (inputs, types)]
    return f"call landfall.create_row_policy('{name}', {', '.join(lists)}, {expression})"


def _attached(tokens: Tokens, kind: str, name: str) -> str:
    verb = tokens.text(0)
    place = 6 if tokens.text(5) == "table" else 5
    rest = tokens.path_end(place) + 1
    given = [name, tokens.quoted_path(place)]
    if kind == "masking":
        columns = tokens.items(rest)
        if len(columns) != 1:
            raise Refused("the stand-in for Redshift masks one column by one policy")
        given.append(tokens.words[columns[0][0]].text.lower())
        rest = tokens.partner[rest] + 1
        if tokens.text(rest) == "using":
            rest = tokens.partner[rest + 1] + 1
    is_role = tokens.text(rest + 1) == "role"
    grantee = tokens.words[rest + 1 + is_role].text.lower()
    sort = "role" if is_role else ("public" if grantee == "public" else "user")
    if tokens.text(rest + 1) == "group":
        raise Refused('syntax error at or near "group"', SYNTAX_ERROR)
    words = [literal(word) for word in (*given, grantee, sort)]
    if kind == "masking" and verb == "attach":
        priority = next(tokens.find("priority *"), None)
        words.append(tokens.words[priority + 1].text if priority is not None else "0")
    return f"call landfall.{verb}_{_of(kind)}_policy({', '.join(words)})"


def read_masked(sql: str, reads: Mapping[str, str]) -> str:
    """A query in which each table of `reads` is replaced as given there; `reads` by schema.name."""
    tokens = Tokens(sql)
    return edited(sql, _masked_edits(tokens, reads)) if len(tokens) else sql


def _masked_edits(tokens: Tokens, reads: Mapping[str, str]) -> Iterator[Edit]:
    for place, word in enumerate(tokens.words):
        if word.kind not in ("word", "name") or tokens.text(place - 1) not in ("from", "join", ","):
            continue
        last = tokens.path_end(place)
        body = reads.get(".".join(tokens.path(place)))
        if body is not None:
            follows = tokens.words[last + 1] if last + 1 < len(tokens) else None
            ends = ("where", "group", "order", "limit", "join", "left", "right", "inner", "cross")
            has_name = follows is not None and (
                follows.kind == "name" or (follows.kind == "word" and follows.text not in ends)
            )
            name = "" if has_name else f' as "{tokens.path(place)[-1]}"'
            yield tokens.edit(place, last, f"({body}){name}")

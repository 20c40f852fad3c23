"""Statements that Redshift refuses and PostgreSQL takes, as far as a phrase shows it.

A phrase is words with blanks between them; `a|b` is either, `*` is any one word, `^` the start of the statement.
Each rule has a statement that it refuses and one like it that passes: the tests run both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.redshift.errors import SYNTAX_ERROR, Refused


@dataclass(frozen=True)
class Phrase:
    """Words that Redshift refuses: `near` is what its syntax error points at, else `message` says why."""

    words: str
    refused: str
    allowed: str
    near: str = ""
    message: str = ""

    def error(self) -> Refused:
        """The error a client sees."""
        if self.near:
            return Refused(f'syntax error at or near "{self.near}"', SYNTAX_ERROR)
        return Refused(self.message)


PHRASES = [
    # queries
    Phrase(
        ") filter ( where",
        "select count(*) filter (where a > 1) from t",
        "select count(case when a > 1 then 1 end) from t",
        near="(",
    ),
    Phrase(
        "distinct on (",
        "select distinct on (a) a, b from t",
        "select distinct a, b from t",
        message="SELECT DISTINCT ON is not supported",
    ),
    Phrase(
        "is distinct from",
        "select a from t where a is distinct from b",
        "select a from t where a <> b or a is null",
        message="IS DISTINCT FROM is not supported",
    ),
    Phrase(
        "is not distinct from",
        "select a from t where a is not distinct from b",
        "select a from t where a = b",
        message="IS NOT DISTINCT FROM is not supported",
    ),
    Phrase(
        ",|join lateral",
        "select * from t cross join lateral (select t.a + 1 as c) as x",
        "select * from t cross join (select 1 as c) as x",
        near="lateral",
    ),
    Phrase(
        "array [",
        "select array[1, 2] as a",
        "select 1 as a",
        message="ARRAY expressions are not supported",
    ),
    Phrase(
        "array ( select",
        "select array(select a from t) as a",
        "select (select max(a) from t) as a",
        message="ARRAY subqueries are not supported",
    ),
    Phrase(
        "with ordinality",
        "select * from pg_ls_dir('.') with ordinality",
        "select * from t",
        near="with",
    ),
    Phrase(
        "as materialized (",
        "with x as materialized (select 1 as a) select * from x",
        "with x as (select 1 as a) select * from x",
        near="materialized",
    ),
    Phrase(
        "as not materialized (",
        "with x as not materialized (select 1 as a) select * from x",
        "with x as (select 1 as a) select * from x",
        near="not",
    ),
    Phrase(
        "intersect all",
        "select a from t intersect all select b from t",
        "select a from t intersect select b from t",
        message="INTERSECT ALL is not supported",
    ),
    Phrase(
        "except all",
        "select a from t except all select b from t",
        "select a from t except select b from t",
        message="EXCEPT ALL is not supported",
    ),
    Phrase(
        "from|join|, ( values",
        "select * from (values (1), (2)) as v (a)",
        "select * from (select 1 as a union all select 2) as v",
        near="values",
    ),
    Phrase(
        "fetch first|next",
        "select a from t order by a fetch first 3 rows only",
        "select a from t order by a limit 3",
        near="fetch",
    ),
    Phrase(
        "for update|share",
        "select a from t for update",
        "select a from t",
        message="SELECT FOR UPDATE/SHARE is not supported",
    ),
    Phrase(
        "tablesample *",
        "select a from t tablesample system (10)",
        "select a from t where random() < 0.1",
        near="tablesample",
    ),
    Phrase(
        "at local",
        "select s at local from t",
        "select s at time zone 'UTC' from t",
        near="local",
    ),
    Phrase("->", "select '{}'::text -> 'a'", "select '{}'::text", near="->"),
    Phrase("->>", "select '{}'::text ->> 'a'", "select '{}'::text", near="->>"),
    Phrase("#>|#>>", "select '{}'::text #> '{a}'", "select '{}'::text", near="#>"),
    Phrase("@>", "select a @> b from t", "select a = b from t", near="@>"),
    Phrase("&&", "select a && b from t", "select a = b from t", near="&&"),
    # changes of data
    Phrase(
        "on conflict",
        "insert into t (a) values (1) on conflict do nothing",
        "insert into t (a) values (1)",
        near="on",
    ),
    Phrase(
        "returning *",
        "delete from t where a = 1 returning a",
        "delete from t where a = 1",
        near="returning",
    ),
    Phrase(
        "overriding system|user value",
        "insert into t (a) overriding system value values (1)",
        "insert into t (a) values (1)",
        near="overriding",
    ),
    Phrase(
        "when matched and",
        "merge into t using u on t.a = u.a when matched and u.b > 1 then update set b = u.b "
        "when not matched then insert (a) values (u.a)",
        "merge into t using u on t.a = u.a when matched then update set b = u.b "
        "when not matched then insert (a) values (u.a)",
        near="and",
    ),
    Phrase(
        "not matched by|and",
        "merge into t using u on t.a = u.a when matched then update set b = u.b "
        "when not matched by source then delete",
        "merge into t using u on t.a = u.a when matched then delete "
        "when not matched then insert (a) values (u.a)",
        near="by",
    ),
    # definitions
    Phrase(
        "^ create unlogged",
        "create unlogged table x (a int)",
        "create table x (a int)",
        near="unlogged",
    ),
    Phrase(
        "^ create sequence|domain|extension|rule|trigger|type|server|publication|policy|aggregate|operator",
        "create sequence x",
        "create schema x",
        message="This CREATE statement is not supported",
    ),
    Phrase(
        "^ create unique|index",
        "create index x on t (a)",
        "create table x sortkey (a) as select a from t",
        message="CREATE INDEX is not supported on Redshift tables",
    ),
    Phrase(
        "^ create foreign",
        "create foreign table x (a int) server s",
        "create table x (a int)",
        near="foreign",
    ),
    Phrase(
        "partition by range|list|hash (",
        "create table x (a int) partition by range (a)",
        "create table x (a int) sortkey (a)",
        near="partition",
    ),
    Phrase(
        "generated always as (",
        "create table x (a int, b int generated always as (a + 1) stored)",
        "create table x (a int, b int)",
        near="(",
    ),
    Phrase(
        "check (",
        "create table x (a int check (a > 0))",
        "create table x (a int)",
        message="CHECK constraints are not supported",
    ),
    Phrase(
        "exclude using",
        "create table x (a int, exclude using gist (a with =))",
        "create table x (a int)",
        near="exclude",
    ),
    Phrase(
        "inherits (",
        "create table x (b int) inherits (t)",
        "create table x (like t)",
        message="INHERITS is not supported",
    ),
    Phrase(
        "tablespace *",
        "create table x (a int) tablespace pg_default",
        "create table x (a int)",
        message="TABLESPACE is not supported",
    ),
    Phrase(
        "on commit *",
        "create temporary table x on commit drop as select 1 as a",
        "create temporary table x as select 1 as a",
        message="ON COMMIT is not supported",
    ),
    Phrase(
        "^ alter table if",
        "alter table if exists t add column c int",
        "alter table t add column c int",
        near="exists",
    ),
    Phrase(
        "add column if",
        "alter table t add column if not exists c int",
        "alter table t add column c int",
        near="not",
    ),
    Phrase(
        "drop column if",
        "alter table t drop column if exists b",
        "alter table t drop column b",
        near="exists",
    ),
    Phrase(
        "alter|column * set|drop default",
        "alter table t alter column a set default 1",
        "alter table t add column c int default 1",
        message="ALTER COLUMN SET/DROP DEFAULT is not supported",
    ),
    Phrase(
        "alter|column * set|drop not",
        "alter table t alter column a set not null",
        "alter table t add column c int",
        message="ALTER COLUMN SET/DROP NOT NULL is not supported",
    ),
    Phrase(
        "^ listen|notify|do|reindex|cluster *",
        "do 'begin end'",
        "select 1",
        near="do",
    ),
]

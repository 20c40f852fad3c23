"""Tables of films as IMDb writes them: tab separated, `\\N` for null, and a quotation mark is text."""

import pytest

from ingestion import land as lander
from ingestion.verify import verify
from tests.ingestion.lakes import Lake, write_project

CONTRACT = """
version: 2
sources:
  - name: shop
    config: {meta: {time_zone: UTC}}
    tables:
      - name: title
        config:
          meta:
            contract:
              key: [tconst]
              deliveries:
                - {path: "shop/{date}/title.tsv", kind: full, delimiter: "\\t", quoted: false, nulls: ['\\N']}
        columns:
          - {name: tconst, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: title, data_type: string, config: {meta: {sensitivity: none, header: primaryTitle}}}
          - {name: year, data_type: bigint, config: {meta: {sensitivity: none, header: startYear}}}
          - {name: director, data_type: string, config: {meta: {sensitivity: direct, pseudonym: person}}}
"""
HEAD = "tconst\tprimaryTitle\tstartYear\tdirector\n"
TITLES = {
    "tt1": '"Giliap"',
    "tt2": '"a',
    "tt3": 'b"',
    "tt4": '"Rome", Open City',
    "tt5": '""Hello""',
    "tt6": 'She said "no"',
    "tt7": '"',
}
BODY = "".join(f"{key}\t{title}\t1975\tnm{key}\n" for key, title in TITLES.items())


@pytest.fixture
def films(local_lake: Lake) -> Lake:
    """A lake of this contract alone."""
    write_project(local_lake.settings.project_dir, CONTRACT)
    return local_lake


def test_every_title_lands_to_the_byte_and_nothing_is_quarantined(films: Lake) -> None:
    films.put("shop/2026-01-10/title.tsv", HEAD + BODY + "tt8\t\\N\t\\N\t\\N\n")
    outcome = films.land_one()
    assert (outcome.outcome, outcome.quarantined) == ("landed", 0)
    rows = dict(films.query("select tconst, title from raw_shop.title"))
    assert rows == {**TITLES, "tt8": None}
    assert verify(films.context, reads_all=True) == []


def test_a_person_is_forgotten_in_quarantine_whatever_divides_the_cells(local_lake: Lake) -> None:
    write_project(local_lake.settings.project_dir, CONTRACT.replace('"\\t"', "'^'"))
    rows = HEAD + "tt1\tRome\t1960\tnm1\ntt2\tOslo\tmuch\tnm2\n"
    local_lake.put("shop/2026-01-10/title.tsv", rows.replace("\t", "^"))
    assert local_lake.land_one().quarantined == 1
    local_lake.put("aside/title.tsv", "nm2^x")
    said = lander.forget(local_lake.context, "person", "nm2", "asked for it")
    for key in (*local_lake.keys("archive/"), *local_lake.keys("quarantine/")):
        assert b"nm2" not in local_lake.store.read(key)
    assert said.to_do == [
        "inbox/aside/title.tsv holds the person: land it, or discard it and forget again"
    ]


def test_a_person_with_quotation_marks_in_the_name_is_forgotten_in_rows_and_in_quarantine(
    films: Lake,
) -> None:
    """In quarantine a record is text: what begins like a quoted cell there must not hide the person behind it."""
    who = '5"Bull'
    rows = f'tt1\t"Rome\t1960\t{who}\ntt2\t"Oslo\tmuch\t{who}\ntt3\t"a\t1961\tnm3\n'
    films.put("shop/2026-01-10/title.tsv", HEAD + rows)
    assert films.land_one().quarantined == 1
    lander.forget(films.context, "person", who, "asked for it")
    assert films.query("select title, director from raw_shop.title order by all") == [
        ('"Rome', None),
        ('"a', "nm3"),
    ]
    for place in ("archive/", "quarantine/"):
        for key in films.keys(place):
            assert who.encode() not in films.store.read(key)
    (archived,) = films.keys("archive/")
    assert films.store.read(archived).decode() == HEAD + 'tt1\t"Rome\t1960\t\ntt3\t"a\t1961\tnm3\n'

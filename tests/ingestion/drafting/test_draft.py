"""A draft is finished by deciding its TODOs alone: it lands, it shows no value, and it decides nothing for a person."""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ingestion import drafting
from ingestion.contract import UNDECIDED
from tests.ingestion.drafting.conftest import OPEN, OTHER, Project
from tests.ingestion.lakes import Lake

DAY = "2026-11-20"
GUESTS = (
    "Guest No;Name;Arrived;Left At;Paid;Tel;Plz;Room Kind;Rooms;user\n"
    + "".join(
        f"{n};Bär{n} Müller;{n % 28 + 1:02}.03.2026;3/{n % 28 + 1}/2026 4:05 PM;$1,{n:03}.50;"
        f"(555) 010-{n:04};0{n:04};{'ABC'[n % 3]}1;{n % 2};u{n}\n"
        for n in range(1, 60)
    )
    + "60;Zoë Long;31.02.2026;;NULL;;00501;A1;1;u60\n"
)
"""A file without a contract: umlauts of Windows, dates in two formats, money, codes, an impossible day."""


def test_from_an_unknown_csv_to_a_landed_table_with_a_draft_and_its_decisions(
    project: Project,
) -> None:
    name = f"hotel/{DAY}/guest_list.csv.gz"
    project.deliver(name, gzip.compress(GUESTS.encode("cp1252")))
    refused = project.run("land")
    assert (refused.exit_code, f"draft hotel --from {name}" in refused.output) == (3, True)
    assert project.run("draft", "hotel", "--from", name, "--write").exit_code == 0
    unfinished = project.run("land")
    assert unfinished.exit_code == 2
    assert "column guest_no: no sensitivity: say direct, quasi or none" in unfinished.output
    project.decide()
    landed = project.run("land", "--object", name)
    assert landed.exit_code == 0, landed.output
    assert "(1 row quarantined)" in landed.output
    columns = dict(
        project.query("select column_name, data_type from duckdb_columns where table_name = 'guest_list'")
    )  # fmt: skip
    own = {c: t for c, t in columns.items() if not c.startswith(("_", "load", "extract"))}
    assert own == {
        "guest_no": "BIGINT", "name": "VARCHAR", "arrived": "DATE", "left_at": "TIMESTAMP",
        "paid": "DECIMAL(18,2)", "tel": "VARCHAR", "plz": "VARCHAR", "room_kind": "VARCHAR",
        "rooms": "BIGINT", "guest_list_user": "VARCHAR",
    }  # fmt: skip
    rows = project.query(
        "select name, arrived::varchar, left_at::varchar, paid::varchar, plz, guest_list_user"
        " from raw_hotel.guest_list where guest_no = 1"
    )
    assert rows == [("Bär1 Müller", "2026-03-02", "2026-03-02 21:05:00", "1001.50", "00001", "u1")]


ACCOUNT = (
    "Umsatzanzeige;12.11.2026\nKonto;Girokonto\n\n"
    "Buchung;Name;Verwendungszweck;Betrag;Saldo;Menge\n"
    + "".join(
        f"{n % 28 + 1:02}.10.2026;Bär{n};Rechnung {n}, Teil 2;-{n % 9 + 1}.{n:03},50;{n * 37},{n % 90 + 10};{n}.000\n"
        for n in range(1, 60)
    )
)
"""A statement as German banks export it: a title, decimal commas, dots between thousands."""


def test_a_statement_with_decimal_commas_lands_by_its_draft_to_the_cent(project: Project) -> None:
    name = f"hotel/{DAY}/statement.csv"
    project.deliver(name, ACCOUNT.encode("cp1252"))
    text = project.run("draft", "hotel", "--from", name, "--write").output
    project.decide()
    (delivery,) = drafted(project.contract().read_text())["config"]["meta"]["contract"][
        "deliveries"
    ]
    assert delivery["decimal_separator"] == ",", text
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    rows = project.query(
        "select betrag, saldo, menge, verwendungszweck from raw_hotel.statement order by _source_row"
    )
    amounts = [row.split(";")[2:] for row in ACCOUNT.splitlines()[4:]]
    assert rows == [
        (*(Decimal(cell.replace(".", "").replace(",", ".")) for cell in cells), text)
        for text, *cells in amounts
    ]


def test_a_column_of_one_value_is_told_as_one(project: Project) -> None:
    guests = "".join(f"{number};double\n" for number in range(60))
    project.deliver(f"hotel/{DAY}/room.csv", f"room_no;kind\n{guests}")
    told = project.run("draft", "hotel", "--header", "--from", f"hotel/{DAY}/room.csv").output
    assert "one value: --values shows it" in told and "double" not in told


def test_the_words_of_a_draft_come_from_what_was_seen(project: Project) -> None:
    name = f"hotel/{DAY}/guest_list.csv"
    project.deliver(name, GUESTS.encode("cp1252"))
    text = project.run("draft", "hotel", "--from", name).output
    contract = yaml.safe_load(text)["sources"][0]["tables"][0]["config"]["meta"]["contract"]
    assert contract == {
        "key": ["guest_no"],
        "deliveries": [
            {"path": "hotel/{date}/guest_list.csv", "kind": "full", "delimiter": ";", "encoding": "cp1252"}
        ],
    }  # fmt: skip
    lines = {
        line.split(",")[0].split(": ")[1]: line for line in text.splitlines() if "- {name" in line
    }
    assert "59 of 60 values" in lines["arrived"]
    assert "nulls: ['NULL']" in lines["paid"]
    for column, first in {"name": "direct", "tel": "direct", "arrived": "none"}.items():
        assert f"# {first}, " in lines[column]
    assert "3 different values: --values lists them" in lines["room_kind"]


def test_what_a_database_writes_for_null_is_null_in_a_text_too_and_in_no_key(
    project: Project,
) -> None:
    """As airline lists on the web have it: no header, a name of its own for the ending, `\\N` for null."""
    rows = "".join(f'{n},"Airline {n}",{"X" if n % 2 else chr(92) + "N"},N{n}\n' for n in range(40))
    path = project.folder / "airlines.dat"
    path.write_text(rows)
    said = project.run("draft", "flights", "--no-header", "--from", str(path)).stdout
    told = yaml.safe_load(said)["sources"][0]["tables"][0]
    assert told["name"] == "airlines"
    meta = [column["config"]["meta"] for column in told["columns"]]
    assert [one.get("nulls") for one in meta] == [None, None, ["\\N"], None]
    path.write_text(rows.replace("39,", "\\N,", 1))
    said = project.run("draft", "flights", "--no-header", "--from", str(path)).stdout
    told = yaml.safe_load(said)["sources"][0]["tables"][0]
    assert told["config"]["meta"]["contract"]["key"] != ["column_1"]


def customers(cells: Callable[[int], tuple[str, str, str]]) -> str:
    """A list with a header; as Northwind has it, most of its columns are text."""
    lines = (",".join([f"K{n}", f"Firm {n}", *cells(n)]) for n in range(60))
    return "\n".join(["id,name,region,fax,limit_on", *lines, ""])


FILMS = "id\ttitle\tyear\n" + "".join(
    f"{n}\t{title}\t{1970 + n}\n"
    for n, title in enumerate(['"Giliap"', "Pig", '"a', "Gala", '"Gal" Lip', "Lap"], 1)
)


def test_a_file_that_quotes_nothing_lands_by_its_draft_with_its_quotation_marks(
    project: Project,
) -> None:
    name = f"hotel/{DAY}/film.tsv"
    project.deliver(name, FILMS)
    assert project.run("draft", "hotel", "--header", "--from", name, "--write").exit_code == 0
    text = project.contract().read_text()
    reasons = (
        "1 of 4 texts in column 2 begin and end with them; as quotes they are broken in 2 rows"
    )
    assert f"# quotation marks are text: {reasons}" in text
    (delivery,) = yaml.safe_load(text)["sources"][0]["tables"][0]["config"]["meta"]["contract"][
        "deliveries"
    ]
    assert (delivery["quoted"], delivery["delimiter"]) == (False, "\t")
    project.decide()
    landed = project.run("land", "--object", name)
    assert landed.exit_code == 0, landed.output
    titles = [line.split("\t")[1] for line in FILMS.splitlines()[1:]]
    assert project.query("select title from raw_hotel.film order by id") == [(t,) for t in titles]
    contract = project.contract()
    contract.write_text(contract.read_text().replace("quoted: false", "quoted: true"))
    later = "hotel/2026-11-21/film.tsv"
    project.deliver(later, FILMS)
    shown = project.run("draft", "hotel", "--from", later).output
    assert "4 of 6 rows land, open_quote in title x2" in shown
    assert "# with `quoted: false` in its delivery: 6 of 6 rows land" in shown
    assert "Gal" not in shown
    contract.write_text(contract.read_text().replace("quoted: true", "quoted: false"))
    assert "nothing is missing" in project.run("draft", "hotel", "--from", later).output


UNQUOTED = {
    "in one text": (lambda n: ("SP" if n % 3 else "NULL", f"f{n}", "late"), None),
    "of one row": (lambda n: ("NULL", "NULL", "late") if n == 9 else (f"R{n}", f"f{n}", "x"), None),
    "quoted": (lambda n: ('"NULL"' if n % 2 else "SP", '"NULL"' if n % 3 else f"f{n}", "x"), None),
    "in two texts": (
        lambda n: ("NULL" if n % 2 else f"R{n % 5}", "NULL" if n % 3 else f"f{n}", "late"),
        "in 2 columns of text it is more frequent than any value",
    ),
    "beside dates": (
        lambda n: ("SP" if n else "NULL", f"f{n}", f"2026-03-{n % 28 + 1:02}" if n else "NULL"),
        "it is in text, and in a column of numbers or times",
    ),
}
"""By case, three cells of each row, and why an unquoted NULL means null in them."""


@pytest.mark.parametrize(("cells", "reason"), UNQUOTED.values(), ids=UNQUOTED)
def test_an_unquoted_null_is_null_in_texts_where_more_than_a_text_says_so(
    project: Project, cells: Callable[[int], tuple[str, str, str]], reason: str | None
) -> None:
    path = project.deliver(f"hotel/{DAY}/customer.csv", customers(cells))
    said = project.run("draft", "hotel", "--header", "--from", str(path)).stdout
    contract = yaml.safe_load(said)["sources"][0]["tables"][0]["config"]["meta"]["contract"]
    (delivery,) = contract["deliveries"]
    assert delivery.get("nulls") == (["NULL"] if reason else None)
    assert (f"# NULL, unquoted, means null: {reason}" in said) is (reason is not None)


def test_a_list_lands_by_its_draft_with_null_where_it_is_unquoted_and_as_text_where_it_is_quoted(
    project: Project,
) -> None:
    name = f"hotel/{DAY}/customer.csv"
    list_of_firms = customers(
        lambda n: ("NULL" if n % 2 else "R", "NULL" if n % 3 else f"{n}", "x")
    )
    project.deliver(name, list_of_firms.replace("Firm 4,", '"NULL",'))
    assert project.run("draft", "hotel", "--header", "--from", name, "--write").exit_code == 0
    project.decide()
    landed = project.run("land", "--object", name)
    assert landed.exit_code == 0, landed.output
    counts = "count(*), count(region), count(fax), count(*) filter (name = 'NULL')"
    assert project.query(f"select {counts} from raw_hotel.customer") == [(60, 30, 20, 1)]


def test_no_value_of_a_cell_is_shown_but_the_short_lists_that_are_asked_for(
    project: Project,
) -> None:
    name = f"hotel/{DAY}/guest_list.csv"
    project.deliver(name, GUESTS.encode("cp1252"))
    cells = {cell for line in GUESTS.splitlines()[1:] for cell in line.split(";") if len(cell) > 2}
    cells -= {"NULL"}  # a word of ours
    plain = project.run("draft", "hotel", "--from", name).output
    assert [cell for cell in cells if cell in plain] == []
    assert "values:" not in re.sub(r"#.*", "", plain)
    listed = project.run("draft", "hotel", "--from", name, "--values").output
    assert "values: [A1, B1, C1]" in listed
    assert [cell for cell in cells if cell in listed] == []


@pytest.mark.parametrize(
    "text",
    [
        "Ann,Miller\nBea,Smith\n",  # nothing but text
        "Ann,\nBea,1/2/2026\nCem,1/3/2026\n",  # the only date is not there
        "Ann,unknown,Rome\nBea,1/2/2026,Oslo\nCem,1/3/2026,Bonn\n",  # one odd date
        "Ann,unknown,7\nBea,1/2/2026,8\nCem,1/3/2026,9\n",  # one says so, another not
    ],
)
def test_a_first_line_is_no_header_unless_its_file_says_so(project: Project, text: str) -> None:
    project.deliver(f"hotel/{DAY}/guest.csv", text)
    asked = project.run("draft", "hotel", "--from", f"hotel/{DAY}/guest.csv")
    assert (asked.exit_code, "say --header or --no-header" in asked.output) == (2, True)
    assert "Ann" not in asked.output
    told = project.run("draft", "hotel", "--from", f"hotel/{DAY}/guest.csv", "--no-header").output
    assert "header: false" in told
    assert "column_1" in told
    assert "Ann" not in told


def test_a_column_that_is_called_like_one_of_landfalls_lands_by_its_draft(project: Project) -> None:
    name = f"hotel/{DAY}/stay.csv"
    project.deliver(
        name, "stay_id,load_id,extract_date,_operation\n1,7,2026-01-02,x\n2,8,2026-01-03,y\n"
    )
    assert project.run("draft", "hotel", "--from", name, "--write").exit_code == 0
    project.decide()
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert project.query(
        "select stay_load_id, stay_extract_date::varchar, operation, extract_date::varchar from raw_hotel.stay"
        " order by 1"
    ) == [(7, "2026-01-02", "x", DAY), (8, "2026-01-03", "y", DAY)]


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        (("0.00", "0.00"), "decimal(18,2)"),  # a column of refunds in a quiet week
        (("0.00", "12.00"), "decimal(18,2)"),
        (("0.0000001", "2"), "decimal(18,7)"),
        (("1.0", "2.0"), "bigint"),  # a whole number with a null beside it, as pandas writes it
    ],
)
def test_an_amount_without_cents_is_no_whole_number(
    project: Project, cells: tuple[str, str], type_: str
) -> None:
    project.deliver(f"hotel/{DAY}/fee.csv", f"fee,paid\nF1,{cells[0]}\nF2,{cells[1]}\n")
    told = project.run("draft", "hotel", "--from", f"hotel/{DAY}/fee.csv", "--header").output
    paid = next(column for column in drafted(told)["columns"] if column["name"] == "paid")
    assert paid["data_type"] == type_


@pytest.mark.parametrize("columns", [2, 3])
def test_a_line_that_tells_excel_the_delimiter_is_no_header_and_no_row(
    project: Project, columns: int
) -> None:
    lines = ["guest;born;room", "Ann;2001-01-02;7", "Bea;2002-01-03;8"]
    text = "\n".join(["sep=;", *(";".join(line.split(";")[:columns]) for line in lines), ""])
    project.deliver(f"hotel/{DAY}/guest.csv", text)
    table = drafted(project.run("draft", "hotel", "--from", f"hotel/{DAY}/guest.csv").output)
    assert [column["name"] for column in table["columns"]] == ["guest", "born", "room"][:columns]
    assert table["columns"][1]["data_type"] == "date"
    (delivery,) = table["config"]["meta"]["contract"]["deliveries"]
    assert delivery["delimiter"] == ";"


def drafted(text: str) -> dict[str, Any]:
    """The table of a draft of one file."""
    ((table,),) = [source["tables"] for source in yaml.safe_load(text)["sources"]]
    found: dict[str, Any] = table
    return found


def test_files_of_one_table_are_one_draft_and_what_only_some_have_is_optional(
    project: Project,
) -> None:
    for day, head, cell in (("20", "", ""), ("21", ",extra_day", ",3/1/2026")):
        rows = "".join(f"{n},{n}.25{cell}\n" for n in range(9))
        project.deliver(f"hotel/2026-11-{day}/stay.csv", f"stay_id,price{head}\n{rows}")
        project.deliver(f"hotel/2026-11-{day}/room.csv", f"room_id,size\n{rows[:0]}1,2\n2,3\n")
    names = [f"hotel/2026-11-{day}/{table}.csv" for day in (20, 21) for table in ("stay", "room")]
    source = yaml.safe_load(project.run("draft", "hotel", "--from", *names).output)["sources"][0]
    assert source["config"]["meta"]["defaults"] == {
        "deliveries": [{"path": "hotel/{date}/{table}.csv", "kind": "full"}]
    }
    stay, room = source["tables"]
    assert [table["name"] for table in (stay, room)] == ["stay", "room"]
    optional = {c["name"]: c["config"]["meta"].get("optional") for c in stay["columns"]}
    assert optional == {"stay_id": None, "price": None, "extra_day": True}
    assert stay["config"]["meta"]["contract"]["key"] == ["stay_id"]  # unique in each file


def test_files_from_elsewhere_are_drafted_as_they_would_be_delivered(
    project: Project, tmp_path: Path
) -> None:
    paths = [tmp_path / "export" / day / "stay.csv" for day in ("2026-11-20", "2026-11-21")]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        path.write_text(f"stay_id,price\n{number},1.5\n")
    plain = tmp_path / "room.csv"
    plain.write_text("room_id,size\n1,2\n2,3\n")
    text = project.run("draft", "hotel", "--from", *map(str, [*paths, plain])).output
    source = yaml.safe_load(text)["sources"][0]
    assert "hotel/{date}/{table}.csv" in str(source["config"]["meta"]["defaults"])
    assert "unique in each of 2 files, 2 rows" in text.split("name: room")[0]
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    words = ("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv")
    project.run(*words, "--write")
    project.decide()
    mixed = project.run(*words, str(plain))
    assert (mixed.exit_code, "draft it apart" in mixed.output) == (2, True)


def test_files_with_the_day_in_their_names_are_one_table_and_land_under_their_own_names(
    project: Project, tmp_path: Path
) -> None:
    """As most systems write exports into one folder: `hotel_stays_20261120.csv`, `hotel_stays_20261121.csv`."""
    folder = tmp_path / "export"
    folder.mkdir()
    for day in (20, 21):
        (folder / f"hotel_stays_202611{day}.csv").write_text(f"stay_id,price\n{day},1.5\n1,2.5\n")
        (folder / f"hotel_rooms_202611{day}.csv").write_text("room_id,size\n1,2\n2,3\n")
    files = sorted(folder.iterdir())
    assert project.run("draft", "hotel", "--write", "--from", *map(str, files)).exit_code == 0
    source = yaml.safe_load(project.contract().read_text())["sources"][0]
    assert [table["name"] for table in source["tables"]] == ["rooms", "stays"]
    assert source["config"]["meta"]["defaults"]["deliveries"] == [
        {"path": "hotel/hotel_{table}_{compact_date}.csv", "kind": "full"}
    ]
    project.decide()
    for path in files:
        project.deliver(f"hotel/{path.name}", path.read_bytes())
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    days = project.query(
        "select extract_date::varchar, count(*) from raw_hotel.stays group by 1 order by 1"
    )
    assert days == [("2026-11-20", 2), ("2026-11-21", 2)]


def test_a_zip_code_is_text_whatever_its_digits_and_a_chart_number_names_a_person(
    project: Project,
) -> None:
    rows = "".join(f"C{n},{97300 + n},{n}\n" for n in range(20))
    project.deliver(f"hotel/{DAY}/guest.csv", f"Chart No,ZIP,Nights\n{rows}")
    text = project.run("draft", "hotel", "--from", f"hotel/{DAY}/guest.csv").stdout
    columns = yaml.safe_load(text)["sources"][0]["tables"][0]["columns"]
    told = {c["name"]: (c["data_type"], c["config"]["meta"].get("format")) for c in columns}
    assert told["zip"] == ("string", "zip")
    assert told["nights"] == ("bigint", None)
    (line,) = (line for line in text.splitlines() if "name: chart_no" in line)
    assert "# direct, " in line


TITLED = {
    # Hospital Price Transparency (45 CFR 180): names and values of the file, and the header in the third line
    "prices": (
        2,
        "hospital_name,last_updated_on,version\nWest,2024-07-01,2.0.0\n"
        "description,code|1,setting,gross\nHip,470,inpatient,70000\nAspirin,7,outpatient,5.50\n",
    ),
    "ageing": (
        4,
        'The Practice LLC\nA/R Ageing Summary\n"As of January 31, 2026"\n\n'
        "Customer,Current,1 - 30,Total\nBell,5.00,0.00,5.00\nHart,1.00,2.00,3.00\n",
    ),
    "with its delimiter": (3, "sep=;\nReport; of\n\nid;name;sum\n1;a;2.5\n2;b;3.5\n"),
    "padded by a spreadsheet": (
        3,
        "A/R Ageing Summary,,,\r\nAs of January 31,,,\r\n,,,\r\n"
        "Customer,Current,1 - 30,Total\r\nBell,5.00,0.00,5.00\r\nHart,1.00,2.00,3.00\r\n",
    ),
}


@pytest.mark.parametrize(("lines", "text"), TITLED.values(), ids=TITLED)
def test_lines_above_a_header_are_skipped_by_the_contract_that_is_drafted(
    project: Project, lines: int, text: str
) -> None:
    name, later = (f"hotel/{day}/report.csv" for day in (DAY, "2026-11-21"))
    project.deliver(name, text)
    assert project.run("draft", "hotel", "--from", name, "--write").exit_code == 0
    contract = project.contract()
    (table,) = yaml.safe_load(contract.read_text())["sources"][0]["tables"]
    assert table["config"]["meta"]["contract"]["deliveries"][0]["skip_lines"] == lines
    project.decide()
    landed = project.run("land", "--object", name)
    assert landed.exit_code == 0, landed.output
    assert project.query("select count(*) from raw_hotel.report") == [(2,)]
    before = contract.read_text()
    project.deliver(later, text)
    for said in "", f", skip_lines: {lines - 1}", f", skip_lines: {lines + 1}":
        contract.write_text(before.replace(f", skip_lines: {lines}", said))
        refused = project.run("land", "--object", later).output
        assert "missing_header" in refused and f"draft hotel --from {later}" in refused
        shown = project.run("draft", "hotel", "--from", later).output
        assert f"`skip_lines: {lines}" in shown and "2 of 2 rows land" in shown


# Hospital price transparency (https://github.com/CMSgov/hospital-price-transparency): values, and titles of one width
PADDED = (
    "hospital_name,last_updated_on,version,,\nWest,4/1/2026,3.0.0,,\n"
    "description,code|1,code|1|type,setting,gross\nHip,470,MS-DRG,inpatient,70000\nAspirin,,CDM,outpatient,5.50\n"
)


def test_a_person_may_say_how_many_lines_are_above_the_header(project: Project) -> None:
    name, later = (f"hotel/{day}/prices.csv" for day in (DAY, "2026-11-21"))
    project.deliver(name, PADDED)
    words = ("draft", "hotel", "--skip-lines", "2", "--from")
    assert project.run(*words, name, "--write").exit_code == 0
    project.decide()
    assert project.run("land", "--object", name).exit_code == 0
    assert project.query("select setting, gross from raw_hotel.prices order by gross") == [
        ("outpatient", Decimal("5.50")), ("inpatient", Decimal(70000)),
    ]  # fmt: skip
    contract = project.contract()
    contract.write_text(contract.read_text().replace(", skip_lines: 2", ""))
    project.deliver(later, PADDED)
    assert "`skip_lines: 2` in its delivery: 2 of 2 rows land" in project.run(*words, later).output
    refused = project.run(*words, later, "--no-header")
    assert refused.exit_code == 2 and "leave out --no-header" in refused.output


def test_a_column_without_a_name_is_drafted_where_it_has_values(project: Project) -> None:
    ageing = ",Current,1 - 30,Total\nBell,5.00,0.00,5.00\nHart,1.00,2.00,3.00\n"
    name = f"hotel/{DAY}/ageing.csv"
    project.deliver(name, "A/R Ageing Summary\n\n" + ageing)
    assert project.run("draft", "hotel", "--from", name, "--write").exit_code == 0
    assert "header: ''" in project.contract().read_text()
    project.decide()
    assert project.run("land", "--object", name).exit_code == 0
    found = project.query("select column_1, total from raw_hotel.ageing order by 1")
    assert found == [("Bell", 5), ("Hart", 3)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (",a,b\n0,x,1.5\n1,y,2.5\n", "it has no name and numbers the rows"),
        ("a,,b\n1,,1.5\n2,,2.5\n", "it has neither a name nor values"),
        (",a,,b\nq,1,r,1.5\ns,2,t,2.5\n", "several have no name"),
    ],
)
def test_a_column_without_a_name_is_left_out_with_the_reason(
    project: Project, text: str, reason: str
) -> None:
    project.deliver(f"hotel/{DAY}/guests.csv", text)
    told = project.run("draft", "hotel", "--header", "--from", f"hotel/{DAY}/guests.csv")
    assert reason in told.stdout and "header: ''" not in told.stdout


def test_lines_above_a_table_without_a_header_must_be_taken_out(project: Project) -> None:
    project.deliver(f"hotel/{DAY}/report.csv", TITLED["ageing"][1])
    words = ("--no-header", "--from", f"hotel/{DAY}/report.csv")
    told = project.run("draft", "hotel", *words)
    assert told.exit_code == 2 and told.stdout == ""
    assert (
        "line 5 names the columns: leave out --no-header, or take out the lines above"
        in told.output
    )


@pytest.mark.parametrize(
    "text", ["P-1\nP-2,2.5,a\nP-3,3.5,b\nP-4,1.5,c\n", "P-1,,\nP-2,2.5,a\nP-3,3.5,b\n"]
)
def test_a_row_below_a_shorter_one_is_not_taken_for_a_header(project: Project, text: str) -> None:
    project.deliver(f"hotel/{DAY}/guests.csv", text)
    told = project.run("draft", "hotel", "--from", f"hotel/{DAY}/guests.csv")
    assert told.exit_code == 2 and "--no-header" in told.output
    assert "P-2" not in told.output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id,name\n1,2.5,Ann\n2,3.5,Bo\n", 2),
        ("id,,\n1,2.5,Ann\n2,3.5,Bo\n", 0),
        ("1\n2,2.5,Ann\n3,3.5,Bo\n", 2),
    ],
)
def test_values_are_no_names_below_a_title_even_where_a_header_is_said(
    project: Project, text: str, code: int
) -> None:
    project.deliver(f"hotel/{DAY}/guests.csv", text)
    told = project.run("draft", "hotel", "--header", "--from", f"hotel/{DAY}/guests.csv")
    assert "skip_lines" not in told.output and "ann" not in told.output.casefold()
    assert told.exit_code == code and ("name: id" in told.output) == (code == 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P-1,,\nP-2,2.5,a\nP-3,3.5,b\n", ["--no-header"]),
        ("P-1\nP-2,2.5,a\nP-3,3.5,b\nP-4,1.5,c\n", ["--no-header"]),
        ("1,,\n2,2.5,a\n3,3.5,b\n", []),  # its first value is like the others
    ],
)
def test_a_first_row_with_one_value_is_a_row_where_there_is_no_header(
    project: Project, text: str, words: list[str]
) -> None:
    project.deliver(f"hotel/{DAY}/guests.csv", text)
    told = project.run("draft", "hotel", *words, "--from", f"hotel/{DAY}/guests.csv")
    drafted = yaml.safe_load(told.stdout)
    (table,) = drafted["sources"][0]["tables"]
    assert "skip_lines" not in table["config"]["meta"]["contract"]["deliveries"][0]
    assert len(table["columns"]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n1,Oak,2.5,Ann\n2,Elm,3.5,Bo\n3,Fir,4.5,Cy\n",
        "id;name\n1;Oak;2.5;Ann\n2;Elm;3.5;Bo\n3;Fir;4.5;Cy\n",
        "id,,,\n1,Oak,2.5,Ann\n2,Elm,3.5,Bo\n3,Fir,4.5,Cy\n",
    ],
)
def test_a_row_below_a_header_that_the_contract_knows_is_not_taken_for_names(
    project: Project, text: str
) -> None:
    first, later = (f"hotel/{day}/guests.csv" for day in (DAY, "2026-11-21"))
    project.deliver(first, "id,name\n1,Oak\n2,Elm\n")
    words = ("--header", "--from", first, "--write")
    assert project.run("draft", "hotel", *words).exit_code == 0
    project.decide()
    project.deliver(later, text)
    told = project.run("draft", "hotel", "--from", later)
    assert told.exit_code == 0 and f"# {later} by the contract of hotel.guests" in told.output
    assert "Ann" not in told.output and "ann" not in told.output


@pytest.mark.parametrize("words", [[], ["--header"]])
def test_texts_below_a_title_may_be_rows(project: Project, words: list[str]) -> None:
    name = f"hotel/{DAY}/guests.csv"
    project.deliver(name, "note\nZelda came, was seen, and left\nBo came, saw, and stayed\n")
    told = project.run("draft", "hotel", *words, "--from", name)
    assert told.exit_code == 2 and told.stdout == ""
    assert (
        "whether line 2 names the columns: say --skip-lines 1 if it does, or --no-header"
        in told.output
    )
    assert "elda" not in told.output


def test_a_text_with_commas_is_one_column(project: Project) -> None:
    text = "note\n" + "".join(f"{n} and{',' * (n % 4)}\n" for n in range(40))
    project.deliver(f"hotel/{DAY}/note.csv", text)
    drafted = project.run("draft", "hotel", "--header", "--from", f"hotel/{DAY}/note.csv").stdout
    columns = yaml.safe_load(drafted)["sources"][0]["tables"][0]["columns"]
    assert [column["name"] for column in columns] == ["note"]


def test_a_name_keeps_the_letters_of_a_heading_without_their_marks(project: Project) -> None:
    name = f"hotel/{DAY}/zimmer.csv"
    project.deliver(
        name, "Größe,Übernachtungen,Année\n" + "".join(f"{n},{n},2\n" for n in range(9))
    )
    project.run("draft", "hotel", "--from", name, "--write")
    project.decide()
    assert project.run("land").exit_code == 0
    columns = project.query(
        "select column_name from duckdb_columns where table_name = 'zimmer' order by column_index"
    )
    assert [column for (column,) in columns][:3] == ["grosse", "ubernachtungen", "annee"]


def parquet(**columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def twice() -> bytes:
    """Parquet with two columns of one name."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), sink)
    return sink.getvalue().to_pybytes()


def test_a_draft_of_parquet_and_of_files_of_dms_lands(project: Project) -> None:
    rooms = parquet(
        room_id=pa.array([1, 2], pa.int32()),
        opened=pa.array([date(2026, 1, 2), None]),
        cleaned=pa.array([datetime(2026, 1, 2, 3, 4), None], pa.timestamp("us")),
        price=pa.array([Decimal("1.25"), None], pa.decimal128(9, 2)),
        width=[1.5, None],
        is_free=[True, None],
        tags=pa.array([["a", "b"], None]),
        named=["x", None],
        told=["1/2/2026", "1/3/2026"],
        nothing=pa.nulls(2),
    )
    changes = "I,G1,1/2/2026,$5.00\nU,G1,1/3/2026,$6.00\nD,G2,1/4/2026,$7.00\n"
    project.deliver(f"hotel/{DAY}/room.parquet", rooms)
    project.deliver("hotel/dms/db/guest/20261120-033312345.csv", changes)
    names = [f"hotel/{DAY}/room.parquet", "hotel/dms/db/guest/20261120-033312345.csv"]
    drafted = project.run("draft", "hotel", "--from", *names, "--write")
    assert drafted.exit_code == 0, drafted.output
    guest = yaml.safe_load(project.contract().read_text())["sources"][0]["tables"][1]
    assert guest["config"]["meta"]["contract"]["deliveries"] == [
        {"path": "hotel/dms/db/guest/{change_time}.csv", "kind": "changes", "header": False}
    ]
    project.decide()
    text = project.contract().read_text()
    refused = project.run(
        "land"
    )  # a guest comes twice, as in changes: its key is for a person to say
    assert "`key: row` goes with full extracts only" in refused.output
    project.contract().write_text(text.replace("key: row", "key: [column_1]"))
    landed = project.run("land")
    assert (landed.exit_code, "quarantined)" in landed.output) == (0, False), landed.output
    assert project.query(
        "select opened::varchar, price::varchar, width, is_free, tags, told::varchar from raw_hotel.room order by 1"
    ) == [
        ("2026-01-02", "1.25", 1.5, True, '["a", "b"]', "2026-01-02"),
        (None, None, None, None, None, "2026-01-03"),
    ]
    assert project.query(
        "select column_1, column_2::varchar, column_3::varchar from raw_hotel.guest order by 2"
    ) == [
        ("G1", "2026-01-02", "5.00"),
        ("G1", "2026-01-03", "6.00"),
        ("G2", "2026-01-04", "7.00"),
    ]


HEAD = "stay_id,since,price\n"
CSV = HEAD + "1,1/2/2026,1.5\n2,1/3/2026,2.5\n"
REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "unknown_column": ("csv", "stay_id,since,price,Bed Kind\n1,1/2/2026,1,soft\n", "Bed Kind"),
    "missing_column": ("csv", "stay_id,price\n1,1.5\n", "optional: true"),
    "bad_date": ("csv", HEAD + "1,2026-01-02,1\n2,0000-00-00,2\n", "format: [M/D/YYYY, YYYY-MM-DD]"),
    "bad_number": ("csv", HEAD + "1,1/2/2026,$1.50\n2,1/2/2026,N/A\n", "format: money"),
    "wrong_type": (
        "parquet",
        parquet(stay_id=["1", "2"], since=["1/2/2026", "2026-01-03"], price=[1.5, 2.5]),
        "file_type: double",
    ),
}  # fmt: skip


def applied(contract: Path, lines: str) -> None:
    """Put the printed lines into the contract as they stand, with the sensitivities decided."""
    content = yaml.safe_load(contract.read_text())
    table = content["sources"][0]["tables"][0]
    for line in lines.replace(OPEN, "sensitivity: none").splitlines():
        if line.strip().startswith("- {name:"):
            (entry,) = yaml.safe_load(line)
            table["columns"] = [c for c in table["columns"] if c["name"] != entry["name"]]
            table["columns"].append(entry)
    contract.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.mark.parametrize("case", REFUSED)
def test_the_lines_that_are_shown_for_a_refused_file_accept_it(project: Project, case: str) -> None:
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    both = project.contract().read_text().replace(
        "deliveries:\n",
        "deliveries:\n                - {path: 'hotel/{date}/stay.parquet', kind: full, file: parquet}\n",
    )  # fmt: skip
    project.contract().write_text(both)
    project.decide()
    (project.folder / f"lake/inbox/hotel/{DAY}/stay.csv").unlink()
    ending, content, expected = REFUSED[case]
    name = f"hotel/2026-11-21/stay.{ending}"
    project.deliver(name, content)
    refused = project.run("land")
    assert (refused.exit_code, f"draft hotel --from {name}" in refused.output) == (3, True)
    shown = project.run("draft", "hotel", "--from", name).output
    assert expected in shown
    assert "soft" not in shown
    applied(project.contract(), shown)
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    assert "quarantined)" not in landed.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CSV.replace(",", ";").encode(), "delimiter: ;"),
        (CSV.replace("1.5", "1.5\u20ac").encode("cp1252"), None),
        (CSV.replace(",", ";").replace(".", ",").encode(), "delimiter: ;, decimal_separator: ','"),
        (CSV.encode("utf-16"), "encoding: utf-16"),
        (CSV.encode("utf-16-le"), "encoding: utf-16-le"),
        (CSV.replace(",", "\t").encode("utf-16-be"), 'encoding: utf-16-be, delimiter: "\\t"'),
    ],
    ids=[
        "semicolons",
        "a word too many",
        "decimal commas",
        "UTF-16",
        "UTF-16 without a mark",
        "UTF-16 and tabs",
    ],
)
def test_the_words_of_a_delivery_with_which_a_file_would_be_read_are_shown(
    project: Project, content: bytes, words: str | None
) -> None:
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    project.decide()
    project.deliver("hotel/2026-11-21/stay.csv", content)
    shown = project.run("draft", "hotel", "--from", "hotel/2026-11-21/stay.csv")
    assert shown.exit_code == 0, shown.output
    told = f"# with `{words}` in its delivery: 2 of 2 rows land\n# nothing else is missing"
    assert (told in shown.output) == (words is not None), shown.output


def test_of_a_file_that_no_words_would_accept_the_code_says_what_to_do(project: Project) -> None:
    (project.folder / "seeds").mkdir()
    seeds = Path(__file__).resolve().parents[3] / "seeds/finding_codes.csv"
    (project.folder / "seeds/finding_codes.csv").write_text(seeds.read_text())
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    project.decide()
    for content, told in (HEAD, "may_be_empty: true"), (CSV[:-9], "deliver it again"):
        project.deliver("hotel/2026-11-21/stay.csv", content)
        shown = project.run("draft", "hotel", "--from", "hotel/2026-11-21/stay.csv").output
        assert told in shown, shown


def test_of_a_file_of_dms_that_may_be_read_in_two_ways_the_draft_says_what_to_do(
    project: Project,
) -> None:
    (project.folder / "seeds").mkdir()
    seeds = Path(__file__).resolve().parents[3] / "seeds/finding_codes.csv"
    (project.folder / "seeds/finding_codes.csv").write_text(seeds.read_text())
    delivery = '{path: "desk/{load}.csv", kind: full, header: false}'
    first = "{name: code, data_type: string, config: {meta: {sensitivity: none}}}"
    last = "{name: later, data_type: string, config: {meta: {sensitivity: none, optional: true}}}"
    text = OTHER.replace('{path: "desk/{date}/visit.csv", kind: full}', delivery)
    text = text.replace("columns:", f"columns:\n          - {first}") + f"          - {last}\n"
    project.contract("desk").write_text(text)
    name = "desk/LOAD00000001.csv"
    for content in ("I,1,a\n", "2024-05-01 00:00:00.000000,1\n"):
        project.deliver(name, content)
        refused, advice = project.run("draft", "desk", "--from", name).output.splitlines()
        assert ": refused: column_count at line 1" in refused and "None" not in refused
        assert "dms_columns in the delivery" in advice
    project.deliver(name, "1\n")
    assert ": 0 of 1 rows land, column_count x1\n" in (
        project.run("draft", "desk", "--from", name).output
    )


def test_a_set_is_drafted_by_the_name_that_reports_give_it(project: Project) -> None:
    """By every file of it, and without a column for the operation of DMS."""
    folder = "hotel/dms/db/guest"
    project.deliver(f"{folder}/LOAD00000001.csv", "Op,guest_id,nights\nI,1,2\nI,2,3\n")
    drafted = project.run(
        "draft", "hotel", "--from", f"{folder}/LOAD00000001.csv", "--header", "--write"
    )
    assert drafted.exit_code == 0, drafted.output
    project.decide()
    for number in (1, 2):
        path = project.deliver(
            f"{folder}/LOAD0000000{number}.csv", f"Op,guest_id,nights,Pet\nI,{number},2,cat\n"
        )
        os.utime(path, (0, 1_700_000_000))
    refused = project.run("land").output
    name = f"{folder}/{{load}}.csv"
    assert f"draft hotel --from '{name}'" in refused, refused
    shown = project.run("draft", "hotel", "--from", name)
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("refused: unknown_column") == 2
    assert "ignored_headers: [Pet]" in shown.output and "header: Op" not in shown.output
    unknown = project.run("draft", "hotel", "--from", f"{folder}/none/{{load}}.csv")
    assert (unknown.exit_code, "no such file" in unknown.output) == (2, True)


def deliveries_of(project: Project) -> list[dict[str, Any]]:
    """The deliveries of the first table of the draft that was written."""
    source = yaml.safe_load(project.contract().read_text())["sources"][0]
    found: list[dict[str, Any]] = source["tables"][0]["config"]["meta"]["contract"]["deliveries"]
    return found


@pytest.mark.parametrize(
    ("folders", "next_day"),
    [
        ("20241102", "20241103"),
        ("2024-11-02-23", "2024-11-03-01"),
        ("2024/11/02/23", "2024/11/03/01"),
        ("02_11_2024", "03_11_2024"),
    ],
)
def test_changes_in_date_folders_of_any_form_land_by_their_draft_in_the_order_of_their_times(
    project: Project, folders: str, next_day: str
) -> None:
    """Also those of the next day, of whose folder the draft has seen nothing."""
    folder = "hotel/db/guest"
    late, early = (f"{folder}/{folders}/20241102-{time}000000.csv" for time in ("23", "10"))
    project.deliver(late, "I,G1,3.25\nI,G2,4.50\n")
    done = project.run("draft", "hotel", "--no-header", "--from", late, "--write")
    assert done.exit_code == 0, done.output
    path = f"{folder}/[{{day}}/]{{change_time}}.csv"
    assert deliveries_of(project) == [{"path": path, "kind": "changes", "header": False}]
    project.deliver(early, "I,G1,1.25\nI,G2,2.50\n")
    project.deliver(f"{folder}/{next_day}/20241103-010000000.csv", "U,G1,5.25\nU,G2,6.50\n")
    project.decide()
    text = project.contract().read_text()
    project.contract().write_text(re.sub("key: .*", "key: [column_1]", text))
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    rows = project.query(
        "select column_2::varchar from raw_hotel.guest where column_1 = 'G1' order by _extracted_at"
    )
    assert rows == [("1.25",), ("3.25",), ("5.25",)]


def test_a_snapshot_export_without_numbered_folders_lands_by_its_draft(project: Project) -> None:
    """As RDS named files before: all parts are one extract, and those of a later export are the next."""
    for number, export in enumerate(("nightly-1", "nightly-2")):
        for part in (0, 1):
            name = f"hotel/{export}/db/public.stay/part-0000{part}-a-c000.gz.parquet"
            project.deliver(name, parquet(stay_id=[10 * number + part], price=[1.5]))
        info = {"status": "COMPLETE", "snapshotTime": f"2026-11-2{number}T12:00:00Z"}
        project.deliver(f"hotel/export_info_{export}.json", json.dumps(info))
    first = "hotel/nightly-1/db/public.stay/part-00000-a-c000.gz.parquet"
    done = project.run("draft", "hotel", "--from", first, "--write")
    assert done.exit_code == 0, done.output
    path = "hotel/{export}/db/public.stay/{part}.parquet"
    assert deliveries_of(project) == [{"path": path, "kind": "full", "file": "parquet"}]
    project.decide()
    landed = project.run("land")
    assert landed.exit_code == 0, landed.output
    rows = project.query("select list(stay_id order by 1) from raw_hotel.stay group by load_id")
    assert sorted(rows) == [([0, 1],), ([10, 11],)]


def test_a_file_of_this_machine_is_drafted_with_all_of_its_date_folders(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "export/2024/11/02/20241102-101112345.csv"
    path.parent.mkdir(parents=True)
    path.write_text("I,G1\nI,G2\n")
    assert (
        project.run("draft", "hotel", "--no-header", "--from", str(path), "--write").exit_code == 0
    )
    assert deliveries_of(project)[0]["path"] == "hotel/[{day}/]{change_time}.csv"


def test_a_draft_of_parquet_sees_every_row_whatever_its_times_and_numbers(project: Project) -> None:
    """A time that landing would quarantine, an impossible date and NaN hide no row of the sample."""
    many = range(60)
    moments = pa.array([datetime(2026, 1, 2, 3, 4, 5, 678_901)] * 60, pa.timestamp("us"))
    rooms = parquet(
        room_id=pa.array(many),
        cleaned=moments,
        told=moments.cast(pa.timestamp("us", "UTC")),
        until=pa.array([datetime(9999, 12, 31) if n < 9 else datetime(2026, 1, 2) for n in many]),
        width=[float("nan") if n % 2 else 1.5 for n in many],
        opens=pa.array([time(7, n) for n in many]),
        days=pa.array([datetime(2026, 1, 2)] * 60),
    )
    project.deliver(f"hotel/{DAY}/room.parquet", rooms)
    drafted = project.run("draft", "hotel", "--from", f"hotel/{DAY}/room.parquet", "--write")
    assert drafted.exit_code == 0, drafted.output
    text = project.contract().read_text()
    assert text.count("60 of 60 values") == 7 and "unique in 60 rows" in text
    assert text.count("60 of them are finer than milliseconds") == 2
    project.decide()
    landed = project.run("land")
    assert (landed.exit_code, "quarantined)" in landed.output) == (0, False), landed.output
    assert project.query(
        "select count(*), count(until), count(width), min(opens), min(cleaned)::varchar from raw_hotel.room"
    ) == [(60, 51, 30, "07:00:00", "2026-01-02 08:04:05.678")]


def test_a_draft_of_a_decimal_wider_than_any_engines_is_the_widest_and_says_its_type(
    project: Project,
) -> None:
    """What fits lands, and the rest is quarantined."""
    amounts = [Decimal(f"{n}.50") for n in range(59)] + [Decimal(10) ** 50]
    rooms = parquet(room_id=pa.array(range(60)), fee=pa.array(amounts, pa.decimal256(60, 2)))
    name = f"hotel/{DAY}/room.parquet"
    project.deliver(name, rooms)
    drafted = project.run("draft", "hotel", "--from", name, "--write")
    assert drafted.exit_code == 0, drafted.output
    text = project.contract().read_text()
    assert re.search(r"decimal\(38,\s*2\)", text) and "file_type: decimal" in text
    assert "59 of 60 values" in text
    project.decide()
    assert "(1 row quarantined)" in project.run("land").output
    assert project.query("select count(*), max(fee) from raw_hotel.room") == [
        (59, Decimal("58.50"))
    ]


def test_a_column_of_bytes_is_left_out_of_a_draft_of_parquet_and_text_without_its_type_is_not(
    project: Project,
) -> None:
    """Shapes and hashes are bytes. Older writers say of text too that it is bytes; one of its values is broken."""
    numbers = range(200)
    rooms = parquet(
        room_id=pa.array(numbers),
        shape=pa.array([b"\x00\x01" + n.to_bytes(8, "little") for n in numbers], pa.binary()),
        digest=pa.array([hashlib.md5(bytes([n])).digest() for n in numbers], pa.binary(16)),
        view=pa.array([b"\xff" if n == 7 else b"sea %d" % n for n in numbers], pa.binary()),
        mark=pa.array([b"\xfe" if n == 9 else None for n in numbers], pa.binary()),
        bit=pa.array([b"\x01"] * 200, pa.binary()),  # as a snapshot export has MySQL's
        number=pa.array([bytes([5 + n % 3]) for n in numbers], pa.binary()),
    )
    name = f"hotel/{DAY}/room.parquet"
    project.deliver(name, rooms)
    drafted = project.run("draft", "hotel", "--from", name, "--write")
    assert drafted.exit_code == 0, drafted.output
    text = project.contract().read_text()
    assert re.findall(r"- (\w+)  # bytes", text) == ["shape", "digest", "mark", "bit", "number"]
    assert re.findall("name: (room_id|view)", text) == ["room_id", "view"]
    project.decide()
    assert "(1 row quarantined)" in project.run("land").output
    assert project.query("select count(*), count(view) from raw_hotel.room") == [(199, 199)]


def test_a_file_of_bytes_alone_is_one_line(project: Project) -> None:
    rooms = parquet(shape=pa.array([b"\xff"] * 9), digest=pa.array([b"\xfe"] * 9))
    project.deliver("hotel/a.parquet", rooms)
    done = project.run("draft", "hotel", "--from", "hotel/a.parquet")
    assert done.exit_code == 2 and done.output.endswith(
        "a: every column would be left out (shape: bytes, which `binary: hex` lands as digits; "
        "digest: bytes, which `binary: hex` lands as digits)\n"
    )


@pytest.mark.parametrize("place", ["sample_of", "draft_table"])
def test_an_error_of_our_own_over_a_file_is_one_line_without_its_values(
    project: Project, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise ValueError("Zoe Miller")

    monkeypatch.setattr(drafting.draft, place, failing)
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    done = project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--header")
    assert (done.exit_code, "Zoe" in done.output) == (2, False), done.output
    assert done.output.splitlines()[-1].endswith("unreadable (ValueError)")


def test_a_draft_of_int96_is_that_of_any_time(project: Project) -> None:
    """As Spark writes times: microseconds."""
    moments = pa.array([datetime(2026, 1, 2, 3, 4, 5, 678_901)] * 60, pa.timestamp("us"))
    table = pa.table({"room_id": range(60), "cleaned": moments})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, use_deprecated_int96_timestamps=True)
    name = f"hotel/{DAY}/room.parquet"
    project.deliver(name, sink.getvalue().to_pybytes())
    assert project.run("draft", "hotel", "--from", name, "--write").exit_code == 0
    text = project.contract().read_text()
    assert "60 of them are finer than milliseconds" in text and "finer_times: cut" in text
    project.contract().write_text(text.replace(", finer_times: cut", ""))
    project.decide()
    assert project.run("land").exit_code == 3
    shown = project.run("draft", "hotel", "--from", name).output
    assert "finer_times: cut" in shown and "60 of 60 rows land" in shown
    applied(project.contract(), shown)
    assert project.run("land").exit_code == 0


def test_a_time_finer_than_milliseconds_is_a_time_in_a_draft_and_cut_where_a_person_agrees(
    project: Project,
) -> None:
    name = f"hotel/{DAY}/stay.csv"
    finer = "stay_id,since\n" + "".join(f"{n},2026-01-02 03:04:05.678{n:03}\n" for n in range(9))
    project.deliver(name, finer)
    drafted = project.run("draft", "hotel", "--from", name, "--write")
    assert drafted.exit_code == 0, drafted.output
    text = project.contract().read_text()
    assert "data_type: timestamp" in text and "finer_times: cut" in text
    assert "8 of them are finer than milliseconds" in text  # .678000 is not
    project.contract().write_text(text.replace(", finer_times: cut", ""))
    project.decide()
    assert project.run("land").exit_code == 3
    shown = project.run("draft", "hotel", "--from", name).output
    assert "finer_times: cut" in shown and "9 of 9 rows land" in shown
    applied(project.contract(), shown)
    assert project.run("land").exit_code == 0


def test_a_column_may_be_left_out_instead(project: Project) -> None:
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    project.decide()
    name = "hotel/2026-11-21/stay.csv"
    project.deliver(name, REFUSED["unknown_column"][1])
    shown = project.run("draft", "hotel", "--from", name).output
    (line,) = (line for line in shown.splitlines() if "ignored_headers" in line)
    text = project.contract().read_text()
    project.contract().write_text(
        text.replace("            contract:\n", f"            contract:\n{line}\n")
    )
    assert project.run("land").exit_code == 0


@pytest.mark.parametrize("other", [[], ["Pet"]])
def test_new_columns_of_bytes_and_secrets_are_left_out_by_the_lines_that_accept_their_file(
    project: Project, other: list[str]
) -> None:
    first, second = (f"hotel/2026-11-2{day}/room.parquet" for day in (0, 1))
    project.deliver(first, parquet(room_id=pa.array(range(9))))
    project.run("draft", "hotel", "--from", first, "--write")
    project.decide()
    odd = {"shape": pa.array([b"\xff"] * 9), "wifi_password": ["sesame"] * 9}
    project.deliver(
        second,
        parquet(room_id=pa.array(range(9)), **odd, **dict.fromkeys(other, odd["wifi_password"])),
    )
    shown = project.run("draft", "hotel", "--from", second)
    assert shown.exit_code == 0 and "With these lines: 9 of 9 rows land" in shown.output
    assert "# shape is left out: bytes" in shown.output and "sesame" not in shown.output
    ignored = [line for line in shown.output.splitlines() if "ignored_headers" in line]
    lists = [yaml.safe_load(line)["ignored_headers"] for line in ignored]
    assert lists == [[*odd]] + [[*other, *odd]] * len(other)
    text = project.contract().read_text()
    for line in ignored:
        project.contract().write_text(
            text.replace("            contract:\n", f"            contract:\n{line}\n")
        )
        applied(project.contract(), "" if line == ignored[-1] else shown.output)
        assert project.run("land", "--dry-run").exit_code == 0


@pytest.mark.parametrize("words", ["", ", file_type: binary"])
@pytest.mark.parametrize("last", [b"", b"ab"])
def test_a_column_that_comes_as_bytes_one_day_is_drafted_as_their_digits(
    project: Project, words: str, last: bytes
) -> None:
    first, second = (f"hotel/2026-11-2{day}/room.parquet" for day in (0, 1))
    keys = [n.to_bytes(16, "big") + last for n in range(200, 209)]
    project.deliver(first, parquet(room_id=[key.hex() for key in keys]))
    project.run("draft", "hotel", "--from", first, "--write")
    project.decide()
    text = project.contract().read_text()
    project.contract().write_text(text.replace("sensitivity: none", f"sensitivity: none{words}"))
    assert project.run("land").exit_code == 0
    project.deliver(second, parquet(room_id=pa.array(keys, pa.binary(len(keys[0])))))
    shown = project.run("draft", "hotel", "--from", second).output
    assert "binary: hex" in shown and "With these lines: 9 of 9 rows land" in shown
    applied(project.contract(), shown)
    assert project.run("land").exit_code == 0
    assert project.query("select count(*), count(distinct room_id) from raw_hotel.room") == [
        (18, 9)
    ]


def test_of_a_file_without_the_header_that_is_due_nothing_is_shown(project: Project) -> None:
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    project.decide()
    project.deliver("hotel/2026-11-21/stay.csv", "Ann,Miller,Rome\nBea,Smith,Oslo\n")
    shown = project.run("draft", "hotel", "--from", "hotel/2026-11-21/stay.csv").output
    assert "missing_header" in shown
    assert "correct the file" in shown
    assert not re.search("Ann|Miller|Rome", shown)


def test_a_file_that_is_there_is_never_replaced(project: Project) -> None:
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    words = ("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    assert project.run(*words).exit_code == 0
    before = project.contract().read_text()
    unfinished = project.run(*words[:-1]).output
    assert unfinished.startswith(
        "# not compared with the contracts that are there: models/staging/hotel/"
    )
    again = project.run(*words)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    assert project.contract().read_text() == before


MISTAKES: dict[str, tuple[Callable[[Project], object], tuple[str, ...], str]] = {
    "no file": (lambda p: None, ("--from", "hotel/none.csv"), "no such file, here or in the inbox"),
    "no way": (lambda p: None, (), "say what to draft: "),
    "no text": (lambda p: p.deliver("hotel/a.csv", b"\x89PNG...."), ("--from", "hotel/a.csv"), "wrong_type"),
    "an export of DynamoDB": (
        lambda p: p.deliver("hotel/a.json.gz", gzip.compress(b'{"Item":{}}')), ("--from", "hotel/a.json.gz"), "JSON",
    ),
    "parquet with one name twice": (
        lambda p: p.deliver("hotel/a.parquet", twice()), ("--from", "hotel/a.parquet"), "one name",
    ),
    "parquet that ends in nothing": (
        lambda p: p.deliver("hotel/a.parquet", parquet(a=[1])[:-9]), ("--from", "hotel/a.parquet"), "wrong_type",
    ),
    "parquet without a column": (
        lambda p: p.deliver("hotel/a.parquet", parquet()), ("--from", "hotel/a.parquet"), "it has no columns",
    ),
    "no column with a value": (
        lambda p: p.deliver("hotel/a.parquet", parquet(a=[None] * 100)), ("--from", "hotel/a.parquet"),
        "a: every column would be left out (a: empty in all 100 rows)",
    ),
    "NULs alone": (lambda p: p.deliver("hotel/a.csv", bytes(900)), ("--from", "hotel/a.csv"), "Bad"),
    "nothing in it": (lambda p: p.deliver("hotel/a.csv", b""), ("--from", "hotel/a.csv"), "empty_object"),
    "one name twice": (
        lambda p: p.deliver("hotel/a.csv", b"a,a,b\n1,2,3\n"), ("--from", "hotel/a.csv"), "one name",
    ),
    "a segment of DMS's parallel load": (
        lambda p: p.deliver("hotel/db/a/SEGMENT1_LOAD00000001.csv", b"1,2\n"),
        ("--no-header", "--from", "hotel/db/a/SEGMENT1_LOAD00000001.csv"), "would each count as the whole table",
    ),
    "the same, on this machine": (
        lambda p: (p.folder / "SEGMENT1_LOAD00000001.csv").write_text("1,2\n"),
        ("--no-header", "--from", "SEGMENT1_LOAD00000001.csv"), "would each count as the whole table",
    ),
    "DMS's transaction order": (
        lambda p: p.deliver("hotel/db/CDC_TXN-20201117153046033.csv", b"I,a,db,1\n"),
        ("--no-header", "--from", "hotel/db/CDC_TXN-20201117153046033.csv"), "transaction order",
    ),
    "a date that no word matches": (
        lambda p: p.deliver("hotel/10/29/2014/20141029-113401600.csv", b"I,1\n"),
        ("--no-header", "--from", "hotel/10/29/2014/20141029-113401600.csv"), "no word of a pattern matches",
    ),
    "a date of another form in a name": (
        lambda p: p.deliver("hotel/stays_29.10.2014.csv", b"a,b\n1,2\n"),
        ("--header", "--from", "hotel/stays_29.10.2014.csv"), "not in a form that a path has",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ["../hotel", "My Hotel", "", "base", "landfall"])
def test_a_name_that_no_source_may_have_is_neither_drafted_nor_written(
    project: Project, name: str
) -> None:
    before = sorted(project.folder.rglob("*"))
    file = project.folder / "guests.csv"
    file.write_text("id,nights\n1,2\n2,3\n")
    done = project.run("draft", name, "--from", str(file), "--header", "--write")
    assert (done.exit_code, "no source may be called" in done.output) == (2, True), done.output
    assert sorted(project.folder.rglob("*")) == sorted([*before, file])


@pytest.mark.parametrize("case", MISTAKES)
def test_what_cannot_be_drafted_is_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(project.folder)
    prepare, words, message = MISTAKES[case]
    prepare(project)
    done = project.run("draft", "hotel", *words)
    assert (done.exit_code, message in done.output) == (2, True), done.output
    assert len([line for line in done.output.splitlines() if line.startswith("Bad")]) == 1


def test_a_staging_model_is_drafted_from_the_finished_contract(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_KEY", bytes(range(32)).hex())
    project.deliver(f"hotel/{DAY}/stay.csv", CSV)
    project.run("draft", "hotel", "--from", f"hotel/{DAY}/stay.csv", "--write")
    text = project.contract().read_text()
    text = text.replace(f"description: {UNDECIDED}", "description: 'The stay: its number.'", 3)
    text = text.replace(OPEN, "sensitivity: direct, pseudonym: guest", 1)
    text = text.replace(OPEN, "sensitivity: quasi")
    project.contract().write_text(text)
    assert project.run("land").exit_code == 0
    assert project.run("draft", "hotel", "--staging", "--write").exit_code == 0
    model = project.contract().with_name("stg_hotel__stays.sql")
    macros = {
        "state_of": lambda source, table: f"select * from raw_{source}.{table}",
        "as_timestamp": lambda value: f"cast({value} as timestamp)",
    }
    sql = jinja2.Environment(autoescape=False).from_string(model.read_text()).render(macros)
    drafted = yaml.safe_load(model.with_suffix(".yml").read_text())["models"][0]
    parts = [part.split("** ")[0] for part in drafted["description"].split("\n\n")]
    assert parts[1:] == ["**Key", "**Rules", "**Traps"]
    described = drafted["columns"]
    shown = project.query(f"select column_name from (describe {sql})")
    assert [column["name"] for column in described] == [name for (name,) in shown]
    sensitivities = {c["name"]: c["config"]["meta"]["sensitivity"] for c in described}
    assert sensitivities["stay_id"] == "direct"
    assert sensitivities["stay_id_pseudonym"] == sensitivities["price"] == "quasi"
    assert described[0]["data_tests"] == ["unique", "not_null"]
    assert described[0]["description"] == "The stay: its number."
    assert len(project.query(sql)) == 2


def test_an_object_of_the_inbox_is_drafted_wherever_the_lake_lies(lake: Lake) -> None:
    name = "hotel/2026-11-20/stay.csv"
    lake.put(name, CSV)
    before = lake.keys("")
    for spelt in (name, f"inbox/{name}", f"{lake.settings.lake}/inbox/{name}"):
        text = drafting.draft_files(lake.settings, "hotel", [spelt]).text
        assert "path: 'hotel/{date}/stay.csv'" in text
    assert lake.keys("") == before

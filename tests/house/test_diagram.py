"""The pictures of `make docs`."""

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from docs.diagram import MOST, Picture, drawn, pictures
from docs.entities import Entities, Reference
from docs.site import HERE
from docs.systems import DRAWN, LEFT_OUT, account
from tools.project import compiled_for
from tools.template import RESOURCES

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def entities() -> Entities:
    """Those of the project."""
    manifest = compiled_for("duckdb").parents[1] / "manifest.json"
    return Entities.of(json.loads(manifest.read_text()))


@pytest.fixture(scope="module")
def drawings(entities: Entities) -> dict[str, list[Picture]]:
    """The pictures of each area."""
    areas = {mart.area for mart in entities.marts.values()}
    return {area: list(pictures(entities, area)) for area in areas}


@pytest.fixture(scope="module")
def billing(drawings: dict[str, list[Picture]]) -> list[Picture]:
    return drawings["billing"]


def test_each_key_of_each_mart_is_its_own_or_refers_to_a_row_of_another(entities: Entities) -> None:
    alone = [
        f"{mart.name}.{column.name}"
        for mart in entities.marts.values()
        if not mart.name.startswith("dim_")  # which have a durable key of their own
        for column in mart.columns
        if column.name.endswith("_key")
        and not column.is_key
        and column.name not in {one.column for one in entities.from_(mart.name)}
    ]
    # there is a row of it for each evening, and no dimension of accounts
    assert alone == ["fct_account_balances.account_key"]


def test_a_mart_without_a_key_of_another_has_a_line_to_what_it_is_made_of(
    entities: Entities,
) -> None:
    assert Reference("collections", "fct_ledger_entries") in entities.references
    answers = [mart.name for mart in entities.marts.values() if not mart.is_referred_to]
    lonely = {name for name in answers if not entities.from_(name)}
    assert lonely == {"run_nodes", "ledger_days"}, "made of runs, and of a history: of no mart"


def test_roles_and_tests_say_what_a_key_refers_to(entities: Entities) -> None:
    found = {(one.column, one.parent, one.parent_column) for one in entities.from_("fct_charges")}
    assert ("physician_key", "dim_employees", "employee_key") in found
    assert ("physician_durable_key", "dim_employees", "employee_durable_key") in found
    assert ("encounter_key", "fct_encounters", "encounter_key") in found


def test_every_mart_is_in_a_picture_of_its_area_and_leads_to_its_columns(
    entities: Entities, drawings: dict[str, list[Picture]]
) -> None:
    for area, drawn_of_it in drawings.items():
        shown = {link for picture in drawn_of_it for link in links(picture)}
        assert {f"./{area}.html#{mart.name}" for mart in entities.of_area(area)} <= shown, area


def test_keys_are_marked_and_lines_say_how_many_rows_are_at_their_ends(
    billing: list[Picture],
) -> None:
    (picture,) = [one for one in billing if one.title == "fct_ledger_entries"]
    assert {"PK", "FK", "charge_key", "dim_patients"} <= set(texts(picture))
    lines = [one for one in tree(picture).iter(f"{SVG}path") if one.get("marker-end")]
    assert len(lines) == 8
    assert len([*tree(picture).iter(f"{SVG}marker")]) >= 3, "many, one, perhaps one"


def test_a_picture_fits_a_landscape_page(drawings: dict[str, list[Picture]]) -> None:
    for area, drawn_of_it in drawings.items():
        for picture in drawn_of_it:
            width, height = map(float, str(tree(picture).get("viewBox")).split()[2:])
            # a line of text of 16 of its pixels is then 2 mm high or more, on the 277 by 165 mm of such a page
            assert max(width / 277, height / 165) < 8, (area, picture.title, width, height)


def test_a_page_need_allow_no_attribute_of_style(billing: list[Picture]) -> None:
    for picture in billing:
        assert " style=" not in picture.svg and "<script" not in picture.svg
        assert len(picture.styles) == picture.svg.count("<style")


def test_many_tables_that_answer_questions_are_several_pictures(billing: list[Picture]) -> None:
    titles = [picture.title for picture in billing]
    assert {"rates 1", "rates 2", "months 1"} <= set(titles)
    assert all(len(re.findall(r"\bPK\b", picture.svg)) <= 3 * MOST for picture in billing)


def test_every_type_of_the_template_is_drawn_or_left_out_for_a_reason() -> None:
    types = {one["Type"] for one in RESOURCES.values()}
    assert types == DRAWN.keys() | LEFT_OUT.keys()


def test_the_account_shows_each_resource_and_what_it_uses() -> None:
    text = account(RESOURCES)
    assert "start.NightlyRun -> work.RunTask" in text
    assert "work.LandTask -> lake.Lake" in text
    assert "tell.Alerts -> tell.AlertsByMail" in text
    without = {name: one for name, one in RESOURCES.items() if name != "LandOften"}
    assert "LandOften" in text and "LandOften" not in account(without)
    assert "nightly run" in texts(drawn("account", text, "dagre"))


def test_the_boxes_of_the_business_process_lead_to_marts_that_there_are(
    entities: Entities,
) -> None:
    text = (HERE / "pictures/visit_to_bill.d2").read_text()
    places = re.findall(r'\\n(\w+)" \{class: box; link: "\./areas/(\w+)\.html#(\w+)"', text)
    assert len(places) == text.count("class: box") > 10
    for said, area, name in places:
        assert said == name and entities.marts[name].area == area


def tree(picture: Picture) -> Any:
    return ElementTree.fromstring(picture.svg)


def texts(picture: Picture) -> list[str]:
    """What is written in it, line by line."""
    found = [*tree(picture).iter(f"{SVG}text"), *tree(picture).iter(f"{SVG}tspan")]
    return [one.text.strip() for one in found if one.text]


def links(picture: Picture) -> set[str]:
    return {str(one.get("href")) for one in tree(picture).iter(f"{SVG}a")}

"""The drawings of `make docs`."""

import xml.etree.ElementTree as ElementTree

from docs.diagram import Diagram, Entity, Link

MERMAID = """erDiagram
  "DIM_PATIENTS" {
    varchar patient_key
    bigint birth_year
  }
  "DIM_DATES" {
    date date_day
  }
  "FCT_VISITS" {
    varchar visit_key
    varchar patient_key
    decimal(12,2) charge_amount
    date visited_on
  }
  "VISITS_LATELY" {
    varchar visit_key
  }
  "FCT_VISITS" }|--|| "DIM_PATIENTS": patient_key
  "FCT_VISITS" }|--|| "DIM_DATES": date_day--visited_on"""


def test_entities_and_links_are_read_with_the_names_that_the_warehouse_uses() -> None:
    found = Diagram.parse(MERMAID)
    assert [entity.name for entity in found.entities] == [
        "dim_dates",
        "dim_patients",
        "fct_visits",
        "visits_lately",
    ]
    assert found.entities[0] == Entity("dim_dates", (("date_day", "date"),))
    assert found.links == (
        Link("fct_visits", "dim_patients", "patient_key"),
        Link("fct_visits", "dim_dates", "visited_on"),
    )


def test_an_area_is_shown_with_what_it_refers_to_and_nothing_else() -> None:
    found = Diagram.parse(MERMAID).around({"fct_visits"})
    assert {entity.name for entity in found.entities} == {"fct_visits", "dim_patients", "dim_dates"}
    alone = Diagram.parse(MERMAID).around({"dim_patients"})
    assert [entity.name for entity in alone.entities] == ["dim_patients"]
    assert alone.links == ()


def test_the_drawing_is_sound_and_has_a_line_for_each_link() -> None:
    drawing = ElementTree.fromstring(Diagram.parse(MERMAID).svg())
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"fct_visits", "charge_amount", "decimal(12,2)"} <= set(texts)
    curves = [
        e for e in drawing.iter("{http://www.w3.org/2000/svg}path") if e.get("fill") == "none"
    ]
    assert len(curves) == 2


def test_mermaid_is_written_so_that_viewers_can_draw_it() -> None:
    text = Diagram.parse(MERMAID).mermaid()
    assert "  fct_visits }o--|| dim_dates : visited_on" in text
    assert "    decimal_12_2_ charge_amount" in text

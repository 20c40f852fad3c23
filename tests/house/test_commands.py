"""The command line explains itself, and the documents name all of it."""

import re

import click
import pytest
import yaml

from ingestion.cli import main
from tools.project import ROOT

DOCUMENTS = "\n".join(
    path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
)
COMMAND_LINE = re.compile(r"python -m ingestion ([a-z]+)([^\n`]*)")
SETTING = re.compile(r"\bLANDFALL_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_*])")


def commands() -> dict[str, click.Command]:
    """Every command of `python -m ingestion`, by name."""
    assert isinstance(main, click.Group)
    return dict(main.commands)


def options(command: click.Command) -> list[click.Option]:
    """The options that are the command's own."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_and_each_of_its_options_has_help(name: str) -> None:
    command = commands()[name]
    assert command.help
    assert [option.name for option in options(command) if not option.help] == []


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_and_each_of_its_options_is_in_the_documents(name: str) -> None:
    assert re.search(rf"python -m ingestion {name}\b", DOCUMENTS)
    long = [word for option in options(commands()[name]) for word in option.opts if "--" in word]
    assert [word for word in long if word not in DOCUMENTS] == []


def test_every_command_line_in_the_documents_would_be_understood() -> None:
    found = COMMAND_LINE.findall(DOCUMENTS)
    assert found
    for name, rest in found:
        command = commands().get(name)
        assert command is not None, f"the documents name a command '{name}'"
        known = {word for option in options(command) for word in option.opts} | {"--help"}
        assert set(re.findall(r"--[a-z-]+", rest.split("#")[0])) <= known, f"{name}{rest}"


def test_every_setting_that_the_code_reads_is_in_the_guide_and_the_other_way_round() -> None:
    paths = [*(ROOT / "ingestion").rglob("*.py"), *(ROOT / "macros").rglob("*.sql")]
    paths += [ROOT / "profiles.yml.example", ROOT / "dbt_project.yml"]
    code = "\n".join(path.read_text() for path in paths)
    guide = (ROOT / "docs" / "guides" / "settings.md").read_text()
    assert set(SETTING.findall(code)) == set(SETTING.findall(guide))


def test_the_guide_has_every_variable_of_the_project_and_no_other() -> None:
    guide = (ROOT / "docs" / "guides" / "settings.md").read_text()
    (section,) = re.findall(r"^## Variables of the project\n(.*?)^## ", guide, re.M | re.S)
    first_cells = re.findall(r"^\| (`[^|]+) \|", section, re.M)
    named = re.findall(r"`(\w+)`", " ".join(first_cells))
    assert sorted(named) == sorted(yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"])


def test_the_guide_names_every_operation_of_the_log() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "ingestion").rglob("*.py"))
    steps = set(re.findall(r'\bdoing\("(\w+)"', code))
    guide = (ROOT / "docs" / "guides" / "alerts.md").read_text()
    (told,) = re.findall(r"its step: ([^;]*);", guide)
    assert set(re.findall(r"`(\w+)`", told)) == steps

"""The checkout itself: its files, the promises of its documents, and texts that must never be in it."""

import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from ingestion import __version__
from tools.lint import contract_schema
from tools.project import ROOT

TEXT = {"", ".cfg", ".in", ".ini", ".json", ".md", ".py", ".sql", ".toml", ".txt", ".yaml", ".yml"}
# Spelt in pieces, so that this file does not match itself.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(pieces))
        for pieces in (
            ("files", "pythonhosted", "org"),
            ("pypi", "org"),
            ("repo1", "maven", "org"),
            ("registry", "npmjs", "org"),
            ("deb", "debian", "org"),
        )
    )
    + r"|--(extra-)?index-"
    + r"url|--find-"
    + r"links"
)
MACHINE_PATH = re.compile(r"(?<![\w.<{*~/-])/(root|home/[a-z]\w*|Users/\w+|tmp/\w+/\w+)/")
# What a draft leaves to a person is not forgotten: no contract is read before that person has decided it.
FORGOTTEN = re.compile(r"(?<!`sensitivity: )\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def tracked() -> list[Path]:
    """Every file that git knows or would add."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.splitlines() if (path := ROOT / name).is_file()]


def hits(pattern: re.Pattern[str]) -> list[str]:
    """Where the tracked texts match the pattern, as `file:line`."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1)
        if pattern.search(line)
    ]


def pages(folder: str) -> list[Path]:
    """The pages of a folder of docs/, without its index."""
    return sorted(p for p in (ROOT / "docs" / folder).glob("*.md") if p.name != "README.md")


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATH, FORGOTTEN])
def test_no_tracked_file_names_a_registry_a_machine_or_work_left_undone(
    pattern: re.Pattern[str],
) -> None:
    assert hits(pattern) == []


@pytest.mark.parametrize("name", ["runtime", "dev", "audit"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_image_and_the_tests_run_the_same_versions() -> None:
    pins = {
        name: set(re.findall(r"^[^\s#]+==[^\s]+", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("runtime.txt", "dev.txt")
    }
    assert pins["runtime.txt"]
    assert pins["runtime.txt"] - pins["dev.txt"] == set()


def test_the_published_schema_of_contracts_is_up_to_date_and_every_contract_holds_to_it() -> None:
    assert contract_schema.problems() == []


@pytest.mark.parametrize(
    "path", sorted(p for p in ROOT.rglob("*.md") if not {".venv", ".cache"} & {*p.parts})
)
def test_links_of_documents_lead_somewhere(path: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(path.read_text())]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", pages("decisions"), ids=lambda path: path.stem)
def test_a_decision_says_its_context_its_options_what_was_chosen_and_the_cost(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(), re.M)
    assert headings == ["Context", "Options", "Chosen", "Cost"]
    assert f"({path.name})" in (path.parent / "README.md").read_text()


@pytest.mark.parametrize("path", pages("guides"), ids=lambda path: path.stem)
def test_every_guide_can_be_found_from_the_readme(path: Path) -> None:
    assert f"(docs/guides/{path.name})" in (ROOT / "README.md").read_text()


def test_every_make_target_is_explained_and_every_one_that_documents_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    explained = set(re.findall(r"^([a-z]+):[^#\n]*## \w", makefile, re.M))
    assert explained == targets
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *pages("guides")]
    named = {
        name
        for path in documents
        for name in re.findall(r"(?:`|^\s*)make ([a-z]+)", path.read_text(), re.M)
    }
    assert {"demo", "test"} <= named <= targets


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^make test\b", script, re.M)
    assert "make test" in (ROOT / "README.md").read_text()


def test_the_dockerfile_passes_its_linter() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_the_image_copies_is_in_the_checkout_and_in_its_build_context() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    sources = {source for line in copies for source in line.split()}
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M))
    assert sources == allowed
    assert [source for source in sources if not (ROOT / source).exists()] == []


EXAMPLES = [
    path.relative_to(ROOT)
    for folder in ("ingestion", "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ">>> " in path.read_text()
]


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_the_examples_of_docstrings_are_true(path: Path) -> None:
    module = importlib.import_module(".".join(path.with_suffix("").parts))
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


def test_the_version_is_the_same_everywhere_and_the_changelog_has_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dbt = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    released = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert {project["version"], dbt["version"], released[0]} == {__version__}


def descriptions(part: object) -> Iterator[str]:
    """Every description in a part of a YAML file of dbt's."""
    if isinstance(part, list):
        for item in part:
            yield from descriptions(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "description" and isinstance(value, str):
                yield value
            else:
                yield from descriptions(value)


def sentences(description: str) -> list[str]:
    """Its sentences and their parts, without examples, tables and the addresses of links."""
    plain = re.sub(
        r"```.*?```|\]\([^)]*\)|^\|.*?$", "", description, flags=re.DOTALL | re.MULTILINE
    )
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", plain)]
    return [part for paragraph in paragraphs for part in re.split(r"(?<=[.:;])\s", paragraph)]


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""YAML's loader in C, where its wheel has one: the project has a megabyte of descriptions."""


@cache
def described(folder: str) -> list[tuple[Path, str]]:
    """Every description below a folder, of its YAML and of its blocks of documentation, each with its file."""
    found = [
        (path.relative_to(ROOT), description)
        for path in sorted((ROOT / folder).rglob("*.yml"))
        for description in descriptions(yaml.load(path.read_text(), LOADER))
    ]
    block = re.compile(r"\{% docs \w+ %\}(.*?)\{% enddocs %\}", re.DOTALL)
    return found + [
        (path.relative_to(ROOT), description)
        for path in sorted((ROOT / folder).rglob("*.md"))
        for description in block.findall(path.read_text())
    ]


FOLDERS = ["macros", "models", "seeds", "snapshots", "tests/generic"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_sentence_of_a_description_has_at_most_150_characters(folder: str) -> None:
    too_long = [
        f"{path}: {sentence}"
        for path, description in described(folder)
        for sentence in sentences(description)
        if len(sentence) > 150
    ]
    assert too_long == []


ELSEWHERE = re.compile(
    r"(?:Of (?:these|that|those|them)|Their|They|These|Those|It|The same|The (?:\w+ )?ones"
    r"|How many (?:of (?:them|these|those)|were|are|came|left|there))\b|How many\."
)
"""Beginnings that only a reader of another description understands."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_description_begins_with_its_subject(folder: str) -> None:
    """Documentation, a catalogue and a BI tool show one column or metric alone, without the one before it."""
    found = [f"{path}: {text}" for path, text in described(folder) if ELSEWHERE.match(text)]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_line_of_a_sentence_begins_like_an_item_of_a_list(folder: str) -> None:
    """Markdown would make a list of what follows a plus or a minus at the beginning of a line."""
    found = [
        f"{path}: {line}"
        for path, description in described(folder)
        for before, line in pairwise(
            re.sub("```.*?```", "", description, flags=re.DOTALL).splitlines()
        )
        if re.match(r"\s*[-+*] ", line) and not re.search(r"(?:^|[:;.])\s*$", before)
    ]
    assert found == []


def test_hooks_fetch_nothing_from_elsewhere() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repository["repo"] for repository in hooks["repos"]} == {"local"}


def test_make_lint_runs_what_the_hooks_run() -> None:
    """A check of a hook alone stops whoever has the hooks, at a file that others broke unnoticed."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    command = r"entry: \.venv/bin/(python -m [\w.]+|\w+(?: \w+)?)"
    makefile = (ROOT / "Makefile").read_text()
    run = "".join(re.findall(r"^lint(?:-style)?:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    commands = re.findall(command, hooks)
    assert len(commands) == hooks.count("entry:")
    assert [command for command in commands if command not in run] == []


def test_a_figure_of_the_glossary_is_the_one_of_the_definitions() -> None:
    row = re.compile(r"^\| ([^|]+) \| ([^|]+) \|", re.MULTILINE)
    glossary = dict(row.findall((ROOT / "docs" / "glossary.md").read_text()))
    defined = dict(row.findall((ROOT / "docs" / "guides" / "billing_definitions.md").read_text()))
    both = glossary.keys() & defined.keys() - {"figure"}
    assert {"net collection rate", "days in A/R"} <= both
    assert [word for word in both if not glossary[word].startswith(defined[word])] == []

"""dbt, for a whole run in one process: it parses the project once, and every command works on the parsed project.

dbt's messages and logs may quote a cell that an engine could not cast, so they are neither shown nor kept. Only names
of nodes, states and counts leave this module, and messages of dbt that cannot hold a cell.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from ingestion.access import RAW, Relation
from ingestion.contract import BASE
from ingestion.errors import BadSettings, LandfallError
from ingestion.pages import Answers, Described, answers_told
from ingestion.pipeline.news import News, nodes_to_build, parents_of
from ingestion.pipeline.node import Node
from ingestion.pipeline.state import MACROS, hash_of_files
from ingestion.settings import Settings

QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors")
RUN, ASIDE = "run", "aside"
"""The folders of dbt's files: of runs, and of those into a warehouse of its own."""

SERVED = ("manifest.json", "catalog.json")
"""What `dbt docs serve` reads. A run copies it to where dbt by hand looks for it: one folder above the run's own."""

_BASES = f"path:models/{BASE}"

SAFE_OPENINGS = ("Compilation Error", "Parsing Error", "Env var required", "Got ", "Contract Error")


OUT_OF_MEMORY = re.compile(r"^\s*Out of Memory Error:", re.MULTILINE)
"""DuckDB's message for a query that needs more than LANDFALL_MEMORY, although DuckDB writes to disk what it can."""


_DUE = "to_be_built"
"""The tag of the nodes to build, in a run that does not build all of them."""

PARSED = "partial_parse.msgpack"
"""The file in the target folder in which dbt keeps a parse, so that the next parse reads only changed files."""


class DbtFailed(LandfallError):
    """dbt could not do a command at all: the project does not parse, or an operation stopped."""

    exit_code = 1


def forget_the_parse_of_other_macros(project: Path, folder: Path) -> None:
    """Let dbt parse the whole project in `folder` if a macro has changed since the last parse.

    If a macro and its description change together, as in an upgrade, dbt (1.11.16) does not read the models again that
    take their settings from it: they would keep the old settings and hooks.
    """
    record, macros = folder / "macros.txt", hash_of_files(project, MACROS)
    if not record.exists() or record.read_text() != macros:
        (folder / PARSED).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        record.write_text(macros)


class Dbt:
    """dbt over one project and target. Every command gets `variables`; `on_node` is called at each node's end.

    dbt writes only below `work`, by default the project's `target`, so that a project may be read-only. It works in the
    subfolder `run`, apart from dbt by hand: dbt does not use for one database what it parsed for another. For the same
    reason a warehouse beside the published one (`is_aside`) has the subfolder `aside`. The names of its schemas begin
    with `schemas`, if given.
    """

    def __init__(
        self,
        project_dir: Path,
        target: str,
        variables: dict[str, Any],
        on_node: Callable[[str], None] | None = None,
        work: Path | None = None,
        *,
        is_aside: bool = False,
        schemas: str | None = None,
    ) -> None:
        self._folder = (work or project_dir / "target") / (ASIDE if is_aside else RUN)
        self._words = [
            *("--project-dir", str(project_dir), "--profiles-dir", str(_profiles_dir(project_dir))),
            *("--target", target, "--target-path", str(self._folder)),
            *("--log-path", str(self._folder / "logs")),
        ]
        # a parse depends on this one alone; with any other variable dbt would parse everything again
        self._names = {"into": schemas} if schemas else {}
        self._variables = variables
        self._callbacks = [partial(_watch, on_node)] if on_node else []
        forget_the_parse_of_other_macros(project_dir, self._folder)
        parsed = self._invoke("parse", None, "--no-write-json")
        if not parsed.success:
            raise DbtFailed(f"dbt cannot parse the project: {safe_message(str(parsed.exception))}")
        self._manifest: Manifest = parsed.result
        self._write_what_was_parsed_anew()
        # no command needs the disabled nodes, and dbt cannot copy them
        self._manifest.disabled = {}
        self._areas = areas_of(self._manifest)

    def _write_what_was_parsed_anew(self) -> None:
        """Write manifest.json, unless the one that is there is of the kept parse: dbt takes a second to write it.

        It is written in one step: what a killed run had written of it would be kept.
        """
        parse, written = self._folder / PARSED, self._folder / SERVED[0]
        if not written.exists() or written.stat().st_mtime_ns < parse.stat().st_mtime_ns:
            aside = written.with_name(f"{written.name}.part")
            self._manifest.write(str(aside))
            os.replace(aside, written)

    def base(self) -> list[Node]:
        """Make the views from which histories are built. The project's hooks run too; `build` returns those."""
        done = self._invoke("run", self._manifest, "--select", _BASES, "--no-write-json")
        return [node for node in self._nodes(done) if node.resource_type == "model"]

    def build(
        self,
        *,
        without_base: bool = False,
        full_refresh: bool = False,
        variables: dict[str, Any] | None = None,
        only: Collection[str] | None = None,
    ) -> list[Node]:
        """Seeds, snapshots, models and data tests in the order of the graph. Raises DbtFailed when it could not start.

        Unit tests are left out: they test the code and not the data, and CI has run them. `variables` come on top of
        those of every command; parsing must not need them. `only` are the unique ids of the nodes to build and test.
        """
        words = ["--exclude-resource-type", "unit_test", "--no-write-json"]
        words += ["--exclude", _BASES] if without_base else []
        words += ["--full-refresh"] if full_refresh else []
        words += [] if only is None else ["--select", f"tag:{_DUE}"]
        with nullcontext() if only is None else self._tagged(only):
            return self._nodes(self._invoke("build", self._manifest, *words, variables=variables))

    @contextmanager
    def _tagged(self, names: Collection[str]) -> Iterator[None]:
        """Give these nodes a tag: dbt selects hundreds of nodes by a tag as fast as one."""
        nodes = [self._manifest.nodes[name] for name in names]
        for node in nodes:
            node.tags.append(_DUE)
        try:
            yield
        finally:
            for node in nodes:
                node.tags.remove(_DUE)

    def nodes_to_build(self, news: News, project_dir: Path) -> set[str]:
        """The unique ids of the nodes that a run with this news must build and test."""
        return nodes_to_build(self._manifest, news, project_dir)

    def count(self) -> int:
        """The number of nodes that a whole run builds or tests."""
        built = ("model", "snapshot", "seed", "test")
        return sum(node.resource_type in built for node in self._manifest.nodes.values())

    def backfill(
        self, *, full_refresh: bool = False, only: Collection[str] | None = None
    ) -> list[str]:
        """Build the histories that no snapshot can continue; a line for each. `only` are unique ids of nodes."""
        if only is None:
            return self.operation("backfill_history", full_refresh=full_refresh)
        found = [self._manifest.nodes[name] for name in only]
        names = sorted(node.name for node in found if node.resource_type == "snapshot")
        if not names:
            return []
        return self.operation("backfill_history", snapshots=names, full_refresh=full_refresh)

    def operation(self, macro: str, said: list[str] | None = None, **arguments: Any) -> list[str]:
        """Run one of the project's macros; returns the lines that it logged, which never hold a cell.

        The lines are added to `said` as they come. Raises DbtFailed, with the macro's message if it refused by itself.
        """
        said = [] if said is None else said
        errors: list[str] = []

        def listen(event: Any) -> None:
            """Keep the lines that the macro logs, and its message if it refuses."""
            if event.info.name == "JinjaLogInfo":
                said.append(event.data.msg)
            elif event.info.name == "RunningOperationCaughtError":
                errors.append(event.data.exc)

        words = (macro, "--args", json.dumps(arguments))
        done = self._invoke("run-operation", self._manifest, *words, callbacks=[listen])
        if not done.success:
            reason = next(iter(errors), str(done.exception or ""))
            raise DbtFailed(f"{macro}: {safe_message(reason)}")
        return said

    def areas(self, node: str) -> tuple[str, ...]:
        """The areas of marts that a node feeds."""
        return self._areas.get(node, ())

    def relations(self) -> list[Relation]:
        """Every table and view of the project, with its folder and the area in it as its place."""
        return relations_of(self._manifest)

    def groups(self) -> dict[str, str]:
        """The description of each group of models; a group of marts is an area."""
        return {group.name: group.description or "" for group in self._manifest.groups.values()}

    def schemas(self) -> set[str]:
        """Every schema that the project reads from or writes to, in lower case."""
        known = [*self._manifest.nodes.values(), *self._manifest.sources.values()]
        return {str(node.schema).lower() for node in known if node.resource_type != "test"}

    def docs(self) -> Path:
        """Write the documentation; returns its one HTML file. `dbt docs serve` by hand finds that of a run, too."""
        done = self._invoke("docs generate", self._manifest, "--static", "--no-compile")
        if not done.success:
            raise DbtFailed(f"dbt docs: {safe_message(str(done.exception))}")
        for name in SERVED if self._folder.name == RUN else ():
            aside = self._folder.with_name(f"{name}.part")
            shutil.copyfile(self._folder / name, aside)
            os.replace(aside, self._folder.with_name(name))
        return self._folder / "static_index.html"

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The first hundred rows of a mart without personal data."""
        words = ["--select", model, "--limit", "100", "--output", "json"]
        shown = self._invoke("show", self._manifest, *words)
        if not shown.success or not getattr(shown.result, "results", []):
            raise DbtFailed(f"{model} cannot be read")
        table = shown.result.results[0].agate_table
        return [dict(zip(table.column_names, row.values(), strict=True)) for row in table.rows]

    def answers(self, queries: Mapping[str, str]) -> Answers:
        """The rows of queries over marts, by the queries' names, on one connection of dbt's own."""
        return answers_told(self.operation("answers_as_json", queries=dict(queries)))

    def described(self) -> dict[str, Described]:
        """The descriptions of each model of the project, by name."""
        return {
            node.name: Described(
                relation=str(node.relation_name),
                full_name=f"{node.schema}.{node.alias}".lower(),
                text=node.description,
                columns={name.lower(): column.description for name, column in node.columns.items()},
            )
            for node in self._manifest.nodes.values()
            if node.resource_type == "model"
        }

    def _invoke(
        self,
        command: str,
        manifest: Manifest | None,
        *words: str,
        callbacks: Sequence[Callable[[Any], None]] = (),
        variables: dict[str, Any] | None = None,
    ) -> dbtRunnerResult:
        given = self._names | (self._variables if manifest else {}) | (variables or {})
        more = ["--vars", json.dumps(given)] if given else []
        # all commands share one manifest: compiling changes it only for ephemeral models, and there are none
        runner = dbtRunner(manifest=manifest, callbacks=[*self._callbacks, *callbacks])
        with Settings.hidden_from_dbt():
            done = runner.invoke([*QUIET, *command.split(), *words, *self._words, *more])
        if isinstance(done.exception, KeyboardInterrupt):
            raise done.exception
        return done

    def _nodes(self, done: dbtRunnerResult) -> list[Node]:
        results = getattr(done.result, "results", None)
        if results is None:
            raise DbtFailed(f"dbt stopped: {safe_message(str(done.exception))}")
        return [
            Node(
                name=result.node.unique_id,
                resource_type=str(result.node.resource_type),
                areas=self.areas(result.node.unique_id),
                status=str(result.status),
                seconds=round(result.execution_time, 3),
                failures=getattr(result, "failures", None),
                message=safe_message(str(result.message or "")),
            )
            for result in results
        ]


def _watch(on_node: Callable[[str], None], event: Any) -> None:
    """Pass on the name of each node that has ended."""
    if event.info.name == "NodeFinished":
        on_node(event.data.node_info.node_name)


def relations_of(manifest: Manifest) -> list[Relation]:
    """The relations of a parsed project."""
    found = []
    for node in [*manifest.nodes.values(), *manifest.sources.values()]:
        kind = str(node.resource_type)
        folders = Path(node.original_file_path).parts
        if kind == "source":
            place = f"{RAW}.{node.source_name}"
        elif kind == "model":
            # a base view has the rows of a raw table: the same roles may read both
            place = f"{RAW if folders[1] == BASE else folders[1]}.{folders[2]}"
        elif kind in ("snapshot", "seed"):
            place = "snapshots" if kind == "snapshot" else "staging"
        else:
            continue
        name = node.identifier if kind == "source" else node.alias
        columns = tuple(column.lower() for column in node.columns)
        found.append(Relation(node.schema.lower(), name.lower(), place, columns))
    return found


def areas_of(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """For each node the areas of the marts built from it, its own included; for a test those of the nodes it tests."""
    everything = {**manifest.nodes, **manifest.unit_tests}
    areas: dict[str, set[str]] = {name: set() for name in [*everything, *manifest.sources]}
    for name, node in everything.items():
        folders = Path(node.original_file_path).parts
        if "marts" in folders:
            area, left = folders[folders.index("marts") + 1], [name]
            while left:
                above = left.pop()
                if area not in areas.setdefault(above, set()):
                    areas[above].add(area)
                    left += parents_of(everything.get(above))
    for name, node in everything.items():
        if node.resource_type in ("test", "unit_test"):
            areas[name] = set().union(*(areas.get(parent, ()) for parent in parents_of(node)))
    return {
        name: tuple(sorted(found - {"operations"}) or sorted(found))
        for name, found in areas.items()
    }


def safe_message(text: str) -> str:
    """dbt's message on one line if it cannot hold a cell, else only the kind of error."""
    text = text.strip()
    if OUT_OF_MEMORY.search(text):
        return "DuckDB needs more memory than LANDFALL_MEMORY allows: raise it, or lower LANDFALL_THREADS"
    if text.startswith(SAFE_OPENINGS):
        return " ".join(text.split())
    return text.split("\n")[0].split(":")[0].strip()


def _profiles_dir(project_dir: Path) -> Path:
    """The folder in which dbt itself would find profiles.yml: DBT_PROFILES_DIR, else the project, else ~/.dbt."""
    given = os.environ.get("DBT_PROFILES_DIR")
    for folder in [Path(given)] if given else [project_dir, Path.home() / ".dbt"]:
        if (folder / "profiles.yml").is_file():
            return folder
    raise BadSettings("no profiles.yml: cp profiles.yml.example profiles.yml")

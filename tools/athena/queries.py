"""All queries of the server: their states, their results, and stopping them."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tools.athena.executor import Executor
from tools.athena.parser import parse
from tools.athena.statements import CreateTableAs, Query, Show, Statement
from tools.athena.trino import Cancelled, Outcome, Session, StatementFailed

logger = logging.getLogger(__name__)

QUEUED, RUNNING, SUCCEEDED = "QUEUED", "RUNNING", "SUCCEEDED"
FAILED, CANCELLED = "FAILED", "CANCELLED"
DATA_VERBS = ("select", "values", "insert", "merge", "update", "delete")


@dataclass
class Execution:
    """One query: its request, its state, and at its end its result."""

    sql: str
    statement: Statement
    session: Session
    work_group: str
    output: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = QUEUED
    submitted: float = field(default_factory=time.time)
    completed: float | None = None
    error: StatementFailed | None = None
    outcome: Outcome = field(default_factory=Outcome)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def type(self) -> str:
        """DML, DDL or UTILITY, as Athena sorts statements."""
        if isinstance(self.statement, Show):
            return "UTILITY"
        if isinstance(self.statement, CreateTableAs):
            return "DML"
        if isinstance(self.statement, Query):
            if self.statement.verb == "explain":
                return "UTILITY"
            return "DML" if self.statement.verb in DATA_VERBS else "DDL"
        return "DDL"

    @property
    def has_heading(self) -> bool:
        """Whether the first row of its results are the column names."""
        return self.type == "DML" and bool(self.outcome.columns)

    @property
    def milliseconds(self) -> int:
        """From its submission to its end, or till now."""
        return int(1000 * ((self.completed or time.time()) - self.submitted))


class Queries:
    """Starts queries, each in a thread of its own, and remembers them."""

    def __init__(self, executor: Executor, new_session: Callable[[str], Session]) -> None:
        self._executor = executor
        self._new_session = new_session
        self._all: dict[str, Execution] = {}
        self._by_token: dict[str, Execution] = {}
        self._lock = threading.Lock()

    def start(self, sql: str, database: str, work_group: str, output: str, token: str) -> Execution:
        """Start a query, or find the one that was started with this token. Raises Refused."""
        with self._lock:
            if token in self._by_token:
                return self._by_token[token]
            session = self._new_session(database)
            query = Execution(sql, parse(sql), session, work_group, output)
            self._all[query.id] = query
            if token:
                self._by_token[token] = query
        threading.Thread(target=self._run, args=(query,), daemon=True).start()
        return query

    def get(self, query_id: str) -> Execution | None:
        """The query of this id."""
        return self._all.get(query_id)

    def of_work_group(self, work_group: str) -> Iterator[Execution]:
        """All queries of a work group, the newest first."""
        return (q for q in reversed(list(self._all.values())) if q.work_group == work_group)

    def stop(self, query: Execution) -> None:
        """Cancel a query. Repeated until it ends: it may not have reached the engine yet."""

        def until_it_ends() -> None:
            while not query.ended.wait(0.05):
                query.session.stop()

        query.session.stop()
        threading.Thread(target=until_it_ends, daemon=True).start()

    def _run(self, query: Execution) -> None:
        query.state = RUNNING
        tables = f"{query.output.rstrip('/')}/tables/{query.id}/"
        state = FAILED
        try:
            query.outcome = self._executor.run(query.statement, query.session, tables)
            state = SUCCEEDED
        except StatementFailed as error:
            query.error = error
        except Cancelled:
            state = CANCELLED
        except Exception as error:  # a client must see every failure as a failed query
            logger.exception("the stand-in itself failed")
            query.error = StatementFailed("GENERIC_INTERNAL_ERROR", repr(error), user=False)
        query.completed = time.time()
        query.state = state
        query.ended.set()

"""The stand-in as a whole: PostgreSQL, the external schemas, and the proxy in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import botocore.exceptions
import psycopg2  # type: ignore[import-untyped]

from tools.redshift import postgres
from tools.redshift.errors import Refused
from tools.redshift.external import Externals
from tools.redshift.policies import read_masked
from tools.redshift.translate import Translation, refusal, translate
from tools.redshift.wire import Proxy

# What can go wrong with Glue, S3 and the tables that are read from them.
OUTSIDE = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, psycopg2.Error)


class Engine:
    """Answers for one database: translates, and keeps the external schemas up to date."""

    def __init__(self, port: int, aws_url: str) -> None:
        self._port = port
        self._externals = Externals(port, aws_url)
        self._masks = False
        self._refreshing: asyncio.Task[None] | None = None
        self._translated = functools.lru_cache(2048)(translate)

    async def statement(self, sql: str, user: str) -> str:
        """PostgreSQL's statement for a user's one; for a refused one, a statement that raises the error."""
        try:
            if self._masks and sql.lstrip().lower().startswith(("select", "with")):
                sql = read_masked(sql, await asyncio.to_thread(self._masked_reads, user))
            translation: Translation = self._translated(sql, frozenset(self._externals.schemas))
            if translation.external:
                await asyncio.to_thread(self._externals.create, *translation.external)
            self._masks = self._masks or translation.is_policy
        except Refused as refused:
            return refusal(refused)
        except OUTSIDE as error:
            return refusal(Refused(f"external schema: {error}"))
        return translation.sql

    def _masked_reads(self, user: str) -> dict[str, str]:
        """The queries that replace tables with masked columns for the user, by schema.name."""
        with (
            contextlib.closing(postgres.connect(self._port)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("select path, body from landfall.masked_reads(%s)", [user])
            return dict(cursor.fetchall())

    async def refresh(self) -> None:
        """Bring the external schemas up to date before a session begins. Simultaneous sessions share the work."""
        waiting = self._refreshing
        if waiting is not None and not waiting.done():
            await (
                waiting
            )  # it began before this session came: look once more, together with all who waited
        if self._refreshing is waiting or self._refreshing is None:
            self._refreshing = asyncio.create_task(self._look())
        await self._refreshing

    async def _look(self) -> None:
        # A Glue database that is gone leaves what was read of it: the session is not to blame.
        with contextlib.suppress(Refused, *OUTSIDE):
            await asyncio.to_thread(self._externals.refresh)


@contextlib.contextmanager
def serving(scratch: Path, aws_url: str) -> Iterator[tuple[int, Callable[[], bool]]]:
    """Serve Redshift over the Glue and S3 at `aws_url` until the block ends; gives the port, and whether it lives."""
    with postgres.running(scratch) as (upstream, alive):
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        engine = Engine(upstream, aws_url)
        proxy = Proxy(upstream, engine.statement, engine.refresh)
        port = asyncio.run_coroutine_threadsafe(proxy.start(), loop).result()
        try:
            yield port, alive
        finally:
            asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()

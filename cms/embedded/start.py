"""The steps of a start, in order: program, database, demonstration, worker and clock, Django at the door."""

import asyncio
import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .background import Background
from .doors import STEPS, Doors
from .folder import ROOT, Refused

if sys.platform == "linux":
    _libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child, before exec: a start that is killed with -9 leaves no load running behind it."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Start:
    """Brings the product up behind `doors` and takes it down again."""

    def __init__(self, doors: Doors, folder: Path, say: Callable[[str], None], *, demo: bool) -> None:
        self.doors = doors
        self.folder = folder
        self.say = say
        self.demo = demo
        self.background: Background | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self) -> None:
        application = await asyncio.to_thread(self._program)
        unmigrated, empty = await asyncio.to_thread(_database_state)
        if unmigrated:
            await self._step(1, "migrate", "--no-input", "--verbosity=0")
        mark = self._demo_mark()
        if self.demo and (empty or not mark.exists()):
            await self._step(2, "load_demo")
            mark.touch()
        await asyncio.to_thread(self._accounts)
        if self._stopping:
            return
        self.doors.step = 3
        self.background = Background()
        if not await asyncio.to_thread(self.background.start):
            self.say(
                "CELERY_BROKER_URL: the broker does not answer. The site works without it (degraded: see"
                " /readyz); messages wait until it does."
            )
        self.doors.open(application)

    async def stop(self) -> None:
        self._stopping = True
        self.interrupt()
        if self.background is not None:
            await asyncio.to_thread(self.background.stop)

    def interrupt(self) -> None:
        """End a load that is under way; what it wrote is rolled back or repeated at the next start."""
        self._stopping = True
        if self._child is not None and self._child.returncode is None:
            self._child.terminate()

    def _program(self) -> Any:
        import django
        from django.core.exceptions import ImproperlyConfigured

        try:
            django.setup()
        except ImproperlyConfigured as error:
            raise Refused(str(error)) from None
        from django.conf import settings
        from django.core.asgi import get_asgi_application
        from django.urls import get_resolver

        # Where a deployment collects its static files; here they are served from the source.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        application = get_asgi_application()
        # Read the routes now, so that the first visitor does not pay for it.
        _ = get_resolver().url_patterns
        return application

    def _accounts(self) -> None:
        from django.db import connection

        from . import accounts

        try:
            accounts.switch(self.folder, on=self.demo)
        finally:
            connection.close()

    def _demo_mark(self) -> Path:
        """Loaded once per database, not per folder: DATABASE_URL may name another one tomorrow."""
        database = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:12]
        return self.folder / f"demo-loaded-{database}"

    async def _step(self, number: int, *command: str) -> None:
        if self._stopping:
            raise Refused("Stopped before the start was complete.")
        self.doors.step = number
        self.say(f"  {STEPS[number][1]} …")
        began = time.monotonic()
        # A session of its own: Ctrl-C reaches the parent alone, which then ends the child in order.
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "manage.py"),
            *command,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            stdin=asyncio.subprocess.DEVNULL,
        )
        code = await self._child.wait()
        if self._stopping:
            raise Refused("Stopped before the start was complete.")
        if code:
            raise Refused(
                f"`manage.py {command[0]}` failed (exit code {code}); its own message stands above."
            )
        self.say(f"    done in {time.monotonic() - began:.0f} s")


def _database_state() -> tuple[bool, bool]:
    """(needs `migrate`, holds nothing yet). Missing history triggers need it too: it makes them again."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    from cms.reports import triggers

    try:
        connection.ensure_connection()
    except OperationalError as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Refused(f"DATABASE_URL: the database cannot be reached ({why}).") from None
    try:
        executor = MigrationExecutor(connection)
        empty = not executor.loader.applied_migrations
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return bool(plan) or bool(triggers.missing(connection)), empty
    finally:
        connection.close()

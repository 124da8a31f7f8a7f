"""Celery's worker and beat inside the server process: the memory transport lives nowhere else."""

import logging
import threading
from typing import Any

from celery.beat import EmbeddedService, Scheduler
from celery.worker import state as worker_state

from cms.celery import app

logger = logging.getLogger(__name__)


class Background:
    """One worker with a few threads, and the clock that sends the periodic tasks."""

    def __init__(self) -> None:
        app.conf.update(
            worker_redirect_stdouts=False,
            worker_hijack_root_logger=False,
            # A broker that is away may come back at any time: the worker and the clock go on asking.
            broker_connection_max_retries=None,
        )
        # Intervals only, so the schedule needs no file that a kill -9 could leave torn.
        self._beat: Any = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
        self._worker: Any = None
        self._thread = threading.Thread(target=self._work, name="celery-worker", daemon=True)

    def start(self) -> bool:
        """False where the broker does not answer: the site serves all the same, and effects wait for it."""
        worker_state.should_stop = None
        self._thread.start()
        self._beat.start()
        # Imported here: Django's models are loaded between the import of this module and its start.
        from cms.outbox.effects import release_claims
        from cms.outbox.tasks import wake_relay

        # There is one worker, this one: what a killed server had claimed is nobody's now.
        release_claims()
        # What was pending when the last server went away starts now, not at the first tick.
        # One in memory is there, however slowly a busy computer answers.
        return wake_relay() or app.conf.broker_url == "memory://"

    def _work(self) -> None:
        self._worker = app.Worker(
            pool="threads",
            concurrency=2,
            quiet=True,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )
        self._worker.start()

    def stop(self, timeout: float = 10) -> None:
        """Finish what is under way; what does not finish in time stays in the outbox for the next start."""
        if not self._thread.is_alive():
            return
        # Its own stop() waits for as long as a broker that is away keeps the clock asking.
        self._beat.service.stop()
        worker_state.should_stop = 0
        self._thread.join(timeout)
        self._beat.join(1)
        if self._thread.is_alive():
            logger.warning(
                "The worker did not finish within %s seconds; its effects stay in the outbox", timeout
            )

"""`/healthz`: the process lives. `/readyz`: it may take requests; what only delays effects is no matter."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as Unreachable

from cms.celery import app as celery_app
from cms.gateways.configured import gateways
from cms.gateways.models import Circuit
from cms.reports import triggers

logger = logging.getLogger(__name__)
# An effect that waits longer than this tells that the worker, the broker or a gateway is not keeping up.
OUTBOX_LATE = timedelta(minutes=5)
ATTEMPTS_TOLD = 3
# A probe must answer sooner than whoever asks gives up.
PROBE_SECONDS = 2.0


class Problem(Exception):
    """What is wrong with one part, in words for an operator; no address and no data in it."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 `ready` or `degraded`, 503 `unavailable`; each part with `ok` or what is wrong with it."""
    needed = _ask({"database": _database, "migrations": _migrations, "history_triggers": _history_triggers})
    unavailable = any(answer != "ok" for answer in needed.values())
    # Without its database the outbox cannot be asked either, and the rest changes nothing.
    wanted = (
        {}
        if unavailable
        else _ask({"outbox": _outbox, "broker": _broker, "search": _search, "gateways": _gateways})
    )
    degraded = any(answer != "ok" for answer in wanted.values())
    status = "unavailable" if unavailable else "degraded" if degraded else "ready"
    return JsonResponse({"status": status, "parts": {**needed, **wanted}}, status=503 if unavailable else 200)


def _ask(probes: dict[str, Callable[[], None]]) -> dict[str, str]:
    answers = {}
    for name, probe in probes.items():
        try:
            probe()
        except Problem as problem:
            answers[name] = str(problem)
        except (OSError, Unreachable) as error:
            # Asked every few seconds: one line, since where in a library it was noticed helps nobody.
            logger.error("The probe of %s failed: %s", name, error)
            answers[name] = "not reachable"
        except Exception:
            # The exception's own words may hold an address or a password: they go to the log alone.
            logger.exception("The probe of %s failed", name)
            answers[name] = "not reachable"
        else:
            answers[name] = "ok"
    return answers


def _database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Problem("not reachable") from error


_migrated = False


def _migrations() -> None:
    """Once seen complete, complete for the life of this process: its code does not grow migrations."""
    global _migrated
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Problem(f"{len(waiting)} not applied")
    _migrated = True


def _history_triggers() -> None:
    gone = triggers.missing(connection)
    if gone:
        raise Problem("missing: " + ", ".join(gone))


def _outbox() -> None:
    effects: Any = apps.get_model("outbox", "Effect")
    waiting = effects.objects.filter(state=effects.State.PENDING).order_by("not_before")
    oldest = waiting.values_list("not_before", flat=True).first()
    if oldest is not None and timezone.now() - oldest > OUTBOX_LATE:
        raise Problem(f"the oldest effect has waited {int((timezone.now() - oldest).total_seconds())} s")


def _broker() -> None:
    with celery_app.connection_for_write(connect_timeout=PROBE_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PROBE_SECONDS, interval_start=0)


def _search() -> None:
    """The embedded backend is the database, which has answered by now."""
    address = getattr(settings, "ELASTICSEARCH_URL", "")
    if not address:
        return
    with urlopen(f"{address.rstrip('/')}/_cluster/health", timeout=PROBE_SECONDS) as answer:  # noqa: S310
        if answer.status != 200:
            raise Problem(f"answers {answer.status}")


def _gateways() -> None:
    """That each is there, and that nothing has been refused again and again."""
    for path in (settings.SAWT_SMS_GATEWAY, settings.EMAIL_BACKEND):
        import_string(path)
    if settings.SAWT_SMS_GATEWAY.endswith(".NoGateway") and not gateways():
        raise Problem("no SMS gateway is configured")
    resting = Circuit.objects.exclude(state=Circuit.State.CLOSED).order_by("key")
    if names := list(resting.values_list("key", flat=True)):
        raise Problem("resting: " + ", ".join(names))
    effects: Any = apps.get_model("outbox", "Effect")
    refused = effects.objects.filter(state=effects.State.PENDING, attempts__gte=ATTEMPTS_TOLD).count()
    if refused:
        raise Problem(f"{refused} effects have failed {ATTEMPTS_TOLD} times or more")

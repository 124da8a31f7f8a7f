"""`/metrics` for Prometheus: what waits, what went out and what failed, by gateway; for who may ask.

Asked of the database at each scrape, so that every process tells the same and none has to be found.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cms.gateways.models import Circuit
from cms.outbox import effects, failed

STATES = ("pending", "claimed", "failed")


class SawtCollector(Collector):
    def describe(self) -> list[Metric]:
        """Asked for when it is registered, before there is a database to ask."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _outbox()
        yield from _gateways()
        yield from _sweeps()


def _outbox() -> Iterator[Metric]:
    age = GaugeMetricFamily("sawt_outbox_age_seconds", "How long the longest overdue effect has waited.")
    oldest = effects.oldest_waiting(timezone.now())
    age.add_metric([], oldest.total_seconds() if oldest is not None else 0.0)
    yield age
    rows: Any = apps.get_model("outbox", "Effect")
    counted = GaugeMetricFamily("sawt_outbox_effects", "Effects that are not done.", labels=["state", "kind"])
    waiting = rows.objects.filter(state__in=STATES).order_by().values_list("state", "kind")
    for state, kind, number in waiting.annotate(n=Count("pk")):
        counted.add_metric([state, kind], number)
    yield counted


def _gateways() -> Iterator[Metric]:
    circuits = list(Circuit.objects.order_by("key"))
    for name, what in (
        ("sent", "Messages that a gateway took."),
        ("retried", "Attempts that failed and are made again."),
        ("refused", "Messages that a gateway refused."),
    ):
        counter = CounterMetricFamily(f"sawt_messages_{name}", what, labels=["gateway"])
        for row in circuits:
            counter.add_metric([row.key], getattr(row, name))
        yield counter
    state = GaugeMetricFamily(
        "sawt_gateway_circuit", "0: working, 1: being tried, 2: resting.", labels=["gateway"]
    )
    for row in circuits:
        state.add_metric([row.key], {"closed": 0, "half": 1, "open": 2}[row.state])
    yield state
    given_up = GaugeMetricFamily("sawt_messages_given_up", "Effects that were given up.", labels=["gateway"])
    for key, number in sorted(failed.by_gateway().items()):
        given_up.add_metric([key or "none"], number)
    yield given_up


def _sweeps() -> Iterator[Metric]:
    lag = GaugeMetricFamily("sawt_sweep_lag_seconds", "For how long a sweep has been due.", labels=["sweep"])
    now = timezone.now()
    leases: Any = apps.get_model("outbox", "Lease")
    for name, until in leases.objects.order_by("name").values_list("name", "until"):
        lag.add_metric([name], max((now - until).total_seconds(), 0.0))
    yield lag


REGISTRY.register(SawtCollector())


def _may_ask(request: HttpRequest) -> bool:
    if settings.SAWT_METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {settings.SAWT_METRICS_TOKEN}".encode())
    # Whoever comes through a proxy is not from here, whatever address the proxy has.
    if not settings.SAWT_METRICS_ON_LOOPBACK or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_ask(request):
        raise Http404
    return ExportToDjangoView(request)

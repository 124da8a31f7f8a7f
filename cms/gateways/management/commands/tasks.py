"""What runs, what waits and what failed: workers, queues, sweeps, the outbox and its gateways."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand
from django.db.models import Count, Min
from django.utils import timezone
from kombu.exceptions import OperationalError

from cms.gateways.models import Circuit
from cms.outbox import failed
from cms.outbox.models import Effect, Lease

# Whoever asks waits so long for each answer of the broker and the workers.
PATIENCE = 1.5


class Command(BaseCommand):
    help = "Show the workers' tasks, the queues, the sweeps, the outbox, the gateways, and what failed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for title, lines in (
            ("Runs", runs()),
            ("Queues", queues()),
            ("Sweeps", sweeps()),
            ("Outbox", outbox()),
            ("Gateways", circuits()),
            ("Failed", reasons()),
        ):
            self.stdout.write(f"{title}:")
            for line in lines or ["-"]:
                self.stdout.write(f"  {line}")


def _in_memory() -> bool:
    return str(current_app.conf.broker_url).startswith("memory://")


def runs() -> list[str]:
    if _in_memory():
        return ["in the server's own process"]
    try:
        active = current_app.control.inspect(timeout=PATIENCE).active() or {}
    except (OperationalError, OSError):
        return ["the broker does not answer"]
    if not active:
        return ["no worker answers"]
    return [
        f"{worker}: {task['name']} {task['id']}" for worker, tasks in sorted(active.items()) for task in tasks
    ] or [f"{worker}: idle" for worker in sorted(active)]


def queues() -> list[str]:
    if _in_memory():
        return []
    try:
        with current_app.connection_for_read(connect_timeout=PATIENCE) as broker:
            channel = broker.default_channel
            return [f"{name}: {_waiting(channel, name)}" for name in sorted(current_app.amqp.queues)]
    except (OperationalError, OSError):
        return ["the broker does not answer"]


def _waiting(channel: Any, name: str) -> int:
    """How many; a queue that nobody has used yet is none."""
    try:
        return int(channel.queue_declare(queue=name, passive=True).message_count)
    except channel.connection.client.channel_errors:
        return 0


def sweeps() -> list[str]:
    now = timezone.now()
    return [
        f"{row.name}: due in {int((row.until - now).total_seconds())} s"
        if row.until > now
        else f"{row.name}: due for {int((now - row.until).total_seconds())} s"
        for row in Lease.objects.order_by("name")
    ]


def outbox() -> list[str]:
    now = timezone.now()
    open_states = [Effect.State.PENDING, Effect.State.CLAIMED, Effect.State.FAILED]
    rows = Effect.objects.filter(state__in=open_states).order_by("state", "kind").values("state", "kind")
    lines = []
    for row in rows.annotate(n=Count("pk"), first=Min("not_before")):
        late = int((now - row["first"]).total_seconds()) if row["state"] == Effect.State.PENDING else 0
        lines.append(
            f"{row['state']} {row['kind']}: {row['n']}" + (f", overdue for {late} s" if late > 0 else "")
        )
    return lines


def circuits() -> list[str]:
    return [
        f"{row.key}: {row.state}, sent {row.sent}, tried again {row.retried}, refused {row.refused}"
        + (f", rests until {row.rests_until:%H:%M:%S} UTC ({row.last_error})" if row.rests_until else "")
        for row in Circuit.objects.order_by("key")
    ]


def reasons() -> list[str]:
    return [f"{one.count} × {one.kind} {one.via or '-'}: {one.error}" for one in failed.reasons(20)]

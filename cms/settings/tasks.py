"""Celery, in one place: queues, which task goes into which, its limits, the timetable, and what is kept safe.

A task is done at least once: it is acknowledged when it has ended, and given back where its worker dies. So
each may be begun twice, and takes a lease (`cms.outbox.leases`) or claims rows.
"""

from typing import Any

import environ

env = environ.Env()

OUTBOX, SWEEPS, SLOW, DOCUMENTS = "outbox", "celery", "slow", "documents"
# Seconds of one task. A hard limit kills the process: what was claimed waits for its lease, and goes on.
LIMITS = {OUTBOX: (90, 110), SWEEPS: (240, 300), SLOW: (480, 540), DOCUMENTS: (90, 110)}
# After so long Redis gives a task that nobody has acknowledged to another worker: longer than any may take.
VISIBLE_AGAIN = 600

# Task → its queue, and how often beat asks for it (in seconds).
TASKS: dict[str, tuple[str, float]] = {
    "cms.outbox.tasks.relay": (OUTBOX, 10.0),
    "cms.outbox.tasks.archive": (SLOW, 3600.0),
    "search.tasks.index": (DOCUMENTS, 1.0),
    "search.tasks.build": (SLOW, 60.0),
    "search.tasks.check": (SLOW, 86_400.0),
    "cms.desk.tasks.export": (SLOW, 5.0),
    "cms.desk.tasks.watch": (SWEEPS, 60.0),
    "cms.notifications.tasks.purge": (SLOW, 3600.0),
    "cms.reports.tasks.sweep": (SWEEPS, 60.0),
    "cms.reports.tasks.escalate": (SWEEPS, 60.0),
    "cms.notifications.tasks.digest": (SWEEPS, 60.0),
    "cms.reports.tasks.sweep_files": (SLOW, 300.0),
    "cms.reports.tasks.scan_files": (SLOW, 60.0),
    "cms.reports.tasks.give_back": (SWEEPS, 60.0),
    "cms.reports.tasks.hand_over": (SLOW, 5.0),
    "cms.reports.tasks.postpone": (SLOW, 5.0),
    "cms.content.tasks.publish_scheduled": (SWEEPS, 60.0),
    "cms.reports.tasks.renew_calendars": (SLOW, 3600.0),
    "cms.reports.tasks.retain": (SLOW, 3600.0),
    "cms.reports.tasks.sign_heads": (SLOW, 3600.0),
}

BROKER = env.str("CELERY_BROKER_URL", default="memory://")


def celery_settings() -> dict[str, Any]:
    """The settings under CELERY_, for every way to run Sawt."""
    return {
        "CELERY_BROKER_URL": BROKER,
        "CELERY_TASK_DEFAULT_QUEUE": SWEEPS,
        "CELERY_TASK_QUEUES": {name: {"exchange": name, "routing_key": name} for name in LIMITS},
        "CELERY_TASK_ROUTES": {task: {"queue": queue} for task, (queue, _) in TASKS.items()},
        "CELERY_TASK_ANNOTATIONS": {
            task: {"soft_time_limit": LIMITS[queue][0], "time_limit": LIMITS[queue][1]}
            for task, (queue, _) in TASKS.items()
        },
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        # A slow task holds nobody else's back: a worker takes what it begins, and nothing for later.
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_TASK_IGNORE_RESULT": True,
        # Nothing that comes over the broker is ever run as code.
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_RESULT_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_TRANSPORT_OPTIONS": (
            {"polling_interval": 0.01}
            if BROKER == "memory://"
            # Without the limits a broker that is down hangs whoever publishes, which is the sender's own
            # request.
            else {
                "visibility_timeout": VISIBLE_AGAIN,
                "socket_connect_timeout": 2,
                "socket_timeout": 5,
                "max_retries": 1,
                "interval_start": 0,
                "interval_step": 0.2,
                "interval_max": 0.2,
            }
        ),
        "CELERY_BEAT_SCHEDULE": {
            # While no worker is there, what is asked for so often does not pile up.
            task: {"task": task, "schedule": seconds, **({"options": {"expires": 10}} if seconds < 5 else {})}
            for task, (_, seconds) in TASKS.items()
        },
    }

"""Every task has its queue, its limits and its row in the timetable; nothing but JSON is taken."""

from __future__ import annotations

import pytest
from celery import current_app
from django.conf import settings

from cms.settings.tasks import LIMITS, TASKS, VISIBLE_AGAIN

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _as_a_worker_starts() -> None:
    current_app.loader.import_default_modules()


def ours() -> set[str]:
    return {name for name in current_app.tasks if name.startswith(("cms.", "search."))}


def test_each_task_stands_in_the_one_table() -> None:
    assert ours() == set(TASKS)
    assert {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()} == set(TASKS)


@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_task_goes_into_its_queue_and_has_its_limits(task: str) -> None:
    queue, _ = TASKS[task]
    routed = current_app.amqp.router.route({}, task)
    soft, hard = LIMITS[queue]

    assert routed["queue"].name == queue
    assert (current_app.tasks[task].soft_time_limit, current_app.tasks[task].time_limit) == (soft, hard)
    assert soft < hard < VISIBLE_AGAIN


def test_a_worker_takes_one_at_a_time_and_only_json() -> None:
    assert current_app.conf.worker_prefetch_multiplier == 1
    assert current_app.conf.accept_content == ["json"]
    assert current_app.conf.task_acks_late
    assert current_app.conf.task_reject_on_worker_lost

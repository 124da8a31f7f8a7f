"""Messages are composed by a clock that the tests set; the texts are the demonstration's."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cms.notifications import senders
from cms.notifications.models import Rule
from cms.notifications.templates_data import load_templates
from cms.outbox import relay

RIYADH = ZoneInfo("Asia/Riyadh")
TEMPLATES = json.loads(
    (Path(__file__).parents[2] / "cms" / "demo" / "data" / "templates.json").read_text(encoding="utf-8")
)


def riyadh(clock_time: str, day: int = 22) -> datetime:
    """A time of November 2026, as the wall in Riyadh has it; the 22nd is a Sunday."""
    hours, minutes = clock_time.split(":")
    return datetime(2026, 11, day, int(hours), int(minutes), tzinfo=RIYADH)


@pytest.fixture
def texts(db):
    """The texts alone: without rules the staff hear of nothing, and what is sent is the senders'."""
    load_templates()
    Rule.objects.all().delete()


@pytest.fixture
def rules(db):
    load_templates()


@pytest.fixture
def relayed(monkeypatch):
    """`relayed(at)`: the relay runs at that moment; how many effects it did."""

    def run(at):
        monkeypatch.setattr(senders, "clock", lambda: at)
        return relay.run(now=lambda: at)

    return run

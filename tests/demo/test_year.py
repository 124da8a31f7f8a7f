"""A small simulated year (the whole is `script/prove year`): the ladder against minutes that are counted."""

from datetime import timedelta

import pytest

from benchmarks.year import compare
from cms.reports import ladder

pytestmark = pytest.mark.django_db


def test_every_step_comes_in_its_minute_through_holidays_ramadan_pauses_and_outages(demonstration):
    seen = compare(150)
    assert seen["wrong"] == []
    assert seen["told"] > 800
    assert seen["late"] > 10


def test_a_minute_too_late_is_noticed(demonstration, monkeypatch):
    moment = ladder.Clock.moment

    def later(self, position):
        return moment(self, position) + timedelta(minutes=position == 80)

    monkeypatch.setattr(ladder.Clock, "moment", later)
    assert len(compare(20)["wrong"]) > 15

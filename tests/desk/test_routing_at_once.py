"""Two who change the rules in one moment: the second reads what the first did before anything is saved."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from cms.entities.models import RoutingRule
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_that_save_the_same_rule_at_once_one_wins_and_no_two_tie(
    catalogue: factories.SmallCatalogue, people: factories.People, client_of: Any
) -> None:
    keeper = client_of(people.supervisor)
    targets = [catalogue.water, catalogue.emirate, catalogue.municipality]

    def data(number: int) -> dict[str, Any]:
        place = {"service": catalogue.lamp.pk, "place": catalogue.village.pk}
        return {**place, "entity": targets[number].pk}

    seen = [keeper.post("/admin/routing/new/", data(n)).context["shown"].seen for n in range(3)]
    together = Barrier(3)

    def press(number: int) -> int:
        browser = Client()
        browser.cookies["sessionid"] = keeper.cookies["sessionid"].value
        try:
            together.wait()
            return browser.post("/admin/routing/new/", {**data(number), "seen": seen[number]}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(press, range(3)))

    assert sorted(answers) == [200, 200, 302]
    saved = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.village)
    assert saved.entity == targets[answers.index(302)]
    assert saved.version == 1

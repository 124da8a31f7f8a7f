"""Every rule that speaks of a service, in the order in which it is asked, and why it loses."""

from cms.entities import snapshot
from cms.entities.ladder import Outcome, ladder
from cms.entities.models import RoutingRule
from tests import factories


def rungs(service, place):
    """(subject, place, outcome) by codes."""
    cat = snapshot.catalogue()
    found = ladder(cat.service(service), cat.place(place), cat)
    return [(rung.subject.code, rung.place.code, rung.outcome) for rung in found]


def rule_for(catalogue, place, entity, **subject):
    return factories.RoutingRuleFactory(
        **{"service": None, **subject}, place=getattr(catalogue, place), entity=getattr(catalogue, entity)
    )


def test_each_loser_is_told_why(catalogue):
    upper = catalogue.lamp.category
    lower = factories.CategoryFactory(code="lamps", parent=upper)
    factories.ServiceFactory(code="pole", category=lower)
    for subject, place in ((lower, "town"), (lower, "region"), (upper, "safra"), (upper, "village")):
        rule_for(catalogue, place, "water", category=subject)

    assert rungs("pole", "town.safra") == [
        ("lamps", "town", Outcome.WINS),
        ("lamps", "region", Outcome.DEEPER_PLACE_FIRST),
        ("streets", "town.safra", Outcome.LOWER_CATEGORY_FIRST),
        ("streets", "village", Outcome.ELSEWHERE),
    ]
    assert rungs("lamp", "town.safra") == [
        ("lamp", "town", Outcome.WINS),
        ("lamp", "region", Outcome.DEEPER_PLACE_FIRST),
        ("streets", "town.safra", Outcome.SERVICE_FIRST),
        ("streets", "village", Outcome.ELSEWHERE),
    ]


def test_a_closed_entity_loses_to_the_next(catalogue):
    catalogue.north.is_active = False
    catalogue.north.save()

    assert rungs("lamp", "town.safra") == [
        ("lamp", "town", Outcome.CLOSED),
        ("lamp", "region", Outcome.WINS),
    ]


def test_where_a_supervisor_decides_no_rule_does(catalogue):
    rule_for(catalogue, "region", "water", service=catalogue.other)

    assert rungs("other", "village") == [("other", "region", Outcome.TRIAGE)]


def test_a_catalogue_can_be_supposed_with_another_rule_and_nothing_is_written(catalogue):
    cat = snapshot.catalogue()
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    moved = RoutingRule(pk=rule.pk, service=catalogue.lamp, place=catalogue.village, entity=catalogue.water)

    then = cat.supposing(moved, instead_of=rule.pk)

    assert then.rule_for(catalogue.lamp, catalogue.town) is None
    assert then.rule_for(catalogue.lamp, catalogue.village) is moved
    assert cat.rule_for(catalogue.lamp, catalogue.town) == rule
    assert cat.rule_for(catalogue.lamp, catalogue.village) is None
    assert len(cat.supposing(None, instead_of=rule.pk).rules) == len(cat.rules) - 1
    assert RoutingRule.objects.get(pk=rule.pk).version == 1

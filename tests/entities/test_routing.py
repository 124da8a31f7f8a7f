"""Where a report goes, and the sentence of why."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cms.entities import snapshot
from cms.entities.models import RoutingRule
from cms.entities.routing import route
from tests import factories


def goes_to(service, place):
    """By codes, through the catalogue as the submission does it."""
    cat = snapshot.catalogue()
    return route(cat.service(service), cat.place(place), cat)


def test_a_services_rule_beats_its_categorys_even_where_that_one_is_deeper(catalogue):
    factories.RoutingRuleFactory(
        service=None, category=catalogue.leak.category, place=catalogue.safra, entity=catalogue.emirate
    )

    assert goes_to("leak", "town.safra").entity == catalogue.water


def test_the_categorys_rule_serves_where_the_service_has_none(catalogue):
    pit = factories.ServiceFactory(code="pit", category=catalogue.lamp.category)
    rule = factories.RoutingRuleFactory(
        service=None, category=pit.category, place=catalogue.town, entity=catalogue.municipality
    )

    routed = goes_to("pit", "town.safra")

    assert (routed.entity, routed.rule) == (catalogue.municipality, rule)
    assert pit.category.name_ar in routed.reason_ar


def test_the_upper_categorys_rule_comes_last(catalogue):
    lower = factories.CategoryFactory(code="lamps", parent=catalogue.lamp.category)
    factories.ServiceFactory(code="pole", category=lower)
    factories.RoutingRuleFactory(
        service=None, category=catalogue.lamp.category, place=catalogue.safra, entity=catalogue.water
    )
    assert goes_to("pole", "town.safra").entity == catalogue.water

    factories.RoutingRuleFactory(
        service=None, category=lower, place=catalogue.region, entity=catalogue.municipality
    )
    assert goes_to("pole", "town.safra").entity == catalogue.municipality


@pytest.mark.parametrize(
    ("place", "entity"),
    [
        ("town.safra", "municipality.north"),
        ("town", "municipality.north"),
        ("village", "municipality"),
        ("region", "municipality"),
    ],
)
def test_the_deeper_place_wins_and_its_places_inherit(catalogue, place, entity):
    assert goes_to("lamp", place).entity.code == entity


def test_without_a_rule_it_goes_to_triage_and_says_so(catalogue):
    factories.ServiceFactory(code="pit", name_ar="حفرة", name_en="Pit", category=catalogue.thanks.category)

    routed = goes_to("pit", "village")

    assert (routed.entity, routed.rule) == (None, None)
    assert routed.reason_ar == "لا قاعدة توافق «حفرة» في القرية؛ يقرر مشرف الإمارة."
    assert routed.reason_en == "No rule fits “Pit” in Village; a supervisor decides."


def test_a_service_that_goes_to_triage_goes_there_whatever_the_rules_say(catalogue):
    factories.RoutingRuleFactory(service=catalogue.other, place=catalogue.region, entity=catalogue.water)

    routed = goes_to("other", "town")

    assert (routed.entity, routed.rule) == (None, None)
    assert "«موضوع آخر»" in routed.reason_ar


def test_a_rule_to_a_closed_entity_is_passed_over(catalogue):
    catalogue.north.is_active = False
    catalogue.north.save()

    assert goes_to("lamp", "town.safra").entity == catalogue.municipality


def test_the_sentence_and_the_rules_version_stay_with_the_report(catalogue, people):
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    rule.save()  # version 2

    report = factories.submitted_report()
    rule.entity = catalogue.water
    rule.save()
    report.refresh_from_db()

    assert (report.routing_rule, report.routing_rule_version) == (rule, 2)
    assert report.routing_reason_ar == (
        f"القاعدة {rule.pk}، الإصدار 2: «عمود إنارة مطفأ» في البلدة من اختصاص البلدية الشمالية."
    )
    assert report.routing_reason_en == (
        f"Rule {rule.pk}, version 2: “Street lamp out” in Town belongs to North branch."
    )
    assert factories.submitted_report().entity == catalogue.water


def test_a_report_about_the_entity_it_would_go_to_goes_to_triage(catalogue, people):
    for about in ("municipality.north", "municipality"):
        report = factories.submitted_report(about_entity=about)
        assert (report.entity, report.state) == (None, "received")
    assert factories.submitted_report(about_entity="water").entity == catalogue.north


@pytest.mark.parametrize("subject", ["service", "category"])
def test_two_rules_that_tie_are_refused(catalogue, subject):
    subjects = {"service": None, "category": None}
    subjects[subject] = catalogue.leak if subject == "service" else catalogue.leak.category
    if subject == "category":
        factories.RoutingRuleFactory(**subjects, place=catalogue.region, entity=catalogue.water)
    tie = RoutingRule(**subjects, place=catalogue.region, entity=catalogue.north)

    with pytest.raises(ValidationError):
        tie.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        tie.save()

    assert goes_to("leak", "region").entity == catalogue.water


def test_a_rule_names_one_of_service_and_category(catalogue):
    for subjects in ({}, {"service": catalogue.leak, "category": catalogue.leak.category}):
        rule = RoutingRule(**subjects, place=catalogue.village, entity=catalogue.north)
        with pytest.raises(ValidationError):
            rule.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            rule.save()


def test_a_rule_may_be_saved_again_as_it_is(catalogue):
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)

    rule.full_clean()
    rule.save()

    assert RoutingRule.objects.get(pk=rule.pk).version == 2

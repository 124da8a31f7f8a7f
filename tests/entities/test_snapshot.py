"""The catalogue in the process: read once, fresh after every change, and never what was rolled back."""

from django.db import transaction

from cms.entities import snapshot
from cms.entities.models import (
    CalendarVersion,
    CatalogueVersion,
    Entity,
    IntakeQuestion,
    Membership,
    Place,
    RoutingRule,
)
from tests import factories


def test_unchanged_it_costs_one_query_and_is_the_same_object(catalogue, django_assert_num_queries):
    first = snapshot.catalogue()

    with django_assert_num_queries(1):
        assert snapshot.catalogue() is first


def test_reading_from_it_costs_nothing(catalogue, django_assert_num_queries):
    cat = snapshot.catalogue()

    with django_assert_num_queries(0):
        lamp = cat.service("lamp")
        assert [question.code for question in lamp.questions] == ["since"]
        assert lamp.category.name_en == "Streets"
        assert [place.code for place in cat.ancestors(cat.place("town.safra"))] == ["region", "town"]
        assert [place.code for place in cat.children(cat.place("region"))] == ["town", "village"]
        assert [place.code for place in cat.children()] == ["region"]
        assert cat.entity("municipality.north").name_en == "North branch"
        assert cat.calendar_version(None).calendar_id == catalogue.calendar.pk


def test_services_are_found_by_one_index_until_something_changes(catalogue, django_assert_num_queries):
    cat = snapshot.catalogue()
    with django_assert_num_queries(0):
        assert [service.code for service in cat.find_services("the lamp in front of us is dark")][:1] == [
            "lamp"
        ]
        index = cat._index
        assert cat.find_services("lamp", [cat.service("leak")]) == []
    assert snapshot.catalogue()._index is index

    catalogue.leak.keywords_en = ["wibblefrotz"]
    catalogue.leak.save()
    assert cat.find_services("wibblefrotz") == []
    assert [service.code for service in snapshot.catalogue().find_services("wibblefrotz")] == ["leak"]


def test_what_is_not_there_is_none(catalogue):
    cat = snapshot.catalogue()

    assert (cat.place("nowhere"), cat.entity("nobody"), cat.service("nothing")) == (None, None, None)
    assert (cat.entity_by_id(None), cat.category(None)) == (None, None)


def test_each_save_is_seen_at_the_next_call(catalogue):
    snapshot.catalogue()

    catalogue.leak.name_ar = "تسرب"
    catalogue.leak.save()
    assert snapshot.catalogue().service("leak").name_ar == "تسرب"

    catalogue.leak.is_active = False
    catalogue.leak.save()
    assert snapshot.catalogue().service("leak") is None

    factories.PlaceFactory(parent=Place.objects.get(code="village"), code="village.new")
    assert snapshot.catalogue().place("village.new") is not None

    CalendarVersion.objects.create(calendar=catalogue.calendar, number=2, hours=factories.AROUND_THE_CLOCK)
    assert snapshot.catalogue().calendar_version(None).number == 2


def test_each_deletion_is_seen_at_the_next_call(catalogue):
    cat = snapshot.catalogue()
    assert cat.rule_for(catalogue.lamp, catalogue.town) is not None

    RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town).delete()
    IntakeQuestion.objects.filter(service=catalogue.lamp).delete()

    assert snapshot.catalogue().rule_for(catalogue.lamp, catalogue.town) is None
    assert snapshot.catalogue().service("lamp").questions == []


def _forget(entity):
    Membership.objects.filter(entity=entity).delete()
    RoutingRule.objects.filter(entity=entity).delete()
    Entity.objects.get(pk=entity.pk).delete()


def test_a_change_is_seen_inside_its_transaction_and_gone_with_its_rollback(catalogue):
    before = snapshot.catalogue()

    with transaction.atomic():
        _forget(catalogue.water)
        assert snapshot.catalogue().entity("water") is None
        transaction.set_rollback(True)

    after = snapshot.catalogue()
    assert after.entity("water") == catalogue.water
    assert after.stamp == before.stamp


def test_a_change_after_a_rollback_never_meets_the_reading_of_the_one_rolled_back(catalogue):
    with transaction.atomic():
        _forget(catalogue.water)
        snapshot.catalogue()
        transaction.set_rollback(True)
    catalogue.leak.name_ar = "تسرب"
    catalogue.leak.save()

    cat = snapshot.catalogue()

    assert cat.entity("water") == catalogue.water
    assert cat.service("leak").name_ar == "تسرب"


def test_there_is_one_stamp_also_where_none_was(db):
    CatalogueVersion.objects.all().delete()

    snapshot.catalogue()
    snapshot.renew()
    snapshot.catalogue()

    assert CatalogueVersion.objects.count() == 1

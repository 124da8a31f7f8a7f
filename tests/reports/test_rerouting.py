"""What a change of the rules would move: exactly what the routing itself answers before and after."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.entities import snapshot
from cms.entities.models import EntityUserObjectPermission, Place, RoutingRule
from cms.reports import rerouting
from cms.reports.actions.destination import destination
from cms.reports.models import Report
from tests import factories


def supposed(rule=None, *, instead_of=None):
    """The impact of saving `rule` in the place of the rule `instead_of`, or of deleting that one."""
    cat = snapshot.catalogue()
    concerned = [one for one in cat.rules if instead_of is not None and one.pk == instead_of.pk]
    concerned += [rule] if rule is not None else []
    then = cat.supposing(rule, instead_of=instead_of.pk if instead_of else None)
    return rerouting.impact(cat, then, concerned, at=timezone.now())


def told(impact):
    """(from, to) → (pairs, reports, whether many confidential), by codes."""
    return {
        (way.before and way.before.code, way.after and way.after.code): (
            sorted((move.service.code, move.place.code) for move in way.moves),
            way.reports,
            way.many_confidential,
        )
        for way in impact.ways
    }


@pytest.fixture
def in_town(catalogue, people):
    return RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)


def test_another_entity_moves_the_rules_own_places_and_no_others(catalogue, in_town):
    for place in ("town", "town.safra", "town.safra", "village"):
        factories.submitted_report(place=place)
    in_town.entity = catalogue.water

    impact = supposed(in_town, instead_of=in_town)

    assert told(impact) == {
        ("municipality.north", "water"): ([("lamp", "town"), ("lamp", "town.safra")], 3, False)
    }
    assert (impact.moves, impact.reports, impact.looked_at, impact.to_triage) == (2, 3, 3, 0)


def test_what_is_deleted_leaves_to_the_next_rule_or_to_triage(catalogue, in_town):
    factories.submitted_report()
    whole = RoutingRule.objects.get(service=catalogue.leak)

    assert told(supposed(instead_of=in_town)) == {
        ("municipality.north", "municipality"): ([("lamp", "town"), ("lamp", "town.safra")], 1, False)
    }
    gone = supposed(instead_of=whole)
    everywhere = [("leak", "town"), ("leak", "town.safra"), ("leak", "village")]
    assert told(gone) == {("water", None): (everywhere, 0, False)}
    assert gone.to_triage == 3


def test_a_rule_that_never_decides_moves_nothing(catalogue, people):
    beaten = RoutingRule(category=catalogue.leak.category, place=catalogue.safra, entity=catalogue.emirate)
    cat = snapshot.catalogue()

    assert told(supposed(beaten)) == {}
    assert rerouting.decides(beaten, cat.supposing(beaten)) == 0
    factories.ServiceFactory(code="pit", category=catalogue.leak.category)
    cat = snapshot.catalogue()
    assert told(supposed(beaten)) == {(None, "emirate"): ([("pit", "town.safra")], 0, False)}
    assert rerouting.decides(beaten, cat.supposing(beaten)) == 1


def test_old_reports_parts_and_letters_with_an_address_are_not_counted(catalogue, people, in_town):
    now = timezone.now()
    factories.submitted_report(at=now - timedelta(days=91))
    split = factories.submitted_report()
    factories.split_report(split, people.coordinator, "", "")
    factories.letter(people.coordinator2, to="municipality.north")
    factories.letter(people.coordinator2)
    in_town.entity = catalogue.emirate

    impact = supposed(in_town, instead_of=in_town)

    assert (impact.reports, impact.looked_at) == (2, 2)


def test_a_letter_of_the_new_entity_would_go_to_triage_and_a_complaint_about_it_too(
    catalogue, people, in_town
):
    factories.letter(people.coordinator2)
    factories.submitted_report(about_entity="water")
    factories.submitted_report()
    in_town.entity = catalogue.water

    impact = supposed(in_town, instead_of=in_town)

    pairs = [("lamp", "town"), ("lamp", "town.safra")]
    assert told(impact) == {
        ("municipality.north", "water"): (pairs, 1, False),
        ("municipality.north", None): ([], 2, False),
    }


def test_complaints_that_the_asker_never_sees_are_not_counted(catalogue, people, in_town):
    factories.submitted_report(about_entity="water")
    cat = snapshot.catalogue()
    then = cat.supposing(None, instead_of=in_town.pk)
    rules = [one for one in cat.rules if one.pk == in_town.pk]
    hidden = frozenset({catalogue.water.pk})

    assert rerouting.impact(cat, then, rules, at=timezone.now()).reports == 1
    seen = rerouting.impact(cat, then, rules, at=timezone.now(), hidden_about=hidden)
    assert (seen.reports, seen.looked_at) == (0, 0)


def confidential(count):
    for _ in range(count):
        factories.submitted_report(service="abuse", place="town", answers={})


def test_few_confidential_ones_are_told_by_no_count(catalogue, people):
    rule = RoutingRule.objects.get(service=catalogue.abuse)
    confidential(4)

    impact = supposed(instead_of=rule)
    everywhere = [("abuse", "town"), ("abuse", "town.safra"), ("abuse", "village")]
    assert told(impact) == {("water", None): (everywhere, 0, False)}
    assert impact.looked_at == 0

    confidential(1)
    impact = supposed(instead_of=rule)
    assert told(impact) == {("water", None): (everywhere, 0, True)}
    assert (impact.reports, impact.looked_at) == (0, 0)


def test_confidential_ones_move_only_to_where_enough_are_named(catalogue, people):
    rule = RoutingRule.objects.get(service=catalogue.abuse)
    rule.entity = catalogue.north
    everywhere = [("abuse", "town"), ("abuse", "town.safra"), ("abuse", "village")]

    assert told(supposed(rule, instead_of=rule)) == {("water", None): (everywhere, 0, False)}
    for person in (people.coordinator, people.specialist):
        factories.grant(person, "view_confidential", catalogue.north)
    assert told(supposed(rule, instead_of=rule)) == {("water", "municipality.north"): (everywhere, 0, False)}
    # One of them is named no longer.
    EntityUserObjectPermission.objects.filter(user=people.specialist).update(valid_until=timezone.now())
    assert told(supposed(rule, instead_of=rule)) == {("water", None): (everywhere, 0, False)}


def test_it_costs_two_statements_however_many_reports(catalogue, people, django_assert_num_queries):
    rule = RoutingRule.objects.get(service=catalogue.abuse)
    cat = snapshot.catalogue()
    rules = [one for one in cat.rules if one.pk == rule.pk]
    then = cat.supposing(None, instead_of=rule.pk)
    for place in itertools.islice(itertools.cycle(["town", "village"]), 6):
        factories.submitted_report(service="abuse", place=place, answers={})
    with django_assert_num_queries(2):
        rerouting.impact(cat, then, rules, at=timezone.now())


# --- Whatever the rules ------------------------------------------------------------------------------------

SUBJECTS = ("lamp", "leak", "abuse", "thanks", "pole", "other", "streets", "people", "lamps")
PLACES = ("region", "town", "town.safra", "village")
ENTITIES = ("emirate", "municipality", "municipality.north", "water", "closed")
one_rule = st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(PLACES))
any_rules = st.dictionaries(one_rule, st.sampled_from(ENTITIES), max_size=14)


class Rules:
    """Rows of the small catalogue by code, and rules made of them."""

    def __init__(self, catalogue):
        lower = factories.CategoryFactory(code="lamps", parent=catalogue.lamp.category)
        pole = factories.ServiceFactory(code="pole", category=lower)
        services = [catalogue.lamp, catalogue.leak, catalogue.abuse, catalogue.thanks, catalogue.other, pole]
        self.services = {row.code: row for row in services}
        self.categories = {
            row.code: row for row in (catalogue.lamp.category, catalogue.abuse.category, lower)
        }
        self.places = {row.code: row for row in Place.objects.all()}
        closed = factories.EntityFactory(code="closed", is_active=False, calendar=catalogue.calendar)
        rows = [catalogue.emirate, catalogue.municipality, catalogue.north, catalogue.water, closed]
        self.entities = {row.code: row for row in rows}

    def rule(self, subject, place, entity):
        return RoutingRule(
            service=self.services.get(subject),
            category=self.categories.get(subject),
            place=self.places[place],
            entity=self.entities[entity],
        )

    def keep(self, rules):
        RoutingRule.objects.all().delete()
        for (subject, place), entity in rules.items():
            self.rule(subject, place, entity).save()


@pytest.fixture
def rules(catalogue, people):
    return Rules(catalogue)


def by_hand(cat):
    """Everything that can be reported, and the code of where it goes."""
    places = [place for place in cat.places if place.kind != "region"]
    found = {}
    for service, place in itertools.product(cat.services, places):
        entity = destination(service, place, cat).entity
        found[(service.code, place.code)] = entity.code if entity else None
    return found


def differing(before, after):
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def listed(impact):
    moves = [move for way in impact.ways for move in way.moves]
    found = {
        (move.service.code, move.place.code): (
            move.before and move.before.code,
            move.after and move.after.code,
        )
        for move in moves
    }
    assert len(found) == len(moves)
    return found


few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@few
@given(kept=any_rules, changed=one_rule, to=st.sampled_from(ENTITIES), drawn=st.integers(0, 99))
def test_what_is_foretold_is_what_happens(rules, kept, changed, to, drawn):
    """Adding a rule, changing one into it, and deleting one."""
    rules.keep(kept)
    there = list(RoutingRule.objects.order_by("pk"))
    before = by_hand(snapshot.catalogue())
    chosen = there[drawn % len(there)] if there else None
    after = rules.rule(*changed, to)

    if chosen is not None:
        foretold = listed(supposed(instead_of=chosen))
        chosen.delete()
        assert foretold == differing(before, by_hand(snapshot.catalogue()))
        chosen.save(force_insert=True)
    same = RoutingRule.objects.filter(service=after.service, category=after.category, place=after.place)
    if not same.exclude(pk=chosen.pk if chosen else 0).exists():
        after.pk = chosen.pk if chosen else None
        foretold = listed(supposed(after, instead_of=chosen))
        after.save()
        assert foretold == differing(before, by_hand(snapshot.catalogue()))


@settings(few, max_examples=8)
@given(
    kept=any_rules,
    sent=st.lists(
        st.tuples(st.sampled_from(("lamp", "leak", "thanks", "pole")), st.sampled_from(PLACES[1:])),
        max_size=4,
    ),
    drawn=st.integers(0, 99),
)
def test_the_reports_counted_are_those_that_would_have_gone_elsewhere(rules, kept, sent, drawn):
    rules.keep(kept or {("lamp", "town"): "water"})
    for service, place in sent:
        answers = {"since": "week"} if service == "lamp" else {}
        report = factories.submitted_report(service=service, place=place, answers=answers)
        cat = snapshot.catalogue()
        routed = destination(cat.service(service), cat.place(place), cat)
        # What the tester says is what is stored.
        assert (report.entity, report.routing_rule) == (routed.entity, routed.rule)
        assert (report.routing_reason_ar, report.routing_reason_en) == (routed.reason_ar, routed.reason_en)
    there = list(RoutingRule.objects.order_by("pk"))
    chosen = there[drawn % len(there)]

    # Those of the examples before are there too.
    moved = sum(_would_move(report, chosen) for report in Report.objects.all())
    assert supposed(instead_of=chosen).reports == moved


def _would_move(report, rule):
    cat = snapshot.catalogue()
    service, place = cat.service_by_id(report.service_id), cat.place_by_id(report.place_id)
    then = cat.supposing(None, instead_of=rule.pk)
    return destination(service, place, cat).entity != destination(service, place, then).entity

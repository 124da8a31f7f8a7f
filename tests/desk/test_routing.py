"""The routing rules' screens: trying them, and what would go elsewhere before one is saved or deleted."""

import pytest
from django.urls import reverse
from django.utils import translation

from cms.entities.ladder import Outcome
from cms.entities.models import RoutingRule
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

MAY = ["supervisor", "admin"]
MAY_NOT = [
    "coordinator",
    "specialist",
    "leader",
    "emirate",
    "auditor",
    "agent",
    "editor",
    "triage_confidential",
]


@pytest.fixture
def client(client_of, people):
    return client_of(people.supervisor)


@pytest.fixture
def in_town(catalogue):
    return RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)


def tried(client, service="lamp", place="town.safra", **given):
    return client.get(reverse("routing:try"), {"service": service, "place": place, **given})


def answered(client, *args, **given):
    return tried(client, *args, **given).context["answer"]


# --- The tester --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", MAY)
def test_who_keeps_the_rules_tries_them_and_finds_it_in_the_menu(client_of, people, login):
    client = client_of(getattr(people, login))
    assert tried(client).status_code == 200
    assert reverse("routing:try") in client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("routing:try") in client.get(reverse("routing:index")).content.decode()


@pytest.mark.parametrize("login", MAY_NOT)
def test_nobody_else_tries_them(client_of, people, login):
    client = client_of(getattr(people, login))
    response = client.get(reverse("routing:try"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403
    assert reverse("routing:try") not in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize(
    ("service", "place"),
    [("lamp", "town.safra"), ("lamp", "village"), ("leak", "town"), ("other", "town"), ("abuse", "town")],
)
def test_the_answer_is_what_submit_stores(client, people, service, place):
    answer = answered(client, service, place)
    answers = {"since": "week"} if service == "lamp" else {}
    report = factories.submitted_report(service=service, place=place, answers=answers)
    assert answer.routed.entity == report.entity
    assert answer.routed.rule == report.routing_rule
    assert answer.routed.reason_ar == report.routing_reason_ar
    assert answer.routed.reason_en == report.routing_reason_en
    assert report.routing_reason_ar in tried(client, service, place).content.decode()


def test_the_ladder_names_each_rule_and_why_it_lost(client, catalogue, in_town):
    response = tried(client)
    found = [(rung.rule.pk, rung.outcome) for rung, _entity in response.context["answer"].ladder]
    whole = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.region)
    assert found == [(in_town.pk, Outcome.WINS), (whole.pk, Outcome.DEEPER_PLACE_FIRST)]
    body = response.content.decode()
    assert "تسبقها قاعدة لمكان أدنى منه." in body
    assert body.count('<li class="won">') == body.count("انطبقت") == 1
    assert reverse("routing:edit", args=[whole.pk]) in body


def test_a_letter_never_comes_back_and_goes_where_it_is_addressed(client, people, catalogue):
    back = answered(client, sender="municipality.north")
    sent = factories.letter(people.coordinator, sender="municipality.north")
    assert (back.routed.entity, back.routed.reason_ar) == (None, sent.routing_reason_ar)
    assert back.set_aside
    assert not back.wants_a_rule
    to = answered(client, sender="water", to="municipality")
    assert (to.routed.entity, to.routed.rule) == (catalogue.municipality, None)


def test_a_complaint_goes_neither_to_whom_it_is_about_nor_below(client, people, catalogue):
    for about in ("municipality.north", "municipality"):
        answer = answered(client, about=about)
        assert answer.routed.entity is None
        assert answer.routed.reason_ar == factories.submitted_report(about_entity=about).routing_reason_ar
    assert answered(client, about="water").routed.entity == catalogue.north


def test_a_confidential_one_stays_in_triage_where_too_few_are_named(client, people, catalogue):
    RoutingRule.objects.filter(service=catalogue.abuse).update(entity=catalogue.north)
    RoutingRule.objects.get(service=catalogue.abuse).save()
    answer = answered(client, "abuse", "town")
    report = factories.submitted_report(service="abuse", place="town", answers={})
    assert (answer.routed.entity, answer.routed.reason_ar) == (None, report.routing_reason_ar)
    assert report.routing_reason_en.startswith("Too few people")
    assert "يذهب إلى فرز البلاغات السرية" in tried(client, "abuse", "town").content.decode()


def test_the_promises_are_those_that_submit_makes(client, people):
    promised = {one.label: one.due for one in answered(client).promised}
    report = factories.submitted_report()
    made = {row.get_promise_display(): row.due_at for row in report.deadlines.all()}
    assert promised.keys() == made.keys() == {"أول رد", "المعالجة"}
    for label, due in promised.items():
        assert abs((due - made[label]).total_seconds()) < 120


@pytest.mark.parametrize(
    "given",
    [
        {"service": "nothing"},
        {"place": "region"},
        {"place": ""},
        {"to": "water"},
        {"sender": "water", "to": "water"},
        {"sender": "municipality.north", "about": "municipality"},
        {"about": "nobody"},
    ],
)
def test_what_nobody_could_send_is_refused_in_words(client, people, given):
    response = tried(client, **{"service": "lamp", "place": "town", **given})
    assert response.status_code == 200
    assert response.context["answer"] is None
    assert response.context["form"].errors


def test_htmx_gets_the_answer_alone(client, people):
    body = client.get(
        reverse("routing:try"), {"service": "lamp", "place": "town"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert body.lstrip().startswith('<div id="answer"')
    assert "<html" not in body


def test_trying_writes_nothing(client, people):
    before = AuditEvent.objects.count()
    tried(client)
    assert AuditEvent.objects.count() == before


# --- Before a rule is saved --------------------------------------------------------------------------------


def edited(client, rule, **given):
    data = {"service": rule.service_id or "", "place": rule.place_id, "entity": rule.entity_id}
    return client.post(reverse("routing:edit", args=[rule.pk]), {**data, **given})


def test_the_first_press_shows_what_would_move_and_saves_nothing(client, people, catalogue, in_town):
    for place in ("town", "town.safra", "village"):
        factories.submitted_report(place=place)
    response = edited(client, in_town, entity=catalogue.water.pk)
    assert response.status_code == 200
    shown = response.context["shown"]
    assert (shown.impact.moves, shown.impact.reports, shown.impact.looked_at, shown.decides) == (2, 2, 2, 2)
    [row] = shown.rows
    assert (row.before, row.after) == (catalogue.north, catalogue.water)
    assert [(line.service, line.places, line.more) for line in row.lines] == [
        (catalogue.lamp, ["كل ما في البلدة"], 0)
    ]
    body = response.content.decode()
    assert "البلدية الشمالية" in body
    assert "شركة المياه" in body
    in_town.refresh_from_db()
    assert (in_town.entity, in_town.version) == (catalogue.north, 1)
    assert not AuditEvent.objects.filter(code="configuration_changed").exists()


def test_the_second_press_saves_what_was_looked_at(client, people, catalogue, in_town):
    shown = edited(client, in_town, entity=catalogue.water.pk).context["shown"]
    response = edited(client, in_town, entity=catalogue.water.pk, seen=shown.seen)
    assert response.status_code == 302
    in_town.refresh_from_db()
    assert (in_town.entity, in_town.version) == (catalogue.water, 2)
    event = AuditEvent.objects.get(code="configuration_changed")
    assert (event.actor, event.subject) == (people.supervisor, f"routingrule:{in_town.pk}")
    assert factories.submitted_report().entity == catalogue.water


def test_what_was_not_looked_at_is_shown_before_it_is_saved(client, people, catalogue, in_town):
    shown = edited(client, in_town, entity=catalogue.water.pk).context["shown"]
    # Another entity was chosen after looking.
    response = edited(client, in_town, entity=catalogue.emirate.pk, seen=shown.seen)
    assert (response.status_code, response.context["again"]) == (200, True)
    # Somebody else saved a rule after looking.
    factories.RoutingRuleFactory(service=catalogue.lamp, place=catalogue.safra, entity=catalogue.municipality)
    response = edited(client, in_town, entity=catalogue.water.pk, seen=shown.seen)
    assert (response.status_code, response.context["again"]) == (200, True)
    assert response.context["shown"].impact.moves == 1
    in_town.refresh_from_db()
    assert (in_town.entity, in_town.version) == (catalogue.north, 1)


def test_a_new_rule_is_shown_then_added(client, people, catalogue):
    data = {
        "category": catalogue.lamp.category_id,
        "place": catalogue.village.pk,
        "entity": catalogue.water.pk,
    }
    factories.ServiceFactory(code="pit", category=catalogue.lamp.category, name_ar="حفرة")
    before = RoutingRule.objects.count()
    shown = client.post(reverse("routing:add"), data).context["shown"]
    assert [(line.service.code, line.places) for line in shown.rows[0].lines] == [("pit", ["القرية"])]
    assert shown.rows[0].before is None
    assert RoutingRule.objects.count() == before
    assert client.post(reverse("routing:add"), {**data, "seen": shown.seen}).status_code == 302
    assert RoutingRule.objects.count() == before + 1


def test_a_rule_that_would_decide_nothing_says_so(client, people, catalogue):
    data = {
        "category": catalogue.leak.category_id,
        "place": catalogue.safra.pk,
        "entity": catalogue.emirate.pk,
    }
    response = client.post(reverse("routing:add"), data)
    assert response.context["shown"].decides == 0
    assert response.context["shown"].impact.ways == []
    assert "فلن تحسم شيئًا" in response.content.decode()


def test_a_tie_is_refused_and_names_the_rule_it_ties_with(client, people, catalogue, in_town):
    before = RoutingRule.objects.count()
    data = {"service": catalogue.lamp.pk, "place": catalogue.town.pk, "entity": catalogue.water.pk}
    for given in (data, {**data, "seen": "whatever"}):
        response = client.post(reverse("routing:add"), given)
        assert response.status_code == 200
        assert response.context["shown"] is None
        assert response.context["ties"] == [in_town]
        assert len(response.context["form"].non_field_errors()) == 1
        assert reverse("routing:edit", args=[in_town.pk]) in response.content.decode()
    assert RoutingRule.objects.count() == before


def test_a_rule_without_a_place_is_refused_and_breaks_nothing(client, people, catalogue):
    response = client.post(reverse("routing:add"), {"service": catalogue.lamp.pk})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"place", "entity"}


def test_deleting_shows_what_would_move_first(client, people, catalogue, in_town):
    factories.submitted_report()
    address = reverse("routing:delete", args=[in_town.pk])
    shown = client.get(address).context["shown"]
    assert (shown.impact.moves, shown.impact.reports) == (2, 1)
    assert (shown.rows[0].before, shown.rows[0].after) == (catalogue.north, catalogue.municipality)
    assert client.post(address).status_code == 200
    assert RoutingRule.objects.filter(pk=in_town.pk).exists()
    assert client.post(address, {"seen": shown.seen}).status_code == 302
    assert not RoutingRule.objects.filter(pk=in_town.pk).exists()
    assert AuditEvent.objects.get(code="configuration_changed").data["what"] == "deleted"


def test_what_is_listed_is_bounded_and_the_numbers_are_of_all(client, people, catalogue):
    for number in range(9):
        factories.ServiceFactory(code=f"many-{number}", category=catalogue.lamp.category)
    data = {
        "category": catalogue.lamp.category_id,
        "place": catalogue.region.pk,
        "entity": catalogue.water.pk,
    }
    [row] = client.post(reverse("routing:add"), data).context["shown"].rows
    assert (len(row.way.moves), len(row.lines), row.more) == (27, 6, 3)
    assert {tuple(line.places) for line in row.lines} == {("كل ما في المنطقة",)}


def test_the_page_of_a_rule_leads_from_what_fits_nowhere(client, people, catalogue):
    factories.ServiceFactory(code="pit", category=catalogue.thanks.category)
    body = tried(client, "pit", "village").content.decode()
    pit = answered(client, "pit", "village").service
    link = f"{reverse('routing:add')}?service={pit.pk}&amp;place={catalogue.village.pk}"
    assert link in body
    form = client.get(reverse("routing:add"), {"service": pit.pk, "place": catalogue.village.pk}).context[
        "form"
    ]
    assert (form["service"].value(), form["place"].value()) == (str(pit.pk), str(catalogue.village.pk))


def test_it_is_told_in_english_too(client_of, people, in_town):
    with translation.override("en"):
        assert str(Outcome.WINS.label) == "It is the first that fits."


def test_the_page_of_a_report_leads_to_trying_it_by_todays_rules(client_of, people, catalogue, in_town):
    report = factories.submitted_report(about_entity="water")
    page = reverse("desk:report", args=[report.public_id])
    address = f"{reverse('routing:try')}?service=lamp&amp;place=town.safra&amp;about=water"
    client = client_of(people.supervisor)
    assert address in client.get(page).content.decode()
    assert client.get(address.replace("&amp;", "&")).context["answer"].routed.entity == report.entity
    assert reverse("routing:try") not in client_of(people.coordinator).get(page).content.decode()


def test_it_costs_no_more_when_there_is_more(
    client_of, people, catalogue, in_town, django_assert_max_num_queries
):
    for number in range(12):
        pit = factories.ServiceFactory(code=f"pit-{number}", category=catalogue.lamp.category)
        factories.RoutingRuleFactory(service=pit, place=catalogue.safra, entity=catalogue.water)
        factories.submitted_report()
    client = client_of(people.supervisor)
    tried(client)
    with django_assert_max_num_queries(14):
        tried(client)
    with django_assert_max_num_queries(29):
        edited(client, in_town, entity=catalogue.water.pk)

"""The configuration's screens in words: found however it is spelt, told without codes and raw data."""

import json
import re

import pytest
from django.urls import reverse
from wagtail.users.models import UserProfile

from cms.desk.viewsets.titles import SITUATIONS, situation_title
from cms.entities.models import RoutingRule, Service
from cms.notifications import following
from cms.notifications.titles import EVENTS, event_title
from permissions import audit
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["إنارة", "اناره", "أناره", "إنَارة", "عمود اناره", "lamp", "LAMP"])
def test_the_catalogue_is_found_however_it_is_spelt(client_of, people, typed):
    response = client_of(people.supervisor).get(reverse("services:index"), {"q": typed})
    assert [row.code for row in response.context["object_list"]] == ["lamp"]


@pytest.mark.parametrize("typed", ["قطار", "اناره قطار"])
def test_and_what_is_not_there_is_not_found(client_of, people, typed):
    response = client_of(people.supervisor).get(reverse("services:index"), {"q": typed})
    assert list(response.context["object_list"]) == []


def test_people_are_found_however_their_names_are_spelt(client_of, people):
    person = factories.UserFactory(username="amal", name_ar="آمال الأحمدي")
    response = client_of(people.admin).get(reverse("people:index"), {"q": "امال الاحمدى"})
    assert list(response.context["object_list"]) == [person]


def directions(body):
    """Field name → the direction of its value."""
    found = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", body):
        name, written = re.search(r'name="([^"]+)"', tag), re.search(r' dir="([^"]+)"', tag)
        if name:
            found[name[1]] = written[1] if written else ""
    return found


def test_english_and_codes_are_written_from_the_left_in_the_arabic_admin(client_of, people, catalogue):
    service = Service.objects.get(code="lamp")
    body = client_of(people.supervisor).get(reverse("services:edit", args=[service.pk])).content.decode()
    found = directions(body)
    assert {found[name] for name in ("code", "name_en", "description_en", "emergency_en")} == {"ltr"}
    assert {found[name] for name in ("name_ar", "description_ar")} == {"rtl"}
    body = client_of(people.admin).get(reverse("people:edit", args=[people.agent.pk])).content.decode()
    found = directions(body)
    assert {found[name] for name in ("username", "name_en", "email", "phone")} == {"ltr"}


def test_texts_are_titled_by_their_situation(client_of, people):
    template = factories.ReplyTemplateFactory(situation="fixed")
    body = client_of(people.supervisor).get(reverse("reply-templates:index")).content.decode()
    assert f'أُصلح <small dir="ltr">{template.code}</small>' in body


def test_every_situation_and_event_of_the_demonstration_has_words():
    from cms.demo.source import read

    data = read("templates")
    for row in data["reply_templates"]:
        assert situation_title(row["situation"]) != row["situation"]
    for row in data["sms"]:
        assert event_title(row["event"]) != row["event"]
    assert set(SITUATIONS) == {row["situation"] for row in data["reply_templates"]}
    # These are the inbox's own, and no SMS; and those who follow a report hear of it in texts of the product.
    beside = {"digest", "mention", "search_watch", *following.TOLD.values()}
    assert set(EVENTS) - beside <= {row["event"] for row in data["sms"]}


@pytest.mark.parametrize(("language", "called"), [("ar", "أحمد"), ("en", "Ahmed")])
def test_the_admin_calls_one_by_the_name_of_its_language(client_of, people, language, called):
    # given a person with a name in each language, and the one first name that Wagtail keeps
    person = people.coordinator
    person.name_ar, person.name_en, person.first_name = "أحمد الشهري", "Ahmed Alshehri", "أحمد"
    person.save()
    UserProfile.objects.create(user=person, preferred_language=language)
    html = client_of(person).get(reverse("desk:queue")).content.decode()
    props = re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', html, re.S)[1]
    assert f'"name": "{called}", "avatarUrl"' in json.dumps(json.loads(props), ensure_ascii=False)
    # and what is stored stays
    person.refresh_from_db()
    assert person.first_name == "أحمد"


def test_who_hears_a_list_hears_yes_and_no_in_their_language(client_of, people):
    Service.objects.filter(code="leak").update(is_active=False)
    body = client_of(people.admin).get(reverse("services:index")).content.decode()
    told = set(re.findall(r"w-sr-only\W+\s*(\w+)\s*</span>", body))
    assert {"نعم", "لا"} <= told
    assert not {"True", "False"} & told


def trail(client, **query):
    body = client.get(reverse("audit:index"), query).content.decode()
    body = body[re.search(r'<table[^>]*class="listing', body).start() :]
    return body[: body.index("</table>")]


def test_the_trail_names_its_subjects_and_links_those_one_may_see(client_of, people, report):
    hidden = factories.submitted_report(service="abuse", answers={})
    for row in (report, hidden):
        audit.record("confidential_view", actor=people.supervisor, subject=f"report:{row.pk}")
    body = trail(client_of(people.auditor))
    assert reverse("desk:report", args=[report.public_id]) in body
    assert report.reference in body
    # and of one that they may not see says which it was, and nothing else
    assert f'بلاغ <bdi dir="ltr">{hidden.reference}</bdi>' in body
    assert str(hidden.public_id) not in body
    assert hidden.text not in body
    assert "عنوان الشبكة" in body


def test_the_trail_tells_changes_as_labelled_lines(client_of, people, catalogue):
    audit.record(
        "configuration_changed",
        actor=people.supervisor,
        subject=f"entity:{catalogue.north.pk}",
        data={"label": "البلدية الشمالية", "what": "changed", "changes": {"is_active": ["True", "False"]}},
    )
    audit.record("sign_in_failed", actor=None, data={"user": people.agent.pk})
    UserProfile.objects.create(user=people.auditor, preferred_language="en")
    body = trail(client_of(people.auditor))
    assert "Entity: <bdi>البلدية الشمالية</bdi>" in body
    assert "<b>active:</b>" in body
    assert "<bdi>No</bdi> ⇐ <bdi>Yes</bdi>" in body
    assert "Agent (agent)" in body
    assert "{" not in re.sub(r"<[^>]+>", "", body)


def test_the_trails_filters_are_labelled_and_narrow(client_of, people):
    audit.record("sign_out", actor=people.agent)
    client = client_of(people.auditor)
    form = client.get(reverse("audit:index")).context["filters"].form
    assert [str(field.label) for field in form] == ["ما حدث", "من يوم", "إلى يوم"]
    assert ("sign_out", "تسجيل خروج") in [(str(a), str(b)) for a, b in form.fields["code"].choices]
    rows = client.get(reverse("audit:index"), {"code": "sign_out"}).context["object_list"]
    assert {row.code for row in rows} == {"sign_out"}
    assert not client.get(reverse("audit:index"), {"since": "2099-01-01"}).context["object_list"]


def test_a_changed_relation_is_told_by_both_names(client_of, people, catalogue):
    # given a rule that leads to one entity
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    old, new = rule.entity.name, catalogue.municipality.name
    # when it is led to another
    data = {"service": rule.service_id, "place": rule.place_id, "entity": catalogue.municipality.pk}
    client, address = client_of(people.supervisor), reverse("routing:edit", args=[rule.pk])
    seen = client.post(address, data).context["shown"].seen
    assert client.post(address, {**data, "seen": seen}).status_code == 302
    # then the trail names what it was and what it is
    event = AuditEvent.objects.latest("pk")
    assert event.data["changes"] == {"entity": [old, new]}
    assert f"<bdi>{new}</bdi> ⇐ <bdi>{old}</bdi>" in trail(client_of(people.auditor))


def test_rows_of_a_list_are_told_by_their_names_and_those_that_are_gone_too(client_of, people, catalogue):
    entity, town = catalogue.north, catalogue.town
    before = [place.name for place in entity.jurisdiction.all()]
    form = client_of(people.admin).get(reverse("entities:edit", args=[entity.pk])).context["form"]
    data = {
        name: [one.pk for one in value] if isinstance(value, list) else value
        for name, value in form.initial.items()
        if value is not None
    }
    kept = {**data, "jurisdiction": [town.pk, catalogue.safra.pk]}
    answer = client_of(people.admin).post(reverse("entities:edit", args=[entity.pk]), kept)
    assert answer.status_code == 302
    told = AuditEvent.objects.latest("pk").data["changes"]["jurisdiction"]
    assert told[0] == " · ".join(before)
    assert set(told[1].split(" · ")) == {town.name, catalogue.safra.name}

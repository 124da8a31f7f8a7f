"""The catalogue's screens: a codename opens all of a model's views or none; each change is audited."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.admin.viewsets import viewsets

from cms.desk import words
from cms.desk.viewsets.guarded import DeskViewSet
from cms.entities.models import (
    Calendar,
    CalendarVersion,
    Entity,
    Membership,
    Place,
    PrivacyProposal,
    RoutingRule,
    Service,
)
from cms.notifications.models import SentMessage
from permissions.models import AuditEvent, User
from permissions.policy import scope_of
from permissions.roles import ROLES
from tests import factories

pytestmark = pytest.mark.django_db


def desk_viewsets():
    reverse("wagtailadmin_home")
    found = []
    for viewset in viewsets.viewsets:
        members = getattr(viewset, "registerables", [viewset])
        found += [member for member in members if isinstance(member, DeskViewSet)]
    return list({id(v): v for v in found}.values())


def addresses(viewset, pk):
    for pattern in viewset.get_urlpatterns():
        name = viewset.get_url_name(pattern.name)
        yield reverse(name, args=[pk] if "<" in str(pattern.pattern) else [])


def test_there_are_viewsets_for_the_whole_configuration():
    names = {viewset.name for viewset in desk_viewsets()}
    assert names == {
        "services",
        "categories",
        "routing",
        "reply-templates",
        "reasons",
        "synonyms",
        "entities",
        "places",
        "calendars",
        "occasions",
        "memberships",
        "grants",
        "people",
        "outbox",
        "pending",
        "message-texts",
        "message-rules",
        "sms-gateways",
        "sender-names",
        "webhooks",
        "audit",
    }


@pytest.mark.parametrize(
    "login",
    ["coordinator", "specialist", "leader", "emirate", "agent", "editor", "supervisor", "auditor", "admin"],
)
def test_every_address_of_a_viewset_is_open_to_its_codename_and_closed_to_others(client_of, people, login):
    factories.ReasonFactory()
    factories.ReplyTemplateFactory()
    # Under the number of the service, which stands in the addresses of all of its screens.
    first = Service.objects.first()
    PrivacyProposal.objects.create(pk=first.pk, service=first, changes={}, proposed_by=people.admin)
    user = getattr(people, login)
    client = client_of(user)
    scope = scope_of(user)
    for viewset in desk_viewsets():
        row = viewset.model._default_manager.first()
        for address in addresses(viewset, row.pk if row else 1):
            if row is None and address.rstrip("/").endswith("/1"):
                continue
            response = client.get(address)
            if scope.everywhere(viewset.codename):
                assert response.status_code == 200, address
            else:
                assert response.status_code == 302, address
                assert response["Location"].split("?")[0] in ("/admin/", "/admin/login/")
                assert client.post(address, {"name_ar": "x"}).status_code == 302


def test_a_superuser_holds_no_codename_by_being_one(client_of, catalogue):
    root = factories.UserFactory(is_superuser=True, is_staff=True)
    for viewset in desk_viewsets():
        assert client_of(root).get(reverse(viewset.get_url_name("index"))).status_code == 302


def test_no_chooser_lists_the_core(catalogue):
    from django.urls import get_resolver

    core = {"entity", "place", "service", "report", "membership", "sender"}
    namespaces = {str(name).lower() for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert not {name for name in namespaces if "choose" in name and any(word in name for word in core)}


def form_of(client, address):
    form = client.get(address).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if value is True:
            data[bound.html_name] = "on"
        elif value not in (None, False, ""):
            data[bound.html_name] = value
    return data


def test_an_entitys_setting_changes_what_its_specialists_see_and_is_audited(
    client_of, people, catalogue, report
):
    client = client_of(people.supervisor)
    address = reverse("entities:edit", args=[catalogue.north.pk])
    assert not scope_of(people.specialist_b).has("view_reports", catalogue.north.pk)
    data = form_of(client, address)
    assert client.post(address, {**data, "specialists_see_all": "on"}).status_code == 302
    assert scope_of(people.specialist_b).has("view_reports", catalogue.north.pk)
    event = AuditEvent.objects.get(code="configuration_changed")
    assert event.actor == people.supervisor
    assert event.subject == f"entity:{catalogue.north.pk}"
    assert "specialists_see_all" in event.data["changes"]


def test_a_new_node_goes_under_its_parent(client_of, people, catalogue):
    response = client_of(people.supervisor).post(
        reverse("places:add"),
        {
            "code": "town.new",
            "kind": "district",
            "name_ar": "حي",
            "name_en": "New",
            "precision": "exact",
            "parent": catalogue.town.pk,
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    assert Place.objects.get(code="town.new").get_parent() == catalogue.town
    client_of(people.supervisor).post(
        reverse("entities:add"),
        {
            "code": "roads",
            "kind": "authority",
            "name_ar": "طرق",
            "name_en": "Roads",
            "short_name_ar": "طرق",
            "short_name_en": "Roads",
            "calendar": catalogue.calendar.pk,
            "is_active": "on",
        },
    )
    assert Entity.objects.get(code="roads").is_root()


def test_two_routing_rules_that_tie_are_refused(client_of, people, catalogue):
    before = RoutingRule.objects.count()
    response = client_of(people.supervisor).post(
        reverse("routing:add"),
        {"service": catalogue.lamp.pk, "place": catalogue.town.pk, "entity": catalogue.water.pk},
    )
    assert response.status_code == 200
    assert RoutingRule.objects.count() == before


def test_a_service_is_saved_with_its_questions(client_of, people, catalogue):
    client = client_of(people.supervisor)
    address = reverse("services:edit", args=[catalogue.lamp.pk])
    data = form_of(client, address)
    data |= {"keywords_ar": "انارة، لمبة", "keywords_en": "lamp"}
    question = catalogue.lamp.intake_questions.get()
    data |= {
        "questions-TOTAL_FORMS": 2,
        "questions-INITIAL_FORMS": 1,
        "questions-0-id": question.pk,
        "questions-0-order": 0,
        "questions-0-code": "since",
        "questions-0-label_ar": "منذ متى؟",
        "questions-0-label_en": "Since when?",
        "questions-0-type": "choice",
        "questions-0-choices": "day | يوم | A day\nweek | أسبوع | A week",
        "questions-1-order": 1,
        "questions-1-code": "how",
        "questions-1-label_ar": "كيف؟",
        "questions-1-label_en": "How?",
        "questions-1-type": "text",
        "questions-1-show_when": "since = week",
    }
    response = client.post(address, data)
    assert response.status_code == 302, (
        response.context["form"].errors,
        response.context["form"].questions.errors,
    )
    service = Service.objects.get(pk=catalogue.lamp.pk)
    assert service.keywords_ar == ["انارة", "لمبة"]
    first, second = service.intake_questions.order_by("order")
    assert first.choices[1] == {"code": "week", "name_ar": "أسبوع", "name_en": "A week"}
    assert second.show_when == {"question": "since", "equals": "week"}


def test_other_hours_are_a_new_version_and_the_old_one_stays(client_of, people, catalogue, report):
    client = client_of(people.supervisor)
    address = reverse("calendars:edit", args=[catalogue.calendar.pk])
    data = form_of(client, address)
    due = report.next_due_at
    assert client.post(address, data).status_code == 302
    assert CalendarVersion.objects.filter(calendar=catalogue.calendar).count() == 1
    assert client.post(address, {**data, "sun_from": "09:00", "sun_to": "12:00"}).status_code == 302
    versions = Calendar.objects.get(pk=catalogue.calendar.pk).versions
    assert versions.get(number=2).hours["week"][6] == [[540, 720]]
    assert versions.get(number=1).hours["from"] == "07:30"
    report.refresh_from_db()
    assert report.next_due_at == due
    assert client_of(people.coordinator).get("/admin/queue/").status_code == 200


def test_a_membership_is_granted_and_ended_with_an_audit_event_each(client_of, people, catalogue):
    newcomer = factories.UserFactory()
    client = client_of(people.admin)
    response = client.post(
        reverse("memberships:add"),
        {
            "person": newcomer.pk,
            "role": "coordinator",
            "entity": catalogue.water.pk,
            "valid_from": "2026-01-01 00:00",
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    membership = Membership.objects.get(person=newcomer)
    assert scope_of(newcomer).has("assign_reports", catalogue.water.pk)
    client.post(
        reverse("memberships:edit", args=[membership.pk]),
        {"valid_until": "2026-01-02 00:00", "person": people.editor.pk},
    )
    membership.refresh_from_db()
    assert membership.person == newcomer
    assert not scope_of(newcomer).has("assign_reports", catalogue.water.pk)
    codes = list(AuditEvent.objects.order_by("id").values_list("code", flat=True))
    assert codes[-2:] == ["membership_granted", "membership_revoked"]


def test_a_region_role_with_an_entity_is_refused(client_of, people, catalogue):
    response = client_of(people.admin).post(
        reverse("memberships:add"),
        {
            "person": people.editor.pk,
            "role": "supervisor",
            "entity": catalogue.water.pk,
            "valid_from": "2026-01-01 00:00",
        },
    )
    assert response.status_code == 200
    assert response.context["form"].errors


def test_who_keeps_people_makes_no_superuser_and_writes_no_password_down(client_of, people):
    client = client_of(people.admin)
    root = factories.UserFactory(is_superuser=True)
    assert client.get(reverse("people:edit", args=[root.pk])).status_code == 404
    client.post(
        reverse("people:add"),
        {
            "username": "newcomer",
            "name_ar": "جديد",
            "is_active": "on",
            "is_superuser": "on",
            "new_password": "a-long-and-rare-phrase",
        },
    )
    newcomer = User.objects.get(username="newcomer")
    assert not newcomer.is_superuser
    assert newcomer.check_password("a-long-and-rare-phrase")
    assert "a-long-and-rare-phrase" not in json.dumps([e.data for e in AuditEvent.objects.all()])


def test_the_outbox_masks_whom_it_was_sent_to(client_of, people, catalogue):
    SentMessage.objects.create(
        channel="sms", to="+966550000018", language="ar", text="نص", effect_key="k", created_at=timezone.now()
    )
    body = client_of(people.admin).get(reverse("outbox:index")).content.decode()
    assert "نص" in body
    assert "+966550000018" not in body


def test_the_outbox_keeps_numbers_and_addresses_whole_and_says_when_it_was_sent(client_of, people, catalogue):
    """What a night held back was made before it was sent."""
    sent = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
    SentMessage.objects.create(
        channel="sms",
        to="+966550000018",
        language="ar",
        text="تم الرد على QS-26-JQ2CF88-9 …/t/••••، وشكرًا لك و<b>.",
        effect_key="k",
        state="sent",
        created_at=sent - timedelta(hours=5),
        sent_at=sent,
    )
    body = client_of(people.admin).get(reverse("outbox:index")).content.decode()
    number, address = '<bdi dir="ltr">QS-26-JQ2CF88-9</bdi>', '<bdi dir="ltr">…/t/••••</bdi>'
    assert f"تم الرد على {number} {address}، وشكرًا لك و&lt;b&gt;." in body
    with translation.override("ar"):
        shown = words.moment(sent, timezone.now()), words.moment(sent - timedelta(hours=5), timezone.now())
    assert shown[0] != shown[1]
    assert all(moment in body for moment in shown)


def test_the_empty_list_of_what_waits_is_good_arabic(client_of, people, catalogue):
    body = client_of(people.admin).get(reverse("pending:index")).content.decode()
    assert "لا توجد أعمال لعرضها" in body
    assert "الآثار" not in body
    assert "آخر دخول" in client_of(people.admin).get(reverse("people:index")).content.decode()


def test_signing_in_and_failing_to_are_audited(client, people):
    client.post("/admin/login/", {"login": "coordinator", "password": "wrong"})
    client.post("/admin/login/", {"login": "coordinator", "password": "only-for-tests"})
    codes = list(AuditEvent.objects.order_by("id").values_list("code", flat=True))
    assert codes == ["sign_in_failed", "sign_in"]
    assert AuditEvent.objects.get(code="sign_in").actor == people.coordinator


def test_roles_are_codenames_that_the_screens_ask_for():
    held = {codename for role in ROLES.values() for codename in role.codenames}
    assert {viewset.codename for viewset in desk_viewsets()} <= held

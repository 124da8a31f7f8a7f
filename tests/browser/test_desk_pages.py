"""axe on every page of the desk, each by the one whose page it is, with one set of data."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page
from wagtail.admin.viewsets import viewsets
from wagtail.users.models import UserProfile

from cms.desk.models import SavedSearch, SavedView, SearchExport, SearchWatch
from cms.desk.viewsets.guarded import DeskViewSet
from cms.entities import weakening
from cms.entities.models import Escalation, EscalationStep, Handover, Occasion, RoutingRule, Service
from cms.gateways.models import Circuit, SenderName, SmsGateway, Webhook, WebhookDelivery
from cms.gateways.ready_made import READY_MADE
from cms.notifications.models import Rule, SentMessage, SmsTemplate
from cms.outbox import lines
from cms.outbox.models import Effect
from cms.reports.deadlines import due
from cms.reports.models import Deadline, Postponement, Report
from cms.reports.postponing import plans
from cms.reports.promises import calendar_of
from permissions import audit
from permissions.models import User
from search.models import Synonym
from search.scope import LINE
from tests import axe, factories
from tests.desk.tables import edited, upload

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Each page in one of them, by turns: a list in one and the form that it leads to in the other. In both is
# `script/prove looks`; what the desk draws itself the tests of what it does look at too.
LOOKS = [("ar", "light", PHONE), ("en", "dark", LAPTOP)]
EVERY = os.environ.get("SAWT_LOOKS") == "all"
Visit = tuple[User | None, str]


def of_viewsets(codenames: set[str]) -> Iterator[str]:
    """The list of each, its form for a new row and that of its first one, as far as it has them."""
    reverse("wagtailadmin_home")
    for viewset in viewsets.viewsets:
        for one in getattr(viewset, "registerables", [viewset]):
            if not isinstance(one, DeskViewSet) or one.codename not in codenames:
                continue
            yield reverse(one.get_url_name("index"))
            # Of personal grants those alone that one person gives.
            row = one.model._default_manager.order_by("-pk" if one.name == "grants" else "pk").first()
            assert row is not None, one.name
            if "add" in one.actions:
                yield reverse(one.get_url_name("add"))
            if "change" in one.actions:
                yield reverse(one.get_url_name("edit"), args=[row.pk])


def of_rules() -> list[str]:
    """What trying the rules answers, and what deleting one would move."""
    rule = RoutingRule.objects.order_by("pk").first()
    assert rule is not None
    tried = f"{reverse('routing:try')}?service=lamp&place=town.safra"
    return [reverse("routing:try"), tried, reverse("routing:delete", args=[rule.pk])]


@pytest.fixture
def configured(people: factories.People) -> None:
    """Something in every list."""
    now = timezone.now()
    factories.ReasonFactory(code="a", used_for="reject")
    factories.ReasonFactory(code="call", used_for="reveal")
    factories.ReplyTemplateFactory(code="a", situation="apology", for_action="answer")
    texts = {"text_ar": "رُد عليك.", "text_en": "Replied."}
    SmsTemplate.objects.update_or_create(event="answer", audience="sender", defaults=texts)
    told, _new = SmsTemplate.objects.update_or_create(event="submit", audience="coordinator", defaults=texts)
    Rule.objects.get_or_create(
        event="submit", audience="coordinator", channel="inbox", defaults={"template": told}
    )
    SmsGateway.objects.create(**READY_MADE["unifonic"])
    SenderName.objects.create(entity=people.coordinator.memberships.get().entity, name="Baladiya")
    hook = Webhook.objects.create(name="CRM", url="https://hook.example/", events=["answer"])
    told = {"event": "answer", "report_id": 1, "body": '{"type":"report.answer"}', "created_at": now}
    WebhookDelivery.objects.create(webhook=hook, message_id="msg_1", **told)
    sent = {"channel": "sms", "to": "+966551234567", "language": "ar", "text": "نص"}
    SentMessage.objects.create(event="answer", effect_key="a", created_at=now, **sent)
    given_up = {"kind": "sender_sms", "state": "failed", "last_error": "timeout"}
    Effect.objects.create(key="b", not_before=now, created_at=now, **given_up)
    SavedView.objects.create(person=people.coordinator, name="المتأخر", query="view=late")
    factories.grant(people.specialist, "submit_on_behalf", people.specialist.memberships.get().entity)
    audit.record("sign_in", actor=people.admin, client="127.0.0.1")


def handovers_of(people: factories.People, report: Report) -> list[str]:
    """One that is planned, and one that is done, with a report that it moved and one that it did not."""
    north, water = report.entity, people.specialist2.memberships.get().entity
    now = timezone.now()
    both = {"planned_by": people.admin, "planned_at": now}
    plan = Handover.objects.create(kind="merge", entity=north, target=water, people_move=True, **both)
    done = Handover.objects.create(kind="close", entity=water, target=north, state="stopped", **both)
    for outcome, code in (("moved", ""), ("to_triage", "about_entity"), ("failed", "error")):
        was = {"state": "assigned", "responsible": people.specialist.pk}
        row = report.pk if outcome == "moved" else 0
        what = "report" if outcome != "failed" else "confidential"
        done.steps.create(what=what, row=row, was=was, outcome=outcome, code=code, at=now)
    rule = water.routingrule_set.all()[0]
    was = {"subject": "leak", "place": "region"}
    done.steps.create(what="rule", row=rule.pk, was=was, outcome="moved", at=now)
    return [reverse("desk:handover", args=[one.pk]) for one in (plan, done)]


def days_off_of(people: factories.People) -> list[str]:
    """Days off that are planned for an open promise, the list, and a calendar that is being changed."""
    day = timezone.localdate() + timedelta(days=7)
    given = {"name_ar": "إجازة", "name_en": "Day off", "first_day": day, "last_day": day + timedelta(days=3)}
    occasion = Occasion.objects.create(code="day-off", kind="holiday", **given)
    for deadline in Deadline.objects.filter(promise="resolution", outcome="open"):
        deadline.minutes, deadline.due_at = 9000, due(deadline.starts_at, 9000, calendar_of(deadline))
        deadline.save()
    plan = plans.plan(occasion, by=people.admin)
    done = plans.plan(occasion, by=people.admin)
    Postponement.objects.filter(pk=done.pk).update(state="stopped")
    return [
        reverse("desk:postponements"),
        *(reverse("desk:postponement", args=[one.pk]) for one in (plan, done)),
        reverse("occasions:edit", args=[occasion.pk]),
    ]


def of_gateways() -> list[str]:
    """One that rests, with what was given up over it, and a webhook with a delivery."""
    now = timezone.now()
    resting = {"state": "open", "rests_until": now + timedelta(hours=1), "last_error": "gateway answered 503"}
    Circuit.objects.create(key="sms:environment", changed_at=now, **resting)
    hook = Webhook.objects.get()
    return [reverse("desk:failed"), reverse("desk:webhook", args=[hook.pk])]


def ladders() -> list[str]:
    """Those that are built in, with what they would send, and one of the region's own."""
    row = Escalation.objects.create(promise="resolution")
    given = {"audience": "entity_leader", "channel": "sms", "mode": "by_urgency", "event": "deadline_due"}
    EscalationStep.objects.create(escalation=row, position=100, **given)
    return [reverse("desk:ladders") + "?try=1", reverse("desk:ladder", args=[row.pk])]


def of_search(person: User) -> list[str]:
    """The page in each of its ways, with something saved, and a file in each state."""
    page, now = reverse("desk:search"), timezone.now()
    saved = SavedSearch.objects.create(person=person, name="المصابيح", query="q=عمود")
    SearchWatch.objects.create(search=saved, person=person, told_until=now.date(), new=2)
    for state in SearchExport.State.values:
        given = {"format": "csv", "language": "ar", "query": "q=عمود", "state": state}
        SearchExport.objects.create(person=person, created_at=now, rows=3, total=9, size=2048, **given)
    lines.run(LINE)
    ways = ("", "?q=عمود", "?q=zzzqq&place=town&state=zz", "?show=compare&q=", "?show=map", "?show=rising")
    pages = [f"{page}{quote(way, safe='?&=')}" for way in ways]
    return [*pages, f"{page}?layout=table", reverse("desk:searches"), reverse("desk:search_exports")]


def of_tables(person: User, *, bad: bool) -> list[str]:
    """What a file would change: its bad row, or its new and changed ones; and where it is chosen."""
    new = {"code": "t", "parent": "town", "kind": "district", "name_ar": "حي", "name_en": "Q"}
    content = edited(
        "places",
        lambda page: page.change("town", name_en="" if bad else "Big town", latitude=26.4),
        lambda page: page.add(**new, precision="exact"),
    )
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    check = upload(client, "places", content, name="أماكن 2026.xlsx").url
    return [check] if bad else [check, f"{check}?show=new", reverse("desk:table", args=["catalogue"])]


@pytest.fixture
def visits(configured: None, people: factories.People, report_in: Callable[..., Report]) -> list[Visit]:
    def of(report: Report, door: str = "report") -> str:
        return reverse(f"desk:{door}", args=[report.public_id])

    drafted, answered, triage = report_in("reply_drafted"), report_in("answered"), report_in("received")
    new = factories.submitted_report()
    home, queue = reverse("wagtailadmin_home"), reverse("desk:queue")
    own = ["wagtailadmin_account", "usersessions_list", "mfa_index", "account_reauthenticate"]
    kept = {"manage_catalogue", "manage_calendars", "manage_people", "manage_configuration"}
    sees = f"{reverse('desk:sees')}?person=coordinator"
    lists = [queue, f"{queue}?view=all", f"{queue}?q=zzz", reverse("desk:views")]
    reports = [of(new), of(drafted), of(answered), of(new, "mention"), of(new, "print")]
    plan, done = handovers_of(people, new)
    days_off = days_off_of(people)
    Synonym.objects.create(words_ar=["حفرة", "هبوط"], words_en=["pothole"])
    abuse = Service.objects.get(code="abuse")
    weaker = weakening.propose(abuse, {"privacy": "normal"}, by=people.supervisor, reason="قرار ٧")
    privacy = [reverse("services:confirm", args=[weaker.pk]), reverse("services:edit", args=[abuse.pk])]
    left = factories.UserFactory(username="left")
    by_person: list[tuple[User | None, list[str]]] = [
        (None, [reverse("wagtailadmin_login")]),
        (left, [reverse("wagtailadmin_login")]),
        (people.admin, privacy),
        (people.coordinator, [home, *lists, *reports, reverse("desk:sent"), reverse("desk:letter")]),
        (people.specialist, [home, of(drafted)]),
        (people.supervisor, [home, f"{queue}?view=triage", of(triage), *of_rules()]),
        (people.leader, [home, *of_search(people.leader)]),
        (people.emirate, [home]),
        (people.agent, [home, reverse("desk:centre"), reverse("desk:centre_entered")]),
        (people.auditor, [home, *of_viewsets({"view_audit"}), of(answered, "who"), of(answered, "alike")]),
        (people.admin, [home, *of_viewsets(kept), *map(reverse, own), reverse("desk:erasing"), sees]),
        (people.admin, [reverse("desk:handovers"), plan, done, *of_tables(people.admin, bad=True)]),
        (people.admin, ladders()),
        (people.supervisor, [*of_tables(people.supervisor, bad=False), *days_off]),
        (people.admin, [f"{reverse('services:index')}?kind=complaint&q=zzz", *of_gateways()]),
    ]
    return [(person, address) for person, addresses in by_person for address in addresses]


# A list of Wagtail's that has to be pushed sideways to be read.
PUSHED = """() => innerWidth < 600 && [...document.querySelectorAll("main table.listing")].some(table => {
  for (let box = table; box.matches("main *"); box = box.parentElement)
    if (box.scrollWidth > box.clientWidth + 1) return true;
  return table.getBoundingClientRect().width > innerWidth;
})"""


def looked_at(page: Page, theme: str, size: dict[str, int]) -> list[Any]:
    """What is wrong with the page that is open."""
    found: list[Any] = [(theme, violation) for violation in axe.violations(page)]
    if axe.is_too_wide(page):
        found.append((size["width"], "scrolls sideways"))
    if size is PHONE:
        found += [("small", target) for target in axe.small_targets(page)]
        if page.evaluate(PUSHED):
            found.append((size["width"], "a list scrolls sideways"))
    other = PHONE if size is LAPTOP else LAPTOP
    page.set_viewport_size(other)  # type: ignore[arg-type]
    if axe.is_too_wide(page):
        # Wagtail's sidebar goes only after the window has told its new width.
        page.wait_for_timeout(500)
        if axe.is_too_wide(page):
            found.append((other["width"], "scrolls sideways"))
    if page.evaluate(PUSHED):
        found.append((other["width"], "a list scrolls sideways"))
    page.set_viewport_size(size)  # type: ignore[arg-type]
    return found


def test_no_page_of_the_desk_has_a_violation(
    live_server: Any,
    people: factories.People,
    phone: Callable[..., Page],
    signed_in: Callable[[Page, User], None],
    visits: list[Visit],
) -> None:
    """By axe; at both widths nothing lies beside the screen, and a finger finds every control of a phone."""
    found: list[Any] = []
    assert len(visits) >= 55
    for turn, (language, theme, size) in enumerate(LOOKS):
        for user in User.objects.all():
            UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
        page, present = phone(theme=theme, size=size, touch=size is PHONE), None
        for person, address in visits if EVERY else visits[turn :: len(LOOKS)]:
            if person is not None and person != present:
                signed_in(page, person)
                present = person
            answer = page.goto(live_server.url + address)
            if answer is None or answer.status != 200 or page.url != live_server.url + address:
                found.append((language, address, answer and answer.status, page.url))
                continue
            found += [(language, address, *one) for one in looked_at(page, theme, size)]
    assert not found, "\n".join(str(one) for one in found)

"""One data set for every door: who knocks, and what there is behind it."""

import io
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image as Picture
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, Locale, Site, Task, Workflow
from wagtail_localize.models import Translation

from cms.content.demo_pages import EDITORS, load_pages
from cms.content.models import NewsPage
from cms.desk.models import Mention, SavedSearch, SavedView, SearchExport
from cms.desk.searching.exporting import fingerprint
from cms.entities import weakening
from cms.entities.models import Entity, Escalation, Handover, Membership, Occasion, RoutingRule, Service
from cms.gateways.models import SenderName, SmsGateway, Webhook
from cms.notifications.models import Notice, Rule, SmsTemplate
from cms.notifications.templates_data import load_templates
from cms.portal.access import OPENED, SENDER
from cms.reports import links as report_links
from cms.reports.actors import EntitySender
from cms.reports.files import links, storing
from cms.reports.models import Report
from cms.reports.postponing import plans
from permissions.models import User
from permissions.policy import scope_of
from search.models import Synonym
from tests import factories

from .reader import Reader

DATA = Path(settings.ROOT) / "cms" / "demo" / "data"
NOWHERE = 99_999_999
COMPARED = (
    r"^(?P<pk>\d+)/revisions/compare/"
    r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)/$"
)


@dataclass
class World:
    people: factories.People
    clients: dict[str, Client]
    # Kind → what its addresses are made of.
    reports: dict[str, dict[str, Any]]
    things: dict[str, Any]
    by_space: dict[str, Any]

    def values(self, route: Any, kind: str) -> dict[str, Any]:
        """What the address of this route is made of, for a report of this kind, or for 'missing'."""
        of_report = self.reports[kind if kind in self.reports else "north"]
        values = {**self.things, **of_report}
        space = route.key.rpartition(":")[0] or route.key
        if space in self.by_space:
            values["pk"] = self.by_space[space]
        if route.key == "desk:change_view":
            values["pk"] = of_report["view"]
        if route.key == "desk:change_search":
            values["pk"] = of_report["saved_search"]
        if route.key == "desk:search_export_file":
            values["pk"] = of_report["export"]
        if route.key == "services:confirm":
            values["pk"] = self.things["proposal"]
        if route.key == "desk:mention_seen":
            values["pk"] = of_report["mention"]
        if route.key == "desk:try_text":
            values["pk"] = self.by_space["message-texts"]
        if route.key in ("desk:inbox_open", "desk:inbox_mark"):
            values["pk"] = of_report["notice"]
        if route.key in ("desk:file", "desk:sent_file", "portal:file"):
            values["public_id"] = of_report["file"]
        if route.key.startswith("portal:act") or route.key == "desk:sent_act":
            values["action"] = "write"
        if route.key == "files:signed":
            # Anew each time: it lives for five minutes.
            signed = of_report["signed"]
            values["token"] = links.sign(*signed).rpartition("/")[2] if signed else "nobody"
        if kind == "missing":
            values |= {name: NOWHERE for name, value in values.items() if isinstance(value, int)}
        return values


def _client(user: User | None = None, **session: Any) -> Client:
    client = Reader(user)
    if session:
        kept = client.session
        kept.update(session)
        kept.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = kept.session_key
    return client


def _picture() -> ContentFile[bytes]:
    out = io.BytesIO()
    Picture.new("RGB", (8, 8)).save(out, "PNG")
    return ContentFile(out.getvalue(), "dot.png")


def _sender_of(report: Report, people: factories.People) -> Any:
    return EntitySender(people.coordinator) if report.sender_entity_id else factories.as_sender(report)


def _reports(people: factories.People, sender: Any) -> dict[str, dict[str, Any]]:
    walked = {"coordinator": people.coordinator, "specialist": people.specialist}

    def given(**more: Any) -> Report:
        return factories.submitted_report(files=factories.files_of(factories.upload()), **more)

    rows: dict[str, Report] = {
        "north": factories.report_in("assigned", report=given(sender=sender), **walked),
        "water": given(service="leak", answers={}),
        "secret": given(service="abuse", answers={}),
        "triage": factories.report_in("received", report=given(), **walked),
        # An entity's letter to another one.
        "letter": factories.letter(
            people.coordinator,
            sender="municipality.north",
            to="water",
            files=factories.files_of(factories.upload()),
        ),
    }
    found: dict[str, dict[str, Any]] = {}
    for kind, report in rows.items():
        file = report.attachments.get()
        found[kind] = {
            "report": report,
            "public_id": report.public_id,
            "reference": report.reference,
            "file": file.public_id,
            # To the file, as whom the sender asked for it; and to the report, as its message has it.
            "signed": (file, _sender_of(report, people)),
            "token": report_links.make(report, report.sender, at=timezone.now()).rpartition("/")[2],
        }
    found["missing"] = {
        "report": None,
        "public_id": uuid.uuid4(),
        "reference": "QS-26-0000000-0",
        "file": uuid.uuid4(),
        "signed": None,
        "token": "nobody",
    }
    return found


def _kept(people: factories.People, reports: dict[str, dict[str, Any]]) -> None:
    """A saved view, a call in a note and a notice, each of one person."""
    at = timezone.now()
    for kind, given in reports.items():
        given["view"] = given["mention"] = given["notice"] = NOWHERE
        given["saved_search"] = given["export"] = NOWHERE
        if kind not in ("north", "water"):
            continue
        whose = people.coordinator if kind == "north" else people.coordinator2
        given["view"] = SavedView.objects.create(person=whose, name=kind, query="view=all").pk
        given["saved_search"] = SavedSearch.objects.create(person=whose, name=kind, query="q=a").pk
        export = SearchExport.objects.create(person=whose, format="csv", language="ar", created_at=at)
        file = storing.storage().save(f"exports/{kind}.csv", ContentFile(b"QS"))
        held = fingerprint(scope_of(whose))
        SearchExport.objects.filter(pk=export.pk).update(state="done", file=file, held=held)
        given["export"] = export.pk
        note = given["report"].events.order_by("sequence").first()
        call = Mention.objects.create(event=note, report=given["report"], person=whose, by=whose, at=at)
        given["mention"] = call.pk
        told = Notice.objects.create(
            report=given["report"], person=whose, event="submit", audience="coordinator", key=kind, at=at
        )
        given["notice"] = told.pk


def _things() -> dict[str, Any]:
    """Parameter → the value that leads to something, whatever the route."""
    page = NewsPage.objects.filter(locale__language_code="ar")[0]
    revision = page.save_revision()
    image = Image.objects.create(title="dot", file=_picture())
    document = Document.objects.create(title="paper", file=ContentFile(b"paper", "paper.txt"))
    translation = Translation.objects.order_by("pk")[0]
    task = Task.objects.order_by("pk").first() or Task.objects.create(name="read it")
    workflow = Workflow.objects.order_by("pk").first() or Workflow.objects.create(name="one reads")
    return {
        "page_id": page.pk,
        "parent_page_id": page.get_parent().pk,
        "page_to_move_id": page.pk,
        "destination_id": page.get_parent().pk,
        "page_pk": page.pk,
        "revision_id": revision.pk,
        "image_id": image.pk,
        "document_id": document.pk,
        "doc_id": document.pk,
        "collection_id": Collection.objects.create(name="c", path="00010009", depth=2).pk,
        "redirect_id": Redirect.objects.create(old_path="/old", redirect_link="/").pk,
        "translation_id": translation.pk,
        "translation_source_id": translation.source_id,
        "task_id": task.pk,
        "workflow_pk": workflow.pk,
        "content_type_app_name": "content",
        "content_type_model_name": "newspage",
        "app_name": "content",
        "app_label": "content",
        "model_name": "tenantsettings",
        "object_id": str(page.pk),
        "action": "note",
        "action_name": "approve",
        "mode": "default",
        "workbook": "places",
        "handover": _handover(),
        "postponement": _postponement(),
        "ladder": Escalation.objects.create(promise="resolution").pk,
        "proposal": _proposal(),
        "name": "details",
        "gateway": "first",
        "webhook": Webhook.objects.create(name="W", url="https://hook.example/", events=["answer"]).pk,
        "signature": "0" * 40,
        "address": "x",
        "number": 1,
        "filter_spec": "width-100",
        "uidb64": "MQ",
        # Of these nothing is there: a door that is shut is shut before it looks.
        "task_state_id": NOWHERE,
        "workflow_state_id": NOWHERE,
        "session_id": NOWHERE,
        "string_segment_id": NOWHERE,
        "overridable_segment_id": NOWHERE,
        "uploaded_file_id": NOWHERE,
        "restriction_id": NOWHERE,
        "page_view_restriction_id": NOWHERE,
        "pk": NOWHERE,
        # Patterns that are no path with parameters.
        COMPARED: f"{page.pk}/revisions/compare/earliest...latest/",
        r"^.*/$": "no-such-page/",
        r"^(\d+)/(.*)$": f"{document.pk}/{document.filename}",
        r"^media/(?P<path>(?:images|original_images)/.+)$": f"media/{image.file.name}",
        r"^((?:[\w\-]+/)*)$": "",
    }


def _handover() -> int:
    """One that is planned: the water company would move below the emirate."""
    water, emirate = (Entity.objects.get(code=code) for code in ("water", "emirate"))
    by, at = User.objects.get(username="admin"), timezone.now()
    return Handover.objects.create(kind="move", entity=water, target=emirate, planned_by=by, planned_at=at).pk


def _gateway() -> SmsGateway:
    return SmsGateway.objects.create(code="first", name="First", url="https://sms.example/", body="{}")


def _occasion() -> Occasion:
    day = date(2027, 3, 4)
    given = {"kind": "holiday", "name_ar": "عيد", "name_en": "Eid", "first_day": day, "last_day": day}
    return Occasion.objects.get_or_create(code="eid", defaults=given)[0]


def _postponement() -> int:
    """One that is planned: a day of Eid."""
    return plans.plan(_occasion(), by=User.objects.get(username="admin")).pk


def _proposal() -> int:
    """One of weaker privacy, which waits."""
    service, by = Service.objects.get(code="abuse"), User.objects.get(username="admin")
    return weakening.propose(service, {"privacy": "normal"}, by=by, reason="r").pk


def _by_space(people: factories.People, things: dict[str, Any]) -> dict[str, Any]:
    """Namespace → the `pk` of one of its rows."""
    rules = RoutingRule.objects.order_by("pk")
    rule = rules[0]
    water = people.specialist2.memberships.get().entity
    return {
        "services": rule.service_id,
        "categories": rule.service.category_id,
        "routing": rule.pk,
        "reply-templates": factories.ReplyTemplateFactory().pk,
        "reasons": factories.ReasonFactory(code="door").pk,
        "synonyms": Synonym.objects.create(words_ar=["باب", "مدخل"]).pk,
        "entities": rule.entity_id,
        "places": rule.place_id,
        "memberships": Membership.objects.get(person=people.coordinator).pk,
        "grants": factories.grant(people.specialist2, "submit_on_behalf", water).pk,
        "people": people.specialist.pk,
        "message-texts": SmsTemplate.objects.order_by("pk")[0].pk,
        "message-rules": Rule.objects.order_by("pk")[0].pk,
        "calendars": rule.entity.calendar_id,
        "sms-gateways": _gateway().pk,
        "webhooks": things["webhook"],
        "sender-names": SenderName.objects.create(entity=water, name="Water").pk,
        "occasions": _occasion().pk,
        "wagtaillocales": Locale.objects.order_by("pk")[0].pk,
        "wagtailsites": Site.objects.order_by("pk")[0].pk,
        "wagtailusers_users": people.specialist.pk,
        "wagtailusers_groups": Group.objects.get(name=EDITORS).pk,
        "wagtailadmin_collections": things["collection_id"],
        "wagtailadmin_workflows": things["workflow_pk"],
        "wagtailsettings": Site.objects.order_by("pk")[0].pk,
        "wagtailadmin_api:pages": things["page_id"],
        "wagtailadmin_api:documents": things["document_id"],
        "wagtailadmin_api:images": things["image_id"],
        "wagtailimages_chooser": things["image_id"],
        "wagtaildocs_chooser": things["document_id"],
    }


def _clients(people: factories.People, reports: dict[str, dict[str, Any]], others: Any) -> dict[str, Client]:
    """Staff by role, an account without any, one that Django calls a superuser, and three on the site."""
    staff = {
        "coordinator": people.coordinator,
        "coordinator above": people.coordinator3,
        "coordinator of water": people.coordinator2,
        "specialist": people.specialist,
        "specialist beside": people.specialist_b,
        "leader": people.leader,
        "supervisor": people.supervisor,
        "emirate": people.emirate,
        "auditor": people.auditor,
        "agent": people.agent,
        "editor": people.editor,
        "admin": people.admin,
        "triage": people.triage_confidential,
        "grantee": people.grantee,
        "no role": factories.UserFactory(username="nobody"),
        "superuser": factories.UserFactory(username="root", is_superuser=True, is_staff=True),
    }
    return {
        "stranger": _client(),
        "sender": _client(**{OPENED: [reports["north"]["report"].pk]}),
        "other sender": _client(**{SENDER: others.pk}),
        **{name: _client(user) for name, user in staff.items()},
    }


def build() -> World:
    people = factories.small_staff(factories.small_catalogue())
    load_pages(DATA)
    load_templates()
    sender, other = factories.SenderFactory(), factories.SenderFactory()
    people.editor.groups.add(Group.objects.get(name=EDITORS))
    reports = _reports(people, sender)
    _kept(people, reports)
    things = _things()
    return World(people, _clients(people, reports, other), reports, things, _by_space(people, things))

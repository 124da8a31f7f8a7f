"""Trying the routing rules: where a report that nobody has sent would go, and what became of each rule.

The answer is that of `submit` itself (`actions.destination`); nothing is kept and nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic

from cms.entities.asking import groups_of_places
from cms.entities.ladder import Outcome, Rung, ladder
from cms.entities.memberships import people_of
from cms.entities.models import Entity, Place, Privacy, Service
from cms.entities.naming import in_language
from cms.entities.routing import Routed
from cms.entities.snapshot import Catalogue, catalogue
from cms.reports import promises
from cms.reports.actions.destination import destination
from cms.reports.actions.letters import CheckedLetter, Letter, check_letter
from cms.reports.errors import DomainError
from cms.reports.models import Deadline, Report
from cms.reports.workflow import State, sender_state

from ..viewsets.guarded import GuardedMixin

# Rules for other places: enough to see what there is.
MOST_ELSEWHERE = 20
# What stands in the place of a letter's own number.
NO_NUMBER = "…"
# Fields of the domain's errors → ours.
FIELDS = {"fromEntity": "sender", "toEntity": "to", "aboutEntity": "about"}


def _by_category(services: list[Service]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for service in services:
        groups.setdefault(service.category.name, []).append((service.code, service.name))
    return list(groups.items())


def _places() -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for group in groups_of_places():
        rest = gettext("elsewhere in it")
        names = [
            (one.code, f"{one.name} – {rest}" if one == group.head and group.places else one.name)
            for one in group.options
        ]
        found.append((group.head.name, names))
    return found


class TryForm(forms.Form):
    """What the routing looks at. Codes, as a submission gives them."""

    some_may_stay_empty = True

    service = forms.ChoiceField(label=_("Service"))
    place = forms.ChoiceField(label=_("Place"))
    about = forms.ChoiceField(
        label=_("It complains about"),
        required=False,
        help_text=_("It never goes to that entity, nor to one below it."),
    )
    sender = forms.ChoiceField(
        label=_("An entity sends it"),
        required=False,
        help_text=_("It never comes back to who sent it."),
    )
    to = forms.ChoiceField(
        label=_("Addressed to"),
        required=False,
        help_text=_("A letter goes to the entity that it names, whatever the rules say."),
    )

    def __init__(self, *args: Any, cat: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cat = cat
        self.letter: CheckedLetter | None = None
        entities = [(one.code, "\u2003" * (one.depth - 1) + one.name) for one in cat.entities]
        choices = {
            "service": [("", gettext("Choose a service")), *_by_category(cat.services)],
            "place": [("", gettext("Choose a place")), *_places()],
            "about": [("", gettext("No entity")), *entities],
            "sender": [("", gettext("No, a person does")), *entities],
            "to": [("", gettext("Whoever answers for this service there")), *entities],
        }
        for name, given in choices.items():
            self.fields[name].choices = given  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        sender, to = data.get("sender") or "", data.get("to") or ""
        if to and not sender:
            self.add_error("to", gettext("Only an entity addresses its letter: say which one sends it."))
        elif sender:
            given = Letter(sender=sender, to=to, number=NO_NUMBER)
            about = self.cat.entity(data.get("about") or "")
            self.letter, wrong = check_letter(given, about, self.cat)
            for error in wrong:
                self._refuse(error)
        return data

    def _refuse(self, error: DomainError) -> None:
        name = FIELDS.get(str(error.field[0])) if error.field else None
        self.add_error(name, error.message)


@dataclass(frozen=True)
class Promise:
    label: str
    due: datetime


@dataclass(frozen=True)
class Answer:
    """`set_aside`: a rule fits, and something that no rule decides goes before it."""

    routed: Routed
    service: Service
    place: Place
    reason: str
    promised: list[Promise]
    sender_reads: str
    coordinators: list[str]
    rungs: list[Rung]
    elsewhere: list[Rung]
    more_elsewhere: int
    entities: dict[int, Entity] = field(default_factory=dict)

    @property
    def set_aside(self) -> bool:
        return self.routed.rule is None and any(rung.outcome is Outcome.WINS for rung in self.rungs)

    @property
    def wants_a_rule(self) -> bool:
        """Whether one would send it somewhere: none fits, and nothing goes before the rules."""
        return not self.service.goes_to_triage and not any(rung.wins for rung in self.rungs)

    @property
    def is_confidential(self) -> bool:
        return self.service.privacy == Privacy.CONFIDENTIAL

    @property
    def ladder(self) -> list[tuple[Rung, Entity]]:
        return [(rung, self.entities[rung.rule.entity_id]) for rung in self.rungs]

    @property
    def beside(self) -> list[tuple[Rung, Entity]]:
        return [(rung, self.entities[rung.rule.entity_id]) for rung in self.elsewhere]


def answer(form: TryForm, at: datetime) -> Answer | None:
    """Of a form that is valid."""
    cat, data = form.cat, form.cleaned_data
    service, place = cat.service(data["service"]), cat.place(data["place"])
    if service is None or place is None:
        return None
    about = cat.entity(data["about"]) if data["about"] else None
    routed = destination(service, place, cat, about=about, letter=form.letter)
    rungs = ladder(service, place, cat)
    fits, elsewhere = [one for one in rungs if one.fits], [one for one in rungs if not one.fits]
    shown = elsewhere[:MOST_ELSEWHERE]
    labels = dict(Deadline.Promise.choices)
    state = State.WITH_ENTITY if routed.entity else State.RECEIVED
    return Answer(
        routed=routed,
        service=service,
        place=place,
        reason=in_language(routed, "reason"),
        promised=[
            Promise(str(labels[one.promise]), one.due_at)
            for one in promises.promised(service, routed.entity, at, cat, place=place)
        ],
        sender_reads=str(sender_state(state).label),
        coordinators=[person.name for person in people_of(routed.entity, "assign_reports")]
        if routed.entity
        else [],
        rungs=fits,
        elsewhere=shown,
        more_elsewhere=len(elsewhere) - len(shown),
        # Those of closed ones too.
        entities=Entity.objects.in_bulk({one.rule.entity_id for one in (*fits, *shown)}),
    )


def address_of(report: Report, cat: Catalogue) -> str:
    """Where one tries what this report is; nothing where the catalogue knows it no longer."""
    service, place = cat.service_by_id(report.service_id), cat.place_by_id(report.place_id)
    if service is None or place is None:
        return ""
    about, sender = cat.entity_by_id(report.about_entity_id), cat.entity_by_id(report.sender_entity_id)
    given = {"service": service, "place": place, "about": about, "sender": sender}
    codes = {name: row.code for name, row in given.items() if row is not None}
    return f"{reverse('routing:try')}?{urlencode(codes)}"


class TryView(GuardedMixin, generic.base.WagtailAdminTemplateMixin, generic.base.View):
    """A form by GET: what was tried can be bookmarked and sent to a colleague."""

    permission_policy: Any = None
    index_url_name = ""
    template_name = "desk/routing/try.html"
    page_title = _("Why does it go there?")
    header_icon = "help"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        rules = {"url": reverse(self.index_url_name), "label": gettext("Routing rules")}
        return [*self.breadcrumbs_items, rules, {"url": "", "label": self.get_page_title()}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        cat = catalogue()
        form = TryForm(request.GET if "service" in request.GET or "place" in request.GET else None, cat=cat)
        found = answer(form, timezone.now()) if form.is_bound and form.is_valid() else None
        context = {
            "form": form,
            "answer": found,
            "rules": len(cat.rules),
            "may_add": self.permission_policy.user_has_permission(request.user, "add"),
        }
        if getattr(request, "htmx", False):
            return render(request, "desk/routing/answer.html", context)
        return self.render_to_response(self.get_context_data(**context))

"""What one person can see, and through what: for who answers for who may see what.

Whoever asks learns nothing of reports that they do not see themselves: those are counted by nobody, and a
question about one of them is answered as one about a number that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cms.entities.models import Entity
from cms.reports.actors import StaffActor
from cms.reports.errors import DomainError
from cms.reports.models import Report
from cms.reports.reach import Reach, reach_of
from cms.reports.reference import parse
from cms.reports.sight import Sight, sight_of
from cms.reports.workflow import State
from permissions.models import User
from permissions.policy import Scope, scope_of

from .access import OVERSEES, scope_of_request, sees_reports
from .queue.tabs import Tab, counts, shown_count
from .viewsets.proposed import PersonChoiceField

# Entities that one statement counts, so that its parameters stay within SQLite's.
AT_ONCE = 50


def answers_for_access(scope: Scope) -> bool:
    return any(scope.everywhere(codename) for codename in (*OVERSEES, "manage_people"))


class QuestionForm(forms.Form):
    person = PersonChoiceField(queryset=User.objects.none(), to_field_name="username", label=_("Person"))
    reference = forms.CharField(
        label=_("Number of a report"),
        required=False,
        max_length=60,
        help_text=_("Empty: only what they can see in general."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.order_by("name_ar", "username")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Count:
    label: str
    shown: str
    depth: int = 1


@dataclass(frozen=True)
class Asked:
    """The answer about one number. `sight` None: the asker sees no such report, or there is none."""

    reference: str
    report: Report | None = None
    sight: Sight | None = None


def _counted(
    labels: dict[str, Any], narrow: Callable[[Any, str], Any], asker: StaffActor, scope: Scope
) -> dict[str, int]:
    """Code → how many of what the asker sees, each up to 1,000 and one."""

    def of(code: str) -> Tab:
        return Tab(code, labels[code], lambda scope: True, lambda rows, scope, times: narrow(rows, code))

    found: dict[str, int] = {}
    codes = list(labels)
    for start in range(0, len(codes), AT_ONCE):
        some = [of(code) for code in codes[start : start + AT_ONCE]]
        found |= counts(some, asker, scope, timezone.now())
    return found


def _by_state(person: StaffActor, theirs: Scope, asker: StaffActor, scope: Scope) -> list[Count]:
    labels = {state.value: state.label for state in State}

    def narrow(rows: Any, code: str) -> Any:
        return rows.visible_to(person, theirs).filter(state=code)

    found = _counted(labels, narrow, asker, scope)
    return [Count(str(labels[code]), shown_count(n)) for code, n in found.items() if n]


def _by_entity(person: StaffActor, theirs: Scope, asker: StaffActor, scope: Scope) -> list[Count]:
    everywhere = theirs.everywhere("view_reports")
    entities = Entity.objects.order_by("path")
    if not everywhere:
        entities = entities.filter(pk__in=theirs.at("view_reports") | theirs.at("view_assigned_reports"))
    known = {str(entity.pk): entity for entity in entities}
    labels = {"none": gettext("In triage, with no entity"), **{pk: e.name for pk, e in known.items()}}

    def narrow(rows: Any, code: str) -> Any:
        return rows.visible_to(person, theirs).filter(entity_id=None if code == "none" else int(code))

    found = _counted(labels, narrow, asker, scope)
    return [
        Count(labels[code], shown_count(n), known[code].depth if code in known else 1)
        for code, n in found.items()
        if n
    ]


def _asked(typed: str, person: User, asker: StaffActor, scope: Scope) -> Asked:
    try:
        reference = parse(typed, settings.SAWT_REFERENCE_PREFIX)
    except DomainError:
        return Asked(typed)
    report = (
        Report.objects.visible_to(asker, scope).select_related("entity").filter(reference=reference).first()
    )
    if report is None:
        return Asked(typed)
    return Asked(reference, report, sight_of(person, report, at=timezone.now()))


def _context(request: HttpRequest, scope: Scope, person: User, typed: str) -> dict[str, Any]:
    now = timezone.now()
    theirs, asker = scope_of(person, at=now), StaffActor(request.user)  # type: ignore[arg-type]
    actor = StaffActor(person)
    reach: Reach = reach_of(person, at=now)
    seeing = sees_reports(scope)
    return {
        "person": person,
        "reach": reach,
        "groups": person.groups.order_by("name"),
        "kin": Entity.objects.filter(pk__in=theirs.kin).order_by("path"),
        "counting": seeing,
        "by_state": _by_state(actor, theirs, asker, scope) if seeing else [],
        "by_entity": _by_entity(actor, theirs, asker, scope) if seeing else [],
        "asked": _asked(typed, person, asker, scope) if typed and seeing else None,
    }


@require_safe
def sees_page(request: HttpRequest) -> HttpResponse:
    scope = scope_of_request(request)
    if not answers_for_access(scope):
        raise PermissionDenied
    form = QuestionForm(request.GET or None)
    if not sees_reports(scope):
        del form.fields["reference"]
    title = gettext("What can this person see?")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "view",
        "form": form,
    }
    if form.is_valid():
        context |= _context(
            request, scope, form.cleaned_data["person"], form.cleaned_data.get("reference", "").strip()
        )
    return render(request, "desk/sees.html", context)

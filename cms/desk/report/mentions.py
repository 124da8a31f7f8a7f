"""A note that calls colleagues who may see the report. They find it on their first page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cms.notifications.audiences import Audience
from cms.notifications.inbox import mark_read_by_key
from cms.notifications.telling import tell
from cms.reports.actions import note
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Event, Report
from cms.reports.policies import available_actions
from cms.reports.sight import who_can_see
from permissions.models import User
from permissions.policy import Scope

from ..access import actor_of_request, scope_of_request, sees_reports
from ..models import Mention
from .screen import visible_report

# As many as one home page shows; older ones wait behind them.
SHOWN = 8


def colleagues(report: Report, user: User, at: datetime) -> list[User]:
    """Everybody but the writer who sees the report, and so reads its notes: two queries a person."""
    return [sight.person for sight in who_can_see(report, at=at) if sight.sees and sight.person.pk != user.pk]


class MentionForm(forms.Form):
    text = forms.CharField(
        label=_("New note"),
        max_length=4000,
        help_text=_("The sender does not read it; the staff who may see this report do."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    people = forms.TypedMultipleChoiceField(
        label=_("Who is called"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, people: Sequence[User], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="mention-%s")
        self.named = {person.pk: person for person in people}
        self.fields["people"].choices = [(person.pk, person.name) for person in people]  # type: ignore[attr-defined]

    def written(self) -> str:
        """The note as it is kept: whom it calls stands in its words."""
        called = " ".join(f"@{self.named[pk].name}" for pk in self.cleaned_data["people"])
        return f"{called}\n{self.cleaned_data['text']}"


def note_and_call(report: Report, text: str, people: Sequence[int], *, actor: StaffActor) -> list[Mention]:
    """One note, and a row for each person called, in one transaction."""
    with transaction.atomic():
        noted = note(report.pk, actor=actor, text=text)
        event = Event.objects.get(report=noted, sequence=noted.event_count)
        calls = Mention.objects.bulk_create(
            Mention(report=noted, event=event, person_id=pk, by=actor.user, at=event.at) for pk in people
        )
        tell(
            User.objects.filter(pk__in=people),
            event="mention",
            audience=Audience.MENTIONED,
            key=news_key(event.pk),
            report=noted,
            at=event.at,
        )
        return calls


def news_key(event_id: int) -> str:
    return f"mention:{event_id}"


@require_http_methods(["GET", "HEAD", "POST"])
def mention(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    scope, actor = scope_of_request(request), actor_of_request(request)
    report = visible_report(public_id, actor, scope)
    if "note" not in available_actions(actor, report, scope):
        raise PermissionDenied
    people = colleagues(report, actor.user, timezone.now())
    if request.method != "POST":
        return _page(request, report, MentionForm(people))
    form = MentionForm(people, request.POST)
    if not form.is_valid():
        return _page(request, report, form, status=422)
    try:
        note_and_call(report, form.written(), form.cleaned_data["people"], actor=actor)
    except DomainError as error:
        if error.code == Code.NOT_FOUND and not error.field:
            raise Http404 from None
        form.add_error("text" if error.field == ("text",) else None, error.message)
        return _page(request, report, form, status=422)
    messages.success(request, gettext("The note is written, and they are called."))
    return redirect("desk:report", public_id)


def _page(request: HttpRequest, report: Report, form: MentionForm, status: int = 200) -> HttpResponse:
    fragment = "fragment" in request.GET
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": reverse("desk:report", args=[report.public_id]), "label": report.reference},
            {"url": "", "label": gettext("Call a colleague")},
        ],
        "header_title": gettext("Call a colleague"),
        "header_icon": "comment",
        "report": report,
        "form": form,
    }
    template = "desk/mention_form.html" if fragment else "desk/mention.html"
    return render(request, template, context, status=status)


def unread(user: User, scope: Scope) -> list[Mention]:
    """What calls this person, unread, of reports that they see now; the newest first. One query."""
    seen = Report.objects.visible_to(StaffActor(user), scope).filter(pk=OuterRef("report_id"))
    mine = Mention.objects.filter(Exists(seen), person=user, seen_at=None)
    rows = mine.select_related("report", "by").only(
        "at",
        "report__reference",
        "report__public_id",
        "report__title",
        "by__name_ar",
        "by__name_en",
        "by__username",
    )
    return list(rows.order_by("-at", "-pk")[:SHOWN])


@require_POST
def mention_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else's call answers as a missing one."""
    if not sees_reports(scope_of_request(request)):
        raise PermissionDenied
    if not Mention.objects.filter(pk=pk, person_id=request.user.pk).exists():
        raise Http404
    now = timezone.now()
    Mention.objects.filter(pk=pk, seen_at=None).update(seen_at=now)
    event_id = Mention.objects.values_list("event_id", flat=True).get(pk=pk)
    mark_read_by_key(actor_of_request(request).user, news_key(event_id), at=now)
    return redirect("wagtailadmin_home")

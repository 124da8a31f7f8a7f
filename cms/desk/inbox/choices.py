"""What one is told, and when: within what the table of rules leaves to each person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.entities.models.escalation import EscalationStep
from cms.entities.snapshot import catalogue
from cms.notifications.digests import EVENTS as DIGESTS
from cms.notifications.models import Audience, Channel, Choice, Preferences, Rule
from cms.notifications.people import AUDIENCES
from cms.notifications.titles import OF_LADDERS, event_title
from permissions.models import User
from permissions.policy import Scope

from ..access import actor_of_request, sees_reports
from .pages import guarded

# The one that binds most wins, where somebody is of several audiences.
BINDS = (Rule.Mode.ALWAYS, Rule.Mode.ON, Rule.Mode.OFF)


@dataclass(frozen=True)
class Cell:
    """One kind of news over one channel. `name`: of its box; `fixed`: nothing to choose."""

    channel: str
    label: str
    name: str
    fixed: bool
    wanted: bool


@dataclass(frozen=True)
class Row:
    title: str
    cells: list[Cell | None]


def concerns(audience: str, scope: Scope) -> bool:
    """Whether somebody who holds this could be of the audience."""
    if audience in (Audience.MENTIONED, Audience.WATCHER):
        return sees_reports(scope)
    by = AUDIENCES.get(audience)
    if by is None:
        return False
    if not by.codename:
        return scope.anywhere("view_assigned_reports")
    return scope.everywhere(by.codename) if by.everywhere else scope.anywhere(by.codename)


def told_by_ladders(rules: Iterable[Rule]) -> Iterator[tuple[str, str, str, str]]:
    """(event, audience, channel, mode) of the steps of all ladders: always, but where a rule speaks of it."""
    written = {(rule.event, rule.audience, rule.channel): rule for rule in rules}
    for step in catalogue().ladders.in_use():
        told = [(step.event, step.channel)]
        if step.mode != EscalationStep.Mode.AT_ONCE:
            told += [(DIGESTS[step.audience], channel) for channel in (step.channel, Channel.INBOX)]
        for event, channel in told:
            rule = written.get((event, step.audience, channel))
            if rule is None:
                yield event, step.audience, channel, Rule.Mode.ALWAYS
            elif rule.is_active:
                yield event, step.audience, channel, rule.mode


def modes_for(scope: Scope) -> dict[tuple[str, str], str]:
    """(event, channel) → mode, of the rules in use and of the ladders' steps that could mean this person."""
    rules = list(Rule.objects.all())
    by_rule = [
        (rule.event, rule.audience, rule.channel, rule.mode)
        for rule in rules
        # Where no ladder has such a step, there would be nothing to choose.
        if rule.is_active and rule.event not in OF_LADDERS
    ]
    modes: dict[tuple[str, str], str] = {}
    for event, audience, channel, mode in (*by_rule, *told_by_ladders(rules)):
        if concerns(audience, scope):
            key = event, channel
            modes[key] = min(
                (mode, modes.get(key, Rule.Mode.OFF)), key=lambda mode: BINDS.index(Rule.Mode(mode))
            )
    return modes


def rows_for(user: User, modes: dict[tuple[str, str], str]) -> list[Row]:
    chosen = {(row.event, row.channel): row.wanted for row in Choice.objects.filter(person=user)}

    def cell(event: str, channel: Channel) -> Cell | None:
        mode = modes.get((event, channel))
        if mode is None:
            return None
        fixed = mode == Rule.Mode.ALWAYS
        wanted = fixed or chosen.get((event, channel), mode == Rule.Mode.ON)
        return Cell(channel, str(channel.label), f"{event}:{channel}", fixed, wanted)

    events = sorted({event for event, _ in modes}, key=event_title)
    return [Row(event_title(event), [cell(event, channel) for channel in Channel]) for event in events]


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = Preferences
        fields = ["quiet_from", "quiet_until", "urgent_at_night", "digest"]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time", "dir": "ltr"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time", "dir": "ltr"}, format="%H:%M"),
        }


def save_choices(user: User, modes: dict[tuple[str, str], str], ticked: Iterable[str]) -> None:
    """What may be chosen, as it was ticked; what the rules fix is not written down."""
    wanted = set(ticked)
    Choice.objects.bulk_create(
        [
            Choice(person=user, event=event, channel=channel, wanted=f"{event}:{channel}" in wanted)
            for (event, channel), mode in modes.items()
            if mode != Rule.Mode.ALWAYS
        ],
        update_conflicts=True,
        unique_fields=["person", "event", "channel"],
        update_fields=["wanted"],
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices_page(request: HttpRequest) -> HttpResponse:
    scope = guarded(request)
    user = actor_of_request(request).user
    modes = modes_for(scope)
    kept = Preferences.objects.filter(person=user).first() or Preferences(person=user)
    form = PreferencesForm(request.POST or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            save_choices(user, modes, request.POST.getlist("wanted"))
        messages.success(request, gettext("Your choices are saved."))
        return redirect("desk:inbox_choices")
    title = gettext("What I am told")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:inbox"), "label": gettext("Inbox")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "mail",
        "form": form,
        "channels": [channel.label for channel in Channel],
        "rows": rows_for(user, modes),
        "reached": {"phone": user.phone, "email": user.email},
    }
    return render(request, "desk/inbox_choices.html", context, status=422 if form.is_bound else 200)

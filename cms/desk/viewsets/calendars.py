"""Working calendars. Other hours are a new version; running promises stay with their own version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.content.dates import RIYADH
from cms.entities.models import Calendar, CalendarVersion, Occasion
from cms.entities.snapshot import catalogue
from cms.reports.deadlines import WorkingCalendar
from cms.reports.models import Deadline

from ..access import actor_of_request, scope_of_request
from .calendar_form import DAY_LABELS, CalendarForm, hours_in_words
from .calendar_preview import TryForm, first_of, month, sample, tried
from .guarded import DeskCreateView, DeskEditView, DeskViewSet, column, flag


class CalendarSaving:
    template_name = "desk/calendar.html"

    def form_valid(self, form: Any) -> Any:
        if self.request.POST.get("do") == "preview":  # type: ignore[attr-defined]
            return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]
        return super().form_valid(form)  # type: ignore[misc]

    def save_instance(self) -> Any:
        calendar = super().save_instance()  # type: ignore[misc]
        made = self.form.made  # type: ignore[attr-defined]
        if made is not None and made.number > 1:
            kept = Deadline.objects.filter(calendar=calendar, outcome=Deadline.Outcome.OPEN).count()
            messages.info(
                self.request,  # type: ignore[attr-defined]
                ngettext(
                    "Version %(number)s was made. %(kept)s open promise keeps its hours.",
                    "Version %(number)s was made. %(kept)s open promises keep their hours.",
                    kept,
                )
                % {"number": made.number, "kept": kept},
            )
        return calendar

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        form, request = context["form"], self.request  # type: ignore[attr-defined]
        title = form.instance.name if form.instance.pk else gettext("New calendar")
        trail = [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("calendars:index"), "label": gettext("Working calendars")},
            {"url": "", "label": title},
        ]
        context |= {
            "breadcrumbs_items": trail,
            "header_title": title,
            "header_icon": "calendar",
            "weekdays": list(DAY_LABELS.values()),
            "version": form.latest,
        }
        return context | _shown(form, request)


def _shown(form: CalendarForm, request: Any) -> dict[str, Any]:
    """The hours as they are saved, or as they are being tried; what they mean for a month and a promise."""
    now = timezone.now()
    proposed = form.is_bound and form.is_valid()
    hours = form.proposed(now) if proposed else form.latest.hours if form.latest else None
    if hours is None:
        return {}
    working = WorkingCalendar.from_data({**hours, "code": "shown"})
    asked = request.POST if request.method == "POST" else request.GET
    at = timezone.localtime(now, RIYADH).replace(hour=14, minute=50)
    start = {"at": f"{at:%Y-%m-%dT%H:%M}", "value": "8", "unit": "hours"}
    trying = TryForm(
        {f"try-{name}": asked.get(f"try-{name}", value) for name, value in start.items()}, prefix="try"
    )
    shown: dict[str, Any] = {
        "month": month(working, hours, first_of(asked.get("month", ""), timezone.localdate())),
        "trying": trying,
        "tried": tried(working, hours, trying) if trying.is_valid() else None,
        "occasions": _occasions(form.instance, now),
        "week_minutes": sum(end - begin for spans in hours.get("week") or [] for begin, end in spans),
    }
    if form.instance.pk and form.latest is not None:
        old = form.latest.hours
        running = Deadline.objects.filter(calendar=form.instance, outcome=Deadline.Outcome.OPEN)
        shown |= {
            "is_proposed": proposed,
            "open_promises": running.count(),
            "sample": sample(
                form.instance,
                WorkingCalendar.from_data({**old, "code": "old"}),
                working,
                actor_of_request(request),
                scope_of_request(request),
            ),
        }
    return shown


def _occasions(calendar: Calendar, now: datetime) -> list[Occasion]:
    """Those of the table that lie ahead, and lately past ones."""
    rows = Occasion.objects.filter(last_day__gte=(now - timedelta(days=60)).date()).select_related("place")
    own = rows.filter(calendar=None) | rows.filter(calendar=calendar.pk)
    return list(own.order_by("first_day", "pk")[:12])


class CalendarCreateView(CalendarSaving, DeskCreateView):
    pass


class CalendarEditView(CalendarSaving, DeskEditView):
    pass


def _in_force(calendar: Calendar) -> CalendarVersion | None:
    try:
        return catalogue().calendar_version(calendar.pk)
    except LookupError:
        return None


def _version(calendar: Calendar) -> str:
    version = _in_force(calendar)
    return str(version.number) if version is not None else ""


def _hours(calendar: Calendar) -> str:
    return hours_in_words(_in_force(calendar))


class CalendarViewSet(DeskViewSet):
    model = Calendar
    codename = "manage_calendars"
    name = "calendars"
    icon = "calendar"
    menu_order = 23
    add_to_admin_menu = True
    add_view_class = CalendarCreateView
    edit_view_class = CalendarEditView
    list_display = [
        "__str__",
        "code",
        column("hours", _("Working time"), _hours),
        column("version", _("version"), _version),
        flag("is_region_default", _("the region's calendar")),
    ]
    search_fields = ["name_ar", "name_en", "code"]
    ordering = ["-is_region_default", "code"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return CalendarForm

"""Working calendars. Other hours are a new version; running promises stay with their own version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.entities.dated import base_of, next_version
from cms.entities.models import DAYS, Calendar
from cms.reports.deadlines import AROUND_THE_CLOCK, WEEKLY, WorkingCalendar
from cms.reports.models import Deadline

from .guarded import DeskCreateView, DeskEditView, DeskViewSet, column, flag

DAY_LABELS = {
    "sun": _("Sunday"),
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
}


def clock(minute: Any) -> str:
    return f"{minute // 60:02}:{minute % 60:02}" if minute != "" else ""


CLOCK = r"^([01][0-9]|2[0-4]):[0-5][0-9]$"


class CalendarForm(forms.ModelForm):
    mode = forms.ChoiceField(
        label=_("Working time"),
        choices=[(WEEKLY, _("Weekly hours")), (AROUND_THE_CLOCK, _("Around the clock"))],
    )
    days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=DAY_LABELS.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.RegexField(label=_("From (24 hours)"), regex=CLOCK, required=False)
    ends = forms.RegexField(label=_("Until (24 hours)"), regex=CLOCK, required=False)

    class Meta:
        model = Calendar
        fields = ["code", "name_ar", "name_en", "note_ar", "note_en"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest = self.instance.versions.first() if self.instance.pk else None
        hours = base_of(self.latest.hours if self.latest else {})
        begins, ends = next((spans[0] for spans in hours["week"] if spans), ("", ""))
        self.initial.update(
            mode=hours["mode"],
            days=[day for day, spans in zip(DAYS, hours["week"], strict=True) if spans],
            begins=clock(begins),
            ends=clock(ends),
        )
        if self.latest:
            self.fields["mode"].help_text = gettext("Version %(number)s. Other hours make a new version.") % {
                "number": self.latest.number
            }

    def hours(self) -> dict[str, Any]:
        """The hours without dates: what is not asked here (Ramadan, holidays) stays as it was."""
        data = self.cleaned_data
        new = base_of({**data, "from": data["begins"], "to": data["ends"]})
        old = base_of(self.latest.hours) if self.latest else {**new, "observes_holidays": True}
        return {**old, "mode": new["mode"], "week": new["week"]}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if data["mode"] == WEEKLY and not (data["days"] and data["begins"] and data["ends"]):
            self.add_error("days", _("Weekly hours need days, a beginning and an end."))
            return data
        try:
            WorkingCalendar.from_data({**self.hours(), "code": "new", "version": 1})
        except ValueError:
            self.add_error("ends", _("The end lies after the beginning."))
        return data

    @property
    def has_new_hours(self) -> bool:
        if self.latest is None:
            return True
        return self.hours() != base_of(self.latest.hours)

    def save(self, commit: bool = True) -> Any:
        new_hours = self.has_new_hours
        calendar = super().save(commit)
        self.made = None
        if commit and new_hours:
            now = timezone.now()
            since = now if self.latest else None
            self.made = next_version(calendar, self.hours(), valid_from=since, at=now)
            self.made.save()
        return calendar


class CalendarSaving:
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


class CalendarCreateView(CalendarSaving, DeskCreateView):
    pass


class CalendarEditView(CalendarSaving, DeskEditView):
    pass


def _version(calendar: Calendar) -> str:
    numbers = [version.number for version in calendar.versions.all()]
    return str(max(numbers, default=""))


def _hours(calendar: Calendar) -> str:
    latest = max(calendar.versions.all(), key=lambda version: version.number, default=None)
    if latest is None:
        return ""
    hours = base_of(latest.hours)
    if hours["mode"] == AROUND_THE_CLOCK:
        return gettext("Around the clock")
    spans = dict(zip(DAYS, hours["week"], strict=True))
    open_days = [day for day in DAY_LABELS if spans[day]]
    begins, ends = spans[open_days[0]][0]
    return gettext("%(days)s, %(begins)s until %(ends)s") % {
        "days": gettext(", ").join(str(DAY_LABELS[day]) for day in open_days),
        "begins": clock(begins),
        "ends": clock(ends),
    }


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

"""A calendar as it is typed: seven days with the spans of each, and the hours of Ramadan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.content.dates import RIYADH
from cms.entities.dated import all_days, announced, base_of, next_version, with_dates
from cms.entities.models import DAYS, Calendar, CalendarVersion
from cms.reports.deadlines import AROUND_THE_CLOCK, WEEKLY, WorkingCalendar

from .hours import CLOCK, WRONG_CLOCK, span_of, text_of

DAY_LABELS = {
    "sun": _("Sunday"),
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
}
# A day has room for one span more than the fullest one has, and for three at least.
LEAST, MOST = 3, 12
SPAN_LABELS = (
    (_("%(day)s: from, 24 hours"), _("%(day)s: until, 24 hours")),
    (_("%(day)s: again from, 24 hours"), _("%(day)s: again until, 24 hours")),
    (_("%(day)s: from, span %(n)s, 24 hours"), _("%(day)s: until, span %(n)s, 24 hours")),
)
NAMED = re.compile(rf"(?:{'|'.join(DAY_LABELS)})_from(\d+)")
NAMED_IN_RAMADAN = re.compile(r"ramadan_from(\d+)")
# By day and by night.
LEAST_IN_RAMADAN = 2


def pairs_of(count: int) -> list[tuple[str, str]]:
    """The names of the fields of so many spans."""
    return [(f"from{number}", f"to{number}") for number in ("", *range(2, count + 1))]


def clock_field(label: Any) -> forms.RegexField:
    attributes = {"dir": "ltr", "inputmode": "numeric", "autocomplete": "off", "placeholder": "00:00"}
    return forms.RegexField(
        regex=CLOCK,
        label=label,
        required=False,
        widget=forms.TextInput(attrs=attributes),
        error_messages={"invalid": WRONG_CLOCK},
    )


@dataclass(frozen=True)
class DayRow:
    """One line of the week: its fields, and a bar (x and width of 240, by minutes of the day)."""

    label: Any
    works: Any
    parts: list[Any]
    bars: list[tuple[float, float]]
    hours: str


class CalendarForm(forms.ModelForm):
    mode = forms.ChoiceField(
        label=_("Working time"),
        choices=[(WEEKLY, _("Weekly hours")), (AROUND_THE_CLOCK, _("Around the clock"))],
        widget=forms.RadioSelect,
    )
    observes_holidays = forms.BooleanField(label=_("Observes holidays and suspensions"), required=False)
    ramadan_on = forms.BooleanField(label=_("In Ramadan other hours"), required=False)
    ramadan_from = clock_field(_("In Ramadan from, 24 hours"))
    ramadan_to = clock_field(_("In Ramadan until, 24 hours"))
    since = forms.DateField(
        label=_("In force from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: from now on."),
    )

    class Meta:
        model = Calendar
        fields = ["code", "name_ar", "name_en", "note_ar", "note_en"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest: CalendarVersion | None = self.instance.versions.first() if self.instance.pk else None
        hours = base_of(self.latest.hours if self.latest else {})
        fullest = max((len(spans) for spans in hours["week"]), default=0) if hours["mode"] == WEEKLY else 0
        self.pairs = self._room(LEAST, fullest, NAMED)
        for day, label in DAY_LABELS.items():
            spans = hours["week"][DAYS.index(day)] if hours["mode"] == WEEKLY else []
            works = _("%(day)s is a working day") % {"day": label}
            self.fields[f"{day}_works"] = forms.BooleanField(label=works, required=False)
            for number, pair in enumerate(self.pairs):
                for part, said in zip(pair, SPAN_LABELS[min(number, 2)], strict=True):
                    self.fields[f"{day}_{part}"] = clock_field(said % {"day": label, "n": number + 1})
            parts = [part for pair in self.pairs for part in pair]
            for name in ("works", *parts):
                # Named for who hears the table; a hidden label would lie beside the screen of a phone.
                field = self.fields[f"{day}_{name}"]
                field.widget.attrs["aria-label"] = field.label
            edges = [edge for span in spans for edge in text_of(span)]
            self.initial[f"{day}_works"] = bool(spans)
            self.initial.update({f"{day}_{part}": edge for part, edge in zip(parts, edges, strict=False)})
        self._add_ramadan(hours["ramadan"]["hours"])
        self.initial.update(mode=hours["mode"], observes_holidays=hours["observes_holidays"])

    def _room(self, least: int, fullest: int, named: re.Pattern[str]) -> list[tuple[str, str]]:
        """The fields' names for as many spans as there are or were typed, and for one more."""
        typed = [int(found[1]) for name in self.data if (found := named.fullmatch(name))]
        return pairs_of(min(max(least, fullest + 1, *typed), MOST))

    def _add_ramadan(self, spans: list[list[int]]) -> None:
        self.ramadan_pairs = self._room(LEAST_IN_RAMADAN, len(spans), NAMED_IN_RAMADAN)
        for number, pair in enumerate(self.ramadan_pairs[1:], start=2):
            for part, said in zip(pair, SPAN_LABELS[2], strict=True):
                self.fields[f"ramadan_{part}"] = clock_field(said % {"day": _("In Ramadan"), "n": number})
        parts = [f"ramadan_{part}" for pair in self.ramadan_pairs for part in pair]
        edges = [edge for span in spans for edge in text_of(span)]
        self.initial["ramadan_on"] = bool(spans)
        self.initial.update(zip(parts, edges, strict=False))

    def named_fields(self) -> Iterator[Any]:
        return (self[name] for name in self._meta.fields)  # type: ignore[union-attr]

    def heads(self) -> list[Any]:
        """Of the columns of the week's spans."""
        return [_("From"), _("Until"), *([_("Again from"), _("Until")] * (len(self.pairs) - 1))]

    def boxes(self) -> list[Any]:
        return [self["observes_holidays"], self["ramadan_on"]]

    def ramadan_rows(self) -> list[list[Any]]:
        return [[self[f"ramadan_{part}"] for part in pair] for pair in self.ramadan_pairs]

    def week_rows(self) -> list[DayRow]:
        rows = []
        for day, label in DAY_LABELS.items():
            parts = [self[f"{day}_{part}"] for pair in self.pairs for part in pair]
            spans = self._spans_shown(day)
            minutes = sum(end - begin for begin, end in spans)
            bars = [(begin / 6, (min(end, 1440) - begin) / 6) for begin, end in spans]
            hours = f"{minutes / 60:.1f}".rstrip("0").rstrip(".")
            rows.append(DayRow(label, self[f"{day}_works"], parts, bars, hours))
        return rows

    def _spans_shown(self, day: str) -> list[list[int]]:
        """What the fields say now, as far as it can be read."""
        values = {part: self[f"{day}_{part}"].value() or "" for pair in self.pairs for part in pair}
        if not self[f"{day}_works"].value():
            return []
        try:
            return self._spans(values)
        except ValueError:
            return []

    def _spans(self, values: dict[str, str]) -> list[list[int]]:
        typed = [(values[begins], values[ends]) for begins, ends in self.pairs]
        return [span_of(begins, ends) for begins, ends in typed if begins and ends]

    def hours(self) -> dict[str, Any]:
        """The hours without dates."""
        data = self.cleaned_data
        weekly = data["mode"] == WEEKLY
        week = [
            self._spans({part: data[f"{day}_{part}"] for pair in self.pairs for part in pair})
            if weekly and data[f"{day}_works"]
            else []
            for day in DAYS
        ]
        ramadan = [
            span_of(data[f"ramadan_{begins}"], data[f"ramadan_{ends}"])
            for begins, ends in self.ramadan_pairs
            if weekly and data["ramadan_on"] and data[f"ramadan_{begins}"]
        ]
        old = base_of(self.latest.hours if self.latest else {})
        return {
            **old,
            "mode": data["mode"],
            "week": week,
            "ramadan": {"hours": ramadan},
            "observes_holidays": data["observes_holidays"],
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if data["mode"] == WEEKLY:
            self._check_week(data)
        if data["ramadan_on"]:
            self._check_spans("ramadan", self.ramadan_pairs, data)
        since = data.get("since")
        if since is not None and since < timezone.localdate():
            self.add_error("since", _("A version is in force from today on at the earliest."))
        if not self.errors:
            try:
                WorkingCalendar.from_data({**self.hours(), "code": "new", "version": 1})
            except ValueError:
                self.add_error(None, _("Hours follow each other and end before the next day's begin."))
        return data

    def _check_week(self, data: dict[str, Any]) -> None:
        if not any(data[f"{day}_works"] for day in DAYS):
            self.add_error(None, _("Weekly hours need a working day."))
        for day in DAY_LABELS:
            self._check_spans(day, self.pairs, data, needed=data[f"{day}_works"])

    def _check_spans(
        self, of: str, pairs: list[tuple[str, str]], data: dict[str, Any], *, needed: bool = True
    ) -> None:
        """The first span where it is `needed`, and none of the others by half."""
        for number, (begins, ends) in enumerate(pairs):
            first, last = data[f"{of}_{begins}"], data[f"{of}_{ends}"]
            if (needed and not (first and last)) if not number else bool(first) != bool(last):
                self.add_error(f"{of}_{begins}", _("Give the beginning and the end."))

    @property
    def has_new_hours(self) -> bool:
        return self.latest is None or self.hours() != base_of(self.latest.hours)

    def proposed(self, at: datetime) -> dict[str, Any]:
        """What the next version would keep: these hours, and the dates that are known now."""
        days = all_days(announced(), timezone.localtime(at, RIYADH).date())
        return with_dates(self.hours(), self.cleaned_data["code"], days)

    def save(self, commit: bool = True) -> Any:
        new_hours = self.has_new_hours
        calendar = super().save(commit)
        self.made = None
        if commit and new_hours:
            now, since = timezone.now(), self.cleaned_data.get("since")
            valid_from = None
            if self.latest is not None:
                valid_from = datetime.combine(since, time(), RIYADH) if since else now
            self.made = next_version(calendar, self.hours(), valid_from=valid_from, at=now)
            self.made.save()
        return calendar


def hours_in_words(version: CalendarVersion | None) -> str:
    if version is None:
        return ""
    hours = base_of(version.hours)
    if hours["mode"] == AROUND_THE_CLOCK:
        return gettext("Around the clock")
    spans = dict(zip(DAYS, hours["week"], strict=True))
    open_days = [day for day in DAY_LABELS if spans[day]]
    begins, ends = text_of(spans[open_days[0]][0])
    return gettext("%(days)s, %(begins)s until %(ends)s") % {
        "days": gettext(", ").join(str(DAY_LABELS[day]) for day in open_days),
        "begins": begins,
        "ends": ends,
    }

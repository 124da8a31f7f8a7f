"""Holidays, Ramadan and single days off or on: announced ones, in the place of what is computed.

A change makes new versions of the calendars; what was promised stays, until somebody applies the days to it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.entities.dated import renew_versions
from cms.entities.models import Calendar, Occasion, Place

from ..policies import KEEP_AND_DELETE
from ..words import days_between, hijri_days_between
from .fields import TreeChoiceField
from .guarded import DeskCreateView, DeskDeleteView, DeskEditView, DeskViewSet, column
from .hours import CLOCK, WRONG_CLOCK, span_of, text_of

LONGEST = 60


class OccasionForm(forms.ModelForm):
    begins = forms.RegexField(
        label=_("From (24 hours)"), regex=CLOCK, required=False, error_messages={"invalid": WRONG_CLOCK}
    )
    ends = forms.RegexField(
        label=_("Until (24 hours)"),
        regex=CLOCK,
        required=False,
        error_messages={"invalid": WRONG_CLOCK},
        help_text=_("Of days that are worked with hours of their own. Before the beginning: past midnight."),
    )
    place = TreeChoiceField(
        queryset=Place.objects.none(),
        label=_("only in this place"),
        required=False,
        help_text=_("Work suspended in one governorate. Empty: in the whole region."),
    )

    class Meta:
        model = Occasion
        fields = [
            "kind",
            "name_ar",
            "name_en",
            "first_day",
            "last_day",
            "source",
            "code",
            "calendar",
            "place",
        ]
        help_texts = {
            "code": _(
                "With the code of a computed one (fitr-1448, ramadan-1448, national-2027) it takes its place."
            ),
            "calendar": _("Empty: in all calendars that observe holidays."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Place.objects.exclude(kind=Place.Kind.REGION).order_by("path")  # type: ignore[attr-defined]
        self.fields["calendar"].queryset = Calendar.objects.order_by("code")  # type: ignore[attr-defined]
        for name in ("first_day", "last_day"):
            # The list reads the date in words; the native chooser knows the reader's digits.
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in ("begins", "ends"):
            self.fields[name].widget.attrs["dir"] = "ltr"
        begins, ends = text_of(self.instance.hours[0]) if self.instance.hours else ("", "")
        self.initial.update(begins=begins, ends=ends)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, first, last = (data.get(name) for name in ("kind", "first_day", "last_day"))
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last_day", _("So many days are not one occasion."))
        hours = data.get("begins"), data.get("ends")
        if kind == Occasion.Kind.WORKING and not all(hours) and not self.has_error("begins"):
            self.add_error("begins", _("Give the hours from and until when they are worked."))
        if data.get("place") and (kind != Occasion.Kind.SUSPENSION or data.get("calendar")):
            self.add_error("place", _("In one place alone only work is suspended, for all its calendars."))
        if not self.errors:
            self.instance.hours = [span_of(*hours)] if kind == Occasion.Kind.WORKING else []
        return data


class OccasionSaving:
    def save_instance(self) -> Any:
        occasion = super().save_instance()  # type: ignore[misc]
        tell_of_versions(self.request)  # type: ignore[attr-defined]
        if occasion.is_closure:
            address = f"{reverse('desk:postponements')}?occasion={occasion.pk}"
            messages.info(
                self.request,  # type: ignore[attr-defined]
                format_html(
                    '{} <a href="{}">{}</a>',
                    gettext("What was promised before stays as it was."),
                    address,
                    gettext("Apply these days to open promises"),
                ),
            )
        return occasion


def tell_of_versions(request: Any) -> None:
    made = len(renew_versions(timezone.now()))
    if made:
        sentence = ngettext(
            "A new version of %(n)s calendar was made.", "New versions of %(n)s calendars were made.", made
        )
        messages.info(request, sentence % {"n": made})


class OccasionCreateView(OccasionSaving, DeskCreateView):
    pass


class OccasionEditView(OccasionSaving, DeskEditView):
    pass


class OccasionDeleteView(DeskDeleteView):
    """What was applied to promises stays, since their history names it."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.object.postponements.exists():
            messages.error(request, gettext("These days were applied to open promises, and stay."))
            return redirect("occasions:index")
        return super().post(request, *args, **kwargs)

    def delete_action(self) -> Any:
        result = super().delete_action()
        tell_of_versions(self.request)
        return result


def _where(occasion: Occasion) -> str:
    only = occasion.place or occasion.calendar
    return only.name if only else gettext("Everywhere")


class OccasionViewSet(DeskViewSet):
    model = Occasion
    codename = "manage_calendars"
    actions = KEEP_AND_DELETE
    name = "occasions"
    icon = "date"
    menu_label = _("Holidays and exceptions")
    menu_order = 24
    add_to_admin_menu = True
    add_view_class = OccasionCreateView
    edit_view_class = OccasionEditView
    delete_view_class = OccasionDeleteView
    list_display = [
        "__str__",
        column("kind", _("kind"), lambda row: row.get_kind_display()),
        column("hijri", _("Hijri"), lambda row: hijri_days_between(row.first_day, row.last_day)),
        column("gregorian", _("Gregorian"), lambda row: days_between(row.first_day, row.last_day)),
        column("where", _("Where"), _where),
        column("source", _("source"), lambda row: row.get_source_display()),
    ]
    list_filter = ["kind", "source"]
    search_fields = ["name_ar", "name_en", "code"]
    ordering = ["-first_day", "code"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return OccasionForm

"""What the core refuses, at the fields of the one screen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..entering import ANSWERS, Screen

SCREEN = Screen(
    fields={
        ("sender",): "phone",
        ("sender", "phone"): "phone",
        ("sender", "name"): "name",
        ("sender", "category"): "category",
        ("sender", "nationalId"): "national_id",
    },
    missing={
        "service": _("Choose what it is about."),
        "place": _("Choose the place."),
        "address": _("Describe in words where exactly it is."),
        "text": _("Describe what the caller tells."),
        "phone": _("Write the caller's mobile number."),
        "national_id": _("Write the caller's national ID or residence number."),
        "code": _("Write the code that the caller reads out."),
    },
    order=("", "service", "place", "address", ANSWERS, "text", "phone", "national_id", "name", "category"),
)

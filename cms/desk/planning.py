"""What the pages of all plans share: planned, read through, confirmed, watched, and read of later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from cms.reports.errors import Code, DomainError

# From the request, the plan and its form: what to tell where it was done; empty where the form is wrong.
Does = Callable[[Any, Any, Any], str]


def number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0


def trail(title: str, icon: str, *between: tuple[str, str]) -> dict[str, Any]:
    steps = [(reverse("wagtailadmin_home"), gettext("Home")), *between, ("", title)]
    return {
        "breadcrumbs_items": [{"url": url, "label": label} for url, label in steps],
        "header_title": title,
        "header_icon": icon,
    }


def take(form: Any, error: DomainError) -> None:
    name = error.field[0] if error.field else None
    form.add_error(name if name in form.fields else None, error.message)


def done(request: HttpRequest, plan: Any, form: forms.Form, does: Mapping[str, Does]) -> bool:
    """Whether there is nothing to correct."""
    do = request.POST["do"]
    try:
        said = does[do](request, plan, form)
    except DomainError as error:
        if error.code is Code.DENIED:
            raise PermissionDenied from None
        if do != "confirm":
            messages.error(request, error.message)
            return True
        take(form, error)
        return False
    if said:
        messages.success(request, said)
    return bool(said)

"""What every step of a submission does alike: its frame, going on and back, and where a lost draft leads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cms.entities.models import Service
from cms.entities.snapshot import catalogue

from .. import receipts
from ..drafts import Draft, address_of, named
from ..problems import Problems
from ..returned import forget, give_back, given_back
from ..steps import BY_NAME, STEPS, progress_of


def frame(at_step: str, draft: Draft | None, /, **context: Any) -> dict[str, Any]:
    """What every step's page needs: where in the steps one is, and the emergency note of the service."""
    service = catalogue().service(draft.service) if draft else None
    names = [step.name for step in STEPS]
    at = names.index(at_step) if at_step in names else len(names)
    place = catalogue().place(draft.place) if draft else None
    return {
        "step": BY_NAME[at_step],
        "number": at + 1,
        "steps": [(step, "done" if i < at else "now" if i == at else "next") for i, step in enumerate(STEPS)],
        "previous": STEPS[at - 1] if at else None,
        "next": STEPS[at + 1] if at + 1 < len(STEPS) else BY_NAME["review"],
        "draft": draft,
        "service": service,
        "place": place,
        **context,
    }


def refused(request: HttpRequest, name: str, problems: Problems | None = None) -> HttpResponse:
    """Back to the step by a GET. What is wrong with the draft is judged again there; the rest is kept."""
    give_back(request, name, problems)
    return redirect(address_of(request, BY_NAME[name].url))


def accepted(request: HttpRequest, url: str) -> HttpResponse:
    forget(request, *BY_NAME)
    return redirect(address_of(request, url))


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Where a form or an address leads whose draft is gone: to what came of it, else to the beginning."""
    key = receipts.key_of_sent(request)
    return redirect(named(reverse("portal:done"), key) if key else "portal:submit")


def by_name(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The same page at the address that says which draft it shows."""
    return redirect(named(request.get_full_path(), draft.key))


def problems_again(request: HttpRequest, draft: Draft, name: str) -> Problems:
    """A step that is opened for the first time accuses nobody; one that was refused says why."""
    back = given_back(request, name)
    if back is None or not back.is_fresh:
        return Problems()
    return back.problems or progress_of(request, draft).problems.get(name, Problems())


def service_of(draft: Draft) -> Service:
    service = catalogue().service(draft.service)
    if service is None:
        raise LookupError("the step before has checked it")
    return service

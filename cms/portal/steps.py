"""The four steps of a submission and the review: which fields each asks for, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Service
from cms.entities.snapshot import catalogue
from cms.reports import actions
from cms.reports.actions import Prepared
from cms.reports.errors import Code, DomainError, Invalid

from .access import sender_of
from .drafts import MOBILE, Draft
from .problems import Problems


@dataclass(frozen=True)
class Step:
    name: str
    url: str
    label: Promise
    heading: Promise
    # The first name in the path of an error's field.
    fields: tuple[str, ...] = ()


STEPS = (
    Step(
        "what",
        "portal:submit",
        pgettext_lazy("step", "Subject"),
        _("What do you want to write about?"),
        ("service",),
    ),
    Step(
        "where",
        "portal:where",
        pgettext_lazy("step", "Place"),
        _("Where is it?"),
        ("place", "location", "addressText"),
    ),
    Step(
        "details",
        "portal:details",
        pgettext_lazy("step", "Details"),
        _("What are the details?"),
        ("text", "title", "answers", "attachments"),
    ),
    Step(
        "who",
        "portal:who",
        pgettext_lazy("step", "Contact"),
        _("How do we reach you with the reply?"),
        ("sender", "phone", "nationalId"),
    ),
)
REVIEW = Step(
    "review", "portal:review", pgettext_lazy("step", "Review"), _("Review your report before you send it")
)
BY_NAME = {step.name: step for step in (*STEPS, REVIEW)}


@dataclass
class Progress:
    """The draft against the rules of the actions: errors by step, or what the review shows."""

    problems: dict[str, Problems]
    prepared: Prepared | None = None

    def first_missing(self) -> Step | None:
        return next((step for step in STEPS if self.problems[step.name]), None)

    def missing_before(self, name: str) -> Step | None:
        """The first incomplete step before the one of this name."""
        for step in STEPS:
            if step.name == name:
                return None
            if self.problems[step.name]:
                return step
        return None


def progress_of(request: HttpRequest, draft: Draft) -> Progress:
    problems = {step.name: Problems() for step in STEPS}
    sender = sender_of(request)
    prepared = None
    given = draft.as_input(sender_id=sender.pk if sender else None, language=get_language() or "ar")
    try:
        prepared = actions.prepare(given)
    except DomainError as error:
        for one in error.errors if isinstance(error, Invalid) else [error]:
            first = one.field[0] if one.field else ""
            step = next((step for step in STEPS if first in step.fields), STEPS[-1])
            problems[step.name].take(one)
    service = catalogue().service(draft.service)
    _say_what_is_missing(problems, service)
    if service is not None and service.needs_location and not (draft.has_map or draft.address.strip()):
        _ask_for_words(problems["where"])
    if service is not None:
        _identify(problems["who"], draft, signed_in=sender is not None, anonymous=service.allows_anonymous)
    return Progress(problems, prepared)


def _say_what_is_missing(problems: dict[str, Problems], service: Service | None) -> None:
    """'This is needed' says little in a list of errors away from its field."""
    needed = str(DomainError(Code.REQUIRED).message)
    for name, field, better in (
        ("what", "service", _("Choose what it is about.")),
        ("where", "place", _("Choose the place.")),
        ("details", "text", _("Describe what you saw or want.")),
        ("who", "national_id", _("Write your national ID or residence number.")),
    ):
        if problems[name].found.get(field) == needed:
            problems[name].better(field, better)
    details = problems["details"]
    for question in service.questions if service else ():  # type: ignore[attr-defined]
        name = f"answers-{question.code}"
        if details.found.get(name) == needed:
            details.better(name, gettext("Answer this: %(question)s") % {"question": question.label})
        elif name in details.found:
            details.names[name] = question.label


def _ask_for_words(problems: Problems) -> None:
    """Without script there is no map to put a point on."""
    if "address" in problems.found:
        problems.better("address", _("Describe in words where exactly it is."))


def _identify(problems: Problems, draft: Draft, *, signed_in: bool, anonymous: bool) -> None:
    """The site takes a number with its code, or nobody; never a number that is merely claimed."""
    if draft.is_anonymous:
        if not anonymous:
            problems.found = {"who": str(_("This service cannot be used without a mobile number."))}
        return
    if not signed_in:
        problems.found.pop("phone", None)
        problems.add("phone", str(_("Confirm your mobile number with the verification code.")))
    elif draft.who != MOBILE and anonymous:
        problems.add("who", str(_("Choose how you want to send it.")))

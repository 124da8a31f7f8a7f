"""What holds between the fields of a row, said once for its form and for the import of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.content.dates import gregorian
from cms.entities.bounds import kilometres
from cms.entities.models import Handover, IntakeQuestion
from cms.entities.weakening import weakened
from cms.reports.handover.outlook import outlook

# (field, sentence)
Faults = list[tuple[str, str]]
# (the place's key, latitude, longitude)
Points = list[tuple[Any, float, float]]
LATITUDE, LONGITUDE = 90, 180
OF_A_CHOICE = (IntakeQuestion.Type.CHOICE, IntakeQuestion.Type.YESNO)


# What nobody promises or waits for; a clock that is told more walks beyond the end of the calendar.
MOST_HOURS, MOST_DAYS, MOST_MONTHS = 8760, 365, 600


def faults_of_service(values: Mapping[str, Any]) -> Faults:
    ranges = {
        "sender_wait_days": (1, MOST_DAYS),
        "reopen_window_days": (0, MOST_DAYS),
        "retention_months": (0, MOST_MONTHS),  # its own validator asks for one
    }
    for which in ("first_reply", "resolution"):
        is_hours = values.get(f"{which}_unit") == "hours"
        ranges[f"{which}_value"] = (1, MOST_HOURS if is_hours else MOST_DAYS)
    return [
        (name, _out_of_range(least, most))
        for name, (least, most) in ranges.items()
        if values.get(name) is not None and not least <= values[name] <= most
    ] + [
        (f"{which}_value", _("Give both the number and its unit, or neither."))
        for which in ("first_reply", "resolution")
        if bool(values.get(f"{which}_value")) != bool(values.get(f"{which}_unit"))
    ]


def faults_of_weakening(before: Mapping[str, Any], after: Mapping[str, Any]) -> Faults:
    """What a table does not do: two people decide of it, and its form asks them. `before`: what changes."""
    said = _(
        "A confidential service loses privacy by two people only: change it in its form, where another "
        "administrator confirms it."
    )
    return [(name, said) for name in weakened({**after, **before}, after)]


def _out_of_range(least: int, most: int) -> str:
    return _("Outside its range, which goes from %(least)s to %(most)s.") % {"least": least, "most": most}


def points_of(places: Iterable[Any]) -> Points:
    return [
        (place.pk, place.latitude, place.longitude)
        for place in places
        if place.latitude is not None and place.longitude is not None
    ]


def faults_of_point(pk: Any, latitude: float | None, longitude: float | None, points: Points) -> Faults:
    """A place lies on the earth, and not far from all others of the region; mixed up coordinates do."""
    if latitude is None and longitude is None:
        return []
    if latitude is None or longitude is None:
        missing = "latitude" if latitude is None else "longitude"
        return [(missing, _("Give both the latitude and the longitude, or neither."))]
    faults = [
        (name, _out_of_range(-most, most))
        for name, value, most in (("latitude", latitude, LATITUDE), ("longitude", longitude, LONGITUDE))
        if not -most <= value <= most
    ]
    others = [point for point in points if point[0] != pk]
    if faults or not others:
        return faults
    margin = settings.SAWT_REGION_MARGIN_KM
    if any(kilometres(latitude, longitude, *point) <= margin for _pk, *point in others):
        return []
    return [
        (
            "latitude",
            _("This point lies more than %(km)s km from every other place, outside the region.")
            % {"km": margin},
        )
    ]


def faults_of_closing(entity: Any) -> Faults:
    """What is asked before an entity is closed by hand."""
    if not outlook(Handover(kind=Handover.Kind.CLOSE, entity=entity), at=timezone.now()).hangs:
        return []
    said = _("Reports, rules, people or entities hang on it: close it by handing its work over.")
    return [("is_active", said)]


def faults_of_opening(entity: Any) -> Faults:
    """What is asked before a closed entity is opened again by hand."""
    closed = Handover.objects.that_closed(entity)
    if closed is None or not closed.is_under_way:
        return []
    return [("is_active", _("Its handover is still under way: it can be opened again once that is done."))]


def warning_of_opening(entity: Any) -> str:
    """What who opens a closed entity again has to know; '' where no handover closed it."""
    closed = Handover.objects.that_closed(entity)
    if entity.pk is None or closed is None or closed.confirmed_at is None:
        return ""
    return _(
        "Handover %(number)s closed it on %(day)s and gave its work to “%(heir)s”. That is not undone by "
        "opening it again: it begins without reports, rules and people, and what was moved stays there."
    ) % {
        "number": closed.pk,
        "day": gregorian(closed.confirmed_at, get_language() or "ar", weekday=False),
        "heir": (entity.continued_by or closed.successor).name,
    }


def faults_of_question(question: Any, others: Iterable[Any]) -> Faults:
    """`others` are the other questions of the same service."""
    faults: Faults = []
    codes = [choice.get("code") for choice in question.choices or []]
    if question.type == IntakeQuestion.Type.CHOICE and not codes:
        faults.append(("choices", _("A question with choices needs them.")))
    if question.type != IntakeQuestion.Type.CHOICE and codes:
        faults.append(("choices", _("Only a question of the type “choice” has choices.")))
    if len(set(codes)) != len(codes):
        faults.append(("choices", _("Two choices have the same code.")))
    if question.show_when:
        faults += _faults_of_condition(question, list(others))
    return faults


def depends_on(question: Any, other: Any) -> bool:
    """Whether it is an answer to the other one that shows this question."""
    return bool(question.show_when) and question.show_when.get("question") == other.code


def _faults_of_condition(question: Any, others: list[Any]) -> Faults:
    asked, wanted = question.show_when["question"], question.show_when["equals"]
    before = next((one for one in others if one.code == asked), None)
    if before is None:
        return [("show_when", _("The service asks no question “%(code)s”.") % {"code": asked})]
    if (before.order or 0) > (question.order or 0):
        return [("show_when", _("The question “%(code)s” is asked only later.") % {"code": asked})]
    if before.type not in OF_A_CHOICE:
        return []
    answers = [choice.get("code") for choice in before.choices or []]
    if before.type == IntakeQuestion.Type.YESNO:
        answers = ["yes", "no"]
    if wanted in answers:
        return []
    return [
        (
            "show_when",
            _("“%(value)s” is no answer to the question “%(code)s”.") % {"value": wanted, "code": asked},
        )
    ]

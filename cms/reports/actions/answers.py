"""The answers to a service's intake questions: which are asked, and whether each is of its type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import IntakeQuestion, Service

from ..errors import Code, DomainError, Errors
from ..texts import BIDI_CONTROLS, clean_text

# Digits as they are typed in Arabic and Persian, with the comma of a decimal.
DIGITS = {
    **{ord("٠") + step: str(step) for step in range(10)},
    **{ord("۰") + step: str(step) for step in range(10)},
    ord("٫"): ".",
}


def shown(question: IntakeQuestion, answers: Mapping[str, str]) -> bool:
    """Whether the form shows this question, given the answers before it."""
    condition = question.show_when
    return not condition or answers.get(condition["question"]) == condition["equals"]


def answers_of(service: Service, given: Mapping[str, str], errors: Errors) -> dict[str, str]:
    questions: list[IntakeQuestion] = service.questions  # type: ignore[attr-defined]
    known = {question.code for question in questions}
    for code in given:
        if code not in known:
            # As it stands in the field: whoever sent it finds it there.
            name = str(code)[:60]
            message = gettext("The service asks no question “%(code)s”.") % {
                "code": BIDI_CONTROLS.sub("", name)
            }
            errors.add(Code.NOT_FOUND, ("answers", name), message)
    kept: dict[str, str] = {}
    for question in questions:
        if not shown(question, kept):
            continue
        path = ("answers", question.code)
        value = errors.take(
            partial(clean_text, given.get(question.code, ""), field=path, maximum=500, one_line=True)
        )
        if not value:
            if question.required and not any(error.field == path for error in errors.found):
                errors.add(Code.REQUIRED, path)
            continue
        value = errors.take(partial(_typed, question, value, path), "")
        if value:
            kept[question.code] = value
    return kept


# What a value should have been, where the question's type says it.
TYPED: dict[str, Promise] = {
    IntakeQuestion.Type.NUMBER: _("Write a number, in digits."),
    IntakeQuestion.Type.DATE: _("Write a date."),
}


def _typed(question: IntakeQuestion, value: str, path: tuple[str, ...]) -> str:
    types = IntakeQuestion.Type
    if question.type in (types.NUMBER, types.DATE):
        value = value.translate(DIGITS)
    valid = True
    if question.type == types.CHOICE:
        valid = value in {choice["code"] for choice in question.choices}
    elif question.type == types.YESNO:
        valid = value in ("yes", "no")
    elif question.type == types.NUMBER:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        valid = math.isfinite(number)
        if valid:
            _in_range(question, number, path)
    elif question.type == types.DATE:
        try:
            _in_time(question, date.fromisoformat(value), path)
        except ValueError:
            valid = False
    if not valid:
        raise DomainError(Code.INVALID, TYPED.get(str(question.type)), field=path)
    return value


def _in_time(question: IntakeQuestion, day: date, path: tuple[str, ...]) -> None:
    """A date's largest number is in days from today: nobody called an ambulance next year."""
    latest = question.latest_day
    if latest is not None and day > latest:
        message = gettext("Write a date not after %(latest)s.") % {"latest": latest.isoformat()}
        raise DomainError(Code.OUT_OF_RANGE, message, field=path)


def _written(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _in_range(question: IntakeQuestion, number: float, path: tuple[str, ...]) -> None:
    least, most = question.minimum, question.maximum
    if least is not None and number < least:
        message = gettext("Write a number not below %(least)s.") % {"least": _written(least)}
        raise DomainError(Code.OUT_OF_RANGE, message, field=path)
    if most is not None and number > most:
        message = gettext("Write a number not above %(most)s.") % {"most": _written(most)}
        raise DomainError(Code.OUT_OF_RANGE, message, field=path)

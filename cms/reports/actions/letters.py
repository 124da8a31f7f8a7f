"""What an entity sends to another one: in whose name, to whom, and its own number and date of it.

Pure but for the catalogue that is passed in. Who may send in an entity's name is `submit`'s to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Privacy, Service
from cms.entities.routing import OTHER, Routed, triage
from cms.entities.snapshot import Catalogue

from ..errors import Code, DomainError
from ..texts import clean_text

NUMBER_MAXIMUM = 40


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`sender` and `to` are codes of entities; without `to` the routing rules decide where it goes."""

    sender: str
    to: str = ""
    number: str = ""
    date: date | None = None


@dataclass(frozen=True, kw_only=True)
class CheckedLetter:
    sender: Entity
    to: Entity | None
    number: str
    date: date | None


def check_letter(
    given: Letter, about: Entity | None, cat: Catalogue, at: datetime | None = None
) -> tuple[CheckedLetter | None, list[DomainError]]:
    """The letter, or all that is wrong with it; errors at `fromEntity`, `toEntity`, `letterNumber`,
    `letterDate` and `aboutEntity`.
    """
    errors: list[DomainError] = []
    sender, to, number = cat.entity(given.sender), None, ""
    if sender is None:
        errors.append(DomainError(Code.NOT_FOUND if given.sender else Code.REQUIRED, field="fromEntity"))
    if given.to:
        to = cat.entity(given.to)
        if to is None:
            errors.append(DomainError(Code.NOT_FOUND, field="toEntity"))
        elif to == sender:
            errors.append(DomainError(Code.OWN_ENTITY, field="toEntity"))
    try:
        number = clean_text(
            given.number, field="letterNumber", minimum=1, maximum=NUMBER_MAXIMUM, one_line=True
        )
    except DomainError as error:
        errors.append(error)
    if given.date is not None and given.date > timezone.localdate(at):
        errors.append(
            DomainError(Code.INVALID, _("The letter's date lies in the future."), field="letterDate")
        )
    if sender is not None and about is not None and cat.is_at_or_below(sender, about):
        # Whom it is about never sees it, nor who serves an entity below: nobody could follow it.
        errors.append(DomainError(Code.ABOUT_ENTITY, field="aboutEntity"))
    if errors or sender is None:
        return None, errors
    return CheckedLetter(sender=sender, to=to, number=number, date=given.date), errors


def routed_for(letter: CheckedLetter, service: Service, by_rules: Routed) -> Routed:
    """To the entity that it is addressed to; else where the rules lead, but never back to who sent it.

    What a supervisor decides on (a complaint about an entity's people) stays theirs, whoever it names.
    """
    decided = service.goes_to_triage and service.code != OTHER
    if letter.to is not None and not decided:
        return Routed(
            letter.to,
            None,
            f"خطاب {letter.sender.name_ar} رقم {letter.number} موجّه إلى {letter.to.name_ar}.",
            f"{letter.sender.name_en} addressed its letter {letter.number} to {letter.to.name_en}.",
        )
    if by_rules.entity == letter.sender:
        return triage(
            f"القواعد تعيده إلى {letter.sender.name_ar} التي أرسلته؛ يقرر مشرف الإمارة وجهته.",
            f"The rules lead back to {letter.sender.name_en}, which sent it; a supervisor decides.",
        )
    return by_rules


def refuse_confidential(service: Service) -> DomainError | None:
    """For who sends and could not follow it: they are not named for confidential reports there."""
    if service.privacy != Privacy.CONFIDENTIAL:
        return None
    return DomainError(
        Code.NOT_AVAILABLE,
        _("Confidential matters are sent by those named for confidential reports at your entity."),
        field="service",
    )

"""Coded domain errors: one list for the site, the admin and GraphQL.

A code is a contract (api.md); the sentence is in the reader's language and never holds database text.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Code(StrEnum):
    """Every expected failure. Adding is no break; renaming is."""

    INVALID = "invalid"
    REQUIRED = "required"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BAD_CHARACTERS = "bad_characters"
    OUT_OF_RANGE = "out_of_range"
    OUTSIDE_REGION = "outside_region"
    FAR_FROM_PLACE = "far_from_place"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    WRONG_STATE = "wrong_state"
    NOT_AVAILABLE = "not_available"
    CONFLICT = "conflict"
    VERSION_REQUIRED = "version_required"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    REFERENCE_TYPO = "reference_typo"
    REFERENCE_MALFORMED = "reference_malformed"
    SENDER_UNREACHABLE = "sender_unreachable"
    APPEAL_OTHER_PERSON = "appeal_other_person"
    ALREADY_RATED = "already_rated"
    WINDOW_PASSED = "window_passed"
    ABOUT_ENTITY = "about_entity"
    OWN_ENTITY = "own_entity"
    TOO_FEW_GRANTEES = "too_few_grantees"
    PHONE_INVALID = "phone_invalid"
    PHONE_COUNTRY = "phone_country"
    NATIONAL_ID_INVALID = "national_id_invalid"
    CODE_WRONG = "code_wrong"
    CODE_EXPIRED = "code_expired"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    SIGN_IN_REQUIRED = "sign_in_required"
    LEGAL_HOLD = "legal_hold"
    SECOND_PERSON = "second_person"
    FILE_TYPE = "file_type"
    FILE_TOO_LARGE = "file_too_large"
    FILE_UNREADABLE = "file_unreadable"
    FILE_REFUSED = "file_refused"
    TOO_MANY_FILES = "too_many_files"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    SEARCH_UNAVAILABLE = "search_unavailable"


MESSAGES: dict[Code, Promise] = {
    Code.INVALID: _("This value is not valid."),
    Code.REQUIRED: _("This is needed."),
    Code.TOO_SHORT: _("This is too short."),
    Code.TOO_LONG: _("This is too long."),
    Code.BAD_CHARACTERS: _("This holds characters that cannot be stored."),
    Code.OUT_OF_RANGE: _("This number is too small or too large."),
    Code.OUTSIDE_REGION: _("This point lies outside the region."),
    Code.FAR_FROM_PLACE: _("This point lies far from the place."),
    Code.NOT_FOUND: _("Nothing was found."),
    Code.DENIED: _("You may not do this."),
    Code.WRONG_STATE: _("This is not possible in the report's present state."),
    Code.NOT_AVAILABLE: _("This action is not available."),
    Code.CONFLICT: _("Someone else acted on this report first."),
    Code.VERSION_REQUIRED: _("Say which version of the report you saw."),
    Code.IDEMPOTENCY_CONFLICT: _("This key was already used for another report."),
    Code.REFERENCE_TYPO: _("This number has a typing mistake. Compare it with your message."),
    Code.REFERENCE_MALFORMED: _("This is not a report number. One looks like QS-26-7K4MQ2P-0."),
    Code.SENDER_UNREACHABLE: _("The sender cannot be asked: there is no confirmed contact."),
    Code.APPEAL_OTHER_PERSON: _("Another supervisor has to decide on this appeal."),
    Code.ALREADY_RATED: _("You have already rated this answer."),
    Code.WINDOW_PASSED: _("The time for this has passed."),
    Code.ABOUT_ENTITY: _("A report about an entity does not go to that entity."),
    Code.OWN_ENTITY: _("What an entity sent does not go to that very entity."),
    Code.TOO_FEW_GRANTEES: _("Too few people there may see confidential reports."),
    Code.PHONE_INVALID: _("This is not a mobile number. One looks like 05XXXXXXXX."),
    Code.PHONE_COUNTRY: _("Numbers of this country are not served."),
    Code.NATIONAL_ID_INVALID: _("This is not a valid national ID or residence number."),
    Code.CODE_WRONG: _("This code is wrong."),
    Code.CODE_EXPIRED: _("This code is no longer valid. Ask for a new one."),
    Code.TOO_MANY_ATTEMPTS: _("Too many attempts. Try again later."),
    Code.SIGN_IN_REQUIRED: _("Sign in first."),
    Code.LEGAL_HOLD: _("A legal hold forbids erasing this report."),
    Code.SECOND_PERSON: _("Another person has to propose this, or to confirm it."),
    Code.FILE_TYPE: _("Files of this type are not accepted: send a photo, a PDF or an MP4 video."),
    Code.FILE_TOO_LARGE: _("This file is too large."),
    Code.FILE_UNREADABLE: _("This file cannot be read. It may be damaged or not be what it says."),
    Code.FILE_REFUSED: _("This file is not safe to pass on."),
    Code.TOO_MANY_FILES: _("These are too many files."),
    Code.STORAGE_UNAVAILABLE: _("The file could not be stored, and nothing was sent. Try again later."),
    Code.SEARCH_UNAVAILABLE: _("The search does not answer just now. Try again in a minute."),
}


class DomainError(Exception):
    """An expected failure of an action.

    `code` is the contract, `message` a sentence in the active language, `field` the path of the input it
    concerns (API names, e.g. ("answers", "since")), or None. `retry_after`: seconds, where waiting helps.
    """

    def __init__(
        self,
        code: Code,
        message: str | Promise | None = None,
        *,
        field: tuple[str, ...] | str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.code = code
        self._message = message
        self.field = (field,) if isinstance(field, str) else field
        self.retry_after = retry_after
        super().__init__(code.value)

    @property
    def message(self) -> str:
        return str(self._message if self._message is not None else MESSAGES[self.code])

    def __str__(self) -> str:
        return f"{self.code.value}: {self.message}"


class Invalid(DomainError):
    """Several fields at once; `errors` holds one DomainError for each."""

    def __init__(self, errors: list[DomainError]) -> None:
        self.errors = errors
        first = errors[0]
        super().__init__(first.code, first.message, field=first.field)


class Errors:
    """Several errors on their way to one Invalid."""

    def __init__(self) -> None:
        self.found: list[DomainError] = []

    def take(self, check: Callable[[], Any], default: Any = "") -> Any:
        try:
            return check()
        except DomainError as error:
            self.found.append(error)
            return default

    def add(self, code: Code, path: tuple[str, ...] | str, message: Any = None) -> None:
        self.found.append(DomainError(code, message, field=path))

    def stop(self) -> None:
        if self.found:
            raise Invalid(self.found)


class Conflict(DomainError):
    """The expected version has passed; the message says who did what and when."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(Code.CONFLICT, message)

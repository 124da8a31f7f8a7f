"""What a submission may hold: every field checked, all errors at once, nothing written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities import phone as numbers
from cms.entities.models import Entity, Place, Service
from cms.entities.nearness import apart
from cms.entities.snapshot import Catalogue, catalogue

from ..errors import Code, DomainError, Errors
from ..files.intake import NO_FILES, Files, check_count
from ..models import Channel, ContactPreference, SenderCategory
from ..texts import clean_text
from .answers import answers_of
from .letters import CheckedLetter, Letter, check_letter

TEXT_MINIMUM, TEXT_MAXIMUM, TITLE_MAXIMUM = 10, 5000, 120


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What a sender says of themselves. `phone` in any common form; unverified until a code is given."""

    name: str = ""
    phone: str = ""
    email: str = ""
    category: str = ""
    national_id: str = ""


@dataclass(frozen=True, kw_only=True)
class SubmitInput:
    """One submission. Codes of the catalogue, texts as typed; errors name the API's fields.

    `sender_id`: a sender who signed in with a code; their verified number then wins over the contact's.
    `client` names who sends it; with `idempotency_key` (22–64 characters) it identifies the submission.
    `sent_from`: the address that came with it, for the limit on submissions; None where none applies.
    `letter`: an entity sends it, and so no person does.
    `location_confirmed`: the sender has said that point and place are both right, however far apart.
    `inherits_language`: nobody chose the report's language, it is that of the request or page.
    """

    service: str
    place: str
    text: str
    idempotency_key: str
    client: str
    sent_from: str | None = None
    title: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    location_confirmed: bool = False
    address_text: str = ""
    channel: str = Channel.WEB
    language: str = "ar"
    inherits_language: bool = False
    sender_id: int | None = None
    contact: Contact | None = None
    contact_preference: str = ""
    contact_hours: str = ""
    about_entity: str | None = None
    files: Files = NO_FILES
    letter: Letter | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A submission that may be written: model rows for codes, and cleaned texts."""

    service: Service
    place: Place
    about_entity: Entity | None
    text: str
    title: str
    answers: dict[str, str]
    latitude: float | None
    longitude: float | None
    address_text: str
    channel: str
    language: str
    contact: Contact | None
    contact_preference: str
    contact_hours: str
    letter: CheckedLetter | None


def check(given: SubmitInput) -> tuple[Checked, Catalogue]:
    """Raises Invalid with one error per field. Costs the catalogue's one query."""
    cat = catalogue()
    errors = Errors()
    service = cat.service(given.service) if isinstance(given.service, str) else None
    if service is None:
        errors.add(Code.REQUIRED if not given.service else Code.NOT_FOUND, "service")
    place = cat.place(given.place) if isinstance(given.place, str) else None
    if place is None:
        errors.add(Code.REQUIRED if not given.place else Code.NOT_FOUND, "place")
    elif place.kind == Place.Kind.REGION:
        # Nobody finds anything in a whole region; the site does not offer it.
        errors.add(Code.INVALID, "place")
    if not 22 <= len(given.idempotency_key) <= 64:
        errors.add(Code.INVALID, "idempotencyKey", _("A key has 22 to 64 characters."))
    elif not all("!" <= sign <= "~" for sign in given.idempotency_key):
        # Thirty spaces, or a word of one's own, are no key that nobody else has.
        errors.add(Code.BAD_CHARACTERS, "idempotencyKey")
    text = errors.take(
        lambda: clean_text(given.text, field="text", minimum=TEXT_MINIMUM, maximum=TEXT_MAXIMUM)
    )
    title = errors.take(lambda: clean_text(given.title, field="title", maximum=TITLE_MAXIMUM, one_line=True))
    address = errors.take(
        lambda: clean_text(given.address_text, field="addressText", maximum=300, one_line=True)
    )
    hours = errors.take(
        lambda: clean_text(given.contact_hours, field="contactHours", maximum=40, one_line=True)
    )
    latitude, longitude = _point(given, cat, errors)
    if place is not None and latitude is not None and longitude is not None and not given.location_confirmed:
        _compare((latitude, longitude), place, cat, errors)
    errors.take(lambda: check_count(given.files))
    if given.language not in ("ar", "en"):
        errors.add(Code.INVALID, "locale")
    if given.channel not in Channel.values or (given.channel == Channel.LETTER) != (given.letter is not None):
        errors.add(Code.INVALID, "channel")
    answers: dict[str, str] = {}
    contact = None
    preference = ""
    about = None
    if given.letter is None:
        contact = _contact(service, given, errors)
    if service is not None:
        answers = answers_of(service, given.answers, errors)
        if given.letter is None:
            preference = _preference(service, given, errors)
        if service.needs_location and latitude is None and not address:
            _missing_location(errors)
    if given.about_entity:
        about = cat.entity(given.about_entity)
        if about is None:
            errors.add(Code.NOT_FOUND, "aboutEntity")
    letter = None
    if given.letter is not None:
        letter, wrong = check_letter(given.letter, about, cat)
        errors.found += wrong
    errors.stop()
    if service is None or place is None:
        raise AssertionError("checked above")
    checked = Checked(
        service=service,
        place=place,
        about_entity=about,
        text=text,
        title=title,
        answers=answers,
        latitude=latitude,
        longitude=longitude,
        address_text=address,
        channel=given.channel,
        language=given.language,
        contact=contact,
        contact_preference=preference,
        contact_hours=hours,
        letter=letter,
    )
    return checked, cat


def _point(given: SubmitInput, cat: Catalogue, errors: Errors) -> tuple[float | None, float | None]:
    latitude, longitude = given.latitude, given.longitude
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None:
        errors.add(Code.REQUIRED, "location")
        return None, None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        errors.add(Code.INVALID, "location")
        return None, None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        errors.add(
            Code.OUT_OF_RANGE, "location", _("A latitude is from -90 to 90, a longitude from -180 to 180.")
        )
        return None, None
    if cat.bounds is not None and not cat.bounds.contains(latitude, longitude):
        errors.add(Code.OUTSIDE_REGION, "location")
        return None, None
    return round(latitude, 6), round(longitude, 6)


def _compare(point: tuple[float, float], place: Place, cat: Catalogue, errors: Errors) -> None:
    """A slip in one of the two sends the report to the wrong entity."""
    if contradiction := apart(point, place, cat):
        errors.add(
            Code.FAR_FROM_PLACE,
            "location",
            gettext("The pin is about %(distance)s km from %(place)s. Which of the two is right?")
            % {"distance": contradiction.kilometres, "place": place.name},
        )


def _missing_location(errors: Errors) -> None:
    """A point or words that were given and refused are named already; they are not missing."""
    if not any(error.field in (("location",), ("addressText",)) for error in errors.found):
        errors.add(Code.REQUIRED, "location", _("Put a point on the map, or describe the place in words."))


def _contact(service: Service | None, given: SubmitInput, errors: Errors) -> Contact | None:
    """Without a service nothing is missing yet; what was given is right or wrong all the same."""
    contact = given.contact
    needs_phone = service is not None and not service.allows_anonymous
    if contact is None and given.sender_id is None:
        if needs_phone:
            errors.add(Code.REQUIRED, "sender", _("This service needs a mobile number."))
        return None
    contact = contact or Contact()
    phone = errors.take(lambda: _phone(contact.phone)) if contact.phone else ""
    if given.sender_id is not None:
        # Who is signed in is reached at the number that they have confirmed; a wrong one is told to them too.
        phone = ""
    elif not contact.phone and needs_phone:
        errors.add(Code.REQUIRED, ("sender", "phone"))
    name = errors.take(lambda: clean_text(contact.name, field=("sender", "name"), maximum=120, one_line=True))
    email = contact.email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            errors.add(Code.INVALID, ("sender", "email"))
    if contact.category and contact.category not in SenderCategory.values:
        errors.add(Code.INVALID, ("sender", "category"))
    national_id = ""
    if service is not None and service.requires_national_id:
        if contact.national_id:
            national_id = errors.take(lambda: _national_id(contact.national_id))
        else:
            errors.add(Code.REQUIRED, ("sender", "nationalId"))
    return Contact(name=name, phone=phone, email=email, category=contact.category, national_id=national_id)


def _phone(text: str) -> str:
    try:
        return numbers.to_e164(text)
    except numbers.PhoneInvalid as error:
        raise DomainError(Code(error.code), field=("sender", "phone")) from None


def _national_id(text: str) -> str:
    try:
        return numbers.valid_national_id(text)
    except ValueError:
        raise DomainError(Code.NATIONAL_ID_INVALID, field=("sender", "nationalId")) from None


def _preference(service: Service, given: SubmitInput, errors: Errors) -> str:
    if service.privacy != "confidential":
        return ""
    preference = given.contact_preference or ContactPreference.NEVER
    if preference not in ContactPreference.values:
        errors.add(Code.INVALID, "contactPreference")
    has_number = given.sender_id is not None or bool(given.contact and given.contact.phone)
    if preference != ContactPreference.NEVER and not has_number:
        message = _("Without a mobile number nobody can contact you.")
        errors.add(Code.REQUIRED, ("sender", "phone"), message)
    return preference

"""What a form asks: a service's questions, with answers and shown when they apply; the list of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .models import IntakeQuestion, Place, Service
from .naming import in_language
from .snapshot import catalogue

# More choices than this are a list to open, not cards to scroll past.
MOST_CARDS = 6


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Asked:
    question: IntakeQuestion
    value: str
    is_shown: bool
    choices: tuple[Choice, ...] = ()

    @property
    def code(self) -> str:
        return self.question.code

    @property
    def id(self) -> str:
        """The field's id and name; an error of ("answers", code) points here."""
        return f"answers-{self.question.code}"

    @property
    def widget(self) -> str:
        """cards, list, text, number or date."""
        types = IntakeQuestion.Type
        if self.question.type == types.YESNO:
            return "cards"
        if self.question.type == types.CHOICE:
            # A card cannot be unchosen, so what may stay open is a list with an empty line.
            return "cards" if self.question.required and len(self.choices) <= MOST_CARDS else "list"
        return str(self.question.type)

    @property
    def answer(self) -> str:
        """The answer in words."""
        return next((choice.label for choice in self.choices if choice.value == self.value), self.value)

    @property
    def condition(self) -> Any:
        return self.question.show_when


def _choices(question: IntakeQuestion) -> tuple[Choice, ...]:
    types = IntakeQuestion.Type
    if question.type == types.YESNO:
        known = (Choice("yes", _("Yes")), Choice("no", _("No")))
        return known if question.required else (*known, Choice("", _("I do not know")))
    if question.type == types.CHOICE:
        return tuple(Choice(choice["code"], in_language(_Row(choice), "name")) for choice in question.choices)
    return ()


class _Row:
    def __init__(self, row: dict[str, str]) -> None:
        self.name_ar, self.name_en = row.get("name_ar", ""), row.get("name_en", "")


def asked(service: Service, answers: dict[str, str]) -> list[Asked]:
    """Every question of the service in its order. A condition sees shown questions only."""
    kept: dict[str, str] = {}
    rows = []
    for question in service.questions:  # type: ignore[attr-defined]
        condition = question.show_when
        is_shown = not condition or kept.get(condition["question"]) == condition["equals"]
        value = answers.get(question.code, "")
        if is_shown and value:
            kept[question.code] = value
        rows.append(Asked(question, value, is_shown, _choices(question)))
    return rows


@dataclass(frozen=True)
class Group:
    """A governorate with its cities, centres and districts."""

    head: Place
    places: list[Place]

    @property
    def options(self) -> list[Place]:
        return [self.head, *self.places]


def groups_of_places() -> list[Group]:
    cat = catalogue()

    def below(place: Place) -> list[Place]:
        return [found for child in cat.children(place) for found in (child, *below(child))]

    return [Group(head, below(head)) for region in cat.children(None) for head in cat.children(region)]

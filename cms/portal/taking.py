"""What each step's form carries, taken into the draft as it was typed."""

from __future__ import annotations

from django.http import QueryDict

from cms.entities.snapshot import catalogue

from .choosing import words_of
from .drafts import LONGEST_KEPT, Draft


def _text(data: QueryDict, name: str, limit: int = 1000) -> str:
    return data.get(name, "")[:limit]


def what(draft: Draft, data: QueryDict) -> None:
    if "service" in data:
        draft.service = _text(data, "service", 60)
    draft.query = words_of(data, "q")
    draft.sentence = words_of(data, "sentence") or draft.sentence
    draft.carry_sentence()


def words(draft: Draft, data: QueryDict) -> None:
    draft.query = draft.sentence = words_of(data, "q")


def where(draft: Draft, data: QueryDict) -> None:
    draft.place = _text(data, "place", 80)
    draft.address = _text(data, "address")
    draft.latitude = _text(data, "latitude", 40)
    draft.longitude = _text(data, "longitude", 40)
    draft.has_map = data.get("map") == "1"


def details(draft: Draft, data: QueryDict) -> None:
    draft.text = _text(data, "text", LONGEST_KEPT)
    draft.seen = [code[:60] for code in data.getlist("seen")[:100]]
    service = catalogue().service(draft.service)
    for question in service.questions if service else ():  # type: ignore[attr-defined]
        name = f"answers-{question.code}"
        if name in data:
            draft.answers[question.code] = _text(data, name)

"""The blocks of a page's body as typed GraphQL objects, one for each block that editors can place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from wagtail.rich_text import RichText, expand_db_html

from .bodies import IMAGE_SPECIFICATION, Bodies, image_id, items_of, stream_of


def _html(value: RichText | str, bodies: Bodies) -> str:
    """The HTML of a rich text, its links to pages and documents resolved."""
    return str(expand_db_html(bodies.resolved(value.source if isinstance(value, RichText) else str(value))))


@strawberry.type
class HeadingBlock:
    text: str
    level: int = strawberry.field(description="2 opens a section, 3 a part of one.")


@strawberry.type
class ParagraphBlock:
    html: str


@strawberry.type
class ListBlock:
    items: list[str]


@strawberry.type
class Step:
    title: str
    text: str


@strawberry.type
class StepsBlock:
    steps: list[Step]


@strawberry.type
class NoteBlock:
    kind: str = strawberry.field(description="info, ok, warn, bad or mute.")
    title: str
    html: str


@strawberry.type
class QuoteBlock:
    text: str
    source: str


@strawberry.type
class Card:
    icon: str
    title: str
    text: str
    url: str | None


@strawberry.type
class CardsBlock:
    cards: list[Card]


@strawberry.type
class PictureBlock:
    url: str
    width: int
    height: int
    alternative_text: str
    caption: str


@strawberry.type
class QuestionAndAnswer:
    question: str
    answer_html: str


@strawberry.type
class FaqBlock:
    heading: str
    questions: list[QuestionAndAnswer]


@strawberry.type
class CallToActionBlock:
    title: str
    text: str
    button: str
    leads_to: str = strawberry.field(description="submit or track.")


Block = Annotated[
    HeadingBlock
    | ParagraphBlock
    | ListBlock
    | StepsBlock
    | NoteBlock
    | QuoteBlock
    | CardsBlock
    | PictureBlock
    | FaqBlock
    | CallToActionBlock,
    strawberry.union("Block", description="One piece of a page's body."),
]


def _cards(raw: Any, bodies: Bodies) -> CardsBlock:
    return CardsBlock(
        cards=[
            Card(
                icon=card.get("icon") or "",
                title=card["title"],
                text=card.get("text") or "",
                url=bodies.urls.get(int(card["page"])) if card.get("page") else card.get("url") or None,
            )
            for card in items_of(raw)
        ]
    )


def _picture(raw: Any, bodies: Bodies) -> PictureBlock | None:
    image = bodies.images.get(image_id(raw) or 0)
    if image is None:
        return None
    rendition = image.get_rendition(IMAGE_SPECIFICATION)
    chosen = raw["image"]
    words = "" if isinstance(chosen, dict) and chosen.get("decorative") else image.default_alt_text
    if isinstance(chosen, dict) and not chosen.get("decorative"):
        words = chosen.get("alt_text") or ""
    return PictureBlock(
        url=rendition.full_url,
        width=rendition.width,
        height=rendition.height,
        alternative_text=words or "",
        caption=raw.get("caption") or "",
    )


def _faq(value: Any, bodies: Bodies) -> FaqBlock:
    questions = [
        QuestionAndAnswer(question=item["question"], answer_html=_html(item["answer"], bodies))
        for item in value["questions"]
    ]
    return FaqBlock(heading=value.get("heading") or "", questions=questions)


Maker = Callable[[Any, Bodies], Any]

# Wagtail's name of a block → how its value is told.
MAKERS: dict[str, Maker] = {
    "heading": lambda value, _: HeadingBlock(text=value["text"], level=3 if value["level"] == "h3" else 2),
    "paragraph": lambda value, bodies: ParagraphBlock(html=_html(value, bodies)),
    "list": lambda value, _: ListBlock(items=[str(item) for item in value]),
    "steps": lambda value, _: StepsBlock(
        steps=[Step(title=step["title"], text=step.get("text") or "") for step in value]
    ),
    "note": lambda value, bodies: NoteBlock(
        kind=value["kind"], title=value.get("title") or "", html=_html(value["text"], bodies)
    ),
    "quote": lambda value, _: QuoteBlock(text=value["text"], source=value.get("source") or ""),
    "faq": _faq,
    "group": _faq,
    "call_to_action": lambda value, _: CallToActionBlock(
        title=value["title"],
        text=value.get("text") or "",
        button=value["button"],
        leads_to=value["leads_to"].rpartition(":")[2],
    ),
}
# Those that point at rows are made from the stored ids: Wagtail would read each body's by themselves.
RAW_MAKERS: dict[str, Maker] = {"cards": _cards, "picture": _picture}


def blocks_of(page: Any, bodies: Bodies) -> list[Any]:
    """The typed blocks of a page's body; an empty list for pages without one."""
    stream = stream_of(page)
    made: list[Any] = []
    for index, raw in enumerate(getattr(stream, "raw_data", ())):
        kind = raw["type"]
        if kind in RAW_MAKERS:
            made.append(RAW_MAKERS[kind](raw["value"], bodies))
        elif kind in MAKERS:
            made.append(MAKERS[kind](stream[index].value, bodies))
    return [block for block in made if block is not None]

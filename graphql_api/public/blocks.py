"""The blocks of a page's body as typed GraphQL objects, one for each block that editors can place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from wagtail.models import Page
from wagtail.rich_text import RichText, expand_db_html

IMAGE_SPECIFICATION = "width-1280|format-webp"


def _html(value: RichText | str) -> str:
    """The HTML of a rich text, its links to pages and documents resolved."""
    return str(expand_db_html(value.source if isinstance(value, RichText) else str(value)))


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


def _card_url(card: Any) -> str | None:
    page: Page | None = card.get("page")
    if page is not None:
        url: str | None = page.localized.url
        return url
    return card.get("url") or None


def _picture(value: Any) -> PictureBlock | None:
    image = value.get("image")
    if image is None:
        return None
    rendition = image.get_rendition(IMAGE_SPECIFICATION)
    return PictureBlock(
        url=rendition.full_url,
        width=rendition.width,
        height=rendition.height,
        alternative_text=getattr(image, "contextual_alt_text", None) or "",
        caption=value.get("caption") or "",
    )


def _faq(value: Any) -> FaqBlock:
    questions = [
        QuestionAndAnswer(question=item["question"], answer_html=_html(item["answer"]))
        for item in value["questions"]
    ]
    return FaqBlock(heading=value.get("heading") or "", questions=questions)


# Wagtail's name of a block → how its value is told.
MAKERS: dict[str, Callable[[Any], Any]] = {
    "heading": lambda value: HeadingBlock(text=value["text"], level=3 if value["level"] == "h3" else 2),
    "paragraph": lambda value: ParagraphBlock(html=_html(value)),
    "list": lambda value: ListBlock(items=[str(item) for item in value]),
    "steps": lambda value: StepsBlock(
        steps=[Step(title=step["title"], text=step.get("text") or "") for step in value]
    ),
    "note": lambda value: NoteBlock(
        kind=value["kind"], title=value.get("title") or "", html=_html(value["text"])
    ),
    "quote": lambda value: QuoteBlock(text=value["text"], source=value.get("source") or ""),
    "cards": lambda value: CardsBlock(
        cards=[
            Card(
                icon=card.get("icon") or "",
                title=card["title"],
                text=card.get("text") or "",
                url=_card_url(card),
            )
            for card in value
        ]
    ),
    "picture": _picture,
    "faq": _faq,
    "group": _faq,
    "call_to_action": lambda value: CallToActionBlock(
        title=value["title"],
        text=value.get("text") or "",
        button=value["button"],
        leads_to=value["leads_to"].rpartition(":")[2],
    ),
}


def blocks_of(page: Any) -> list[Any]:
    """The typed blocks of a page's body; an empty list for pages without one."""
    stream = getattr(page, "body", None) or getattr(page, "groups", None) or ()
    made = (MAKERS[block.block_type](block.value) for block in stream if block.block_type in MAKERS)
    return [block for block in made if block is not None]

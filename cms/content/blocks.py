"""The pieces a page is built of, as on the design board. Shared by every page that has a body."""

from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock as WagtailImageBlock

from .icons import IconBlock

INLINE = ["bold", "italic", "link", "document-link"]
PREVIEW = "content/block_preview.html"


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Heading"), max_length=120)
    level = blocks.ChoiceBlock(
        label=_("Level"), choices=[("h2", _("Section")), ("h3", _("Part of a section"))], default="h2"
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        description = _("Opens a section. Sections are listed beside the page.")
        template = "content/blocks/heading.html"
        preview_template = PREVIEW
        preview_value = {"text": "ما الذي يجعل البلاغ واضحًا؟", "level": "h2"}

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["anchor"] = anchor(value["text"])
        return context


def anchor(heading: str) -> str:
    """The id of a heading; the list of sections links to it."""
    return slugify(heading, allow_unicode=True) or "section"


class ParagraphBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(features=INLINE, **kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Paragraph")
        description = _("Text with bold, italics and links.")
        template = "content/blocks/paragraph.html"
        preview_template = PREVIEW
        preview_value = "<p>تحتاج الجهة إلى أن تعرف <b>ماذا</b> و<b>أين</b> و<b>منذ متى</b>.</p>"


class BulletsBlock(blocks.ListBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(blocks.TextBlock(label=_("Item"), rows=2), **kwargs)

    class Meta:
        icon = "list-ul"
        label = _("List")
        description = _("Short points, one line each where possible.")
        template = "content/blocks/bullets.html"
        preview_template = PREVIEW
        preview_value = ["موضوع واحد في البلاغ الواحد", "معلم قريب لا يتغير"]


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Step"), max_length=80)
    text = blocks.TextBlock(label=_("Text"), rows=2, required=False)

    class Meta:
        icon = "order"
        label = _("Step")


class StepsBlock(blocks.ListBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(StepBlock(), **kwargs)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        description = _("A numbered course of action, each step with a title.")
        template = "content/blocks/steps.html"
        preview_template = PREVIEW
        preview_value = [
            {"title": "اختر الموضوع", "text": "اكتب كلمة أو كلمتين."},
            {"title": "حدد المكان", "text": "على الخريطة أو بالوصف."},
        ]


class NoteBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        default="info",
        choices=[
            ("info", _("Good to know")),
            ("ok", _("Good news")),
            ("warn", _("Take care")),
            ("bad", _("Danger")),
            ("mute", _("Aside")),
        ],
    )
    title = blocks.CharBlock(label=_("Title"), required=False, max_length=80)
    text = blocks.RichTextBlock(label=_("Text"), features=INLINE)

    class Meta:
        icon = "warning"
        label = _("Note")
        description = _("A coloured box for what must not be missed. At most two on a page.")
        template = "content/blocks/note.html"
        preview_template = PREVIEW
        preview_value = {
            "kind": "warn",
            "title": "لا تكتب في البلاغ",
            "text": "<p>أرقام الهويات والحسابات.</p>",
        }

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["icon"] = {"ok": "done", "warn": "alert", "bad": "alert"}.get(value["kind"], "info")
        return context


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Words"), rows=3)
    source = blocks.CharBlock(label=_("Who said it"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        description = _("Somebody's own words, with who said them.")
        template = "content/blocks/quote.html"
        preview_template = PREVIEW
        preview_value = {
            "text": "البلاغ الواضح يصل إلى فرقة الميدان في ساعته الأولى.",
            "source": "منسقة بلاغات الطرق",
        }


class CardBlock(blocks.StructBlock):
    icon = IconBlock(label=_("Icon"), required=False)
    title = blocks.CharBlock(label=_("Title"), max_length=80)
    text = blocks.TextBlock(label=_("Text"), rows=2, required=False)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    url = blocks.CharBlock(label=_("Or an address"), required=False, max_length=300)

    class Meta:
        icon = "doc-full-inverse"
        label = _("Card")


class CardsBlock(blocks.ListBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(CardBlock(), **kwargs)

    class Meta:
        icon = "grip"
        label = _("Cards")
        description = _("Two or more ways to go on, side by side.")
        template = "content/blocks/cards.html"
        preview_template = PREVIEW
        preview_value = [
            {
                "icon": "road",
                "title": "حفرة في الطريق",
                "text": "الرد خلال 5 أيام عمل",
                "page": None,
                "url": "/",
            },
            {"icon": "drop", "title": "تسرب مياه", "text": "الرد خلال يومي عمل", "page": None, "url": "/"},
        ]


class PictureBlock(blocks.StructBlock):
    image = WagtailImageBlock(label=_("Image"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Image")
        description = _("A photo or a drawing, with words for who cannot see it.")
        template = "content/blocks/picture.html"
        # The sample is a drawing of ours: an image of the library may be deleted.
        preview_template = "content/picture_preview.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=200)
    answer = blocks.RichTextBlock(label=_("Answer"), features=[*INLINE, "ul"])

    class Meta:
        icon = "help"
        label = _("Question")


class FaqBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Subject"), max_length=80, required=False)
    questions = blocks.ListBlock(QuestionBlock(), label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        description = _("Questions that open one by one, under one subject.")
        template = "content/blocks/faq.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "الإرسال",
            "questions": [{"question": "متى يصلني الرد؟", "answer": "<p>ترى الموعد قبل أن ترسل وبعده.</p>"}],
        }

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        context["anchor"] = anchor(value["heading"]) if value["heading"] else ""
        return context


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), max_length=80)
    text = blocks.CharBlock(label=_("Text"), max_length=200, required=False)
    button = blocks.CharBlock(label=_("Button"), max_length=40)
    leads_to = blocks.ChoiceBlock(
        label=_("Leads to"),
        default="portal:submit",
        choices=[("portal:submit", _("Send a report")), ("portal:track", _("Track a report"))],
    )

    class Meta:
        icon = "tick-inverse"
        label = _("Call to action")
        description = _("A large button at the end of a page.")
        template = "content/blocks/call_to_action.html"
        preview_template = PREVIEW
        preview_value = {
            "title": "جاهز؟ يستغرق دقيقتين",
            "text": "أسئلة قصيرة لا أكثر.",
            "button": "قدّم بلاغًا",
            "leads_to": "portal:submit",
        }


class BodyBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    paragraph = ParagraphBlock()
    list = BulletsBlock()
    steps = StepsBlock()
    note = NoteBlock()
    quote = QuoteBlock()
    cards = CardsBlock()
    picture = PictureBlock()
    faq = FaqBlock()
    call_to_action = CallToActionBlock()


class OftenBlock(blocks.StructBlock):
    """A word that many people come with; it opens the form with the search already made."""

    icon = IconBlock(label=_("Icon"), required=False)
    text = blocks.CharBlock(label=_("Text"), max_length=40)
    words = blocks.CharBlock(label=_("Words to search the services for"), max_length=60)

    class Meta:
        icon = "search"
        label = _("Often reported")


class KindBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[
            ("complaint", _("Complaint")),
            ("observation", _("Observation")),
            ("request", _("Request")),
            ("suggestion", _("Suggestion")),
            ("inquiry", _("Inquiry")),
            ("thanks", _("Thanks")),
        ],
    )
    icon = IconBlock(label=_("Icon"))
    title = blocks.CharBlock(label=_("Title"), max_length=40)
    text = blocks.CharBlock(label=_("Text"), max_length=100)

    class Meta:
        icon = "tag"
        label = _("Kind of report")

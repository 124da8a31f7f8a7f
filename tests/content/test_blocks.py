"""Every block shows what was typed into it, and editors see a preview of each."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.images import ImageFile
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image as Picture
from wagtail.blocks import Block
from wagtail.images.models import Image

from cms.content.blocks import BodyBlock
from cms.content.models import InformationPage

KINDS = sorted(BodyBlock().child_blocks)


@pytest.fixture
def picture(db: Any, settings: Any, tmp_path: Any) -> Image:
    settings.MEDIA_ROOT = str(tmp_path)
    raw = BytesIO()
    Picture.new("RGB", (40, 30), "green").save(raw, "PNG")
    return Image.objects.create(title="x", file=ImageFile(BytesIO(raw.getvalue()), name="x.png"))


@pytest.mark.parametrize("kind", KINDS)
def test_editors_are_told_what_a_block_is_for(kind: str) -> None:
    block: Block = BodyBlock().child_blocks[kind]
    assert block.meta.icon
    assert str(block.meta.description)
    assert str(block.label)
    assert block.is_previewable


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_preview_renders_the_sample_in_the_site_s_look(kind: str, rf: Any) -> None:
    block: Block = BodyBlock().child_blocks[kind]
    value = block.normalize(block.get_preview_value())
    context = {"bound_block": block.bind(value), "block_def": block}
    html = render_to_string(block.get_preview_template(value), context, request=rf.get("/admin/x/"))
    assert "css/site.css" in html
    assert html.count("<main") == 1


def test_a_page_shows_every_block(client: Client, pages: Any, picture: Image) -> None:
    page = InformationPage.objects.get(slug="about", locale__language_code="en")
    page.body = [
        ("heading", {"text": "First part", "level": "h2"}),
        ("paragraph", "<p>Some <b>bold</b> words</p>"),
        ("list", ["one point", "another"]),
        ("steps", [{"title": "Step one", "text": "Do it"}]),
        ("note", {"kind": "warn", "title": "Beware", "text": "<p>of this</p>"}),
        ("quote", {"text": "Well said", "source": "Someone"}),
        ("cards", [{"icon": "road", "title": "A card", "text": "text", "page": page, "url": ""}]),
        ("picture", {"image": picture, "caption": "A green field"}),
        ("faq", {"heading": "Asked", "questions": [{"question": "Why?", "answer": "<p>Because.</p>"}]}),
        ("call_to_action", {"title": "Ready?", "text": "", "button": "Go", "leads_to": "portal:submit"}),
    ]
    page.save_revision().publish()
    html = client.get("/en/about/").content.decode()
    for words in (
        "First part",
        "<b>bold</b>",
        "another",
        "Step one",
        "Beware",
        "Well said",
        "A card",
        "Why?",
    ):
        assert words in html, words
    assert 'id="first-part"' in html
    assert 'href="/en/report/"' in html
    assert "A green field" in html
    assert 'href="/en/about/"' in html
    # What was written is found at once.
    assert "/en/about/" in client.get("/en/search/", {"q": "green field"}).content.decode()


@pytest.mark.django_db
def test_a_phone_fetches_a_small_picture(picture: Image) -> None:
    wide = BytesIO()
    Picture.new("RGB", (2000, 1500), "green").save(wide, "PNG")
    large = Image.objects.create(title="y", file=ImageFile(BytesIO(wide.getvalue()), name="y.png"))
    block = BodyBlock().child_blocks["picture"]

    html = block.render(block.normalize({"image": large, "caption": ""}))

    sizes = re.findall(r"/images/\S+?width-(\d+)\S*?\.webp (\d+)w", html)
    assert sizes == [("400", "400"), ("800", "800"), ("1280", "1280")]
    assert 'sizes="(min-width: 44rem) 42rem, calc(100vw - 2rem)"' in html
    assert re.search(r'height="300".* src="\S+width-400\S+".* width="400"', html)
    # A picture that is smaller than all of them is not made larger.
    small = block.render(block.normalize({"image": picture, "caption": ""}))
    assert re.findall(r" (\d+)w", small)[0] == "40"

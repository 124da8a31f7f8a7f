"""What an editor does with pages: history, autosave, schedule, redirects, translation, pictures."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.models import Image
from wagtail.models import Collection, Locale, Page, PageLogEntry, Workflow
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.celery import app
from cms.content.demo_pages import let_editors_edit
from cms.content.models import HomePage, InformationPage, NewsIndexPage, NewsPage
from permissions.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages", "contexts")]


@pytest.fixture
def editor(client: Client) -> Client:
    user = User.objects.create(username="e", is_active=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(model: type[Any], language: str = "ar") -> Any:
    return model.objects.filter(locale__language_code=language).order_by("pk").first()


def test_the_first_edit_of_a_loaded_page_can_be_undone(editor: Client) -> None:
    # given a page as the demonstration loads it: one published version, of nobody's hand
    assert not Page.objects.filter(depth__gt=1, latest_revision=None).exists()
    page = page_of(InformationPage)
    first = page.latest_revision
    assert (first.user, page.live_revision, page.has_unpublished_changes) == (None, first, False)
    logs = PageLogEntry.objects.filter(page=page).order_by("pk").values_list("action", "user", "revision")
    assert list(logs) == [("wagtail.create", None, None), ("wagtail.edit", None, first.pk)]
    before = page.introduction
    # when an editor changes and publishes it
    page.introduction = "نص آخر"
    page.save_revision().publish()
    # then the history offers the first version, and it brings the text back
    back = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk])
    assert back in editor.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()
    assert editor.get(back).context["form"].initial["introduction"] == before


def test_nothing_is_saved_beside_the_publishing(editor: Client) -> None:
    """An autosave that overlaps it makes a published page a draft again (Wagtail 8)."""
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[page_of(InformationPage).pk])).content.decode()
    assert "w-unsaved" in html
    assert "data-w-autosave-interval-value" not in html
    assert "w-autosave#save" not in html


def test_the_clock_publishes_and_takes_down_at_the_set_time(client: Client) -> None:
    task = settings.CELERY_BEAT_SCHEDULE["cms.content.tasks.publish_scheduled"]
    app.loader.import_default_modules()
    now = timezone.now()
    index = page_of(NewsIndexPage)
    page = NewsPage(title="خبر مجدول", slug="scheduled", introduction="م", date=now.date(), live=False)
    page.locale = index.locale
    index.add_child(instance=page)
    page.go_live_at = now + timedelta(hours=1)
    page.save_revision().publish()
    assert client.get("/news/scheduled/").status_code == 404
    app.tasks[task["task"]]()
    assert client.get("/news/scheduled/").status_code == 404
    # when the clock ticks after the time that was set, and after the end
    with time_machine.travel(now + timedelta(minutes=61)):
        app.tasks[task["task"]]()
    assert client.get("/news/scheduled/").status_code == 200
    Page.objects.filter(pk=page.pk).update(expire_at=now - timedelta(minutes=1))
    app.tasks[task["task"]]()
    assert client.get("/news/scheduled/").status_code == 404
    assert 0 < task["schedule"] <= 60


@pytest.mark.parametrize(("old", "language"), [("/old/", "ar"), ("/en/old/", "en")])
def test_a_redirect_leads_on_in_both_languages(
    editor: Client, client: Client, old: str, language: str
) -> None:
    target = page_of(InformationPage, language)
    answer = editor.post(
        reverse("wagtailredirects:add"),
        {"old_path": old, "site": "", "is_permanent": "on", "redirect_page": target.pk, "redirect_link": ""},
    )
    assert answer.status_code == 302
    assert Redirect.objects.count() == 1
    moved = client.get(old)
    assert (moved.status_code, moved["Location"]) == (301, target.url)


def test_a_changed_page_can_be_carried_to_its_translations(editor: Client) -> None:
    home = page_of(HomePage)
    source = TranslationSource.objects.get_for_instance(home)
    sync = reverse("wagtail_localize:update_translations", args=[source.pk])
    for door in ("wagtailadmin_pages:edit", "wagtailadmin_explore"):
        assert f'href="{sync}' in editor.get(reverse(door, args=[home.pk])).content.decode()
    assert editor.get(sync).status_code == 200


def test_one_system_alone_offers_to_translate(editor: Client) -> None:
    index = page_of(NewsIndexPage)
    page = NewsPage(
        title="خبر", slug="new", introduction="م", date=timezone.now().date(), locale=index.locale
    )
    index.add_child(instance=page)
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert reverse("wagtail_localize:submit_page_translation", args=[page.pk]) in html
    assert "/admin/translation/" not in html
    assert editor.get(f"/admin/translation/submit/page/{page.pk}/").status_code == 404


def news_item(slug: str = "new") -> NewsPage:
    index = page_of(NewsIndexPage)
    page = NewsPage(
        title="خبر جديد", slug=slug, introduction="مقدمة", date=timezone.now().date(), locale=index.locale
    )
    index.add_child(instance=page)
    page.save_revision().publish()
    return page


def test_what_is_sent_for_translation_is_published_by_the_editor_alone(
    editor: Client, client: Client
) -> None:
    # given a published Arabic article
    page = news_item()
    english = Locale.objects.get(language_code="en")
    # when the editor sends it for translation
    answer = editor.post(
        reverse("wagtail_localize:submit_page_translation", args=[page.pk]), {"locales": [english.pk]}
    )
    # then the English site does not have it yet, by address or in the list
    assert answer.status_code == 302
    draft = page.get_translation(english)
    assert (draft.live, draft.alias_of_id) == (False, None)
    assert client.get("/news/new/").status_code == 200
    assert client.get("/en/news/new/").status_code == 404
    assert "خبر جديد" not in client.get("/en/news/").content.decode()
    # when its words are translated and the editor publishes it there
    translation = Translation.objects.get(source__object_id=page.translation_key, target_locale=english)
    for segment in translation.source.stringsegment_set.exclude(context__path="slug").order_by("order"):
        # Before the last one of them it is refused, and Arabic is on no English page.
        answer = editor.post(
            reverse("wagtailadmin_pages:edit", args=[draft.pk]), {"action": "publish"}, follow=True
        )
        [said] = answer.context["messages"]
        assert "لم يُترجم" in str(said) or "لم تُترجم" in str(said)
        draft.refresh_from_db()
        assert not draft.live
        StringTranslation.objects.create(
            translation_of=segment.string,
            locale=english,
            context=segment.context,
            data=f"English words {segment.order}",
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
        )
    with TestCase.captureOnCommitCallbacks(execute=True):
        editor.post(reverse("wagtailadmin_pages:edit", args=[draft.pk]), {"action": "publish"})
    # then it is there in English
    draft.refresh_from_db()
    html = client.get(draft.url).content.decode()
    assert draft.live
    assert "English words" in html
    assert "خبر جديد" not in html


def test_a_placeholder_in_the_other_language_is_not_published(client: Client) -> None:
    # given a tree that is kept in step by placeholders, as a missing parent makes them too
    page = news_item()
    english = Locale.objects.get(language_code="en")
    alias = page.copy_for_translation(english, copy_parents=True, alias=True)
    assert alias.alias_of_id == page.pk
    # then it is not read, at once or when its source is published again
    assert client.get("/en/news/new/").status_code == 404
    page.save_revision().publish()
    alias.refresh_from_db()
    assert not alias.live
    assert client.get("/en/news/new/").status_code == 404
    # and one of the same language is
    beside = page.create_alias(update_slug="beside")
    assert beside.live
    assert client.get("/news/beside/").status_code == 200


def test_a_translation_that_becomes_a_placeholder_again_is_taken_down(editor: Client, client: Client) -> None:
    page = page_of(NewsPage, "en")
    assert client.get(page.url).status_code == 200
    answer = editor.post(reverse("wagtail_localize:convert_to_alias", args=[page.pk]))
    assert answer.status_code == 302
    page.refresh_from_db()
    assert (page.alias_of_id is None, page.live) == (False, False)
    assert client.get(page.url).status_code == 404


def test_the_pages_of_translation_need_no_inline_script(editor: Client) -> None:
    english = page_of(HomePage, "en")
    index = page_of(NewsIndexPage)
    page = NewsPage(
        title="خبر", slug="new", introduction="م", date=timezone.now().date(), locale=index.locale
    )
    index.add_child(instance=page)
    for address in (
        reverse("wagtailadmin_pages:edit", args=[english.pk]),
        reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
    ):
        answer = editor.get(address)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "wagtail-localize" in html
        assert "<script>" not in html
        assert '<script type="text/javascript">' not in html


def test_the_translation_editor_speaks_the_admin_s_language(editor: Client) -> None:
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[page_of(HomePage, "en").pk])).content.decode()
    assert 'data-sawt-translation="ترجمة من العربية إلى الإنجليزية"' in html
    assert 'data-instead-of="العربية to الإنجليزية translation"' in html
    assert timezone.localdate().strftime("%B") not in html


def test_a_huge_picture_is_refused_with_a_sentence(editor: Client) -> None:
    content = BytesIO()
    Pillow.new("1", (14_000, 14_000)).save(content, "PNG")
    answer = editor.post(
        reverse("wagtailimages:add"),
        {"title": "كبيرة", "file": SimpleUploadedFile("big.png", content.getvalue(), "image/png")},
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert not Image.objects.exists()


def test_the_arabic_editor_reads_arabic_where_wagtail_has_english(editor: Client) -> None:
    # given the page whose blocks have icons, and what Wagtail's migrations name in English
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[page_of(HomePage).pk])).content.decode()
    said = re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), html)
    # then choices are told in Arabic
    assert "- Select an option -" not in html
    assert "- اختر -" in said
    assert all(f">{name}<" not in html for name in ("bulb", "palm", "shield"))
    assert "مصباح" in said
    # and so are collections and workflows
    Workflow.objects.get_or_create(name="Moderators approval")
    let_editors_edit([])
    assert not Collection.objects.filter(name="Root").exists()
    assert not Page.objects.filter(title="Root").exists()
    assert set(Workflow.objects.values_list("name", flat=True)) == {"موافقة المراجعين"}


def test_an_icon_is_chosen_by_its_picture(editor: Client) -> None:
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[page_of(HomePage).pk])).content.decode()
    plain = html.replace("\\", "").replace("u003C", "<").replace("&quot;", '"').replace("&lt;", "<")
    assert re.search(r'<input[^>]+type="radio"[^>]+value="bulb".*?icons\.[^#]*svg#i-bulb', plain)


def test_what_nobody_made_is_the_systems(editor: Client) -> None:
    page = page_of(InformationPage)
    back = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, page.latest_revision_id])
    told = [str(message) for message in editor.get(back).context["messages"]]
    assert any("النظام" in message for message in told)
    assert not any("None" in message for message in told)


def test_the_history_tells_a_schedule_in_arabic(editor: Client) -> None:
    page = news_item()
    page.go_live_at = timezone.now() + timedelta(days=1)
    page.save_revision(user=User.objects.get(username="e"), log_action=True).publish(
        user=User.objects.get(username="e")
    )
    html = editor.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()
    assert "scheduled for publishing" not in html

"""The demonstration tenant's pages, in both languages, from pages.json and site.json.

What is there already is left alone: an editor's changes outlive a second load. Each Arabic page is also
registered as the source of its English one, with the English texts as its translation, so that an editor
goes on translating where the demonstration stopped.
"""

import html
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Task,
    Workflow,
)

from cms.entities.phone import served_countries

from .context import forget_frames
from .models import (
    FaqPage,
    HomePage,
    InformationPage,
    MenuSettings,
    NewsIndexPage,
    NewsPage,
    ServiceGuidePage,
    TenantSettings,
)
from .translating import link_translation

LANGUAGES = ("ar", "en")
EDITORS = "Editors"
Texts = list[str]
TELEPHONE = re.compile(r"\+\d{8,15}\b")


def block(kind: str, value: Any, *where: Any) -> dict[str, Any]:
    """A stream block whose id is the same in both languages: that is how a translation finds its source."""
    return {"type": kind, "value": value, "id": str(uuid5(NAMESPACE_URL, "/".join(map(str, where))))}


def rich(text: str) -> str:
    """A paragraph. A telephone number becomes a link: a phone dials it, and Arabic text does not turn it."""
    dialled = TELEPHONE.sub(r'<a href="tel:\g<0>">\g<0></a>', html.escape(text, quote=False))
    return f"<p>{dialled}</p>"


def load_pages(data_dir: Path) -> None:
    """Makes what is missing of the tenant's settings, pages, translations, menus and editors' permissions."""
    files = {name: json.loads((data_dir / f"{name}.json").read_text("utf-8")) for name in ("site", "pages")}
    with transaction.atomic():
        loader = PageLoader(files["site"], files["pages"])
        loader.load()
        let_editors_edit(loader.homes.values())
    forget_frames()


@dataclass
class Entry:
    """One page in both languages, before it is a row."""

    model: type[Any]
    slug: str
    values: tuple[dict[str, Any], dict[str, Any]]


class PageLoader:
    def __init__(self, site: dict[str, Any], pages: dict[str, Any]) -> None:
        self.site = site
        self.pages = pages
        self.not_yet = set(site["not_yet"])
        self.instead: dict[str, Texts] = site["instead"]
        self.locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in LANGUAGES}
        self.homes: dict[str, Page] = {}
        self.by_slug: dict[str, Page] = {}

    def load(self) -> None:
        home = self.home()
        guides = self.collection(InformationPage, "guides")
        news = self.collection(NewsIndexPage, "news")
        self.place(home, self.collection(ServiceGuidePage, "services"))
        for page in self.pages["pages"]:
            if page["kind"] == "page" and page["slug"] not in self.not_yet:
                self.place(home, self.text_page(InformationPage, page["slug"], page))
        self.place(home, self.faq())
        above = {"news": self.place(home, news), "article": self.place(home, guides)}
        model = {"news": NewsPage, "article": InformationPage}
        for page in self.pages["pages"]:
            if page["kind"] in above and page["slug"] not in self.not_yet:
                slug = page["slug"].removeprefix(page["kind"] + "-")
                self.place(above[page["kind"]], self.text_page(model[page["kind"]], slug, page))
        self.settings()

    # --- the tree ---------------------------------------------------------------------------------

    def home(self) -> dict[str, Page]:
        """Both home pages, and the site that begins at the Arabic one."""
        # Wagtail's own welcome page has the address that ours needs. Its site goes with it.
        for page in Page.objects.filter(depth=2):
            if type(page.specific) is Page:
                page.delete()
        root = Page.get_first_root_node() or Page.add_root(
            title="Root", slug="root", locale=self.locales["ar"]
        )
        texts = self.site["home"]
        pages: dict[str, Page] = {}
        for index, code in enumerate(LANGUAGES):
            page = HomePage.objects.filter(locale=self.locales[code], depth=2).first()
            if page is None:
                page = root.add_child(instance=self.new_home(texts, index, code, pages.get("ar")))
                begin_history(page)
            pages[code] = page
        first = pages["ar"]
        site = Site.objects.filter(is_default_site=True).first()
        address = urlsplit(settings.SAWT_BASE_URL)
        if site is None or not isinstance(site.root_page.specific, HomePage):
            site = site or Site(is_default_site=True)
            site.hostname, site.port = address.hostname or "localhost", address.port or 80
            if address.scheme == "https" and not address.port:
                site.port = 443
            site.site_name, site.root_page = self.site["tenant"]["name_ar"], first
            site.save()
        link_translation(pages["ar"], pages["en"])
        self.homes = pages
        return pages

    def new_home(self, texts: dict[str, Any], index: int, code: str, source: Page | None) -> HomePage:
        plain = {name: value[index] for name, value in texts.items() if isinstance(value[0], str)}
        streams = {
            name: [
                block(
                    kind,
                    {k: v if isinstance(v, str) else v[index] for k, v in value.items()},
                    "home",
                    name,
                    n,
                )
                for n, value in enumerate(texts[name])
            ]
            for name, kind in (("often", "often"), ("steps", "step"), ("kinds", "kind"))
        }
        page = HomePage(slug="home" if code == "ar" else f"home-{code}", **plain)
        self.dress(page, code, source)
        for name, value in streams.items():
            setattr(page, name, json.dumps(value))
        return page

    def place(self, parents: dict[str, Page], entry: Entry) -> dict[str, Page]:
        """The page in both languages under the parent of its language; made where it is missing."""
        made: dict[str, Page] = {}
        for index, code in enumerate(LANGUAGES):
            parent = parents[code]
            page = entry.model.objects.child_of(parent).filter(slug=entry.slug).first()
            if page is None:
                page = entry.model(slug=entry.slug, **entry.values[index])
                self.dress(page, code, made.get("ar"))
                parent.add_child(instance=page)
                begin_history(page)
                parent.refresh_from_db()
            made[code] = page
        link_translation(made["ar"], made["en"])
        self.by_slug[entry.slug] = made["ar"]
        return made

    def dress(self, page: Any, code: str, source: Page | None) -> None:
        page.locale = self.locales[code]
        page.translation_key = source.translation_key if source else self.key(page)
        page.live = True
        page.show_in_menus = True
        page.first_published_at = page.last_published_at = page.latest_revision_created_at = timezone.now()

    @staticmethod
    def key(page: Any) -> UUID:
        return uuid5(NAMESPACE_URL, f"sawt-page/{type(page).__name__}/{page.slug}")

    # --- what is on a page ------------------------------------------------------------------------

    def collection(self, model: type[Any], slug: str) -> Entry:
        texts = self.site["collections"][slug]
        first, second = (
            {"title": texts["title"][n], "introduction": texts["introduction"][n]} for n in range(2)
        )
        return Entry(model, slug, (first, second))

    def text_page(self, model: type[Any], slug: str, page: dict[str, Any]) -> Entry:
        values = []
        for language in LANGUAGES:
            value: dict[str, Any] = {
                "title": page[f"title_{language}"],
                "introduction": page[f"intro_{language}"],
                "body": json.dumps(list(self.body(page, language))),
            }
            if model is NewsPage:
                value["date"] = date.fromisoformat(page["date"])
            values.append(value)
        return Entry(model, slug, (values[0], values[1]))

    def body(self, page: dict[str, Any], language: str) -> list[dict[str, Any]]:
        blocks = []
        for number, part in enumerate(page["body"]):
            where = ("page", page["slug"], number)
            if part["type"] == "list":
                items = [
                    block("item", text, *where, n)
                    for n in range(len(part["en"]))
                    if (text := self.said(part["en"][n], part[language][n], language))
                ]
                blocks.append(block("list", items, *where))
                continue
            text = self.said(part["en"], part[language], language)
            # News begins with its lead, which is the introduction.
            text = text.removeprefix(page[f"intro_{language}"]).strip()
            if not text:
                continue
            if part["type"] == "heading":
                blocks.append(block("heading", {"text": text, "level": "h2"}, *where))
            else:
                blocks.append(block("paragraph", rich(text), *where))
        return blocks

    def said(self, english: str, text: str, language: str) -> str:
        """The text as it can be said today: left out or put otherwise where it tells of what is not built."""
        if english in self.not_yet:
            return ""
        if english in self.instead:
            text = self.instead[english][LANGUAGES.index(language)]
        return text.replace("{countries}", served_countries(language))

    def faq(self) -> Entry:
        topics: dict[str, Texts] = self.site["topics"]
        values = []
        for index, language in enumerate(LANGUAGES):
            groups = []
            for topic, headings in topics.items():
                questions = [
                    block("item", self.question(row, language), "faq", topic, number)
                    for number, row in enumerate(self.pages["faq"])
                    if row["topic"] == topic and row["question_en"] not in self.not_yet
                ]
                value = {"heading": headings[index], "questions": questions}
                groups.append(block("group", value, "faq", topic))
            texts = self.site["collections"]["faq"]
            values.append(
                {
                    "title": texts["title"][index],
                    "introduction": texts["introduction"][index],
                    "groups": json.dumps(groups),
                }
            )
        return Entry(FaqPage, "faq", (values[0], values[1]))

    def question(self, row: dict[str, Any], language: str) -> dict[str, str]:
        answer = self.said(row["answer_en"], row[f"answer_{language}"], language)
        return {"question": row[f"question_{language}"], "answer": rich(answer)}

    # --- settings ---------------------------------------------------------------------------------

    def settings(self) -> None:
        site = Site.objects.get(is_default_site=True)
        TenantSettings.objects.get_or_create(site=site, defaults=self.site["tenant"])
        if MenuSettings.objects.filter(site=site).exists():
            return
        menus = self.site["menus"]
        short = menus["header_labels"]
        header = [block("link", self.link(name, short.get(name)), "header", name) for name in menus["header"]]
        footer = [
            block(
                "column",
                {
                    "heading_ar": column["heading"][0],
                    "heading_en": column["heading"][1],
                    "links": [
                        block("item", self.link(name), "footer", number, name) for name in column["links"]
                    ],
                },
                "footer",
                number,
            )
            for number, column in enumerate(menus["footer"])
        ]
        MenuSettings.objects.create(site=site, header=json.dumps(header), footer=json.dumps(footer))

    def link(self, name: str, label: Texts | None = None) -> dict[str, Any]:
        """A menu entry; a page without a label shows its own title."""
        part = self.site["menus"]["parts"].get(name)
        arabic, english = label or (part["label"] if part else ("", ""))
        return {
            "label_ar": arabic,
            "label_en": english,
            "page": None if part else self.by_slug[name].pk,
            "part": part["part"] if part else "",
            "url": "",
        }


def begin_history(page: Page) -> None:
    """A first revision, of nobody's hand and published: what an editor's first change is undone to."""
    revision = page.save_revision(clean=False, log_action=True)
    page.live_revision = revision
    page.has_unpublished_changes = False
    Page.objects.filter(pk=page.pk).update(
        live_revision=revision,
        has_unpublished_changes=False,
        first_published_at=page.first_published_at,
        last_published_at=page.last_published_at,
    )


def let_editors_edit(homes: Any) -> None:
    """Pages, pictures, menus and translations for the group of editors; nothing about any report."""
    group, _new = Group.objects.get_or_create(name=EDITORS)
    codenames = ["add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"]
    on_pages = Permission.objects.filter(codename__in=codenames, content_type__app_label="wagtailcore")
    for home in homes:
        for permission in on_pages:
            GroupPagePermission.objects.get_or_create(group=group, page=home, permission=permission)
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    name_in_arabic(root)
    on_files = Permission.objects.filter(
        content_type__app_label__in=("wagtailimages", "wagtaildocs"),
        codename__in=[
            f"{verb}_{kind}" for verb in ("add", "change", "choose") for kind in ("image", "document")
        ],
    )
    for permission in on_files:
        GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)
    elsewhere = {
        "wagtailadmin": ["access_admin"],
        "content": ["change_tenantsettings", "change_menusettings"],
        "wagtailredirects": ["add_redirect", "change_redirect", "delete_redirect"],
        "wagtail_localize": ["submit_translation"],
    }
    for app, wanted in elsewhere.items():
        group.permissions.add(*Permission.objects.filter(content_type__app_label=app, codename__in=wanted))


def name_in_arabic(root: Collection) -> None:
    """What Wagtail's migrations have named in English, where nobody has renamed it."""
    Collection.objects.filter(pk=root.pk, name="Root").update(name="كل الملفات")
    Page.objects.filter(depth=1, title="Root").update(title="كل الصفحات", draft_title="كل الصفحات")
    for model in (Workflow, Task):
        model.objects.filter(name="Moderators approval").update(name="موافقة المراجعين")

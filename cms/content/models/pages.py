"""The pages of the public site. Editors change everything that a visitor reads here."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Page

from ..blocks import BodyBlock, FaqBlock, KindBlock, OftenBlock, StepBlock, anchor
from .base import SitePage

NEWS_ON_HOME = 3
NEWS_ON_A_PAGE = 10
# What a link to a page needs of it; the rest of its many columns costs more to read than the whole list.
LISTED = ["title", "slug", "url_path", "path", "depth", "numchild", "content_type", "locale", "live"]


def _text(verbose_name: Any, default: str = "", length: int = 120) -> models.CharField:
    return models.CharField(verbose_name, max_length=length, default=default, blank=True)


class HomePage(SitePage):
    """Two things at once: a plain question that starts a report, and the tracking form."""

    headline = _text(_("headline"))
    question = _text(_("question above the field"))
    question_hint = _text(_("hint under the field"), length=200)
    submit_label = _text(_("text of the button"), length=40)
    often = StreamField([("often", OftenBlock())], verbose_name=_("often reported"), blank=True, max_num=4)
    track_heading = _text(_("heading of the tracking form"))
    steps_heading = _text(_("heading of the steps"))
    steps = StreamField([("step", StepBlock())], verbose_name=_("what happens to a report"), blank=True)
    kinds_heading = _text(_("heading of the kinds"))
    kinds = StreamField([("kind", KindBlock())], verbose_name=_("kinds of report"), blank=True)
    news_heading = _text(_("heading of the news"))
    body = StreamField(BodyBlock(), verbose_name=_("more"), blank=True)

    content_panels = [
        *SitePage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("headline"),
                FieldPanel("question"),
                FieldPanel("question_hint"),
                FieldPanel("submit_label"),
                FieldPanel("often"),
                FieldPanel("track_heading"),
            ],
            heading=_("Top of the page"),
        ),
        MultiFieldPanel([FieldPanel("steps_heading"), FieldPanel("steps")], heading=_("Steps")),
        MultiFieldPanel([FieldPanel("kinds_heading"), FieldPanel("kinds")], heading=_("Kinds")),
        FieldPanel("news_heading"),
        FieldPanel("body"),
    ]
    searched_fields = ["steps", "kinds", "body"]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "content.InformationPage",
        "content.NewsIndexPage",
        "content.FaqPage",
        "content.ServiceGuidePage",
    ]
    template = "content/home.html"
    page_description = _("The first page. There is one in each language.")

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        index = NewsIndexPage.objects.live().public().child_of(self).only(*LISTED).first()
        context["news_index"] = index
        context["news"] = (
            NewsPage.objects.live()
            .public()
            .child_of(index)
            .only(*LISTED, "date")
            .order_by("-date", "-pk")[:NEWS_ON_HOME]
            if index
            else []
        )
        return context


class InformationPage(SitePage):
    """Any page of text: about, rights, privacy, contact. Pages under it are listed at its end."""

    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    content_panels = [*SitePage.content_panels, FieldPanel("body")]
    parent_page_types = ["content.HomePage", "content.InformationPage"]
    subpage_types = ["content.InformationPage"]
    template = "content/information.html"
    page_description = _("A page of text, with a list of the pages under it.")

    class Meta:
        verbose_name = _("information page")

    @property
    def sections(self) -> list[dict[str, str]]:
        """The headings that the page's own table of contents lists."""
        return [
            {"anchor": anchor(block.value["text"]), "text": block.value["text"]}
            for block in self.body
            if block.block_type == "heading" and block.value["level"] == "h2"
        ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["children"] = InformationPage.objects.live().public().child_of(self)
        # On one of several pages of a kind the others are worth a link; on a top page they are in the menu.
        context["siblings"] = (
            InformationPage.objects.live().public().sibling_of(self, inclusive=False)[:4]
            if self.depth > 3
            else []
        )
        return context


class NewsIndexPage(SitePage):
    content_panels = SitePage.content_panels
    searched_fields: list[str] = []
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.NewsPage"]
    max_count_per_parent = 1
    template = "content/news_index.html"
    page_description = _("All news, newest first.")

    class Meta:
        verbose_name = _("news")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        news = NewsPage.objects.live().public().child_of(self).only(*LISTED, "date").order_by("-date", "-pk")
        context["news"] = Paginator(news, NEWS_ON_A_PAGE).get_page(request.GET.get("p"))
        return context


class NewsPage(SitePage):
    date = models.DateField(_("date"), default=timezone.localdate)
    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    content_panels = [*SitePage.content_panels, FieldRowPanel([FieldPanel("date")]), FieldPanel("body")]
    parent_page_types = ["content.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "content/news.html"
    page_description = _("One piece of news.")

    class Meta:
        verbose_name = _("piece of news")


class FaqPage(SitePage):
    groups = StreamField([("group", FaqBlock())], verbose_name=_("questions and answers"), blank=True)

    content_panels = [*SitePage.content_panels, FieldPanel("groups")]
    searched_fields = ["groups"]
    parent_page_types = ["content.HomePage"]
    subpage_types: list[str] = []
    template = "content/faq.html"
    page_description = _("Questions and answers, grouped by subject.")

    class Meta:
        verbose_name = _("questions page")

    @property
    def sections(self) -> list[dict[str, str]]:
        return [
            {"anchor": anchor(b.value["heading"]), "text": b.value["heading"]}
            for b in self.groups
            if b.value["heading"]
        ]


class ServiceGuidePage(RoutablePageMixin, SitePage):
    """The service guide: written by the catalogue, so that it is never out of date."""

    body = StreamField(BodyBlock(), verbose_name=_("text before the list"), blank=True)

    content_panels = [*SitePage.content_panels, FieldPanel("body")]
    parent_page_types = ["content.HomePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    template = "content/service_guide.html"
    page_description = _("All services, generated from the catalogue.")

    class Meta:
        verbose_name = _("service guide")

    @path("")
    def all_services(self, request: HttpRequest) -> HttpResponse:
        from ..guide import catalogue

        return self.render(request, context_overrides={"catalogue": catalogue()})

    @path("<slug:code>/", name="service")
    def one_service(self, request: HttpRequest, code: str) -> HttpResponse:
        from ..guide import service_or_404

        return self.render(
            request,
            context_overrides={"service": service_or_404(code), "guide": self},
            template="content/service.html",
        )


class PageVote(models.Model):
    """'Was this page useful?': one row per answer, with nothing about who gave it."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="votes", verbose_name=_("page"))
    useful = models.BooleanField(_("useful"))
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    wagtail_reference_index_ignore = True
    # A second answer from one address within this time is taken as a correction and not counted.
    once_in = timedelta(hours=12)

    class Meta:
        verbose_name = _("answer about a page")
        verbose_name_plural = _("answers about pages")

    def __str__(self) -> str:
        return f"{self.page_id}: {'+' if self.useful else '-'}"


__all__ = [
    "FaqPage",
    "HomePage",
    "InformationPage",
    "NewsIndexPage",
    "NewsPage",
    "PageVote",
    "ServiceGuidePage",
]

"""Words that are said for one another: a change holds from the next search on, in every process.

Beside them a tester: what is looked for when somebody writes something.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from search import synonyms
from search.explaining import explained
from search.models import Synonym

from ..policies import KEEP_AND_DELETE
from .fields import formfield
from .guarded import DeskCreateView, DeskEditView, DeskIndexView, DeskViewSet, GuardedMixin, column, flag

LONGEST = 300


class SynonymForm(forms.ModelForm):
    class Meta:
        model = Synonym
        fields = ["words_ar", "words_en", "note", "is_active"]
        formfield_callback = formfield
        help_texts = {
            "words_ar": _(
                "One word each, separated by commas. The article, plurals in ات and ين, hamza and diacritics "
                "are understood without being written; a broken plural is not always."
            ),
            "words_en": _("What reports in English say for it."),
            "note": _("For whoever wonders later: who says so, and where."),
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("words_ar", "words_en"):
            # Twice the same is written once.
            data[name] = list(dict.fromkeys(data.get(name) or []))
        found = synonyms.faults(data["words_ar"], data["words_en"], besides=self.instance.pk)
        for name, error in found:
            self.add_error(name, error)
        return data


class TellingSaved:
    """A word may stand in several rows; whoever writes it finds the words of them all."""

    def save_instance(self) -> Any:
        row = super().save_instance()  # type: ignore[misc]
        stems = synonyms.stems_of(row.words) if row.is_active else frozenset()
        others = {
            other.pk: other
            for rows in synonyms.rows_with(stems).values()
            for other in rows
            if other.pk != row.pk
        }
        if others:
            links = format_html_join(
                " – ",
                '<a href="{}">{}</a>',
                ((reverse("synonyms:edit", args=[pk]), other) for pk, other in others.items()),
            )
            told = gettext("Some of these words stand in other rows too, which stay apart:")
            messages.info(self.request, format_html_join(" ", "{}", ((told,), (links,))))  # type: ignore[attr-defined]
        return row


class SynonymCreateView(TellingSaved, DeskCreateView):
    pass


class SynonymEditView(TellingSaved, DeskEditView):
    pass


class SynonymIndexView(DeskIndexView):
    # With the rows' own name the buttons take the place of the title.
    add_item_label = _("Add")

    @cached_property
    def header_buttons(self) -> list[Any]:
        button = HeaderButton(_("Try a search"), url=reverse("synonyms:try"), icon_name="help")
        return [*super().header_buttons, button]


class TryForm(forms.Form):
    q = forms.CharField(
        label=_("Somebody writes"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"dir": "auto", "type": "search"}),
        help_text=_("As in the search of reports: words, and “phrases”."),
    )


class TryView(GuardedMixin, generic.base.WagtailAdminTemplateMixin, generic.base.View):
    """A form by GET: what was tried can be sent to a colleague. Nothing is searched for."""

    permission_policy: Any = None
    index_url_name = ""
    template_name = "desk/synonyms/try.html"
    page_title = _("What is looked for?")
    header_icon = "help"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        rows = {"url": reverse(self.index_url_name), "label": gettext("Words said for one another")}
        return [*self.breadcrumbs_items, rows, {"url": "", "label": self.get_page_title()}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = TryForm(request.GET if "q" in request.GET else None)
        answer = explained(form.cleaned_data["q"]) if form.is_bound and form.is_valid() else None
        return self.render_to_response(self.get_context_data(form=form, answer=answer))


class SynonymViewSet(DeskViewSet):
    model = Synonym
    codename = "manage_configuration"
    actions = KEEP_AND_DELETE
    name = "synonyms"
    icon = "search"
    menu_label = _("Words said for one another")
    index_view_class = SynonymIndexView
    add_view_class = SynonymCreateView
    edit_view_class = SynonymEditView
    try_view_class = TryView
    list_display = [
        "__str__",
        "note",
        column("source", _("where it comes from"), lambda row: row.get_source_display()),
        flag("is_active", _("in use")),
    ]
    list_filter = ["source", "is_active"]
    search_fields = ["words_ar", "words_en", "note"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SynonymForm

    @property
    def try_view(self) -> Any:
        return self.construct_view(
            self.try_view_class,
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("try/", self.try_view, name="try")]

"""The admin's side of the pages: scripts under the strict policy, and what readers said of pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from .translating import untranslated


@hooks.register("before_edit_page", order=-1)
def only_whole_translations(request: HttpRequest, page: Page) -> HttpResponse | None:
    """wagtail-localize publishes what is not translated in its first language, and says so afterwards."""
    if request.method != "POST" or request.POST.get("action") != "publish":
        return None
    left = untranslated(page)
    if not left:
        return None
    said = ngettext(
        "“%(title)s” was not published: %(n)d text is not translated yet. Where it is the same in both "
        "languages, write it again.",
        "“%(title)s” was not published: %(n)d texts are not translated yet. Where one is the same in both "
        "languages, write it again.",
        left,
    )
    messages.error(request, said % {"title": page.get_admin_display_title(), "n": left})
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("insert_global_admin_js")
def admin_scripts() -> SafeString:
    """Before the editors' own: see js/admin.js."""
    return format_html(
        '<script src="{}" data-image-chooser="{}" data-document-chooser="{}" data-page-chooser="{}">'
        "</script>",
        static("js/admin.js"),
        reverse("wagtailimages_chooser:choose"),
        reverse("wagtaildocs_chooser:choose"),
        reverse("wagtailadmin_choose_page"),
    )

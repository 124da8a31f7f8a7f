"""The admin's side of the pages: scripts under the strict policy, and what readers said of pages."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks


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

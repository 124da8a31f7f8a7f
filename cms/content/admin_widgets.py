"""Wagtail's choosers without their inline script.

A chooser writes `<script>new ImageChooser("id", {…})</script>` beside its field. The admin's policy allows no
inline script, and a nonce on whatever looks like one would be no policy at all: so the same values are left
as data, and frontend_static/js/admin.js makes the chooser.
"""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser
from wagtail_localize import models as translated
from wagtail_localize.views import edit_translation as editing

_with_script = BaseChooser.render


def _with_data(
    self: BaseChooser, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
) -> SafeString:
    if type(self).render_js_init is not BaseChooser.render_js_init or not attrs or "id" not in attrs:
        # A chooser that starts itself in its own way keeps it.
        return _with_script(self, name, value, attrs, renderer)
    value_data = self.get_value_data(value)
    return format_html(
        '{}<span hidden data-sawt-chooser="{}" data-for="{}" data-config="{}"></span>',
        self.render_html(name, value_data, attrs),
        self.js_constructor,
        attrs["id"],
        json.dumps(self.get_js_init_options(attrs["id"], name, value_data)),
    )


def start_choosers_from_data() -> None:
    BaseChooser.render = _with_data


def write_dates_in_digits() -> None:
    """wagtail-localize's dates go through strftime, which names the months in English in every language."""
    translated.DATE_FORMAT = editing.DATE_FORMAT = "%d/%m/%Y"

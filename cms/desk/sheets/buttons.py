"""The way from a list to its table."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button


class TableButtons:
    """For the list of a model that a workbook holds; who sees the list may export and import it."""

    workbook: str

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        address = reverse("desk:table", args=[self.workbook])
        download = reverse("desk:table_export", args=[self.workbook])
        return [
            *super().header_more_buttons,  # type: ignore[misc]
            Button(_("Export"), url=download, icon_name="download", priority=90),
            Button(_("Import"), url=address, icon_name="upload", priority=91),
        ]

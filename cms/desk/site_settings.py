"""Menus and the tenant's names are configuration: the audit trail says who changed what from what.

Wagtail's own screen writes its site history alone, which says that something was changed and not what.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail.admin.auth import require_admin_access
from wagtail.blocks import StreamValue, StructValue
from wagtail.blocks.list_block import ListValue
from wagtail.contrib.settings.views import EditView
from wagtail.models import Page

from .viewsets.guarded import AuditedMixin

# Of a menu with many entries only those that changed are told.
LONGEST = 1000


def said(value: Any) -> str:
    """What an editor sees of a block's value, as one line."""
    return " · ".join(_words(value))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, StructValue):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, Page):
        yield value.title
    elif isinstance(value, (list, tuple, StreamValue, ListValue)):
        for part in value:
            yield from _words(getattr(part, "value", part))
    elif value not in (None, ""):
        yield str(value)


def entries(value: Any) -> list[str]:
    return [said(block.value) for block in value] if isinstance(value, StreamValue) else []


def difference(before: Any, after: Any) -> list[str]:
    """[what is gone, what is new]; both in full where entries only changed places."""
    old, new = entries(before), entries(after)
    gone = [entry for entry in old if entry not in new]
    come = [entry for entry in new if entry not in old]
    if not gone and not come:
        gone, come = old, new
    return [" | ".join(gone)[:LONGEST], " | ".join(come)[:LONGEST]]


class SettingEditView(AuditedMixin, EditView):
    def record(self, instance: Any, data: dict[str, Any]) -> None:
        form = self.form
        streams = [name for name in data["changes"] if isinstance(form.cleaned_data.get(name), StreamValue)]
        data["changes"] |= {
            name: difference(form.initial.get(name), form.cleaned_data[name]) for name in streams
        }
        super().record(instance, data)


edit_setting = require_admin_access(SettingEditView.as_view())

"""What an entity does as a sender: the forms. Which are offered is asked of the policy, as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.reports import actions
from cms.reports.errors import DomainError, Invalid
from cms.reports.files.kinds import ACCEPT
from cms.reports.models import Reason

from ..report.forms import ManyFiles

# Domain field names → ours.
FIELDS = {"attachments": "files", "rating": "score", "reason_code": "reason"}


@dataclass(frozen=True)
class SentSpec:
    """`needs`: the workflow actions of which one must be open to the sender."""

    action: str
    needs: tuple[str, ...]
    fields: tuple[str, ...]
    label: Promise
    button: Promise
    icon: str
    run: Callable[..., Any]
    done: Promise
    text_label: Promise | None = None
    text_required: bool = False
    help: Promise | None = None


SPECS: dict[str, SentSpec] = {
    spec.action: spec
    for spec in (
        SentSpec(
            "write",
            ("sender_reply", "add_information"),
            ("text", "files"),
            _("Write to the entity"),
            _("Send it"),
            "comment",
            actions.write,
            _("Your message was sent."),
            _("Message"),
            help=_("The entity that has the report reads it, and the emirate."),
        ),
        SentSpec(
            "accept",
            ("accept",),
            ("score", "text"),
            _("Accept the reply"),
            _("Accept and close"),
            "check",
            actions.accept,
            _("The reply was accepted, and the report is closed."),
            _("A word about the reply (may stay empty)"),
        ),
        SentSpec(
            "rate",
            ("rate",),
            ("score", "text"),
            _("Rate the reply"),
            _("Rate it"),
            "sawt-star",
            actions.rate,
            _("The reply was rated."),
            _("A word about the reply (may stay empty)"),
        ),
        SentSpec(
            "reopen",
            ("reopen",),
            ("reason", "text"),
            _("Reopen"),
            _("Reopen it"),
            "rotate",
            actions.reopen,
            _("The report is open again, with a new date."),
            _("Why is it opened again?"),
            help=_("It goes back to the entity with a new date, and the entity's leader is told."),
        ),
        SentSpec(
            "appeal",
            ("appeal",),
            ("text",),
            _("Appeal"),
            _("Send the appeal"),
            "rotate",
            actions.appeal,
            _("The appeal was received."),
            _("Why should it be looked at again?"),
            text_required=True,
            help=_("Once. A supervisor who has not decided on it before reads it anew."),
        ),
        SentSpec(
            "withdraw",
            ("withdraw",),
            ("text",),
            _("Withdraw the report"),
            _("Withdraw it"),
            "cross",
            actions.withdraw,
            _("The report was withdrawn."),
            _("Why? (may stay empty)"),
            help=_("The entity stops working on it. This cannot be undone."),
        ),
    )
}
# Whoever accepts rates in the same breath.
INSTEAD = {"rate": "accept"}


def offered(available: Sequence[str]) -> list[SentSpec]:
    found = [spec for spec in SPECS.values() if any(action in available for action in spec.needs)]
    shown = {spec.action for spec in found}
    return [spec for spec in found if INSTEAD.get(spec.action) not in shown]


class SentForm(forms.Form):
    """One action's form. `arguments()` are the keyword arguments of the domain function."""

    def __init__(self, spec: SentSpec, reasons: Sequence[Reason] = (), data: Any = None) -> None:
        super().__init__(data, auto_id=f"{spec.action}-%s", use_required_attribute=False)
        self.spec = spec
        for name in spec.fields:
            getattr(self, f"_add_{name}")(reasons)

    def _add_text(self, reasons: Sequence[Reason]) -> None:
        self.fields["text"] = forms.CharField(
            label=str(self.spec.text_label),
            required=self.spec.text_required,
            help_text=str(self.spec.help or ""),
            widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "maxlength": 5000}),
            strip=False,
        )

    def _add_files(self, reasons: Sequence[Reason]) -> None:
        """Only the field: the files are taken in when the action runs."""
        self.fields["files"] = forms.Field(
            label=_("Files (may stay empty)"),
            required=False,
            widget=ManyFiles(attrs={"multiple": True, "accept": ACCEPT}),
            help_text=_("Up to 10 files of 20 MB: photos, PDF, MP4 video."),
        )

    def _add_score(self, reasons: Sequence[Reason]) -> None:
        choices = [(str(n), gettext("%(score)s of 5") % {"score": n}) for n in range(5, 0, -1)]
        must = self.spec.action == "rate"
        if not must:
            choices = [("", gettext("Without a rating")), *choices]
        self.fields["score"] = forms.ChoiceField(
            label=_("Rating"), choices=choices, required=must, widget=forms.RadioSelect
        )

    def _add_reason(self, reasons: Sequence[Reason]) -> None:
        choices = [("", gettext("Choose a reason")), *((row.code, row.label) for row in reasons)]
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=choices, required=False)

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        text = given.get("text", "")
        if "score" in self.spec.fields:
            return {"score": int(given["score"]) if given["score"] else None, "comment": text}
        if "reason" in self.spec.fields:
            return {"reason_code": given["reason"], "text": text}
        return {"text": text}

    def take(self, failure: DomainError) -> None:
        """What the domain refused, at its field."""
        for error in failure.errors if isinstance(failure, Invalid) else [failure]:
            name = (error.field or ("",))[0]
            name = FIELDS.get(name, name)
            if name == "comment" or (name == "reason" and self.data.get("reason")):
                # A reason was chosen, and its sentence is missing.
                name = "text"
            self.add_error(name if name in self.fields else None, error.message)

"""What was found, in the reader's words: a row of the queue, and the text that the words stand in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext, pgettext_lazy

from cms.entities.snapshot import Catalogue
from search.results import Hit, Piece

from ..queue import rows

# Of a document's fields, what each is called after 'Found in', in the order in which it is told.
FIELDS: dict[str, Promise] = {
    "title": pgettext_lazy("found in", "the subject"),
    "text": pgettext_lazy("found in", "the text"),
    "answers": pgettext_lazy("found in", "the answer"),
    "conversation": pgettext_lazy("found in", "the conversation"),
    "notes": pgettext_lazy("found in", "the internal notes"),
    "directives": pgettext_lazy("found in", "the directives"),
    "elsewhere": pgettext_lazy("found in", "earlier notes"),
    "about": pgettext_lazy("found in", "the service"),
    "where": pgettext_lazy("found in", "the place"),
    "whom": pgettext_lazy("found in", "the entity"),
}
# Where what is quoted under the subject is taken from, the first that has it.
QUOTED = ("text", "answers", "conversation", "notes", "directives", "elsewhere")


@dataclass(frozen=True)
class Found:
    row: rows.Row
    entity: str
    title: SafeString
    quoted: SafeString
    places: str


def found(hits: Sequence[Hit], now: datetime, known: Catalogue, *, by_words: bool = False) -> list[Found]:
    """One statement, whatever their number; one that changed since it was found is left out.

    `by_words`: whether words were asked. Where none of them is marked they are the catalogue's for the
    service.
    """
    by_key = {hit.report.pk: hit for hit in hits}
    present = rows.Presenter(now, known)
    shown = []
    for report in rows.read([hit.report for hit in hits], now):
        hit, row = by_key[report.pk], present(report)
        marked = {name: pieces for name, pieces in hit.highlights.items() if _is_marked(pieces)}
        entity = known.entity_ever(report.entity_id)
        title = marked.get("title")
        quoted = next((marked[name] for name in QUOTED if name in marked), ())
        shown.append(
            Found(
                row,
                entity.short_name if entity else gettext("In triage"),
                markup(title) if title and report.title else SafeString(escape(row.subject)),
                markup(quoted) if quoted else SafeString(escape(_beginning(report))),
                _listed(str(label) for name, label in FIELDS.items() if name in marked)
                or (pgettext("found in", "the keywords of its service") if by_words else ""),
            )
        )
    return shown


def markup(pieces: Iterable[Piece]) -> SafeString:
    """Escaped text, the found words in <mark>."""
    inside = "".join(
        f"<mark>{escape(piece.text)}</mark>" if piece.marked else str(escape(piece.text)) for piece in pieces
    )
    return mark_safe(inside)  # noqa: S308 (each piece is escaped)


def _is_marked(pieces: Sequence[Piece]) -> bool:
    return any(piece.marked for piece in pieces)


def _beginning(report: object) -> str:
    """How the text begins, where it says more than the subject does."""
    if not getattr(report, "title", ""):
        return ""
    return rows.subject_of("", getattr(report, "excerpt", "")) if getattr(report, "excerpt", "") else ""


def _listed(names: Iterable[str]) -> str:
    return gettext(", ").join(names)

"""The search's page: thin, on top of the one door to the search."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.content.counting import grouped
from cms.content.dates import local_day
from cms.entities.snapshot import Catalogue, catalogue
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.policy import Scope
from search import searching
from search.asking import Asked, Order
from search.results import Result
from search.wanted import not_understood

from .. import words
from ..access import actor_of_request
from . import columns, facets, heat, histogram, hits, saved
from .address import FACETS, LAYOUTS, ORDERS, PANELS, SIZES, SPANS, Links, Reading, cleaned, read
from .guard import guarded

COUNTED = tuple(FACETS.values())
FEW = 20


@never_cache
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    scope, actor, now = guarded(request), actor_of_request(request), timezone.now()
    cat = catalogue()
    reading = read(request.GET, cat)
    if reading.query.reference and not reading.chosen and (found := _report(reading, actor, scope)):
        return redirect("desk:report", found.public_id)
    try:
        answered = answer(request, reading, actor, cat, now)
    except searching.Unavailable:
        # Neither of the two answers: nothing is known, which is not the same as nothing found.
        return render(request, "desk/searching/away.html", _frame() | {"reading": reading}, status=503)
    context = {
        **_frame(),
        **answered,
        "saved": saved.listed(actor.user, now),
        "share_choices": saved.share_choices(actor.user, now),
        "back": cleaned(request.GET.urlencode()),
    }
    return render(request, "desk/searching/index.html", context)


def _frame() -> dict[str, Any]:
    title = gettext("Search of reports")
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": gettext("Home")}, {"url": "", "label": title}]
    return {"breadcrumbs_items": crumbs, "header_title": title, "header_icon": "search"}


def _report(reading: Reading, actor: StaffActor, scope: Scope) -> Report | None:
    """A number that was typed alone opens its report, where one may see it."""
    if reading.query.terms:
        return None
    seen: Any = Report.objects.visible_to(actor, scope)
    report: Report | None = seen.filter(reference=reading.query.reference).only("public_id").first()
    return report


def answer(
    request: HttpRequest, reading: Reading, actor: StaffActor, cat: Catalogue, now: datetime
) -> dict[str, Any]:
    today = local_day(now)
    links, names = Links(request.GET), facets.Names(cat)
    given = reading
    if reading.show == "compare" and reading.since is None:
        # This year so far, unless another period is asked for.
        reading = replace(reading, since=(reading.until or today).replace(month=1, day=1))
    until = reading.until or (today if reading.show == "compare" else None)
    span = reading.bars or histogram.fitting(reading.since, until, today)
    asked = reading.asked(facets=COUNTED, histogram=span)
    result = searching.search(actor, asked, at=now)
    counted = result
    if reading.after:
        # What was counted stands beside every page of the hits.
        counted = searching.search(actor, replace(asked, after="", size=1, highlights=False), at=now)
    before = _before(actor, asked, reading.since, until, now) if reading.show == "compare" else None
    return {
        "reading": reading,
        "not_understood": not_understood(reading.query, cat),
        "result": result,
        "counted": counted,
        "degraded_since": searching.degraded_since() if counted.degraded else None,
        "total": _total(counted),
        "found": result.hits if reading.layout == "table" else _found(reading, result, cat, now),
        "table": _table(reading, result, cat, now) if reading.layout == "table" else None,
        "columns": _columns(reading),
        "groups": facets.groups(reading, counted.facets, names, before.facets if before else None),
        "chips": facets.chips(given, links, names),
        "chart": histogram.chart(
            counted.histogram,
            span,
            links,
            since=reading.since,
            until=reading.until,
            before=before.histogram if before else None,
        ),
        "span": span,
        "spans": _choices(SPANS, span, links, "bars"),
        "panels": _choices(PANELS, reading.show, links, "show"),
        "layouts": _choices(LAYOUTS, reading.layout, links, "layout"),
        "orders": _orders(reading, result, links),
        "sizes": SIZES,
        "first": links.to() if result.before or (reading.after and not result.hits) else "",
        "previous": links.to(after=result.before) if result.before else "",
        "next": links.to(after=result.after) if result.after else "",
        "clear": reverse("desk:search"),
        "asof": words.clock(now),
        **_panel(reading, actor, asked, counted, before, links, cat, now),
    }


def _found(reading: Reading, result: Result, cat: Catalogue, now: datetime) -> list[hits.Found]:
    return hits.found(result.hits, now, cat, by_words=bool(reading.query.terms))


def _panel(
    reading: Reading,
    actor: StaffActor,
    asked: Asked,
    counted: Result,
    before: Result | None,
    links: Links,
    cat: Catalogue,
    now: datetime,
) -> dict[str, Any]:
    """What stands above the hits beside the bars."""
    match reading.show:
        case "rising":
            found = searching.rising(actor, replace(asked, facets=(), histogram=""), at=now)
            more = [(one.key, grouped(one.count), _with_word(reading, links, one.key)) for one in found]
            return {"rising": more}
        case "map":
            drawn = heat.tiles(counted.facets.get("places"), cat, links, reading.chosen.get("place", ()))
            return {"tiles": drawn, "placed": bool(drawn) and all(tile.row for tile in drawn)}
        case "compare" if before is not None and reading.since:
            return {"compared": _compared(counted, before, reading.since, reading.until or local_day(now))}
    return {}


def _table(reading: Reading, result: Result, cat: Catalogue, now: datetime) -> dict[str, Any]:
    facts, chosen = columns.Facts(cat, now), columns.chosen(reading.columns)
    return {
        "heads": [column.label for column in chosen],
        "rows": [
            (
                reverse("desk:report", args=[hit.report.public_id]),
                [(column.label, columns.shown(column.value(hit.report, facts))) for column in chosen],
            )
            for hit in result.hits
        ],
    }


def _columns(reading: Reading) -> list[dict[str, Any]]:
    """What an export and the table may have, and whether they have it now."""
    chosen = {column.code for column in columns.chosen(reading.columns)}
    return [
        {"code": code, "label": column.label, "chosen": code in chosen}
        for code, column in columns.COLUMNS.items()
    ]


def _with_word(reading: Reading, links: Links, word: str) -> str:
    quoted = f'"{word}"' if " " in word else word
    return links.to(q=f"{reading.typed} {quoted}".strip(), show="")


def _before(actor: StaffActor, asked: Asked, since: date | None, until: date | None, now: datetime) -> Result:
    """The same question of the same days a year before."""
    earlier = replace(
        asked.filter,
        since=histogram.shifted(since, -1) if since else None,
        until=histogram.shifted(until, -1) if until else None,
    )
    question = replace(asked, filter=earlier, after="", size=1, highlights=False)
    return searching.search(actor, question, at=now)


def _compared(counted: Result, before: Result, since: date, until: date) -> dict[str, Any]:
    difference = counted.total - before.total
    # Of a handful a percentage says nothing.
    percent = round(difference * 100 / before.total) if before.total >= FEW else None
    return {
        "now": grouped(counted.total),
        "before": grouped(before.total),
        "percent": None if percent is None else f"{abs(percent)}%",
        "way": "more" if difference > 0 else "fewer" if difference < 0 else "same",
        "days": words.days_between(since, until),
        "days_before": words.days_between(histogram.shifted(since, -1), histogram.shifted(until, -1)),
    }


def _total(counted: Result) -> str:
    return grouped(counted.total)


def _choices(of: Any, chosen: str, links: Links, name: str) -> list[dict[str, Any]]:
    return [
        {"code": code, "label": label, "address": links.to(**{name: code}), "current": code == chosen}
        for code, label in of.items()
    ]


def _orders(reading: Reading, result: Result, links: Links) -> list[dict[str, Any]]:
    """Without words to be relevant to, relevance orders nothing; by the database alone it is simpler."""
    drawn = _choices(ORDERS, reading.order, links, "sort")
    for one in drawn:
        is_relevance = one["code"] == Order.relevance
        one["stopped"] = is_relevance and not reading.query.terms
        one["simpler"] = is_relevance and result.degraded
    return drawn

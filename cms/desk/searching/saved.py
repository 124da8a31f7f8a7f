"""Saved searches: names for addresses, one's own or shared with those beside whom one serves.

A saved search holds a wish and no right: what it finds is asked of the policy each time, for whoever asks.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Exists, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.content.dates import local_day
from cms.entities.models import Membership
from permissions.models import User

from ..access import actor_of_request
from ..models import SavedSearch, SearchWatch
from .address import cleaned
from .guard import guarded

# More than these nobody finds again.
MOST = 30
LONGEST_NAME = 60
REGION = "region"


def serves_at(person: User, at: datetime) -> dict[str, Any]:
    """Where somebody serves by a membership of their own: an entity's id, or REGION → the entity, or None."""
    rows = Membership.objects.valid(at).filter(person=person).select_related("entity").order_by("pk")
    return {str(row.entity_id) if row.entity_id else REGION: row.entity for row in rows}


def readable(person: User, at: datetime) -> QuerySet[SavedSearch]:
    """One's own, and those shared where one serves now; their order is that of their names."""
    mine = Membership.objects.valid(at).filter(person=person)
    at_entities = Q(entity__in=mine.exclude(entity=None).values("entity_id"))
    shared = Q(is_shared=True) & (at_entities | Q(Exists(mine.filter(entity=None)), entity=None))
    rows: QuerySet[SavedSearch] = SavedSearch.objects.filter(Q(person=person) | shared)
    return rows.select_related("person", "entity").order_by("name", "pk")


def listed(person: User, at: datetime) -> list[dict[str, Any]]:
    """For the page of the search: two statements."""
    watched = dict(SearchWatch.objects.filter(person=person).values_list("search_id", "new"))
    return [
        {
            "search": search,
            "address": f"{reverse('desk:search')}?{search.query}",
            "is_mine": search.person_id == person.pk,
            "is_watched": search.pk in watched,
            "new": watched.get(search.pk, 0),
        }
        for search in readable(person, at)
    ]


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]


def _refusal(person: User, name: str, but: int = 0) -> str:
    mine = SavedSearch.objects.filter(person=person).exclude(pk=but)
    if not name:
        return gettext("Give the search a name.")
    if mine.filter(name=name).exists():
        return gettext("You have a search of this name already.")
    if mine.count() >= MOST:
        return ngettext(
            "You have %(n)d search, which is as many as are kept. Delete one first.",
            "You have %(n)d searches, which is as many as are kept. Delete one first.",
            MOST,
        ) % {"n": MOST}
    return ""


def yesterday(at: datetime) -> date:
    return local_day(at) - timedelta(days=1)


def watch(search: SavedSearch, person: User, at: datetime) -> None:
    """From now on: what came before today is not news tomorrow."""
    SearchWatch.objects.get_or_create(search=search, person=person, defaults={"told_until": yesterday(at)})


@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the address of `back` under `name`; `share` names where one serves, `watch` asks for the news."""
    guarded(request)
    person, now = actor_of_request(request).user, timezone.now()
    name, query = _name(request), cleaned(request.POST.get("back", ""))
    share, places = request.POST.get("share", ""), serves_at(person, now)
    refusal = _refusal(person, name) or ("" if len(query) <= 4000 else gettext("These are too many filters."))
    if refusal or (share and share not in places):
        messages.error(request, refusal or gettext("You do not serve there."))
    else:
        search = SavedSearch.objects.create(
            person=person, name=name, query=query, is_shared=bool(share), entity=places.get(share)
        )
        if "watch" in request.POST:
            watch(search, person, now)
        messages.success(request, gettext("The search “%(name)s” is saved.") % {"name": name})
    return redirect(f"{reverse('desk:search')}?{query}" if query else "desk:search")


@never_cache
@require_safe
def searches_page(request: HttpRequest) -> HttpResponse:
    guarded(request)
    person, now = actor_of_request(request).user, timezone.now()
    title = gettext("Saved searches")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:search"), "label": gettext("Search of reports")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "search",
        "saved": listed(person, now),
        "places": share_choices(person, now),
        "longest": LONGEST_NAME,
    }
    return render(request, "desk/searching/saved.html", context)


def share_choices(person: User, at: datetime) -> list[tuple[str, str]]:
    return [
        (key, entity.name if entity is not None else gettext("everybody who serves the whole region"))
        for key, entity in serves_at(person, at).items()
    ]


@require_POST
def change_search(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: watch or unwatch, for whoever reads it; rename, share, unshare or delete, for whose it is."""
    guarded(request)
    person, now = actor_of_request(request).user, timezone.now()
    search = readable(person, now).filter(pk=pk).first()
    if search is None:
        raise Http404
    do = request.POST.get("do")
    if do == "watch":
        watch(search, person, now)
        messages.success(request, gettext("You will be told each morning what is new in it."))
    elif do == "unwatch":
        SearchWatch.objects.filter(search=search, person=person).delete()
        messages.success(request, gettext("You are not told of it any more."))
    elif search.person_id != person.pk or not _changed(request, search, person, now, do):
        raise Http404
    return redirect("desk:searches")


def _changed(request: HttpRequest, search: SavedSearch, person: User, now: datetime, do: str | None) -> bool:
    mine = SavedSearch.objects.filter(pk=search.pk)
    match do:
        case "rename":
            name = _name(request)
            if refusal := "" if name == search.name else _refusal(person, name, but=search.pk):
                messages.error(request, refusal)
            else:
                mine.update(name=name)
        case "share":
            places, share = serves_at(person, now), request.POST.get("share", "")
            if share not in places:
                messages.error(request, gettext("You do not serve there."))
            else:
                mine.update(is_shared=True, entity=places[share])
        case "unshare":
            mine.update(is_shared=False, entity=None)
            # Whoever cannot read it any more is not told of it.
            SearchWatch.objects.filter(search=search).exclude(person=person).delete()
        case "delete":
            search.delete()
            messages.success(request, gettext("The search “%(name)s” is deleted.") % {"name": search.name})
        case _:
            return False
    return True

"""The tenant: places, calendars, entities, the service catalogue with its rules, templates and reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from cms.entities.dated import Days, all_days, announced, with_dates
from cms.entities.models import (
    Calendar,
    CalendarVersion,
    Category,
    Entity,
    IntakeQuestion,
    Occasion,
    Place,
    RoutingRule,
    Service,
)
from cms.entities.snapshot import renew
from cms.reports.models import Reason, ReplyTemplate

from .source import read


def load_tenant() -> None:
    """Adds what is missing, by code; what is there already, and may have been edited, is left alone."""
    load_places()
    load_calendars()
    load_entities()
    load_categories()
    load_services()
    load_reply_templates()
    load_reasons()
    # Rows written in bulk send no signals.
    renew()


def _missing(model: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    there = set(model.objects.values_list("code", flat=True))
    return [row for row in rows if row["code"] not in there]


def _load_tree(model: Any, rows: list[dict[str, Any]], make: Any) -> None:
    """A bulk insert under computed paths: treebeard's own way costs four statements a row."""
    nodes = {node.code: node for node in model.objects.all()}
    if nodes:
        for row in _missing(model, rows):
            node = make(row)
            parent = nodes.get(row["parent"])
            fresh = model.objects.get(pk=parent.pk) if parent else None
            nodes[row["code"]] = fresh.add_child(instance=node) if fresh else model.add_root(instance=node)
        return
    made: list[Any] = []
    roots = 0
    for row in rows:
        node = make(row)
        parent = nodes.get(row["parent"])
        if parent:
            parent.numchild += 1
            node.depth = parent.depth + 1
            node.path = model._get_path(parent.path, node.depth, parent.numchild)
        else:
            roots += 1
            node.depth = 1
            node.path = model._get_path("", 1, roots)
        node.numchild = 0
        nodes[row["code"]] = node
        made.append(node)
    model.objects.bulk_create(made)


def load_places() -> None:
    def place(row: dict[str, Any]) -> Place:
        return Place(
            code=row["code"],
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            kind=row["kind"],
            latitude=row["lat"],
            longitude=row["lon"],
            precision=row["precision"],
        )

    _load_tree(Place, read("places")["places"], place)


def announced_days() -> list[Days]:
    """The holidays and Ramadans of calendars.json."""
    data = read("calendars")
    rows = [(Occasion.Kind.HOLIDAY, row) for row in data["holidays"]]
    rows += [
        (
            Occasion.Kind.RAMADAN,
            {**row, "code": f"ramadan-{row['hijri_year']}", "name_ar": "رمضان", "name_en": "Ramadan"},
        )
        for row in data["ramadan"]
    ]
    return [
        Days(
            code=row["code"],
            kind=kind.value,
            first=date.fromisoformat(row["from"]),
            last=date.fromisoformat(row["to"]),
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            # "announced pattern, to be confirmed": nobody has announced them yet.
            source=Occasion.Source.EXPECTED.value,
        )
        for kind, row in rows
    ]


def load_occasions() -> None:
    there = set(Occasion.objects.values_list("code", flat=True))
    places = dict(Place.objects.values_list("code", "pk"))
    rows = [
        Occasion(
            code=one.code,
            kind=one.kind,
            first_day=one.first,
            last_day=one.last,
            name_ar=one.name_ar,
            name_en=one.name_en,
            source=one.source,
        )
        for one in announced_days()
    ]
    rows += [
        Occasion(
            code=row["code"],
            kind=Occasion.Kind.SUSPENSION,
            first_day=date.fromisoformat(row["from"]),
            last_day=date.fromisoformat(row["to"]),
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            place_id=places[row["place"]],
        )
        for row in read("calendars")["suspensions"]
    ]
    Occasion.objects.bulk_create(row for row in rows if row.code not in there)


def load_calendars() -> None:
    """Each with a first version, in force ever since: with the years' holidays around the day of the load."""
    load_occasions()
    data = read("calendars")
    days = all_days(announced(), timezone.localdate())
    for row in _missing(Calendar, data["calendars"]):
        calendar = Calendar.objects.create(
            code=row["code"],
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            note_ar=row.get("note_ar") or "",
            note_en=row.get("note_en") or "",
            is_region_default=row["code"] == data["default"],
        )
        CalendarVersion.objects.create(
            calendar=calendar,
            number=1,
            hours=with_dates({"timezone": data["timezone"], **row}, row["code"], days),
        )


def load_entities() -> None:
    calendars = dict(Calendar.objects.values_list("code", "pk"))
    before = set(Entity.objects.values_list("code", flat=True))
    rows = read("entities")["entities"]

    def entity(row: dict[str, Any]) -> Entity:
        same = (
            "code",
            "name_ar",
            "name_en",
            "short_name_ar",
            "short_name_en",
            "kind",
            "about_ar",
            "about_en",
        )
        return Entity(
            **{key: row[key] for key in same},
            email=row["email"] or "",
            calendar_id=calendars[row["working_hours"]],
        )

    _load_tree(Entity, rows, entity)
    places = dict(Place.objects.values_list("code", "pk"))
    entities = dict(Entity.objects.values_list("code", "pk"))
    through = Entity.jurisdiction.through
    through.objects.bulk_create(
        through(entity_id=entities[row["code"]], place_id=places[code])
        for row in rows
        if row["code"] not in before
        for code in row["jurisdiction"]
    )


def load_categories() -> None:
    there = {category.code: category for category in Category.objects.all()}
    # Parents stand before their children in the file's two levels.
    for row in sorted(
        _missing(Category, read("services")["categories"]), key=lambda row: row["parent"] or ""
    ):
        there[row["code"]] = Category.objects.create(
            code=row["code"],
            parent=there.get(row["parent"]),
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            order=row["order"],
        )


def _service(row: dict[str, Any], category_id: int) -> Service:
    first, resolution = row["first_reply"] or {}, row["resolution"] or {}
    emergency = row["emergency"] or {}
    same = (
        "code",
        "kind",
        "name_ar",
        "name_en",
        "description_ar",
        "description_en",
        "keywords_ar",
        "keywords_en",
        "clock_on_transfer",
        "sender_wait_days",
        "reopen_window_days",
        "priority",
        "privacy",
        "allows_anonymous",
        "requires_national_id",
        "needs_location",
    )
    return Service(
        **{key: row[key] for key in same},
        category_id=category_id,
        goes_to_triage=row["route"] == "triage",
        first_reply_value=first.get("value"),
        first_reply_unit=first.get("unit", ""),
        resolution_value=resolution.get("value"),
        resolution_unit=resolution.get("unit", ""),
        emergency_number=emergency.get("number", ""),
        emergency_ar=emergency.get("ar", ""),
        emergency_en=emergency.get("en", ""),
    )


def load_services() -> None:
    rows = _missing(Service, read("services")["services"])
    categories = dict(Category.objects.values_list("code", "pk"))
    Service.objects.bulk_create(_service(row, categories[row["category"]]) for row in rows)
    services = dict(Service.objects.values_list("code", "pk"))
    IntakeQuestion.objects.bulk_create(
        IntakeQuestion(
            service_id=services[row["code"]],
            order=order,
            code=question["code"],
            label_ar=question["ar"],
            label_en=question["en"],
            type=question["type"],
            required=question["required"],
            minimum=question.get("minimum", 0),
            maximum=question.get("maximum"),
            choices=question.get("choices") or [],
            show_when=question["show_when"],
        )
        for row in rows
        for order, question in enumerate(row["intake_questions"])
    )
    load_rules(rows, services)


def load_rules(rows: list[dict[str, Any]], services: dict[str, int]) -> None:
    """A service's default is the rule at the root of the places; the others stand at their places."""
    places = dict(Place.objects.values_list("code", "pk"))
    entities = dict(Entity.objects.values_list("code", "pk"))
    root = Place.get_first_root_node()
    if root is None:
        raise LookupError("the places come before the rules")
    RoutingRule.objects.bulk_create(
        RoutingRule(service_id=services[row["code"]], place_id=place, entity_id=entities[entity])
        for row in rows
        if row["entity"]
        for place, entity in [
            (root.pk, row["entity"]["default"]),
            *((places[code], entity) for code, entity in row["entity"]["by_place"].items()),
        ]
    )


def load_reply_templates() -> None:
    keys = ("code", "situation", "for_action", "text_ar", "text_en", "placeholders")
    ReplyTemplate.objects.bulk_create(
        ReplyTemplate(**{key: row[key] for key in keys})
        for row in _missing(ReplyTemplate, reply_templates(read("templates")))
    )


def reply_templates(data: dict[str, Any]) -> list[dict[str, Any]]:
    """As they can be said today: left out or put otherwise where they promise what is not built."""
    rows = []
    for row in data["reply_templates"]:
        if row["code"] in data["not_yet"]:
            continue
        if row["code"] in data["instead"]:
            arabic, english = data["instead"][row["code"]]
            gaps = [name for name in row["placeholders"] if "{" + name + "}" in english]
            row = row | {"text_ar": arabic, "text_en": english, "placeholders": gaps}
        rows.append(row)
    return rows


def load_reasons() -> None:
    there = set(Reason.objects.values_list("used_for", "code"))
    Reason.objects.bulk_create(
        Reason(
            code=row["code"],
            used_for=row["used_for"],
            label_ar=row["label_ar"],
            label_en=row["label_en"],
            needs_text=row["needs_text"],
            where_to_turn_ar=row["where_to_turn_ar"] or "",
            where_to_turn_en=row["where_to_turn_en"] or "",
        )
        for row in read("templates")["reasons"]
        if (row["used_for"], row["code"]) not in there
    )

"""One small tenant, enough for every rule: two branches of entities, four places, five services, its people.

    region ─ town ─ town.safra          emirate
           └ village                    municipality ─ municipality.north
                                        water

`lamp` (complaint, one required question) goes to the municipality, in the town to its north branch; `leak` to
water; `thanks` to the municipality; `abuse` is confidential and may be anonymous; `other` goes to triage.
"""

from dataclasses import dataclass, field
from typing import Any

from cms.entities.models import Calendar, Entity, Place, Service
from permissions.models import User

from .people import grant, person
from .tenant import (
    CalendarFactory,
    CategoryFactory,
    EntityFactory,
    IntakeQuestionFactory,
    PlaceFactory,
    RoutingRuleFactory,
    ServiceFactory,
)


@dataclass(frozen=True)
class SmallCatalogue:
    calendar: Calendar
    region: Place
    town: Place
    safra: Place
    village: Place
    emirate: Entity
    municipality: Entity
    north: Entity
    water: Entity
    lamp: Service
    leak: Service
    thanks: Service
    abuse: Service
    other: Service


@dataclass(frozen=True)
class People:
    """`…2` serve `water`, as the grantees do; `coordinator3` serves the municipality above `north`."""

    coordinator: User
    specialist: User
    specialist_b: User
    leader: User
    coordinator2: User
    specialist2: User
    leader2: User
    coordinator3: User
    supervisor: User
    supervisor2: User
    emirate: User
    auditor: User
    agent: User
    editor: User
    admin: User
    triage_confidential: User
    triage_confidential2: User
    grantee: User
    grantee2: User
    by_role: dict[str, User] = field(default_factory=dict)


def small_catalogue() -> SmallCatalogue:
    calendar = CalendarFactory(code="default", is_region_default=True)
    region = PlaceFactory(code="region", kind="region", name_ar="المنطقة", name_en="The region")
    town = PlaceFactory(parent=region, code="town", kind="governorate", name_ar="البلدة", name_en="Town")
    safra = PlaceFactory(parent=town, code="town.safra", kind="district", name_ar="الصفراء", name_en="Safra")
    village = PlaceFactory(parent=region, code="village", kind="centre", name_ar="القرية", name_en="Village")

    def entity(
        code: str, kind: str, name_ar: str, name_en: str, places: list[Place], parent: Any = None
    ) -> Any:
        row = EntityFactory(
            parent=parent, code=code, kind=kind, calendar=calendar, name_ar=name_ar, name_en=name_en
        )
        row.jurisdiction.set(places)
        return row

    emirate = entity("emirate", "emirate", "الإمارة", "The emirate", [region])
    municipality = entity("municipality", "municipality", "أمانة المنطقة", "Municipality", [region])
    north = entity(
        "municipality.north", "municipality", "البلدية الشمالية", "North branch", [town], municipality
    )
    water = entity("water", "utility", "شركة المياه", "Water company", [region])

    streets = CategoryFactory(code="streets", name_ar="الشوارع", name_en="Streets")
    people = CategoryFactory(code="people", name_ar="الأشخاص", name_en="People", order=1)
    lamp = ServiceFactory(
        code="lamp",
        category=streets,
        name_ar="عمود إنارة مطفأ",
        name_en="Street lamp out",
        keywords_ar=["انارة", "لمبة الشارع"],
        keywords_en=["light", "lamp"],
    )
    IntakeQuestionFactory(
        service=lamp,
        code="since",
        type="choice",
        required=True,
        label_ar="منذ متى؟",
        label_en="Since when?",
        choices=[
            {"code": "day", "name_ar": "يوم", "name_en": "A day"},
            {"code": "week", "name_ar": "أسبوع", "name_en": "A week"},
        ],
    )
    leak = ServiceFactory(
        code="leak",
        category=streets,
        name_ar="تسرب مياه",
        name_en="Water leak",
        priority="high",
        emergency_number="911",
        emergency_ar="إن كان هناك خطر فاتصل بـ911.",
        emergency_en="Call 911 if there is danger.",
    )
    thanks = ServiceFactory(
        code="thanks",
        category=people,
        kind="thanks",
        name_ar="شكر وتقدير",
        name_en="Thanks",
        first_reply_value=None,
        first_reply_unit="",
        resolution_value=None,
        resolution_unit="",
        allows_anonymous=True,
    )
    abuse = ServiceFactory(
        code="abuse",
        category=people,
        name_ar="إساءة إلى طفل",
        name_en="Abuse of a child",
        privacy="confidential",
        allows_anonymous=True,
        priority="urgent",
    )
    other = ServiceFactory(
        code="other", category=people, name_ar="موضوع آخر", name_en="Something else", goes_to_triage=True
    )
    for service, target in ((lamp, municipality), (leak, water), (thanks, municipality), (abuse, water)):
        RoutingRuleFactory(service=service, place=region, entity=target)
    RoutingRuleFactory(service=lamp, place=town, entity=north)
    return SmallCatalogue(
        calendar=calendar,
        region=region,
        town=town,
        safra=safra,
        village=village,
        emirate=emirate,
        municipality=municipality,
        north=north,
        water=water,
        lamp=lamp,
        leak=leak,
        thanks=thanks,
        abuse=abuse,
        other=other,
    )


def small_staff(catalogue: SmallCatalogue) -> People:
    def named(login: str, role: str, entity: Entity | None = None) -> User:
        return person(role, entity, username=login, name_en=login.title())

    region_roles = {
        "supervisor": named("supervisor", "supervisor"),
        "emirate": named("emirate", "emirate"),
        "auditor": named("auditor", "auditor"),
        "agent": named("agent", "agent"),
        "editor": named("editor", "editor"),
        "admin": named("admin", "admin"),
        "triage-confidential": named("triage-confidential1", "triage-confidential"),
    }
    north, water = catalogue.north, catalogue.water
    entity_roles = {
        "coordinator": named("coordinator", "coordinator", north),
        "specialist": named("specialist", "specialist", north),
        "leader": named("leader", "leader", north),
    }
    grantee = named("grantee", "coordinator", water)
    grantee2 = named("grantee2", "specialist", water)
    for user in (grantee, grantee2):
        grant(user, "view_confidential", water)
    return People(
        **entity_roles,
        specialist_b=named("specialist-b", "specialist", north),
        coordinator2=named("coordinator2", "coordinator", water),
        specialist2=named("specialist2", "specialist", water),
        leader2=named("leader2", "leader", water),
        coordinator3=named("coordinator3", "coordinator", catalogue.municipality),
        supervisor=region_roles["supervisor"],
        supervisor2=named("supervisor2", "supervisor"),
        emirate=region_roles["emirate"],
        auditor=region_roles["auditor"],
        agent=region_roles["agent"],
        editor=region_roles["editor"],
        admin=region_roles["admin"],
        triage_confidential=region_roles["triage-confidential"],
        triage_confidential2=named("triage-confidential2", "triage-confidential"),
        grantee=grantee,
        grantee2=grantee2,
        by_role={**region_roles, **entity_roles},
    )

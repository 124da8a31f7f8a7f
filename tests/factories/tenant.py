"""Places, calendars, entities and the service catalogue."""

from typing import Any

import factory

from cms.entities.models import (
    Calendar,
    CalendarVersion,
    Category,
    Entity,
    IntakeQuestion,
    Place,
    RoutingRule,
    Service,
)

OFFICE_HOURS = {
    "mode": "weekly",
    "days": ["sun", "mon", "tue", "wed", "thu"],
    "from": "07:30",
    "to": "14:30",
    "ramadan_from": "10:00",
    "ramadan_to": "15:00",
    "observes_holidays": True,
}
AROUND_THE_CLOCK = {
    "mode": "around_the_clock",
    "days": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    "from": None,
    "to": None,
    "observes_holidays": False,
}


class TreeFactory(factory.django.DjangoModelFactory[Any]):
    """Rows of a tree: `parent` is another row, or None for a root."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, parent: Any = None, **kwargs: Any) -> Any:
        node = model_class(**kwargs)
        if parent is None:
            return model_class.add_root(instance=node)
        # treebeard counts children on the row it is given, so that row has to be fresh.
        return type(parent)._default_manager.get(pk=parent.pk).add_child(instance=node)


class PlaceFactory(TreeFactory):
    class Meta:
        model = Place

    code = factory.Sequence(lambda n: f"place-{n}")
    kind = "city"
    name_ar = factory.LazyAttribute(lambda place: f"مكان {place.code}")
    name_en = factory.LazyAttribute(lambda place: f"Place {place.code}")
    latitude = 26.3303
    longitude = 43.9744


class CalendarFactory(factory.django.DjangoModelFactory[Calendar]):
    """A calendar and its first version; `hours` as in calendars.json."""

    class Meta:
        model = Calendar
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"calendar-{n}")
    name_ar = "تقويم"
    name_en = "Calendar"

    @factory.post_generation
    def hours(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        CalendarVersion.objects.create(calendar=self, number=1, hours=extracted or OFFICE_HOURS)


class EntityFactory(TreeFactory):
    class Meta:
        model = Entity

    code = factory.Sequence(lambda n: f"entity-{n}")
    kind = "municipality"
    name_ar = factory.LazyAttribute(lambda entity: f"جهة {entity.code}")
    name_en = factory.LazyAttribute(lambda entity: f"Entity {entity.code}")
    short_name_ar = factory.SelfAttribute("name_ar")
    short_name_en = factory.SelfAttribute("name_en")
    email = factory.LazyAttribute(lambda entity: f"{entity.code}@example.org")
    calendar = factory.SubFactory(CalendarFactory)


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    class Meta:
        model = Category

    code = factory.Sequence(lambda n: f"category-{n}")
    name_ar = "تصنيف"
    name_en = "Category"


class ServiceFactory(factory.django.DjangoModelFactory[Service]):
    """Eight working hours to a first reply, five working days to a resolution, no questions, no rules."""

    class Meta:
        model = Service

    code = factory.Sequence(lambda n: f"service-{n}")
    category = factory.SubFactory(CategoryFactory)
    kind = "complaint"
    name_ar = factory.LazyAttribute(lambda service: f"خدمة {service.code}")
    name_en = factory.LazyAttribute(lambda service: f"Service {service.code}")
    first_reply_value = 8
    first_reply_unit = "hours"
    resolution_value = 5
    resolution_unit = "days"


class IntakeQuestionFactory(factory.django.DjangoModelFactory[IntakeQuestion]):
    class Meta:
        model = IntakeQuestion

    service = factory.SubFactory(ServiceFactory)
    # By service, so that it does not depend on which tests ran before.
    order = factory.LazyAttribute(lambda made: made.service.intake_questions.count())
    code = factory.Sequence(lambda n: f"question-{n}")
    label_ar = "سؤال"
    label_en = "A question"
    type = "text"


class RoutingRuleFactory(factory.django.DjangoModelFactory[RoutingRule]):
    class Meta:
        model = RoutingRule

    service = factory.SubFactory(ServiceFactory)
    place = factory.SubFactory(PlaceFactory)
    entity = factory.SubFactory(EntityFactory)

"""Members of staff and what they are members of."""

from datetime import UTC, datetime
from typing import Any

import factory

from cms.entities.models import EntityUserObjectPermission, Membership
from permissions.models import User
from permissions.roles import ROLES

# Before any report of any test.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "only-for-tests"


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    name_ar = factory.Sequence(lambda n: f"موظف {n}")
    name_en = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """`role` and, for the roles of an entity, `entity`; confirmed where the role takes two people."""

    class Meta:
        model = Membership

    person = factory.SubFactory(UserFactory)
    role = "coordinator"
    entity = None
    valid_from = LONG_AGO
    confirmed_at = factory.LazyAttribute(
        lambda row: row.valid_from if ROLES[row.role].needs_confirmation else None
    )


def person(role: str, entity: Any = None, **user: Any) -> User:
    """Someone who serves in this role, at this entity or for the region."""
    membership: Membership = MembershipFactory(role=role, entity=entity, person=UserFactory(**user))
    return membership.person


def grant(user: User, codename: str, entity: Any, **kwargs: Any) -> EntityUserObjectPermission:
    """A personal grant at one entity, such as view_confidential; confirmed where it takes two people."""
    from django.contrib.auth.models import Permission

    permission = Permission.objects.get(content_type__app_label="entities", codename=codename)
    given = {"valid_from": LONG_AGO, "confirmed_at": LONG_AGO, **kwargs}
    row: EntityUserObjectPermission = EntityUserObjectPermission.objects.create(
        user=user, permission=permission, content_object=entity, **given
    )
    return row

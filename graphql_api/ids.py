"""Global ids: a type's name and the row's code. Codes are the same in every installation's export."""

from __future__ import annotations

import strawberry
from strawberry.relay import GlobalID
from strawberry.relay.types import GlobalIDValueError

from cms.reports.errors import Code, DomainError

LONGEST = 200


def global_id(type_name: str, code: str) -> strawberry.ID:
    return strawberry.ID(str(GlobalID(type_name=type_name, node_id=code)))


def code_of(value: str | None, type_name: str) -> str | None:
    """The code in a global id of this type; None where it is not one."""
    if not value or len(value) > LONGEST:
        return None
    try:
        parsed = GlobalID.from_id(value)
    except (GlobalIDValueError, ValueError):
        return None
    return parsed.node_id if parsed.type_name == type_name else None


def required_code(value: str, type_name: str, field: str) -> str:
    """The same for an input; a DomainError on its field where it is no id of this type."""
    code = code_of(value, type_name)
    if code is None:
        raise DomainError(Code.INVALID, field=field)
    return code

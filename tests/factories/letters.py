"""What one entity of the small catalogue sends to another one."""

from typing import Any

from cms.reports import actions
from cms.reports.actors import EntitySender
from cms.reports.models import Report
from permissions.models import User

from .reports import submission


def letter(by: User, *, sender: str = "water", to: str = "", **kwargs: Any) -> Report:
    """Sent by this person of the entity `sender`; without `to` the rules lead to the north branch."""
    at = kwargs.pop("at", None)
    given = submission(
        channel="letter",
        client=f"entity:{by.pk}",
        letter=actions.Letter(
            sender=sender,
            to=to,
            number=kwargs.pop("number", "1447/88"),
            date=kwargs.pop("date", None),
        ),
        **kwargs,
    )
    report: Report = actions.submit(given, actor=EntitySender(by), at=at).report
    return report

"""What waits in the outbox, and why it did not go out, in words; what is not known here is shown as noted."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

# Every kind that somebody does, and the lines that take theirs together.
KINDS: dict[str, Promise] = {
    "sender_sms": _("A message to the sender"),
    "follower_sms": _("A message to somebody who follows a report"),
    "sender_email": _("An e-mail to the sender"),
    "one_time_code": _("A one-time code"),
    "entity_email": _("An e-mail to an entity"),
    "staff_news": _("News for staff, by the rules"),
    "staff_sms": _("A message to staff"),
    "staff_email": _("An e-mail to staff"),
    "staff_digest": _("News for staff in one e-mail"),
    "test_sms": _("A test message"),
    "test_email": _("A test e-mail"),
    "webhook": _("An event for a webhook"),
    "search_report": _("A report for the search"),
    "search_access": _("Who may find a report"),
}
HELD_BECAUSE: dict[str, Promise] = {
    "sending_hours": _("Outside sending hours"),
    "quiet_hours": _("The person's quiet hours"),
    "gateway_rests": _("The gateway rests"),
    "gateway_busy": _("The gateway has had its messages of this minute"),
    "number_crowded": _("The number has had its messages of this hour"),
    "search_down": _("The search does not answer"),
}
WORDS: list[tuple[str, Promise]] = [
    (r"gateway answered (?P<code>429)\b.*", _("The gateway has too much to do (%(code)s).")),
    (r"gateway answered (?P<code>40[123])\b.*", _("The gateway does not accept our account (%(code)s).")),
    (
        r"gateway answered (?P<code>3\d\d)\b.*",
        _("The gateway sent us elsewhere (%(code)s)."),
    ),
    (r"gateway answered (?P<code>4\d\d)\b.*", _("The gateway refused the message (%(code)s).")),
    (r"gateway answered (?P<code>5\d\d)\b.*", _("The gateway is disturbed (%(code)s).")),
    (
        r"gateway answered (?P<code>2\d\d), and not in JSON",
        _("The answer cannot be read (%(code)s)."),
    ),
    (r"gateway refused \((?P<code>.+)\)", _("The gateway refused the message (%(code)s).")),
    (r"gateway refused", _("The gateway refused the message.")),
    (r"gateway: private address refused", _("The gateway's address lies inside our own network.")),
    (
        r"gateway: (NewConnection|NameResolution|ConnectTimeout|SSL|Proxy)(Error)?",
        _("The gateway was not reached."),
    ),
    (r"gateway: .*", _("No answer came from the gateway.")),
    (r"no SMS gateway is configured", _("No SMS gateway is configured.")),
    (r"mail: \w+ (?P<code>[45]\d\d)", _("The mail server refused it (%(code)s).")),
    (r"mail: .*", _("The mail server was not reached.")),
    (r"webhook answered (?P<code>\d\d\d)", _("The receiver answered %(code)s.")),
    (r"webhook: private address refused", _("The receiver's address lies inside our own network.")),
    (r"webhook: .*", _("The receiver was not reached.")),
    (r"the field key is gone", _("The key that opens it is gone.")),
]


def why(error: str) -> SafeString | str:
    for pattern, words in WORDS:
        if found := re.fullmatch(pattern, error):
            return str(words) % found.groupdict()
    return format_html('<code dir="ltr">{}</code>', error[:200]) if error else ""


def kind_title(code: str) -> str:
    return str(KINDS.get(code, code))


def held_because(code: str) -> str:
    return str(HELD_BECAUSE.get(code, code))

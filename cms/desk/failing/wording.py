"""Why a message did not go out, in words; what is not known here is shown as it was noted."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

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

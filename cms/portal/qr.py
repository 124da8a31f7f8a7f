"""The receipt's QR: the tracking page with the number filled in, and the secret behind the '#'.

What stands behind '#' never leaves the device that scans it: it is in no log and no referrer, and a script on
the tracking page puts it into its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import segno
from django.http import HttpRequest
from django.urls import reverse

QUIET = 2


@dataclass(frozen=True)
class QrPath:
    """A path of one-unit-high runs for an <svg> of `size` units: no inline style."""

    size: int
    d: str


def qr_path(request: HttpRequest, reference: str, secret: str) -> QrPath:
    address = request.build_absolute_uri(reverse("portal:track"))
    rows = segno.make_qr(f"{address}?{urlencode({'reference': reference})}#{secret}", error="m").matrix
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x + QUIET} {y + QUIET}.5h{end - x}")
            x = end + 1
    return QrPath(len(rows) + 2 * QUIET, "".join(runs))

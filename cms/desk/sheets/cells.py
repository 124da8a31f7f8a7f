"""One cell: what a person put there, read as text, as a number, or as yes and no."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cms.reports.actions.answers import DIGITS
from cms.reports.texts import REFUSED

# What a cell holds in a file: text, a number, or yes and no.
Written = str | int | float | bool
# Excel's own sign for a carriage return within a text.
RETURN = "_x000D_"
NEWLINES = re.compile("\r\n|\r")
YES = frozenset({"yes", "true", "1", "نعم", "صح", "صحيح"})
NO = frozenset({"no", "false", "0", "لا", "خطأ"})
# Beyond this a float is no longer every whole number.
EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Cell:
    """`type` is openpyxl's: s text, n number, b yes or no, d date, f formula, e error."""

    value: Any = None
    type: str = "n"

    @property
    def is_empty(self) -> bool:
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


EMPTY = Cell()


def one_newline(text: str) -> str:
    return NEWLINES.sub("\n", text)


def text_of(cell: Cell) -> str:
    """As it stands there; a whole number as its digits. Raises ValidationError for what is no text."""
    _refuse(cell)
    if cell.value is None:
        return ""
    if cell.type == "d":
        raise ValidationError(_("A date stands here. Format the cell as text, and write it again."))
    if isinstance(cell.value, bool):
        raise ValidationError(_("Yes or no stands here, and a text is expected."))
    if isinstance(cell.value, (int, float)):
        return digits(cell.value)
    text = one_newline(str(cell.value).replace(RETURN, ""))
    if REFUSED.search(text):
        raise ValidationError(_("The text has signs that cannot be stored."))
    return text


def number_of(cell: Cell) -> str:
    """Digits for a form's field, from a number or from digits of either script; '' where it is empty."""
    _refuse(cell)
    if cell.type == "d" or isinstance(cell.value, bool):
        raise ValidationError(_("A number is expected here."))
    if isinstance(cell.value, (int, float)):
        return digits(cell.value)
    return text_of(cell).strip().translate(DIGITS)


def flag_of(cell: Cell) -> bool:
    _refuse(cell)
    if isinstance(cell.value, bool):
        return cell.value
    said = "" if cell.type == "d" else number_of(cell).casefold()
    if cell.type == "d" or (said not in YES and said not in NO):
        raise ValidationError(_("Write yes or no."))
    return said in YES


def digits(number: float) -> str:
    if isinstance(number, float) and math.isfinite(number) and number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    return repr(number)


def _refuse(cell: Cell) -> None:
    if cell.type == "f":
        raise ValidationError(_("A formula stands here. Put its result there, as a value."))
    if cell.type == "e":
        raise ValidationError(
            _("The cell holds an error of the table program: %(value)s") % {"value": cell.value}
        )

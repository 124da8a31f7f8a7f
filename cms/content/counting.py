"""Numbers as people read them: grouped, in the tenant's digits, and counted with the right plural."""

from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext

EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def digits(text: str, language: str | None = None) -> str:
    """The tenant's digits: 0–9 unless `SAWT_ARABIC_DIGITS` asks for ٠–٩ on Arabic pages."""
    language = language or get_language() or settings.LANGUAGE_CODE
    if settings.SAWT_ARABIC_DIGITS and language.startswith("ar"):
        return text.translate(EASTERN)
    return text


def grouped(number: int | float) -> str:
    """`12,310`: the same separators in both languages."""
    return digits(f"{number:,}")


def file_size(size: int) -> str:
    """2.1 MB, or 340 KB."""
    if size >= 1024 * 1024:
        return gettext("%(size)s MB") % {"size": digits(f"{size / (1024 * 1024):.1f}")}
    return gettext("%(size)s KB") % {"size": digits(str(max(1, round(size / 1024))))}


def counted(number: int, noun: str) -> str:
    """`3 working days`, `يوما عمل`: a noun counted by the language's own plural forms.

    `noun` is one of the keys below; a new noun is one line here and six in the Arabic catalogue.
    """
    number = int(number)
    text = {
        "working_day": lambda: ngettext("%(n)s working day", "%(n)s working days", number),
        "working_hour": lambda: ngettext("%(n)s working hour", "%(n)s working hours", number),
        "day": lambda: ngettext("%(n)s day", "%(n)s days", number),
        "hour": lambda: ngettext("%(n)s hour", "%(n)s hours", number),
        "minute": lambda: ngettext("%(n)s minute", "%(n)s minutes", number),
        "report": lambda: ngettext("%(n)s report", "%(n)s reports", number),
        "service": lambda: ngettext("%(n)s service", "%(n)s services", number),
        "question": lambda: ngettext("%(n)s question", "%(n)s questions", number),
        "result": lambda: ngettext("%(n)s result", "%(n)s results", number),
        "page": lambda: ngettext("%(n)s page", "%(n)s pages", number),
    }[noun]()
    return text % {"n": grouped(number)}

"""Days and moments in words, in both calendars. Pure: no request, no database.

Own month names because Django's Arabic ones change with its translations, and a date on an official
answer must read the same next year.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone
from hijridate import Gregorian

RIYADH = ZoneInfo("Asia/Riyadh")

WEEKDAYS = {
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
GREGORIAN_MONTHS = {
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
HIJRI_MONTHS = {
    "ar": [
        "محرم",
        "صفر",
        "ربيع الأول",
        "ربيع الآخر",
        "جمادى الأولى",
        "جمادى الآخرة",
        "رجب",
        "شعبان",
        "رمضان",
        "شوال",
        "ذو القعدة",
        "ذو الحجة",
    ],
    "en": [
        "Muharram",
        "Safar",
        "Rabi al-Awwal",
        "Rabi al-Akhir",
        "Jumada al-Ula",
        "Jumada al-Akhirah",
        "Rajab",
        "Shaban",
        "Ramadan",
        "Shawwal",
        "Dhu al-Qadah",
        "Dhu al-Hijjah",
    ],
}


def _language(language: str) -> str:
    return "ar" if language.startswith("ar") else "en"


def local_day(value: date | datetime) -> date:
    """The day in Riyadh: a moment of 22:30 UTC already belongs to the next day there."""
    if isinstance(value, datetime):
        return timezone.localtime(value, RIYADH).date() if timezone.is_aware(value) else value.date()
    return value


def local_clock(value: datetime) -> time:
    """The time of day in Riyadh."""
    return timezone.localtime(value, RIYADH).time()


def gregorian(value: date | datetime, language: str, *, weekday: bool = True) -> str:
    """`الأحد 8 نوفمبر 2026` or `Sunday, 8 November 2026`."""
    day, code = local_day(value), _language(language)
    text = f"{day.day} {GREGORIAN_MONTHS[code][day.month - 1]} {day.year}"
    if not weekday:
        return text
    return f"{WEEKDAYS[code][day.weekday()]}{'' if code == 'ar' else ','} {text}"


def umm_al_qura(value: date | datetime, language: str) -> str:
    """`28 جمادى الأولى 1448هـ` or `28 Jumada al-Ula 1448 AH`; empty before 1343 and after 1500 AH."""
    day, code = local_day(value), _language(language)
    try:
        hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    except (OverflowError, ValueError):
        return ""
    month = HIJRI_MONTHS[code][hijri.month - 1]
    return f"{hijri.day} {month} {hijri.year}{'هـ' if code == 'ar' else ' AH'}"


def clock(value: datetime, language: str) -> str:
    """`2:30 مساءً` or `2:30 pm`, Riyadh time; the hour of noon is `12:30 ظهرًا`."""
    moment = timezone.localtime(value, RIYADH) if timezone.is_aware(value) else value
    hour = moment.hour % 12 or 12
    half = (("صباحًا", "مساءً") if _language(language) == "ar" else ("am", "pm"))[moment.hour >= 12]
    if moment.hour == 12 and _language(language) == "ar":
        half = "ظهرًا"
    return f"{hour}:{moment.minute:02d} {half}"


def moment(value: datetime, language: str) -> str:
    """`الأحد 8 نوفمبر 2026، 2:30 مساءً` or `Sunday, 8 November 2026, 2:30 pm`."""
    comma = "، " if _language(language) == "ar" else ", "
    return gregorian(value, language) + comma + clock(value, language)

"""Two pages as one text in two languages: what wagtail-localize is told of it, and what is left to translate.

Untold, the first publish from the translation editor would put Arabic back into the English page.
"""

from collections import defaultdict

from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue


def link_translation(source_page: Page, target_page: Page) -> None:
    """Registers the source and the target's texts once; nothing happens where a translation is known."""
    source = TranslationSource.objects.get_for_instance_or_none(source_page)
    if source is not None and source.translations.filter(target_locale=target_page.locale).exists():
        return
    source, _created = TranslationSource.update_or_create_from_instance(source_page)
    Translation.objects.get_or_create(
        source=source, target_locale=target_page.locale, defaults={"enabled": True}
    )

    said: dict[str, list[str]] = defaultdict(list)
    for segment in extract_segments(target_page):
        if isinstance(segment, StringSegmentValue) and not segment.is_empty():
            said[segment.path].append(_html(segment.string))
    seen: dict[str, int] = defaultdict(int)
    translations = []
    known = set()
    for segment in source.stringsegment_set.select_related("context", "string").order_by("order", "pk"):
        path = segment.context.path
        texts, number = said.get(path, []), seen[path]
        seen[path] += 1
        if number >= len(texts) or (segment.string_id, segment.context_id) in known:
            continue
        known.add((segment.string_id, segment.context_id))
        translations.append(
            StringTranslation(
                translation_of=segment.string,
                locale=target_page.locale,
                context=segment.context,
                data=texts[number],
                translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
            )
        )
    StringTranslation.objects.bulk_create(translations, ignore_conflicts=True)


def untranslated(page: Page) -> int:
    """How many of its source's texts a translated page lacks; an address of its own is no text."""
    translation = Translation.objects.filter(
        source__object_id=page.translation_key, target_locale_id=page.locale_id, enabled=True
    ).first()
    if translation is None:
        return 0
    texts = translation.source.stringsegment_set.annotate_translation(translation.target_locale)
    return int(texts.filter(translation__isnull=True).exclude(context__path="slug").count())


def _html(value: StringValue | str) -> str:
    return value.data if isinstance(value, StringValue) else str(value)

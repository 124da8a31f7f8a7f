"""The catalogue forgives spelling, understands whole sentences, and finds nothing for nonsense."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from cms.entities.catalogue import Index
from cms.entities.wording import skeleton, telling

DATA = Path(__file__).parents[2] / "cms" / "demo" / "data"
CATALOGUE = json.loads((DATA / "services.json").read_text())
CATEGORIES = {row["code"]: SimpleNamespace(**row) for row in CATALOGUE["categories"]}
SERVICES = [
    SimpleNamespace(**{**row, "category": CATEGORIES[row["category"]]}) for row in CATALOGUE["services"]
]
REPORTS = json.loads((DATA / "reports.json").read_text())["reports"]
INDEX = Index(SERVICES)


def found(query):
    return [service.code for service in INDEX.search(query)]


@pytest.mark.parametrize(
    "query",
    [
        "زباله",
        "الزبالة",
        "زبالة",
        "للزباله",
        "الزَّبَالة",
        "زبـــاله",
        "النفايات",
        "نفايات",
        "قمامة",
        "rubbish",
        "Garbage",
        "trash",
    ],
)
def test_spelling_article_and_keywords_are_forgiven(query):
    assert "waste-collection" in found(query)[:3]


def test_hamza_is_forgiven():
    assert found("إنارة") == found("انارة")
    assert found("انارة")


@pytest.mark.parametrize("query", ["rubish", "garbege", "نفيات"])
def test_a_slip_of_the_finger_is_forgiven(query):
    assert "waste-collection" in found(query)


@pytest.mark.parametrize(
    ("query", "service"),
    [
        ("تسرب غاز", "fire-safety"),
        ("مياه راكدة", "pest-control"),
        ("noise neighbours", "shop-noise"),
        ("teacher hits pupils", "bullying"),
        ("tree fell", "park-maintenance"),
        ("شجرة طاحت", "park-maintenance"),
        ("حساب المواطن", "social-security"),
        ("تاكسي", "public-transport"),
        ("جراد", "pest-control"),
        ("أيتام", "social-security"),
        ("سياحة", "lodging"),
    ],
)
def test_what_strangers_asked_for_finds_the_service_that_fits(query, service):
    assert service in found(query)[:2]


def test_what_the_first_page_suggests_finds_first_what_it_is_about():
    often = json.loads((DATA / "site.json").read_text())["home"]["often"]
    first = {row["icon"]: [found(words)[0] for words in row["words"]] for row in often}
    assert first == {"road": ["pothole"] * 2, "bulb": ["street-lighting"] * 2, "drop": ["water-leak"] * 2}


def test_a_begun_word_finds():
    assert "waste-collection" in found("garb")


@pytest.mark.parametrize("query", ["", "  ", "؟", "قصعنطرب", "xqzvwk", "blorptang", "\x00", "٪٪", "a" * 5000])
def test_nonsense_finds_nothing(query):
    assert found(query) == []


def test_every_service_is_found_first_by_its_own_name():
    missed = [
        (service.code, language)
        for service in SERVICES
        for language in ("ar", "en")
        if service.code not in found(getattr(service, f"name_{language}"))[:2]
    ]
    assert missed == []


def test_every_keyword_finds_its_service():
    missed = [
        (service.code, keyword)
        for service in SERVICES
        for keyword in (*service.keywords_ar, *service.keywords_en)
        if service.code not in found(keyword)
    ]
    assert missed == []


FIRST = [
    ("عمود النور قدام بيتنا ما يشتغل من اسبوع", "street-lighting"),
    ("إنارة الشارع مطفأة أمام المدرسة منذ ثلاثة أيام", "street-lighting"),
    ("The street light in front of our house has been dead for a week", "street-lighting"),
    ("lamp not working", "street-lighting"),
    ("streetlight broken", "street-lighting"),
    ("الشارع مظلم", "street-lighting"),
    ("النور مقطوع عن الحي", "power-outage"),
    ("عندنا الكهرب طفى من العصر", "power-outage"),
    ("ماء", "water-outage"),
    ("الماء", "water-outage"),
    ("مويه مقطوعه من امس", "water-outage"),
    ("there is no water in our house since yesterday", "water-outage"),
    ("water leaking on the road since morning", "water-leak"),
    ("ضوضاء", "shop-noise"),
    ("شكوى ضد موظف", "employee-conduct"),
    ("كلاب ضالة عند المدرسة تخوف العيال", "stray-dogs"),
    ("القمامة ما شالوها من اسبوع", "waste-collection"),
    ("garbage has not been collected for a week", "waste-collection"),
    ("the traffic signal is broken at the junction", "traffic-light"),
]
# One bare word: what is about it comes before what is named like it or mentions it in passing.
WORDS = [
    ("شارع", ["paving", "water-leak", "pothole"]),
    ("الشارع", ["paving", "water-leak", "pothole"]),
    ("سيارة", ["abandoned-car"]),
    ("السيارات", ["abandoned-car"]),
    ("بيارات", ["sewage-overflow"]),
    ("road", ["highway-signs", "highway-damage"]),
    ("car", ["abandoned-car"]),
    ("park", ["park-maintenance"]),
]
AMONG_THREE = [
    ("حفرة كبيرة في الشارع قدام المدرسة", "pothole"),
    ("سيارة البلدية ما مرت علينا من ثلاث أيام والزبالة متراكمة", "waste-collection"),
    ("بعوض كثير في الحارة ونحتاج رش", "pest-control"),
    ("واحد رامي أنقاض بناء في الأرض اللي جنبنا", "construction-debris"),
    ("السيارات تفحط كل ليلة عند بيتنا", "reckless-driving"),
    ("فاتورة الكهرباء جتني مضاعفة هذا الشهر", "power-bill"),
    ("المجاري طافحة في الشارع والريحة لا تطاق", "sewage-overflow"),
    ("موعدي في المستشفى بعد ستة شهور", "appointment-delay"),
    ("ما لقينا علاج السكر في الصيدلية", "medicine-shortage"),
    ("الدكتور صرخ على أمي قدام الناس", "hospital-conduct"),
    ("باص المدرسة يتأخر كل يوم على بناتي", "school-transport"),
    ("ولدي ينضرب في المدرسة من زملائه", "bullying"),
    ("ما نزل الضمان هذا الشهر", "social-security"),
    ("صاحب العمل ما عطانا رواتبنا من أربع شهور", "unpaid-wages"),
    ("غطاء البيارة مكسور وخطر على الأطفال", "manhole"),
    ("نبي مطب صناعي قدام المدرسة السيارات مسرعة", "speed-bump"),
    ("شبكة الجوال ضعيفة جدا في قريتنا", "mobile-coverage"),
    ("الإبل سايبة على الطريق السريع ليلا", "camels-on-road"),
    ("مكيف المسجد خربان والناس تصلي في الحر", "mosque-maintenance"),
    ("موظف طلب مني رشوة عشان يمشي معاملتي", "corruption"),
    ("مشروع الجسر متوقف من سنتين", "project-delay"),
    ("المحل رفض يرجع فلوسي والسلعة خربانه", "commercial-fraud"),
    ("The bus to my daughter's school is always late", "school-transport"),
    ("My electricity bill is twice as high as last month", "power-bill"),
    ("No doctor in the emergency room for four hours", "er-wait"),
    ("Loud music from the wedding hall until 3 am", "shop-noise"),
    ("The pavement is broken and my wheelchair cannot pass", "pavement"),
    ("An official refused to stamp my papers and was rude", "employee-conduct"),
]


@pytest.mark.parametrize(("sentence", "code"), FIRST)
def test_a_sentence_finds_its_service_first(sentence, code):
    assert found(sentence)[:1] == [code]


@pytest.mark.parametrize(("word", "codes"), WORDS)
def test_a_bare_word_finds_first_what_is_about_it(word, codes):
    assert found(word)[: len(codes)] == codes


@pytest.mark.parametrize(("sentence", "code"), AMONG_THREE)
def test_a_sentence_finds_its_service_among_three(sentence, code):
    assert code in found(sentence)[:3]


@pytest.mark.parametrize(("sentence", "code"), FIRST)
def test_what_else_is_said_drops_nothing(sentence, code):
    around = f"السلام عليكم ورحمة الله، {sentence} ونرجو منكم قصعنطرب زعفطوش wibblefrotz"
    assert code in found(around)[:3]


@pytest.mark.parametrize(
    "sentence",
    [
        "قصعنطرب زعفطوش شنقبيط",
        "فثسب شسيب صثقف ضصثق",
        "نخلبصت كفسشر هعقمط زبغثن",
        "asdf qwer zxcv",
        "thxq pqlm vvbn jjkl",
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed",
        "السلام عليكم ورحمة الله وبركاته",
        "من يومين",
        "منذ أسبوع",
        "hello",
        "how are you today my friend",
    ],
)
def test_sentences_that_tell_nothing_find_nothing(sentence):
    assert found(sentence) == []


def first_sentence(report):
    return re.split(r"(?<=[.!?؟])\s|\n", report["text"].strip())[0]


# Measured: titles 86.1 % among three and 88.4 % among five, first sentences 80.9 % and 86.2 %. Three points
# are left for the keywords to move.
@pytest.mark.parametrize(
    ("said", "among", "floor"),
    [
        (lambda report: report["title"], 3, 82.8),
        (lambda report: report["title"], 5, 85.4),
        (first_sentence, 3, 77.9),
        (first_sentence, 5, 82.6),
    ],
    ids=["title-3", "title-5", "sentence-3", "sentence-5"],
)
def test_what_the_reports_say_finds_their_services(said, among, floor):
    right = sum(report["service"] in found(said(report))[:among] for report in REPORTS)
    assert 100 * right / len(REPORTS) >= floor


def test_a_rare_word_weighs_more_than_a_frequent_one():
    # given services of which all are about streets and one about camels
    category = SimpleNamespace(name_ar="", name_en="")

    def service(code, *keywords):
        return SimpleNamespace(
            code=code,
            name_ar="",
            name_en=code,
            description_ar="",
            description_en="",
            keywords_ar=[],
            keywords_en=list(keywords),
            category=category,
        )

    index = Index([service("lamps", "street"), service("holes", "street"), service("camels", "animal")])
    # when both words are said, then the rare one decides
    assert [row.code for row in index.search("animal street")] == ["camels", "lamps", "holes"]


def test_among_some_services_only_those_are_found():
    some = [service for service in SERVICES if service.code in ("water-leak", "stray-dogs")]
    assert [service.code for service in INDEX.search("water", some)] == ["water-leak"]
    assert INDEX.search("water", []) == []


def test_forms_of_an_arabic_word_share_a_skeleton():
    assert skeleton("كلاب") == skeleton("كلب") == "كلب"
    assert skeleton("مقطوع") == skeleton("انقطاع") == "قطع"
    assert skeleton("lamp") == ""
    assert skeleton("نور") == ""


def test_many_words_for_one_thing_are_one():
    assert telling("المويه") == telling("الماء") == telling("water")
    assert telling("من يومين قدام بيتنا كلب") == telling("كلب")

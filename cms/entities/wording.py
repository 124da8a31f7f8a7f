"""How people put it: words that tell nothing, the many words for one thing, and their forms."""

from __future__ import annotations

from functools import lru_cache

from search.analysis import ARABIC, STOP_WORDS, bare, fold, stem, words

# When, how long, how much and how politely: of no help in telling one service from another.
NOISE = frozenset(
    fold(
        """
    يوم يومين يوميا ايام الايام اليوم امس البارح البارحه بكره بكرا غدا الان الحين ذحين للحين دحين توه
    اسبوع اسبوعين اسابيع الاسبوع شهر شهرين شهور اشهر الشهر سنه سنتين سنين سنوات السنه عام اعوام
    ساعه ساعتين ساعات الساعه دقيقه دقايق مساء صباح صباحا الصبح العصر الظهر المغرب العشاء الفجر ليله الليل
    ليل ليلا نهار نهارا الجمعه السبت الاحد الاثنين الثلاثاء الاربعاء الخميس
    السبت واحد واحده اثنين ثلاثه ثلاث اربعه اربع خمسه خمس سته ست سبعه سبع ثمانيه عشره عشر عشرين
    مره مرتين مرات دايم دايما ابدا كثير كثيره قليل جدا كبير كبيره صغير صغيره بعض
    السلام عليكم ورحمه الله وبركاته والله لو سمحتم سمحت فضلا ارجو نرجو نامل امل اتمنى نتمنى شكرا لكم
    تحيه طيبه وبعد نفيدكم افيدكم يوجد توجد هناك ابي نبي ابغى نبغى نبغا اريد نريد يعني
    مشكله المشكله بلاغ شكوى شكوه اشتكي ابلغ طلب نطلب اطلب افاده
    انا نحن حنا احنا انتم عندنا عندي عندهم لنا بيتنا بيتي بيت البيت منزل المنزل منزلنا حي الحي حينا حارتنا
    ابني بنتي امي ابوي والدي والدتي زوجتي جيراننا اكتب كتبت اليكم
    امام قدام جنب بجوار بجانب قرب قريب مقابل خلف ورا تحت فوق داخل بين
    day days daily week weeks month months year years hour hours minute minutes today yesterday tomorrow
    morning evening night nights noon ago since last now still already long often always never every
    one two three four five six seven eight nine ten once twice many much very big small few some
    monday tuesday wednesday thursday friday saturday sunday
    please hello dear sir kindly thank want need like would could can complaint complain report problem issue
    against about house home our near front behind beside next district neighbourhood
        """
    ).split()
)

# Each line is one thing to who reports it. Only what the stems do not bring together by themselves.
_SAME = """
    ماء مياه الماء المياه مويه موية الموية مويا المويا water
    كهرباء كهرب الكهربا electricity power
    ضوضاء ازعاج مزعج يزعج صوت noise
    معطل معطله متعطل معطلة عطلان عطلانه تعطل تعطلت خربان خربانه خراب يشتغل تشتغل تعمل يعمل شغال شغاله broken
    مكسور مكسوره مكسر مكسره متكسر كسر انكسر تكسر
    طافي طافيه طفت طفى مطفأة مطفأ مطفي مطفيه انطفأت انطفأ يطفي تطفي طفا مطفاه
    مظلم مظلمه ظلام الظلمه ظلمه dark
    عمود اعمدة عواميد عامود
    انارة نور انوار اضاءة لمبات لمبه ليتات
    زباله قمامه نفايات قمايم زبايل rubbish garbage trash
    حافله باص اتوبيس
    طبيب دكتور الدكتوره اطباء دكاتره
    دواء ادويه علاج
    بياره بيارات
    سيارة مركبه سيارات مركبات
    شركه شركات مؤسسه
    بنزين وقود محروقات
    جوال الهاتف موبايل
    راتب رواتب معاش اجور
    عيال اطفال طفل
    مطعم مطاعم بوفيه
    بير بئر ابار
    بعير بعارين ابل جمال ناقه
    معلم ابله ابلات
    رشوه رشاوي
    تسرب تسريب يسرب تهريب يهرب نزيف leaking leak
    شكر اشكر شكرا
"""

# Each line is one thing, too: what the stemmer takes for a form of another (a mosque, the great, girls, wind,
# what has gone out).
_APART = """
    جامعه جامعات
    كوبري كباري
    بنايه بنايات
    رايحه ريحه روايح
    طفايه طفايات
"""


@lru_cache(maxsize=20_000)
def skeleton(stemmed: str) -> str:
    """An Arabic stem without its long vowels and forming letters: كلب for كلاب, قطع for مقطوع and انقطاع."""
    if stemmed in APART or not ARABIC.search(stemmed):
        return ""
    bare = stemmed
    for prefix in ("است", "مست", "يست", "تست", "ان", "من", "ين", "تن", "م", "ت", "ي", "ا"):
        if bare.startswith(prefix) and len(_consonants(bare[len(prefix) :])) >= 3:
            bare = bare[len(prefix) :]
            break
    bare = _consonants(bare)
    return bare if len(bare) >= 3 else ""


def _consonants(text: str) -> str:
    return "".join(letter for letter in text if letter not in "اوي")


def whole(word: str) -> str:
    """A folded word without its article, however its last letter is written."""
    return bare(word).replace("ة", "ه")


def _one_for_all() -> tuple[dict[str, str], dict[str, str]]:
    """By stem and by whole word the one stem that stands for them all.

    The word comes first: the stemmer makes the same of سيارات and بيارات, which are not the same.
    """
    stemmed: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for line in _SAME.strip().splitlines():
        said = words(line)
        one = stem(said[0])
        for word in said:
            stemmed.setdefault(stem(word), one)
            spelt.setdefault(whole(word), one)
    for line in _APART.strip().splitlines():
        said = words(line)
        # No stem, so that nothing else has it.
        spelt.update(dict.fromkeys(map(whole, said), whole(said[0])))
    return stemmed, spelt


SAME, _SPELT = _one_for_all()
# The words that stand for what is nothing else's form.
APART = frozenset(whole(words(line)[0]) for line in _APART.strip().splitlines())


@lru_cache(maxsize=50_000)
def meant(word: str) -> str:
    """The stem of a folded word, or the one that stands for all that mean the same."""
    found = stem(word)
    return _SPELT.get(whole(word)) or SAME.get(found, found)


def telling(text: str) -> list[str]:
    """The stems of the words that tell something, in order; of all words where none does."""
    folded = words(text)
    kept = [word for word in folded if word not in STOP_WORDS and word not in NOISE] or folded
    return [meant(word) for word in kept]

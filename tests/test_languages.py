"""Languages: declared names and codes, identified texts, and what is no language."""

import pytest

from driftcheck.languages import LANGUAGES, UNKNOWN, identify, normalised


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("English", "en"),
        ("ENGLISH", "en"),
        ("en_US", "en"),
        ("de-AT", "de"),
        ("zh-Hans-CN", "zh"),
        ("Chinese (Simplified)", "zh"),
        ("Deutsch", "de"),
        ("Español", "es"),
        ("日本語", "ja"),
        ("nb", "no"),
        ("Norwegian Bokmål", "no"),
        ("iw", "he"),
        ("deu", "de"),
        ("fil", "tl"),
        ("cy", "cy"),
        ("eo", "eo"),
    ],
)
def test_declared_languages_are_normalised(declared: str, code: str) -> None:
    assert normalised(declared) == code


@pytest.mark.parametrize("declared", [None, "", "auto", "unknown", "other", "und", "n/a", "xx", "support ticket"])
def test_what_names_no_language_is_passed_over(declared: str | None) -> None:
    assert normalised(declared) is None


def test_what_is_declared_wins_over_the_text() -> None:
    assert identify(["Where is my card?"], ["de-DE"]) == ["de"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where is the card that I ordered last week?", "en"),
        ("Wo bleibt die Karte, die ich letzte Woche bestellt habe?", "de"),
        ("¿Dónde está la tarjeta que pedí la semana pasada?", "es"),
        ("Où est la carte que j'ai commandée ?", "fr"),
        ("注文したカードはどこですか", "ja"),
        ("我上周订的卡在哪里？", "zh"),
        ("Где моя карта?", "ru"),
        ("أين بطاقتي التي طلبتها؟", "ar"),
        ("Kartım nerede kaldı?", "tr"),
    ],
)
def test_texts_are_identified(text: str, code: str) -> None:
    assert identify([text], [None]) == [code]


@pytest.mark.parametrize("text", ["", "   ", "12345", "?!", "https://example.com/a?b=c", "ok", "👍", "a@b.com"])
def test_what_is_no_language_is_undetermined(text: str) -> None:
    assert identify([text], [None]) == [UNKNOWN]


def test_links_and_code_do_not_decide() -> None:
    text = "Warum geht das nicht? https://en.example.com/what-is-the-reason-for-this ```for x in the_list: print(x)```"
    assert identify([text], [None]) == ["de"]


def test_a_text_is_identified_by_itself_alone() -> None:
    texts = ["alarm", "Wo ist meine Karte?", "alarm"]
    together = identify(texts, [None] * 3)
    assert together == [identify([text], [None])[0] for text in texts]


def test_texts_and_declarations_must_pair() -> None:
    with pytest.raises(ValueError, match="zip"):
        identify(["a"], [])


def test_listed_languages_are_iso_639_1() -> None:
    assert all(len(code) == 2 and code.islower() for code in LANGUAGES)
    assert len(set(LANGUAGES)) == len(LANGUAGES)

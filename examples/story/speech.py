"""Customers' messages: frames filled, dressed and mistyped the way a person with a style would write them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from .dice import Dice
from .phrases import Facet, Intent, Language, Phrases
from .plot import refund_days_share

STYLES = {"plain": 0.52, "lower": 0.22, "sloppy": 0.15, "formal": 0.11}
SHORT, LONG, WITH_BACKGROUND, TWO_QUESTIONS = 0.03, 0.025, 0.1, 0.07
PARAPHRASE, CONTEXT = 0.5, 0.32
NAMES = ("Norvana", "Tarnwick", "Apple", "Halvard", "Solvento", "Skarvik", "Aurelio", "Ostrand", "Kimbra")
_CHOICE = re.compile(r"\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Person:
    """Who writes: a language and a habit of writing."""

    user_id: str
    language: str
    style: str


@dataclass(frozen=True)
class Message:
    """One user turn and what it was about."""

    text: str
    facet: Facet


def person(dice: Dice, language: str) -> Person:
    """Draw a customer."""
    style = dice.weighted(list(STYLES), list(STYLES.values()))
    return Person(f"u_{dice.hexadecimal(8)}", language, style)


def message(phrases: Phrases, dice: Dice, who: Person, intent: Intent, day: dt.date, follow_up: bool) -> Message:
    """One message of a person about an intent on a day."""
    language = phrases.languages[who.language]
    facet = _facet(intent, dice, day)
    kind = dice.uniform()
    if kind < SHORT:
        return Message(_dress_short(dice.pick(intent.short[who.language]), language, dice, day), facet)
    frames = facet.ask[who.language]
    if kind < SHORT + LONG:
        text = _long(language, frames, dice, day)
    else:
        frame = dice.pick(frames)
        text = fill(frame, language, dice, day)
        if "{" not in frame and dice.chance(CONTEXT):
            text = f"{_stop(text)} {fill(dice.pick(language.words['context']), language, dice, day)}"
        if kind < SHORT + LONG + WITH_BACKGROUND:
            extra = fill(dice.pick(language.words["background"]), language, dice, day)
            text = f"{_stop(text)} {extra}" if dice.chance(0.6) else f"{extra} {text}"
        elif kind < SHORT + LONG + WITH_BACKGROUND + TWO_QUESTIONS:
            second = dice.pick([other for other in frames if other != frame])
            text = f"{_stop(text)} {_capital(fill(second, language, dice, day))}"
    return Message(_dress(text, language, who, dice, day, follow_up), facet)


def fill(frame: str, language: Language, dice: Dice, day: dt.date) -> str:
    """Resolve the [a|b] choices and the {slots} of a frame."""
    chosen = _paraphrase(_CHOICE.sub(lambda found: dice.pick(found.group(1).split("|")), frame), language, dice)
    taken: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        slot = found.group(1)
        for _ in range(5):
            taken[slot] = _slot(slot.rstrip("2") if slot != "n2" else slot, language, dice, day, slot)
            if sum(other == taken[slot] for other in taken.values()) == 1:
                break
        return taken[slot]

    return _SLOT.sub(value, chosen)


def _paraphrase(text: str, language: Language, dice: Dice) -> str:
    """Say some of it in other words."""
    for line in language.words["paraphrase"]:
        old, _, new = line.partition("=")
        if old in text and dice.chance(PARAPHRASE):
            text = re.sub(rf"(?<![\w{{]){re.escape(old)}(?![\w}}])", dice.pick(new.split("|")), text, count=1)
    return text


def _facet(intent: Intent, dice: Dice, day: dt.date) -> Facet:
    late = [facet for facet in intent.facets if facet.since_policy]
    usual = [facet for facet in intent.facets if not facet.since_policy]
    if late and dice.chance(refund_days_share(day)):
        return late[0]
    return dice.weighted(usual, [len(facet.ask["en"]) for facet in usual])


def _slot(slot: str, language: Language, dice: Dice, day: dt.date, full_name: str) -> str:
    words = language.words
    match slot:
        case "city":
            return dice.pick(words["cities"])
        case "country":
            return dice.pick(words["countries"])
        case "airline":
            return dice.pick(words["airlines"])
        case "flight":
            code = "NV" if full_name == "flight2" else dice.pick(words["airline_codes"])[:2]
            return f"{code}{dice.pick(['', ' '])}{dice.integer(102, 4890)}"
        case "hotel":
            return dice.pick(words["hotels"])
        case "name":
            first, last = dice.pick(words["first_names"]), dice.pick(words["last_names"])
            return dice.pick([first, f"{first} {last}", f"{first} {last}", last])
        case "weekday":
            return dice.pick(words["weekdays"])
        case "month":
            return words["months"][(day.month - 1 + dice.integer(1, 5)) % 12]
        case "past_month":
            return words["months"][(day.month - 1 - dice.integer(1, 3)) % 12]
        case "date":
            return _date(day + dt.timedelta(days=dice.integer(2, 120)), words, dice)
        case "past_date":
            return _date(day - dt.timedelta(days=dice.integer(4, 45)), words, dice)
        case "amount":
            return dice.pick(words["amounts"]).replace("{x}", str(dice.integer(24, 1890)))
        case "ref":
            letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
            digits = f"{dice.integer(0, 999999):06d}"
            return dice.pick([f"TW-{digits}", f"TW{digits}", "".join(dice.pick(letters) for _ in range(6))])
        case "time":
            return f"{dice.integer(5, 22):02d}:{dice.pick(['00', '05', '15', '20', '30', '40', '45', '55'])}"
        case "days":
            return str(dice.integer(4, 16))
        case "n":
            return str(dice.integer(2, 6))
        case "n2":
            return str(dice.integer(11, 48))
        case "card":
            return dice.pick(words["cards"])
        case "promo":
            return dice.pick(words["promos"])
        case "emoji":
            return dice.pick(words["emoji"])
        case _:
            raise KeyError(f"unknown slot {{{full_name}}}")


def _date(day: dt.date, words: dict[str, tuple[str, ...]], dice: Dice) -> str:
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    parts = {"m": words["months"][day.month - 1], "mm": str(day.month), "d": str(day.day), "dth": f"{day.day}{ordinal}"}
    return _SLOT.sub(lambda found: parts[found.group(1)], dice.pick(words["dates"]))


def _long(language: Language, frames: tuple[str, ...], dice: Dice, day: dt.date) -> str:
    """A message of 60 to 200 words: background, the question, more background, a second question."""
    before = dice.sample(language.words["background"], dice.integer(5, 10))
    asked = dice.sample([frame for frame in frames if not frame.startswith("[")], 2)
    cut = dice.integer(1, len(before) - 1)
    sentences = [*before[:cut], asked[0], *before[cut:], asked[1]]
    return " ".join(_stop(_capital(fill(sentence, language, dice, day))) for sentence in sentences)


def _dress_short(frame: str, language: Language, dice: Dice, day: dt.date) -> str:
    """A few words, often with a bare place, date or reference behind them."""
    tail = dice.pick(["", "", " {city}", " {ref}", " {date}", " {flight}", " {amount}"]) if "{" not in frame else ""
    mark = dice.pick(["", "?", "??", "!", "!!", "...", " {emoji}"])
    text = fill(f"{frame.rstrip('?!')}{tail}{mark}", language, dice, day)
    return dice.pick([text, text, text.lower(), _capital(text), text.upper() if dice.chance(0.3) else text])


def _dress(text: str, language: Language, who: Person, dice: Dice, day: dt.date, follow_up: bool) -> str:
    words = language.words
    formal = who.style == "formal"
    spoken = text.startswith("[")
    if follow_up and dice.chance(0.4):
        text = f"{dice.pick(words['followups'])} {_uncapital(text)}"
    elif not spoken and dice.chance(0.55 if formal else 0.25):
        opening = dice.pick(words["formal_openings" if formal else "openings"])
        text = f"{opening} {text if opening[-1] in '.!?:' else _uncapital(text)}"
    if not spoken and dice.chance(0.6 if formal else 0.24):
        closing = dice.pick(words["formal_closings" if formal else "closings"])
        text = f"{_stop(text)} {fill(closing, language, dice, day)}"
    if formal:
        return _capital(text)
    if who.style == "lower":
        text = text.lower() if dice.chance(0.8) else text
        text = text.rstrip(".?!") if dice.chance(0.6) else text
    elif who.style == "sloppy":
        text = _sloppy(text.lower() if dice.chance(0.7) else text, language, dice)
    else:
        text = text.rstrip(".") if dice.chance(0.25) else text
    if dice.chance(0.05):
        text = f"{text} {dice.pick(words['emoji']) * dice.pick([1, 1, 2])}"
    elif dice.chance(0.04):
        text = f"{text.rstrip('.?!')}{dice.pick(['??', '!!', '...', '?!', '!!!'])}"
    return text


def _sloppy(text: str, language: Language, dice: Dice) -> str:
    """Abbreviations, lost commas, and one or two slips of the finger."""
    for pair in language.words["sloppy"]:
        old, _, new = pair.partition("=")
        if dice.chance(0.5):
            text = re.sub(rf"\b{re.escape(old)}\b" if old.isascii() and len(old) > 1 else re.escape(old), new, text)
    if dice.chance(0.6):
        text = re.sub(r"[,;]|(?<=\w)[.?!](?= |$)", "", text)
    words = text.split(" ")
    for _ in range(dice.integer(0, 2)):
        place = dice.integer(0, len(words) - 1)
        if len(words[place]) > 4 and words[place].isalpha():
            words[place] = _slip(words[place], dice)
    return " ".join(words)


def _slip(word: str, dice: Dice) -> str:
    at = dice.integer(1, len(word) - 2)
    match dice.integer(0, 2):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at] + word[at:]


def _stop(text: str) -> str:
    return text if text[-1] in ".?!:" else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _uncapital(text: str) -> str:
    """Lower the first letter, but leave abbreviations, "I" and names in peace."""
    first = text.split(" ", 1)[0].lstrip("¿¡")
    bare = first.replace("'", "").rstrip(",")
    plain = bare.isalpha() and bare[1:].islower() and not first.startswith("I'") and bare not in NAMES
    return text.replace(first, first[:1].lower() + first[1:], 1) if plain else text

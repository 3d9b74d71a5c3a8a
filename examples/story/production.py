"""Six months of production traces: sessions of one to five turns, with feedback on some of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from . import plot
from .dice import Dice
from .phrases import Intent, Phrases
from .speech import Message, Person, message, person

SESSIONS = {4: 795, 5: 820, 6: 820, 7: 860, 8: 1150, 9: 1700}
"""Sessions by month of 2026."""
TURNS = (0.55, 0.22, 0.12, 0.07, 0.04)
STAYS_ON_TOPIC = 0.7
CSAT_RATE, THUMBS_RATE = 0.28, 0.12
HOURS = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 6, 7, 7, 7, 6, 6, 6, 6, 6, 7, 7, 7, 6, 5, 3, 2)
WEEKDAYS = (1.25, 1.1, 1.0, 1.0, 1.1, 0.8, 0.85)
ERRORS = {"ToolTimeout": 0.5, "BookingApiError": 0.3, "RateLimit": 0.2}
POLICY_TOPICS = ("baggage", "travel_documents", "travel_insurance", "pet_travel", "promo_code", "partner_bankruptcy")
NO_TOOL_TOPICS = ("account_login", "boarding_pass_app")
PREAMBLES = {
    "en": ("", "", "", "Happy to help. ", "Thanks for asking. ", "Of course. ", "I understand. "),
    "de": ("", "", "Gern. ", "Danke für Ihre Frage. "),
    "es": ("", "", "Con mucho gusto. ", "Gracias por escribirnos. "),
}
SORRY = {
    "en": "Sorry, something went wrong. Please try again.",
    "de": "Leider ist etwas schiefgegangen. Bitte versuchen Sie es erneut.",
    "es": "Lo siento, algo ha fallado. Inténtelo de nuevo.",
}


@dataclass(frozen=True)
class Turn:
    """One user turn of a session."""

    intent: str
    message: Message


@dataclass(frozen=True)
class Trace:
    """One line of an export, and the truth that the export does not tell."""

    row: dict[str, object]
    intent: str


def session_turns(phrases: Phrases, dice: Dice, who: Person, day: dt.date) -> list[Turn]:
    """The turns of one session: mostly about one thing."""
    shares = plot.intent_shares(day)
    names, weights = list(shares), list(shares.values())
    topic = dice.weighted(names, weights)
    turns: list[Turn] = []
    for turn in range(dice.weighted(range(1, 6), TURNS)):
        if turn and not dice.chance(STAYS_ON_TOPIC):
            topic = dice.weighted(names, weights)
        said = message(phrases, dice, who, phrases.intents[topic], day, follow_up=turn > 0)
        turns.append(Turn(topic, said))
    return turns


def month(phrases: Phrases, seed: int, number: int) -> list[Trace]:
    """The traces of one month of 2026, in the order of time."""
    dice, voters = Dice(seed, f"production-{number}"), Dice(seed, f"mood-{number}")
    days = _days(number)
    regulars: dict[str, list[Person]] = {}
    traces: list[Trace] = []
    for _ in range(SESSIONS[number]):
        day = dice.weighted(days, [WEEKDAYS[day.weekday()] for day in days])
        mix = plot.language_shares(day)
        language = dice.weighted(list(mix), list(mix.values()))
        known = regulars.setdefault(language, [])
        who = dice.pick(known) if known and dice.chance(0.2) else person(dice, language)
        known.append(who)
        traces.extend(_session(phrases, dice, voters, who, day))
    return sorted(traces, key=lambda trace: (str(trace.row["timestamp"]), str(trace.row["trace_id"])))


def _days(number: int) -> list[dt.date]:
    first = dt.date(2026, number, 1)
    return [day for day in (first + dt.timedelta(days=n) for n in range(31)) if day.month == number]


def _session(phrases: Phrases, dice: Dice, voters: Dice, who: Person, day: dt.date) -> Iterator[Trace]:
    clock = dt.datetime.combine(day, dt.time()) + dt.timedelta(
        hours=dice.weighted(range(24), HOURS), seconds=dice.integer(0, 3000), milliseconds=dice.integer(0, 999)
    )
    session_id = f"s_{dice.hexadecimal(12)}"
    turns = session_turns(phrases, dice, who, day)
    mood = voters.uniform()
    for position, turn in enumerate(turns):
        happy = mood < plot.satisfaction(turn.intent, day)
        failed = dice.chance(0.016 + 0.012 * plot.ramp(day, plot.BAD_QUARTER))
        error = dice.weighted(list(ERRORS), list(ERRORS.values())) if failed else None
        last = position == len(turns) - 1
        row: dict[str, object] = {
            "trace_id": dice.hexadecimal(20),
            "timestamp": clock.isoformat(timespec="milliseconds") + "Z",
            "session_id": session_id,
            "user_id": who.user_id,
            "model": plot.release(day)[0],
            "environment": "production",
            "input": turn.message.text,
            "output": SORRY[who.language] if error else _answer(dice, who, turn),
            "latency_ms": int(dice.lognormal(9000 if error == "ToolTimeout" else 1500, 0.45)),
            "status": "error" if error else "ok",
            "error": error,
            "tools": _tools(phrases.intents[turn.intent]),
            "thumbs": _thumbs(voters, happy) if voters.chance(THUMBS_RATE) else None,
            "csat": _csat(voters, happy) if last and voters.chance(CSAT_RATE) else None,
            "language": who.language,
        }
        yield Trace(row, turn.intent)
        clock += dt.timedelta(seconds=dice.integer(25, 240), milliseconds=dice.integer(0, 999))


def _answer(dice: Dice, who: Person, turn: Turn) -> str:
    answer = turn.message.facet.answer[who.language].replace("<", "").replace(">", "")
    return dice.pick(PREAMBLES[who.language]) + answer


def _tools(intent: Intent) -> list[str]:
    if intent.name in NO_TOOL_TOPICS:
        return []
    return ["search_policy"] if intent.name in POLICY_TOPICS else ["get_booking"]


def _thumbs(dice: Dice, happy: bool) -> str:
    return "up" if dice.chance(0.93 if happy else 0.08) else "down"


def _csat(dice: Dice, happy: bool) -> int:
    return dice.weighted((5, 4), (0.6, 0.4)) if happy else dice.weighted((1, 2, 3), (0.4, 0.3, 0.3))

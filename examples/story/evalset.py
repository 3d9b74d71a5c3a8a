"""The eval set: a fair sample of the healthy months, written by the team between October 2025 and March 2026."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import yaml

from . import plot
from .dice import Dice
from .phrases import Facet, Phrases
from .production import session_turns
from .speech import person

N_SAMPLED, N_NEAR_DUPLICATES = 314, 10
DRAWN_FROM = dt.date(2026, 3, 2)
BATCHES = (dt.date(2025, 10, 20), dt.date(2025, 12, 8), dt.date(2026, 1, 26), dt.date(2026, 3, 30))
LANGUAGE_NAMES = {"de": "German", "es": "Spanish"}
HEADER = """\
# Eval set of the Tarnwick Travel support assistant (promptfoo). Invented data, written by examples/make_story.py.
# Cases were drawn from production, one turn of one session each; last refresh 2026-03-30.
# support.jsonl holds the same cases.
"""


@dataclass(frozen=True)
class Case:
    """One case of the eval set."""

    case_id: str
    question: str
    intent: str
    facet: Facet
    language: str
    created: dt.date

    @property
    def expected(self) -> str:
        """The answer that the assistant should give."""
        return self.facet.answer[self.language].replace("<", "").replace(">", "")

    @property
    def keyword(self) -> str:
        """What the answer must contain."""
        return self.facet.answer[self.language].split("<")[1].split(">")[0]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the case's assertions."""
        extra = "language" if self.language in LANGUAGE_NAMES else "tone"
        wants_extra = self.language in LANGUAGE_NAMES or int(self.case_id[-3:]) % 3 == 0
        return ("accuracy", "helpfulness", extra) if wants_extra else ("accuracy", "helpfulness")


def cases(phrases: Phrases, seed: int) -> list[Case]:
    """Draw the cases, in the order of intent and id."""
    dice = Dice(seed, "evalset")
    drawn: list[tuple[str, Facet, str, str, dt.date]] = []
    texts: set[str] = set()
    while len(drawn) < N_SAMPLED:
        language = dice.weighted(list(plot.LANGUAGE_MIX), list(plot.LANGUAGE_MIX.values()))
        turn = dice.pick(session_turns(phrases, dice, person(dice, language), DRAWN_FROM))
        batch = dice.weighted(BATCHES, (0.4, 0.25, 0.2, 0.15))
        if turn.message.text.lower() not in texts:
            texts.add(turn.message.text.lower())
            drawn.append((turn.intent, turn.message.facet, language, turn.message.text, batch))
    longer = [entry for entry in drawn if 40 < len(entry[3]) < 160]
    for intent, facet, language, text, _ in dice.sample(longer, N_NEAR_DUPLICATES):
        drawn.append((intent, facet, language, _again(text, dice), BATCHES[-1]))
    drawn.sort(key=lambda entry: (entry[0], entry[4]))
    seen: Counter[str] = Counter()
    result: list[Case] = []
    for intent, facet, language, text, batch in drawn:
        seen[intent] += 1
        result.append(Case(f"{phrases.intents[intent].code}-{seen[intent]:03d}", text, intent, facet, language, batch))
    return result


def _again(text: str, dice: Dice) -> str:
    """The same question as somebody else adds it by accident: a letter case, a full stop or a word apart."""
    bare = text.rstrip(".?! ")
    return dice.pick([f"{bare} ??", f"{bare}!", f"Hi, {bare}?", f"{bare} pls", f"{bare.lower()} ..."])


def to_yaml(items: list[Case]) -> str:
    """The promptfoo configuration with all cases as tests."""
    config = {
        "description": "Tarnwick Travel support assistant",
        "prompts": ["file://prompts/support.txt"],
        "providers": [{"id": "file://providers/assistant.py", "label": "support-v11:gpt-4.1-mini"}],
        "tests": [
            {
                "description": case.case_id,
                "vars": {"question": case.question},
                "assert": [_assertion(case, metric) for metric in case.metrics],
                "metadata": {"intent": case.intent, "language": case.language, "created": case.created.isoformat()},
            }
            for case in items
        ],
    }
    return HEADER + yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=150)


def _assertion(case: Case, metric: str) -> dict[str, object]:
    match metric:
        case "accuracy":
            return {"type": "icontains", "value": case.keyword, "metric": metric, "weight": 2}
        case "helpfulness":
            topic = case.intent.replace("_", " ")
            rubric = f"Answers the question about {topic} itself and names the next step."
        case "tone":
            rubric = "Friendly and plain, no blame, no more than one apology."
        case _:
            rubric = f"Written in {LANGUAGE_NAMES[case.language]} throughout."
    return {"type": "llm-rubric", "value": rubric, "metric": metric, "weight": 1}


def to_rows(items: list[Case]) -> list[dict[str, object]]:
    """The same cases as plain rows."""
    return [
        {
            "id": case.case_id,
            "input": case.question,
            "expected": case.expected,
            "intent": case.intent,
            "language": case.language,
            "created_at": case.created.isoformat(),
        }
        for case in items
    ]

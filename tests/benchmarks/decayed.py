"""Precision and recall of decayed-answers (DC504) on planted answers, of pairs and of the whole check.

    python -m tests.benchmarks.decayed
    python -m tests.benchmarks.decayed --end-to-end --draws 20
    python -m tests.benchmarks.decayed --questions --data ../shared/data
    python -m tests.benchmarks.decayed --distances

Pairs: an expected answer and one of an assistant, 1,000 of them of which 100 are decayed; half of them of the families
that the rules were tuned on, half of families that were written once the rules stood; five draws of them are read. An
assistant's answer is wrapped
now and then in courtesies that hold numbers of their own. End to end: eval sets of one case a family, a tenth of them
decayed, production that asks in several ways among other traffic, the real embedding model, and the check itself.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from tests.benchmarks.scenarios import scenario_module
from tests.checks.worlds import FIRST_TRACE

from driftcheck.baseline import Baseline
from driftcheck.checks import decayed_answers
from driftcheck.comparison import Comparison
from driftcheck.config import DEFAULT_MODEL, TextChoice
from driftcheck.contradictions import KINDS, Contradiction, asks_the_same, contradiction
from driftcheck.errors import NotMeasurable
from driftcheck.joining import make_eval_set
from driftcheck.production import Gatherer
from driftcheck.records import Case, Feedback, FeedbackSource, Trace
from driftcheck.sampling import Sampler
from driftcheck.stats.intervals import wilson

HERE = Path(__file__).parent
HALVES = {"tuned on": "decayed_families.yaml", "held out": "decayed_held_out.yaml"}
N_PAIRS, N_DECAYED = 500, 50
"""Of each half, in a draw."""
N_SEEDS = 5
"""Draws that are read together."""
OPENERS = (
    "Hi Sam, thanks for reaching out!",
    "Great question!",
    "Thanks for your message.",
    "Hello! I looked this up for you.",
    "Sure, happy to help.",
    "Thank you for being a customer since 2018.",
    "Good morning!",
)
CLOSERS = (
    "Let me know if there is anything else.",
    "Your reference is #48213.",
    "Is there anything else I can do for you?",
    "You can rate this chat with 1 to 5 stars.",
    "Version 7.2 of our app shows it as well.",
    "This is case 2 of 2 that you have open.",
    "If that doesn't help, don't hesitate to ask again.",
    "Our chat is here for you around the clock, 365 days a year.",
    "About 4,000 people asked us the same last month.",
)


@dataclass(frozen=True)
class Family:
    """One question with all that is said to it."""

    name: str
    ask: tuple[str, ...]
    expect: tuple[str, ...]
    agree: tuple[str, ...]
    more: tuple[str, ...]
    open: tuple[str, ...]
    decayed: tuple[tuple[str, str], ...]
    plain: bool
    """Whether courtesies with numbers of their own might contradict it in earnest."""


@dataclass(frozen=True)
class Pair:
    """An expected answer and one that was given."""

    family: str
    question: str
    expected: str
    answer: str
    sort: str
    """`agree`, `more` or `open`, or the kind of what has changed."""
    is_decayed: bool


@cache
def families(half: str) -> tuple[Family, ...]:
    """The families of a half."""
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / HALVES[half]).read_text(encoding="utf-8"))
    return tuple(
        Family(
            name=row["name"],
            **{key: tuple(row[key]) for key in ("ask", "expect", "agree", "more", "open")},
            decayed=tuple((kind, text) for kind, text in row["decayed"]),
            plain=bool(row.get("plain")),
        )
        for row in rows
    )


def pairs(half: str, seed: int = 0) -> list[Pair]:
    """N_PAIRS different pairs of a half, N_DECAYED of them decayed, the families in turn."""
    rng = np.random.default_rng([seed, 504])
    made: dict[tuple[str, str, str], Pair] = {}
    for is_decayed, n in ((True, N_DECAYED), (False, N_PAIRS)):
        while len(made) < n:
            for family in rng.permutation(np.array(families(half), dtype=object)).tolist():
                if len(made) == n or (is_decayed and not family.decayed):
                    continue
                pair = _drawn(family, rng, is_decayed)
                made.setdefault((pair.question, pair.expected, pair.answer), pair)
    return list(made.values())


def drawn_pairs(half: str) -> list[Pair]:
    """The pairs of all draws; the same may stand in two of them."""
    return [pair for seed in range(N_SEEDS) for pair in pairs(half, seed)]


def _drawn(family: Family, rng: np.random.Generator, is_decayed: bool) -> Pair:
    if is_decayed:
        sort, answer = family.decayed[rng.integers(len(family.decayed))]
    else:
        sort = str(rng.choice(["agree", "more", "open"], p=[0.4, 0.3, 0.3]))
        answer = _one(getattr(family, sort), rng)
    return Pair(
        family.name,
        _one(family.ask, rng),
        _one(family.expect, rng),
        wrapped(answer, family, rng),
        sort,
        is_decayed,
    )


def _one(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[rng.integers(len(texts))]


def wrapped(answer: str, family: Family, rng: np.random.Generator) -> str:
    """The answer as a chat gives it: with courtesies, now and then in Markdown."""
    openers = OPENERS if not family.plain else [one for one in OPENERS if not any(map(str.isdigit, one))]
    closers = CLOSERS if not family.plain else [one for one in CLOSERS if not any(map(str.isdigit, one))]
    if rng.random() < 0.4:
        answer = f"{_one(openers, rng)} {answer}"
    if rng.random() < 0.5:
        answer = f"{answer} {_one(closers, rng)}"
    return f"**Answer**\n\n{answer}" if rng.random() < 0.1 else answer


@dataclass(frozen=True)
class Rates:
    """What was found of the pairs."""

    n: int
    n_decayed: int
    n_found: int
    n_false: int
    by_kind: dict[str, tuple[int, int]]
    """Found and planted."""
    false: tuple[tuple[Pair, Contradiction], ...]

    @property
    def precision(self) -> float:
        """Share of what was found that is decayed."""
        return self.n_found / max(1, self.n_found + self.n_false)

    @property
    def recall(self) -> float:
        """Share of the decayed that was found."""
        return self.n_found / self.n_decayed


def rates(planted: Sequence[Pair]) -> Rates:
    """Read all pairs."""
    found = [(pair, contradiction(pair.expected, pair.answer, pair.question)) for pair in planted]
    kinds = Counter(pair.sort for pair in planted if pair.is_decayed)
    hits = Counter(pair.sort for pair, said in found if pair.is_decayed and said)
    false = tuple((pair, said) for pair, said in found if said and not pair.is_decayed)
    return Rates(
        n=len(planted),
        n_decayed=sum(kinds.values()),
        n_found=sum(hits.values()),
        n_false=len(false),
        by_kind={kind: (hits[kind], kinds[kind]) for kind in (*KINDS, "other") if kinds[kind]},
        false=false,
    )


@cache
def _encoder() -> Any:
    from driftcheck.embedding.encoder import SentenceTransformerEncoder
    from driftcheck.embedding.model import find_model

    return SentenceTransformerEncoder(find_model(DEFAULT_MODEL))


_known: dict[str, NDArray[np.float32]] = {}


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit embeddings of the texts, each embedded once."""
    new = [text for text in dict.fromkeys(texts) if text not in _known]
    if new:
        for rows, made in _encoder().encode(new):
            _known.update((new[row], vector) for row, vector in zip(rows.tolist(), made, strict=True))
    return np.stack([_known[text] for text in texts])


def worded(question: str, rng: np.random.Generator) -> str:
    """The question as another user types it: nearly the same words."""
    lower = question[0].lower() + question[1:]
    return str(
        rng.choice(
            [
                question,
                question.lower().rstrip("?"),
                f"Hi, {lower}",
                f"{question} Thanks!",
                f"hello, {lower.rstrip('?')} please?",
                f"Quick question: {lower}",
                f"Could you tell me, {lower}",
                question.replace("?", " ??"),
            ]
        )
    )


def world(half: str, seed: int, wrong: float, others: Sequence[str] = ()) -> tuple[Comparison, set[str]]:
    """A case of each family with production that asks it, and the ids of the cases that have decayed.

    A tenth of the cases has decayed: four in five of their answers say the new, one says nothing of it. To the others
    a share `wrong` of the answers says what is not so, and users like it all the same.
    """
    rng = np.random.default_rng([seed, 505])
    chosen = list(families(half))
    may = [number for number, family in enumerate(chosen) if family.decayed]
    decayed = set(rng.choice(may, max(1, round(0.1 * len(chosen))), replace=False).tolist())
    cases, traces, texts = [], [], []
    for number, family in enumerate(chosen):
        question = _one(family.ask, rng)
        cases.append(
            Case(f"c{number:03d}", question, f"e:{number}", expected=(_one(family.expect, rng),), language="en")
        )
        new = _one([text for _, text in family.decayed], rng) if family.decayed else ""
        alike = [text for text in (new, *_same_change(family, new)) if text]
        for _ in range(int(rng.integers(2, 7))):
            asked = worded(question if rng.random() < 0.7 else _one(family.ask, rng), rng)
            is_new = rng.random() < (0.8 if number in decayed else wrong)
            told = _one(alike, rng) if is_new and alike else _one(family.agree + family.more + family.open, rng)
            if number in decayed and not is_new:
                told = _one(family.open, rng)
            texts.append((asked, wrapped(told, family, rng)))
    texts += [(text, _one(CLOSERS, rng)) for text in others]
    for number, (asked, told) in enumerate(texts):
        traces.append(
            Trace(
                f"t{number:05d}",
                asked,
                f"t:{number}",
                timestamp=FIRST_TRACE + number,
                language="en",
                feedback=(Feedback("csat", 5.0 if rng.random() < 0.9 else 1.0, source=FeedbackSource.USER),),
                output_text=told,
            )
        )
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN, slices=())
    gatherer = Gatherer(
        Sampler(10_000, 28 * 86_400), text=TextChoice.LAST_TURN, slices=(), declared_rating=("csat", ">= 4")
    )
    for trace in traces:
        gatherer.add(trace)
    (production,) = gatherer.finish(())
    comparison = Comparison(
        eval_set=eval_set,
        runs=None,
        production=production,
        case_vectors=vectors(eval_set.frame["text"].tolist()),
        trace_vectors=vectors(production.sample["text"].tolist()),
        declared_slices=(),
        seed=0,
        runs_until=None,
        baseline=Baseline(),
    )
    return comparison, {f"c{number:03d}" for number in decayed}


def _same_change(family: Family, new: str) -> Iterator[str]:
    """The same change in the words of another user's answer."""
    if new:
        yield f"Thanks for asking. {new}"
        yield f"{new} I hope that helps."


@dataclass(frozen=True)
class Draws:
    """What the check found over many worlds."""

    n_cases: int
    """Compared."""
    n_decayed: int
    """Compared that have decayed."""
    n_found: int
    n_false: int
    n_warned: int
    n_draws: int


def end_to_end(half: str, n_draws: int, wrong: float, others: Sequence[str] = ()) -> Draws:
    """The check on worlds of a half, by case."""
    total = Draws(0, 0, 0, 0, 0, n_draws)
    for seed in range(n_draws):
        comparison, decayed = world(half, seed, wrong, others)
        try:
            measured = decayed_answers.measure(comparison)
        except NotMeasurable:
            continue
        found = {row.label for row in measured.evidence if row.contribution is not None}
        compared = {case.case_id for case in decayed_answers.compared_cases(comparison)}
        total = replace(
            total,
            n_cases=total.n_cases + len(compared),
            n_decayed=total.n_decayed + len(compared & decayed),
            n_found=total.n_found + len(found & decayed),
            n_false=total.n_false + len(found - decayed),
            n_warned=total.n_warned + (measured.value >= 0.02 and (measured.p_value or 0.0) <= 0.01),
        )
    return total


def questions(data: Path) -> None:
    """How many paraphrases, near misses and neighbours of other intents are taken for the same question."""
    asked = [family.ask for half in HALVES for family in families(half)]
    same = [pair for ask in asked for pair in combinations(ask, 2)]
    near = [tuple(pair) for pair in yaml.safe_load((HERE / "decayed_questions.yaml").read_text(encoding="utf-8"))]
    rng = np.random.default_rng(0)
    alike = [(question, worded(question, rng)) for ask in asked for question in ask]
    module = scenario_module(data)
    print("cosine  paraphrases  retyped  near misses  same, by cosine alone")
    for least in (0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        said = [
            f"{sum(cosine >= least and asks_the_same(*pair) for pair, cosine in _cosines(kind))} of {len(kind)}"
            for kind in (same, alike, near)
        ]
        bare = sum(cosine >= least for _, cosine in _cosines(near))
        print(f"{least:<8}{said[0]:<13}{said[1]:<11}{said[2]:<13}{bare} near misses", flush=True)
    if module is None:
        return
    for name in ("banking77", "hwu64"):
        frame = module.load(name).sample(1_500, random_state=0)
        texts, labels = frame["text"].tolist(), frame["label"].to_numpy()
        points = vectors(texts)
        cosines = points @ points.T
        for least in (0.8, 0.85, 0.9):
            rows, columns = np.nonzero(np.triu(cosines >= least, 1))
            kept = np.array([asks_the_same(texts[a], texts[b]) for a, b in zip(rows, columns, strict=True)], dtype=bool)
            other = labels[rows] != labels[columns]
            print(
                f"{name}, cosine {least}: {kept.sum()} of {len(rows)} pairs kept, of another intent "
                f"{(kept & other).sum()} of {other.sum()}",
                flush=True,
            )


def distances() -> None:
    """What the distance of the embeddings of the two answers would tell.

    How often a decayed pair lies farther apart than a sound one, and how many of the farthest pairs are decayed.
    """
    for half in HALVES:
        planted = pairs(half)
        both = [(pair.expected, pair.answer) for pair in planted]
        far = 1 - np.array([cosine for _, cosine in _cosines(both)])
        decayed = np.array([pair.is_decayed for pair in planted])
        farther = np.mean(far[decayed][:, None] > far[~decayed][None, :])
        picked = decayed[np.argsort(-far)[: decayed.sum()]]
        print(f"{half}: the decayed is farther in {farther:.2f}; of the farthest {picked.sum()} of {len(picked)}")


def _cosines(kind: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], float]]:
    left, right = vectors([one for one, _ in kind]), vectors([other for _, other in kind])
    return list(zip(kind, np.sum(left * right, axis=1).tolist(), strict=True))


def _share(k: int, n: int) -> str:
    share = wilson(k, n)
    return f"{share.value:.2f} ({share.low:.2f}-{share.high:.2f}), {k} of {n}"


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, read, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--end-to-end", action="store_true")
    parser.add_argument("--questions", action="store_true")
    parser.add_argument("--distances", action="store_true")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", action="store_true", help="print what was found wrongly, and what was missed")
    given = parser.parse_args(argv)
    if given.questions:
        questions(given.data)
        return 0
    if given.distances:
        distances()
        return 0
    if given.end_to_end:
        module = scenario_module(given.data)
        others = module.load("banking77").sample(1_000, random_state=0)["text"].tolist() if module else ()
        for half, wrong in product(HALVES, (0.0, 0.05, 0.1)):
            drawn = end_to_end(half, given.draws, wrong, others)
            print(
                f"{half}, {wrong:.0%} of answers wrong: {drawn.n_cases} cases compared in {drawn.n_draws} draws; "
                f"precision {_share(drawn.n_found, drawn.n_found + drawn.n_false)}; recall "
                f"{_share(drawn.n_found, drawn.n_decayed)}; sound cases taken for decayed "
                f"{_share(drawn.n_false, drawn.n_cases - drawn.n_decayed)}; warned in {drawn.n_warned}",
                flush=True,
            )
        return 0
    both: list[Pair] = []
    for half in (*HALVES, "both"):
        planted = drawn_pairs(half) if half in HALVES else both
        both += planted if half in HALVES else []
        read = rates(planted)
        print(
            f"{half}: {read.n} pairs; precision {_share(read.n_found, read.n_found + read.n_false)}; "
            f"recall {_share(read.n_found, read.n_decayed)}"
        )
        print("   " + ", ".join(f"{kind} {hits} of {n}" for kind, (hits, n) in read.by_kind.items()))
        for pair, said in read.false if given.show and half in HALVES else ():
            print(f"   false: {pair.question} | {pair.expected} | {pair.answer} -> {said.expected} / {said.answer}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

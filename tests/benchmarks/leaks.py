"""What the search for leaks finds and what it takes for one, with the seal closed: sketches of sealed inputs.

    python -m tests.benchmarks.leaks --data DIR --draws 20

Of each draw of 300 texts 90 are sealed and 210 stay. Counted are cases that stay and are called copies (of 300 drawn
at random, and of the same intents), copies with planted edits that are found, sealed cases found in a list of 280
neighbours sorted by intent, and those found in unrelated prose. Every pair that is called a copy is printed by
`--show`, to be read: most are the same question twice in the data.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.scenarios import scenario_module

from driftcheck.leak_search import leaks_in_text
from driftcheck.lengths import words_of
from driftcheck.seals import LeakFinder, Marks

DATASETS = ("banking77", "hwu64")
LIKE = {
    "my": "the",
    "card": "bank card",
    "how": "in what way",
    "want": "would like",
    "get": "obtain",
    "need": "require",
}
LIKE |= {"money": "funds", "please": "kindly", "is": "was", "the": "this", "play": "start", "tell": "show", "me": "us"}
LONG = 10
"""Words from which on a text is told apart in the table."""


def finder_of(inputs: Sequence[str]) -> LeakFinder:
    """A finder of sealed inputs, with a fresh salt."""
    empty = Marks(secrets.token_bytes(16), ())
    return LeakFinder(Marks(empty.salt, tuple(empty.mark(text, "ok", None, batch=0) for text in inputs)))


def edits(rng: random.Random, text: str) -> Iterator[tuple[str, str]]:
    """(name, copy) pairs of a text."""

    def changed(words: list[str]) -> list[str]:
        at = rng.randrange(len(words))
        return [*words[:at], LIKE.get(words[at].lower(), f"{words[at]}s"), *words[at + 1 :]]

    words = text.split()
    hole = rng.randrange(len(text))
    yield "as it is", text
    yield "capitals, punctuation", f"{text.upper().rstrip('?.!')} ..."
    yield "a greeting before, thanks behind", f"Hi there, {text} Thanks a lot!"
    yield "first word dropped", " ".join(words[1:])
    yield "one word changed", " ".join(changed(words))
    yield "one letter dropped", text[:hole] + text[hole + 1 :]
    yield "two words changed", " ".join(changed(" ".join(changed(words)).split()))
    yield "words in another order", " ".join(rng.sample(words, len(words)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args(arguments)
    scenarios = scenario_module(options.data)
    if scenarios is None:
        print(f"{options.data}: no make_scenarios.py", file=sys.stderr)
        return 2
    for name in DATASETS:
        frame = scenarios.load(name)
        called: list[tuple[str, str]] = []
        neighbours = n_stay = n_sealed = 0
        hit, n = Counter[tuple[str, bool]](), Counter[tuple[str, bool]]()
        for draw in range(options.draws):
            rng = random.Random(draw)
            texts = frame.sample(300, random_state=100 + draw)["text"].tolist()
            sealed, stay = texts[:90], texts[90:]
            finder = finder_of(sealed)
            n_stay, n_sealed = n_stay + len(stay), n_sealed + len(sealed)
            called += [(sealed[case], text) for text in stay for case in finder.in_case(text, "ok")]
            for case, text in enumerate(sealed):
                for kind, copy in edits(rng, text):
                    key = (kind, len(words_of(text)) >= LONG)
                    n[key] += 1
                    hit[key] += case in finder.in_case(copy, "ok")
            ordered = frame.sample(400, random_state=draw).sort_values("label")["text"].tolist()
            held = set(rng.sample(range(400), 120))
            finder = finder_of([ordered[row] for row in sorted(held)])
            rest = [text for row, text in enumerate(ordered) if row not in held]
            known = {case for text in rest for case in finder.in_case(text, None)}
            listed = "\n".join(f"- {text}" for text in rest).encode()
            neighbours += sum(leak.n_cases for leak in leaks_in_text(finder, listed, name, known))
        alike: list[tuple[str, str]] = []
        n_pairs = 0
        for _, group in frame.groupby("label"):
            texts = group["text"].tolist()
            random.Random(0).shuffle(texts)
            finder = finder_of(texts[:30])
            n_pairs += len(texts[:30]) * len(texts[30:60])
            alike += [(texts[case], text) for text in texts[30:60] for case in finder.in_case(text, "ok")]
        print(f"{name}: {len(called)} of {n_stay:,} cases that stay are called copies of {n_sealed:,} sealed ones")
        print(f"  of {n_pairs:,} pairs of one intent: {len(alike)}; across items of a sorted list: {neighbours}")
        for kind in dict.fromkeys(kind for kind, _ in n):
            rates = [f"{hit[kind, is_long] / max(1, n[kind, is_long]):.2f}" for is_long in (True, False)]
            print(f"  {kind:<34}{rates[0]:>6} of {LONG} words and more, {rates[1]} of fewer")
        for one, other in called if options.show else ():
            print(f"    {one!r}\n    {other!r}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

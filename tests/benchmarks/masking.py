"""How well personal data is masked, on 500 strings of our own.

    python -m tests.benchmarks.masking [--show]

Recall: personal values of which no letter and no digit stays. Precision: finds that are what they are called. One half
of the strings was used to tune the rules; of the other nothing was looked at before this table. `--show` prints what
stayed and what was lost.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.masking.scoring import Score, score
from tests.masking.strings import read

from driftcheck.masking import KINDS, mask
from driftcheck.numbers import percent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--show", action="store_true", help="print what stayed and what was lost")
    options = parser.parse_args()
    strings = read()
    mask("")
    start = time.process_time()
    tuned, unseen = (score(string for string in strings if string.tuned is side) for side in (True, False))
    seconds = time.process_time() - start
    print("| kind | recall, tuned | recall, unseen | precision, tuned | precision, unseen |")
    print("| --- | --- | --- | --- | --- |")
    for kind in KINDS:
        cells = [*(_share(side.n_masked[kind], side.n_values[kind]) for side in (tuned, unseen))]
        cells += [*(_share(side.n_right[kind], side.n_found[kind]) for side in (tuned, unseen))]
        print(f"| {kind} | {' | '.join(cells)} |")
    whole = [_share(side.n_whole, side.n_clean) for side in (tuned, unseen)]
    print(f"\nNothing personal, and nothing changed: {whole[0]} (tuned), {whole[1]} (unseen).")
    print(f"{1000 * seconds / len(strings):.0f} ms of processor time a string.")
    if options.show:
        _show("tuned", tuned)
        _show("unseen", unseen)


def _share(n: int, n_all: int) -> str:
    return f"{n} of {n_all} ({percent(n / n_all)})" if n_all else "-"


def _show(name: str, side: Score) -> None:
    for word, values in (("stayed", side.leaks), ("lost", side.losses)):
        print(f"\n{name}, {word}:", *values, sep="\n  ", file=sys.stdout)


if __name__ == "__main__":
    main()

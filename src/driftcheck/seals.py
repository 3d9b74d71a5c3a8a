"""What is known of sealed cases while the seal is closed: hashes that know a text again, and no text.

The sealed file carries, in the open, three kinds of hashes of each case, salted with bytes of its own:

- of its input and of its id, 40 bits each: results of an opened run are recognised without the key;
- a sketch of its input, the lowest eight hashes of its word triples, of which 12 bits each are kept: a copy or a near
  copy in the tuned set or in a prompt is found without the key (bottom-k sketches, Broder 1997);
- for an input too short for a sketch, one hash of input and expected answer, 40 bits.

What they tell an attacker: the salt is in the open, so whoever guesses a *whole* input can confirm the guess, and an
input of a few words can be found by trying. Who guesses pieces learns little: of 4,096 wrong word triples 8 fit a
sketch by chance, so that no text can be put together triple by triple. The length of an input is told to a power of
two. Expected answers are in the hashes of short inputs alone.

A sketch is of the input and not of the expected answer: many cases share an answer, and a prompt may well state the
policy that it quotes.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import chain

from driftcheck.lengths import words_of

SHINGLE = 3
"""Words in a shingle."""
SKETCH = 8
"""Hashes kept of a case."""
BITS = 12
"""Bits kept of each."""
MIN_WORDS = SHINGLE + 3
"""Words of an input from which on it has a sketch: shorter ones have too few triples to be told from their like."""
LEAST = 0.7
"""Share of a sketch that must be found, close together, for a copy: 6 of 8. Measured by tests/benchmarks/leaks.py."""
_ALL_BELOW = 6
"""Hashes below which all of a sketch must be found: questions of six words often differ in the last one alone."""
HELD_OUT = frozenset({"sealed", "holdout", "held-out", "held_out", "heldout"})
"""Values of a case's `split` by which it is to be sealed. Not `test`: many an eval set is a test split as a whole."""
NOTHING_SEALED = "nothing is sealed that the ledger knows of: `driftcheck seal --holdout 30%` holds cases back"
"""Why a check of the seal has nothing to say."""
_REACH = 1.5
"""Words within which a sketch must be found, in lengths of the sealed input."""
_MIN_SPAN = 8
_ID_BYTES = 5
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class SealedCase:
    """One sealed case, by its hashes."""

    input: str
    """Of the normalised input, 10 hex digits."""
    id: str | None
    """Of the file's own id, 10 hex digits; None where it has none."""
    sketch: tuple[int, ...]
    """Of the input, sorted; empty where it is too short."""
    span: int
    """Words of the input, rounded up to a power of two; 0 without a sketch."""
    whole: str | None
    """Of input and expected answer, 10 hex digits, where the input is too short for a sketch."""
    batch: int
    """Number of the seal that it came with, from 0."""
    opened: float | None = None
    """When it was first opened, by the seals before this one: unix seconds; None where it never was."""


@dataclass(frozen=True)
class Marks:
    """The open part of a sealed file: what tells its cases apart without the key."""

    salt: bytes = field(repr=False)
    cases: tuple[SealedCase, ...]

    @cached_property
    def _by_input(self) -> dict[str, int]:
        return {case.input: number for number, case in reversed([*enumerate(self.cases)])}

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {case.id: number for number, case in reversed([*enumerate(self.cases)]) if case.id is not None}

    def case_of(self, text: str | None, own_id: str | None) -> int | None:
        """Number of the sealed case of a result: by its input, else by its id; None where it is of no sealed case."""
        found = self._by_input.get(self.input_mark(text)) if text else None
        return self._by_id.get(self.id_mark(own_id)) if found is None and own_id is not None else found

    def input_mark(self, text: str) -> str:
        """Hash of an input as `SealedCase.input` has it."""
        return _mark(self.salt, b"input", _normalised(text))

    def id_mark(self, own_id: str) -> str:
        """Hash of an id as `SealedCase.id` has it."""
        return _mark(self.salt, b"id", own_id)

    def mark(self, text: str, expected: str | None, own_id: str | None, *, batch: int) -> SealedCase:
        """Hash a case."""
        words = words_of(text)
        is_short = len(words) < MIN_WORDS
        hashes = [] if is_short else sorted(set(self.hashes(words)))[:SKETCH]
        return SealedCase(
            input=self.input_mark(text),
            id=None if own_id is None else self.id_mark(own_id),
            sketch=tuple(sorted(value % (1 << BITS) for value in hashes)),
            span=0 if is_short else max(_MIN_SPAN, 1 << (len(words) - 1).bit_length()),
            whole=self.whole(words, expected) if is_short else None,
            batch=batch,
        )

    def hashes(self, words: Sequence[str]) -> Iterator[int]:
        """Hash every shingle, in order."""
        for start in range(len(words) - SHINGLE + 1):
            yield _hash(self.salt, b"shingle", "\0".join(words[start : start + SHINGLE]))

    def whole(self, words: Sequence[str], expected: str | None) -> str:
        """Hash an input and its expected answer as `SealedCase.whole` has it."""
        return _mark(self.salt, b"whole", "\0".join((*words, "", *words_of(expected or ""))))


@dataclass(frozen=True)
class Opening:
    """One entry of the ledger on an opening of the sample."""

    release: str
    at: dt.date
    time: float
    """Unix seconds."""
    is_forced: bool


@dataclass(frozen=True)
class Leak:
    """A place outside the seal that holds what is sealed; the text itself is nowhere in it."""

    where: str
    """Id of the case of the tuned set, or file and line."""
    n_cases: int
    """Sealed cases that it holds."""
    case_id: str | None = None
    """The case of the tuned set; None for a place in another file."""


@dataclass(frozen=True)
class SealState:
    """The seal on the day of an audit, as far as it is known without the key."""

    n_cases: int
    """By the ledger."""
    sealed_at: dt.date | None
    """Day of the last seal; None where the ledger knows of none."""
    problem: str = ""
    """What is wrong with the sealed file, in words: altered, cut, missing, unknown to the ledger."""
    openings: tuple[Opening, ...] = ()
    """Of this sample, oldest first."""
    leaks: tuple[Leak, ...] = ()
    batches: Mapping[int, int] = field(default_factory=dict)
    """Cases that came with each seal, by its number."""
    other: str = ""
    """The drift.yaml that sealed them, where it is not the one that is audited."""


class LeakFinder:
    """Finds sealed inputs in texts."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._cases_of: dict[int, list[int]] = {}
        self._whole: dict[str, set[int]] = defaultdict(set)
        for number, case in enumerate(marks.cases):
            for value in set(case.sketch):
                self._cases_of.setdefault(value, []).append(number)
            if case.whole is not None:
                self._whole[case.whole].add(number)

    def in_case(self, text: str, expected: str | None) -> frozenset[int]:
        """Numbers of the sealed cases whose input a case of the tuned set holds."""
        words = words_of(text)
        found = {number for some in (words, words_of(expected or "")) for number, _ in self.in_words(some)}
        if self._whole:
            found |= self._whole.get(self._marks.whole(words, expected), set())
        return frozenset(found)

    def asks(self, text: str, expected: str | None = None) -> bool:
        """Whether a text asks what a sealed case asks: it holds its input, or is its input, however short."""
        return self._marks.case_of(text, None) is not None or bool(self.in_case(text, expected))

    def in_words(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Sealed cases in a text: (number of the case, number of the first word) pairs; each case once."""
        values = [value % (1 << BITS) for value in self._marks.hashes(words)]
        # most cases that share a value with a text share no more: they are counted out before anything is looked at
        shared = Counter(chain.from_iterable(self._cases_of.get(value, ()) for value in set(values)))
        for number, n in shared.items():
            case = self._marks.cases[number]
            least = _enough(len(set(case.sketch)))
            if n < least:
                continue
            hits = [(position, value) for position, value in enumerate(values) if value in case.sketch]
            first = _close_together(hits, least, int(_REACH * case.span))
            if first is not None:
                yield number, first


def is_held_out(split: str | None) -> bool:
    """Whether a case whose `split` this is says that it is to be sealed."""
    return (split or "").strip().casefold() in HELD_OUT


def near_groups(
    inputs: Sequence[tuple[str, str | None]], owners: Sequence[int], salts: Iterable[bytes]
) -> list[list[int]]:
    """Owners in groups that hold copies or near copies of each other's inputs.

    Args:
        inputs: (input, expected answer) pairs.
        owners: of each input, from 0; those of one owner go together.
        salts: of the sketches that tell what is a near copy; near by one of them is near.

    """
    leader = list(range(max(owners, default=-1) + 1))

    def top(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    first: dict[str, int] = {}
    for owner, (text, _) in zip(owners, inputs, strict=True):
        leader[top(owner)] = top(first.setdefault(_normalised(text), owner))
    for salt in salts:
        marks = Marks(salt, ())
        finder = LeakFinder(Marks(salt, tuple(marks.mark(*one, None, batch=0) for one in inputs)))
        for owner, one in zip(owners, inputs, strict=True):
            for number in finder.in_case(*one):
                leader[top(owner)] = top(owners[number])
    groups: dict[int, list[int]] = {}
    for row in range(len(leader)):
        groups.setdefault(top(row), []).append(row)
    return list(groups.values())


def _enough(n: int) -> int:
    return n if n < _ALL_BELOW else math.ceil(LEAST * n)


def _close_together(hits: Sequence[tuple[int, int]], least: int, reach: int) -> int | None:
    """Position of the first of `least` different values within `reach` positions; None where there are not as many."""
    start = 0
    counts: dict[int, int] = defaultdict(int)
    for position, value in hits:
        counts[value] += 1
        while position - hits[start][0] > reach:
            gone = hits[start][1]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
            start += 1
        if len(counts) >= least:
            return hits[start][0]
    return None


def _normalised(text: str) -> str:
    """As results are joined to cases: case and white space folded."""
    return _SPACES.sub(" ", text.casefold()).strip()


def _hash(salt: bytes, what: bytes, text: str) -> int:
    return int.from_bytes(_digest(salt, what, text, 8), "big")


def _mark(salt: bytes, what: bytes, text: str) -> str:
    return _digest(salt, what, text, _ID_BYTES).hex()


def _digest(salt: bytes, what: bytes, text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=salt, person=what, digest_size=size).digest()

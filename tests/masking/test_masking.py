"""Masking: what is found of the 500 strings, what every masked text holds to, and that nothing leaves the machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.masking.scoring import Score, score
from tests.masking.strings import read

from driftcheck.masking import KINDS, Found, Masked, mask
from driftcheck.masking.found import united
from driftcheck.masking.masking import LEFT_OUT, MARGIN, MAX_CHARS

FLOORS = {  # recall and precision of either half, a little below what tests/benchmarks/README.md states
    "KEY": (0.95, 0.95),
    "EMAIL": (0.95, 0.95),
    "IBAN": (0.90, 0.90),
    "CARD": (0.90, 0.90),
    "ID": (0.90, 0.90),
    "IP": (0.90, 0.90),
    "PHONE": (0.95, 0.92),
    "ADDRESS": (0.80, 0.75),
    "PERSON": (0.90, 0.77),
}
_TAG = re.compile(rf"\[(?:{'|'.join(KINDS)})(?:_\d+)?\]")


@pytest.fixture(scope="module")
def halves() -> tuple[Score, Score]:
    strings = read()
    tuned, unseen = (score(string for string in strings if string.tuned is side) for side in (True, False))
    return tuned, unseen


def test_there_are_500_strings_of_every_kind_and_with_none() -> None:
    strings = read()
    assert len({string.text for string in strings}) == 500
    assert {kind for string in strings for kind, *_ in string.spans} == set(KINDS)
    assert sum(not string.spans for string in strings) >= 150
    assert 200 <= sum(string.tuned for string in strings) <= 300


@pytest.mark.parametrize("kind", KINDS)
def test_recall_and_precision_hold_their_floors(halves: tuple[Score, Score], kind: str) -> None:
    recall, precision = FLOORS[kind]
    for side in halves:
        assert side.recall(kind) >= recall, side.leaks
        assert side.precision(kind) >= precision, side.losses


def test_most_texts_without_personal_data_stay_as_they_are(halves: tuple[Score, Score]) -> None:
    for side in halves:
        assert side.n_whole / side.n_clean >= 0.85, side.losses


def test_every_text_is_the_original_with_tags_in_the_places_found() -> None:
    for string in read():
        masked = mask(string.text)
        at, rest = 0, masked.text
        for one in masked.found:
            assert at <= one.start < one.end <= len(string.text)
            plain = string.text[at : one.start]
            assert rest.startswith(plain)
            tag = _TAG.match(rest[len(plain) :])
            assert tag is not None
            assert tag[0].strip("[]").partition("_")[0] == one.kind
            rest, at = rest[len(plain) + len(tag[0]) :], one.end
        assert rest == string.text[at:]


def test_a_masked_text_stays_nearly_as_it_is() -> None:
    changed = [text for string in read() if mask(text := mask(string.text).text).text != text]
    assert len(changed) <= 10, changed  # words beside a tag may read otherwise than beside the value


def test_one_value_has_one_tag_and_several_are_numbered() -> None:
    text = "ana@example.com wrote to bo@example.com, then Ana@Example.com called +1 415 555 0132 and +1 (415) 555-0132"
    assert mask(text).text == "[EMAIL_1] wrote to [EMAIL_2], then [EMAIL_1] called [PHONE] and [PHONE]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        (" \n", " \n"),
        ("Where is order 88213?", None),
        ("card ４１１１ １１１１ １１１１ １１１１", "card [CARD]"),
        ("card 4111\u00a01111\u00a01111\u00a01111", "card [CARD]"),
        ("an\u00ada@exam\u200bple.com", "[EMAIL]"),
        ("\ud800 ana@example.com \udfff", "\ud800 [EMAIL] \udfff"),
        ("a\x00b ana@example.com", "a\x00b [EMAIL]"),
        ("postgres://u:s3cr3t@db.example.com/x", "postgres://u:[KEY]/x"),
        ("tel +49 (0)30 23125014, DE89370400440532013000", "tel [PHONE], [IBAN]"),
        ("password=Xy77ab, pwd=$ecret9x", "password=[KEY_1], pwd=[KEY_2]"),
        ("password=$DB_PASSWORD, pass=<secret>, bypass=enabled, key-value-store-edition-2026", None),
        ("the password must be long; password: required", None),
        ("paid 4155550167 on 2026-03-04, hotel 20260304117", None),
    ],
)
def test_forms(text: str, masked: str | None) -> None:
    assert mask(text).text == (text if masked is None else masked)


def test_what_overlaps_is_one_by_the_kind_that_comes_first() -> None:
    found = [Found("PERSON", 4, 9), Found("EMAIL", 0, 6), Found("IP", 9, 12), Found("PHONE", 8, 9)]
    assert united(found) == [Found("EMAIL", 0, 9), Found("IP", 9, 12)]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=80))
def test_any_text_is_masked_within_its_bounds(text: str) -> None:
    masked = mask(text)
    assert isinstance(masked, Masked)
    ends = [0, *(place for one in masked.found for place in (one.start, one.end)), len(text)]
    assert ends == sorted(ends)
    assert mask(text) == masked


def test_the_end_of_a_very_long_text_is_left_out_and_no_value_is_cut() -> None:
    card = "4111 1111 1111 1111"
    before = "x " * ((MAX_CHARS - MARGIN - 10) // 2)
    masked = mask(before + card + " y" * MARGIN)
    assert masked.text == f"{before}[CARD]{LEFT_OUT}"
    assert masked.found == (Found("CARD", len(before), len(before) + len(card)),)


_PIECES = (
    "a|@|a@a.|1 |::1:|415-555-0132 |DE89 |4111 1111 1111 1112 |password is |key a |eyJa.|://a:|sk-|John |김|ssn 1 |(1"
)


@pytest.mark.parametrize("piece", [*_PIECES.split("|"), "-----BEGIN PRIVATE KEY-----\n", "\ud800", "\u0300", "😀"])
def test_a_million_hostile_characters_take_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    mask("ready")
    start = time.process_time()
    mask(text)
    assert time.process_time() - start < 20


_OFFLINE = """
import sys
def audit(event, args):
    if event.startswith("socket."): raise SystemExit(event)
sys.addaudithook(audit)
from driftcheck.masking import mask
print(mask(sys.argv[1]).text)
print(sorted(name for name in sys.modules if name.partition(".")[0] in {"arcjet", "requests", "httpx", "urllib3"}))
"""


def test_no_socket_is_opened_and_no_client_of_a_service_is_imported(tmp_path: Path) -> None:
    text = "Ana Lopez, ana@example.com, +1 415 555 0132, 12345678Z, DE89370400440532013000, 203.0.113.9, pwd=a1b2c3d4"
    environment = os.environ | {"DRIFTCHECK_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE, text],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert done.stdout.splitlines() == ["[PERSON], [EMAIL], [PHONE], [ID], [IBAN], [IP], pwd=[KEY]", "[]"], done.stderr


def test_importing_it_loads_nothing_heavy() -> None:
    code = "import sys, driftcheck.masking; print([n for n in ('onnxruntime', 'tokenizers', 'phonenumbers', 'stdnum', "
    code += "'kingfisher_sdk') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_names_that_drift_yaml_knows_stay_and_others_go() -> None:
    text = "Roger Federer's bank and John Smith, roger federer too"
    assert "Federer" not in mask(text).text
    kept = mask(text, keep=("Roger Federer",)).text
    assert kept.startswith("Roger Federer's bank and [PERSON")
    assert "Smith" not in kept


def test_only_names_can_be_kept() -> None:
    assert mask("ana@example.com", keep=("ana@example.com",)).text == "[EMAIL]"

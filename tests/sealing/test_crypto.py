"""What is closed opens with its key alone, and not when a byte of it changed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.errors import InputError
from driftcheck.seal_file import format_envelope, parse_envelope
from driftcheck.sealing.contents import SealedFile, decode, encode
from driftcheck.sealing.crypto import decrypt, encrypt
from driftcheck.sealing.key import Key
from driftcheck.seals import Marks

KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)


def marks(*texts: str) -> Marks:
    empty = Marks(b"s" * 16, ())
    return Marks(empty.salt, tuple(empty.mark(text, "yes", text[:3], batch=0) for text in texts))


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=200)), max_size=4))
def test_what_is_sealed_opens_again(files: list[tuple[str, bytes]]) -> None:
    batches = tuple(
        (SealedFile(name.encode("utf-8", "replace").decode(), ".csv", "x", 1, data),) for name, data in files
    )
    envelope = encrypt(encode(batches), marks("where is my card that I ordered"), KEY)
    read = parse_envelope(format_envelope(envelope), "a.sealed")
    assert decode(decrypt(read, KEY, "a.sealed"), "a.sealed") == batches


def test_the_same_contents_never_look_the_same_and_tell_little_of_their_length() -> None:
    one, two = (encrypt(text, marks("a b c d e f g"), KEY) for text in (b"[]", b'["' + b"x" * 900 + b'"]'))
    assert one.nonce != two.nonce
    assert len(one.ciphertext) == len(two.ciphertext)
    assert encrypt(b"[]", marks("a b c d e f g"), KEY).sealed != one.sealed


def test_another_key_is_told_by_its_name() -> None:
    envelope = encrypt(b"[]", marks("a b c d e f g"), KEY)
    with pytest.raises(InputError, match=f"sealed with key {KEY.token[:8]}, and this is key {OTHER.token[:8]}"):
        decrypt(envelope, OTHER, "a.sealed")
    with pytest.raises(InputError, match="does not open with its key"):
        decrypt(dataclasses.replace(envelope, key=OTHER.token), OTHER, "a.sealed")


def test_what_is_open_cannot_be_altered_either() -> None:
    envelope = encrypt(b"[]", marks("where is my card that I ordered", "short one"), KEY)
    plain = json.loads(format_envelope(envelope))
    changes = [
        {**plain, "salt": "0" * 32},
        {**plain, "nonce": "0" * 24},
        {**plain, "cases": plain["cases"][:1]},
        {**plain, "cases": [{**plain["cases"][0], "opened": 1.5}, plain["cases"][1]]},
        {**plain, "cases": [{**plain["cases"][0], "sketch": []}, plain["cases"][1]]},
        {**plain, "sealed": "A" + plain["sealed"][1:] if plain["sealed"][0] != "A" else "B" + plain["sealed"][1:]},
        {**plain, "sealed": "no base64"},
    ]
    for changed in changes:
        with pytest.raises(InputError, match="was altered"):
            decrypt(parse_envelope(json.dumps(changed).encode(), "a.sealed"), KEY, "a.sealed")


@pytest.mark.parametrize("n", [0, 1, 20, 300, -1])
def test_a_cut_file_is_no_sealed_file(n: int) -> None:
    data = format_envelope(encrypt(b"[]", marks("a b c d e f g"), KEY))[:n]
    with pytest.raises(InputError, match="or was cut"):
        parse_envelope(data, "a.sealed")


@pytest.mark.parametrize(
    "text", [b"{}", b"[1]", b'"x"', b'{"format":"driftcheck seal","version":2}', b'{"format":"x","zq1":"secret"}']
)
def test_what_is_something_else_is_not_quoted(text: bytes) -> None:
    with pytest.raises(InputError, match=r"is no sealed file|by another driftcheck") as problem:
        parse_envelope(text, "a.sealed")
    assert "secret" not in str(problem.value)
    with pytest.raises(InputError, match="nothing that this driftcheck can open"):
        decode(text, "a.sealed")


def test_a_sealed_file_has_no_line_end_that_git_could_turn(tmp_path: Path) -> None:
    data = format_envelope(encrypt(b"[]", marks("a b c d e f g"), KEY))
    assert b"\n" not in data
    assert b"\r" not in data

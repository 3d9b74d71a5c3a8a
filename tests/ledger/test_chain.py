"""The chain: nothing is altered, lost or moved unseen, and branches that were merged are no damage."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck.ledger.chain import MAX_LINE, Chain, Line, Unreadable, build, hash_of, link, read_lines


def grow(*branches: int) -> list[bytes]:
    """A chain of `branches[0]` lines, from whose last line further branches of so many lines each go on."""
    trunk: list[bytes] = []
    for number in range(branches[0]):
        trunk.append(link("audit", hash_of(trunk[-1]) if trunk else "", {"number": number, "text": 'ä,"previous"'}))
    lines = list(trunk)
    for branch, length in enumerate(branches[1:]):
        last = trunk[-1]
        for number in range(length):
            last = link("audit", hash_of(last), {"branch": branch, "number": number})
            lines.append(last)
    return lines


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def chain_of(lines: Sequence[bytes], heads: Sequence[str] | None = None) -> Chain:
    return build(joined(lines), heads if heads is not None else build(joined(lines), None).leaves)


shapes = st.one_of(st.tuples(st.integers(1, 8)), st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)))


@given(shapes)
def test_a_chain_verifies_with_its_forks(shape: tuple[int, ...]) -> None:
    chain = chain_of(grow(*shape))
    assert chain.problems == ()
    assert chain.next_heads == chain.heads == chain.leaves
    assert chain.notes == ((f"a fork after line {shape[0]}: 2 branches were merged",) if len(shape) > 1 else ())


@given(shapes, st.data())
def test_any_altered_byte_is_found(shape: tuple[int, ...], data: st.DataObject) -> None:
    lines = grow(*shape)
    heads = chain_of(lines).heads
    text = bytearray(joined(lines))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))
    assert build(bytes(text), heads).problems


@given(shapes, st.data())
def test_any_line_that_is_missing_or_moved_is_found(shape: tuple[int, ...], data: st.DataObject) -> None:
    lines = grow(*shape)
    heads = chain_of(lines).heads
    number = data.draw(st.integers(0, len(lines) - 1))
    assert chain_of(lines[:number] + lines[number + 1 :], heads).problems
    assert chain_of(lines[:number], heads).problems
    if len(shape) == 1 and number:
        lines[number - 1], lines[number] = lines[number], lines[number - 1]
        assert f"stands before line {number + 1}" in chain_of(lines, heads).problems[0][1]


@given(shapes, st.data())
def test_any_line_may_be_there_twice(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Git's union driver keeps both copies of what both sides added."""
    lines = grow(*shape)
    number = data.draw(st.integers(0, len(lines) - 1))
    twice = chain_of([*lines, lines[number]], chain_of(lines).heads)
    assert twice.problems == ()
    assert len(twice.lines) == len(lines)
    assert twice.notes[-1] == "1 line stands here twice, which harms nothing"


def test_it_says_which_line_was_altered() -> None:
    lines = grow(5)
    heads = chain_of(lines).heads
    changed = [*lines[:2], lines[2].replace(b'"number":2', b'"number":9'), *lines[3:]]
    assert chain_of(changed, heads).problems == (
        (4, "follows a line that is not there: line 3 was altered, or a line after it was taken out"),
    )
    assert chain_of([*lines[:2], *lines[3:]], heads).problems == (
        (3, "follows a line that is not there: line 2 was altered, or a line after it was taken out"),
    )
    assert chain_of(lines[:4], heads).problems == (
        (None, "names a last line that is not there: line 4 was altered, or what followed it was taken out"),
    )
    assert chain_of(lines, ()).problems == ((None, "names no line: nobody can tell whether the last one is there"),)
    assert chain_of([], heads).problems == ((None, "names a last line that is not there: the ledger is empty"),)


def test_lines_of_a_fork_are_not_accused_of_what_befell_the_line_before_it() -> None:
    first, second, *branches = grow(2, 2, 1)
    lines = [first, second, *branches]  # 1, 2, then 3 and 4, and 5: both 3 and 5 follow 2
    heads = chain_of(lines).heads
    said = "follows a line that is not there, as line 5: line 2 was altered, or a line after it was taken out"
    changed = [first, second.replace(b'"number":1', b'"number":9'), *branches]
    assert chain_of(changed, heads).problems == ((3, said),)
    assert chain_of(changed, ()).problems[0] == (3, said)
    # a line that the heads name is as it was, whoever stands behind it
    a, b, c, d = grow(1, 1, 2)
    assert chain_of([a, b, d], chain_of([a, b, c, d]).heads).problems == (
        (3, "follows a line that is not there: a line was altered, or taken out"),
    )
    assert chain_of([a, b], chain_of([a, b, c, d]).heads).problems == (
        (None, "names a last line that is not there: a line was altered, or taken out"),
    )


def test_a_line_that_the_heads_do_not_know_yet_is_no_damage() -> None:
    """As a process leaves it that is killed between the ledger and its heads."""
    lines = grow(4)
    behind = chain_of(lines, [hash_of(lines[2])])
    assert behind.problems == ()
    assert behind.next_heads == (hash_of(lines[3]),)


def test_a_loss_is_not_forgotten_when_the_heads_are_written_again() -> None:
    lines = grow(4)
    lost = chain_of(lines[:3], [hash_of(lines[3])])
    assert lost.next_heads == (hash_of(lines[2]), hash_of(lines[3]))
    assert chain_of(lines[:3], lost.next_heads).problems


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"<<<<<<< HEAD", "is a conflict that git left: keep the lines of both sides, and take out its marks"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[1]", "is no JSON object"),
        (b'{"kind": 3}', "has no kind"),
        (b'{"kind": "' + b"k" * 41 + b'"}', "has no kind"),
        (b'{"kind": "audit"}', "does not say which line it follows"),
        (b'{"kind": "audit", "previous": "A"}', "does not say which line it follows"),
        (b'{"kind":"audit","previous":"","x":"' + b"y" * MAX_LINE + b'"}', "is longer than 1 MB"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_line(line: bytes, what: str) -> None:
    first = grow(1)[0]
    found = list(read_lines(joined([first, line])))
    assert isinstance(found[0], Line)
    assert isinstance(found[1], Unreadable)
    assert (found[1].number, str(found[1])) == (2, what)
    assert (2, what) in chain_of([first, line]).problems


def test_a_line_of_another_hand_is_a_line() -> None:
    """Key order and blanks are nobody's business but the hash's."""
    raw = json.dumps({"previous": "", "x": 1, "kind": "seal"}, indent=None).encode()
    (line,) = read_lines(b"\n" + raw)
    assert isinstance(line, Line)
    assert (line.number, line.kind, line.previous) == (2, "seal", "")


def test_a_line_too_long_is_not_made() -> None:
    with pytest.raises(ValueError, match=r"1,048,6\d\d bytes, and 1,048,576 are allowed"):
        link("audit", "", {"x": "y" * MAX_LINE})

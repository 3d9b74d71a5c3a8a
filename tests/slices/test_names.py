"""Names in any script."""

import pytest

from driftcheck.slices.names import name_slices, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where's the CARD?", ["where's", "the", "card"]),
        ("Überweisung für müde", ["überweisung", "für", "müde"]),
        ("перевод не прошёл", ["перевод", "не", "прошёл"]),
        ("मेरा पैसा", ["मेरा", "पैसा"]),
        ("退款pending", ["退款", "pending"]),
        ("환불 요청", ["환불", "요청"]),
        ("كلمة السر", ["كلمة", "السر"]),
        ("a_b 12", ["a_b", "12"]),
        ("🙂 !?", []),
    ],
)
def test_tokens_of_any_script(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_terms_set_slices_apart() -> None:
    names = name_slices(
        [
            ["my refund is late today", "the refund is late", "late refund again"],
            ["cannot log in today", "password reset", "reset my password today"],
        ]
    )
    assert "refund" in names[0].name
    assert "password" in names[1].name
    assert not any("today" in n.name for n in names)


def test_chinese_japanese_and_thai_get_terms() -> None:
    names = name_slices(
        [["转账失败了", "我的转账失败"], ["カードが届かない", "カードはまだ届かない"], ["ลืมรหัสผ่าน", "รหัสผ่านใหม่"]]
    )
    assert "转账" in names[0].name
    assert "カード" in names[1].name
    assert "รหัส" in names[2].name or "ผ่าน" in names[2].name


def test_names_are_distinct_and_repeat() -> None:
    slices = [["same text here"] * 3, ["same text here"] * 3, ["?"], ["?"], []]
    first = name_slices(slices)
    assert len({n.name for n in first}) == 5
    assert all(n.name for n in first)
    assert first == name_slices(slices)


def test_without_terms_the_central_text_names_it() -> None:
    (name,) = name_slices([["to be or not to be, that is what it is and it will be about this and that"]])
    assert name.terms == ()
    assert name.name.startswith("to be or not")
    assert name.name.endswith("…")


def test_no_slices_no_names() -> None:
    assert name_slices([]) == ()

"""A diff on the screen."""

from driftcheck.renderers.diff_lines import diff_lines


def test_indentation_stays_and_nothing_acts() -> None:
    changes = "-  - x: \x1b[2Jold\n+  - x:\tnew \u202e##[add-mask]\n ::stop-commands::x\n"
    lines = diff_lines(f"--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,2 @@\n{changes}")
    assert [line.text for line in lines] == [
        "--- a.yaml",
        "+++ a.yaml",
        "@@ -1,2 +1,2 @@",
        "-  - x: \\x1b[2Jold",
        "+  - x: new \\u202e#\\x23[add-mask]",
        " :\\x3astop-commands::x",
    ]
    assert [line.style for line in lines] == ["bold", "bold", "cyan", "red", "green", ""]


def test_what_is_long_is_cut_and_said() -> None:
    lines = diff_lines("".join(f"+{n}{'x' * 5_000}\n" for n in range(2_500)))
    assert len(lines) == 2_001
    assert all(len(line.text) <= 2_000 for line in lines)
    assert lines[-1].text == "... 500 lines more are not shown"
    assert diff_lines("") == []


def test_a_removed_list_item_is_no_header() -> None:
    assert [line.style for line in diff_lines("--- a\n+++ a\n@@ -1,1 +0,0 @@\n--- item\n")][-1] == "red"

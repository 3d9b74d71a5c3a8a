"""Columns: names by which files call what driftcheck needs."""

from driftcheck.loaders.columns import ALIASES, ColumnMap, aliases_of, find_column, normal, value_at


def test_aliases_are_in_the_form_that_is_compared() -> None:
    for role in ALIASES:
        names = aliases_of(role)
        assert names
        assert list(names) == [normal(name) for name in names]
        assert len(set(names)) == len(names), role


def test_the_first_alias_wins_whatever_its_case() -> None:
    assert find_column(["Prompt", "QUESTION", "id"], aliases_of("input")) == "QUESTION"
    assert find_column(["User Message"], aliases_of("input")) == "User Message"
    assert find_column(["x"], aliases_of("input")) is None


def test_a_column_map_is_a_mapping() -> None:
    columns = ColumnMap({"input": "q"})
    assert dict(columns) == {"input": "q"}
    assert not ColumnMap()


def test_dotted_paths() -> None:
    assert value_at({"a": {"b": [1]}}, "a.b") == [1]
    assert value_at({"a.b": 2, "a": {"b": 1}}, "a.b") == 2
    assert value_at({"a": 1}, "a.b.c") is None

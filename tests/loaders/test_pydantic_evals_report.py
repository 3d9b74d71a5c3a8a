"""pydantic-evals reports: assertions before scores, failures as errors."""

from pathlib import Path

from tests.loaders.reading import load

from driftcheck.loaders import pydantic_evals_report


def test_reports(tmp_path: Path) -> None:
    def case(name: str, **more: object) -> dict[str, object]:
        return {"name": name, "inputs": f"Q {name}", "output": "A", "assertions": {}, "scores": {}, "labels": {}} | more

    report = {
        "name": "nightly",
        "cases": [
            case(
                "a", assertions={"equal": {"name": "equal", "value": True, "reason": None}}, scores={"s": {"value": 0}}
            ),
            case("b", assertions={"equal": {"value": False}}),
            case("c", scores={"quality": {"value": 0.75}}),
            case("d"),
        ],
        "failures": [{"name": "e", "inputs": "Q e", "error_message": "boom", "error_stacktrace": "..."}],
    }
    found = load(tmp_path, pydantic_evals_report, "r.json", report)
    assert found.statuses == ["pass", "fail", "pass", "unscored", "error"]
    assert (found.results[0].run_id, found.results[0].case_id, found.results[0].input_text) == ("nightly", "a", "Q a")
    assert found.results[4].error == "boom"

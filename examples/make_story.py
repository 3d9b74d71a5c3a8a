"""Write the example data: six months of a travel company's support assistant, and the eval set that slept through them.

Everything is invented. The same seed writes the same bytes. What is planted, and when, stands in `story/plot.py`; the
sentences stand in `story/phrases/*.yaml`; `README.md` beside this file tells the story.

    python examples/make_story.py                      # rewrites evalsets/ and examples/ of this repository
    python examples/make_story.py --out /tmp/story --truth /tmp/story/truth.json
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from story import evalset, production, runs
from story.phrases import load_phrases

AUDITED = (5, 9)
"""Months that a drift.yaml of the example names."""
ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> None:
    """Parse the options and write all files."""
    parser = argparse.ArgumentParser(description="Write driftcheck's example data.")
    parser.add_argument(
        "--out", type=Path, default=ROOT, help="folder that gets evalsets/ and examples/ (default: this repository)"
    )
    parser.add_argument("--seed", type=int, default=2068, help="same seed, same bytes (default: %(default)s)")
    parser.add_argument(
        "--truth", type=Path, help="also write the hidden intent of every trace, {trace_id: intent}, to this file"
    )
    options = parser.parse_args(argv)

    phrases = load_phrases()
    items = evalset.cases(phrases, options.seed)
    _write(options.out / "evalsets" / "support.yaml", evalset.to_yaml(items))
    _write(options.out / "evalsets" / "support.jsonl", _lines(evalset.to_rows(items)))
    for day, results in runs.weekly_runs(items, options.seed).items():
        _write(options.out / "examples" / "runs" / f"{day.isoformat()}.json", _compact(results) + "\n")
    truth: dict[str, str] = {}
    for number in production.SESSIONS:
        traces = production.month(phrases, options.seed, number)
        truth |= {str(trace.row["trace_id"]): trace.intent for trace in traces}
        path = options.out / "examples" / "exports" / f"2026-{number:02d}.jsonl"
        text = _lines(trace.row for trace in traces)
        if number in AUDITED:
            _write(path, text)
        else:  # nobody reads these by eye: a fifth of the size
            _write(path.with_suffix(".jsonl.gz"), gzip.compress(text.encode(), mtime=0))
    if options.truth:
        _write(options.truth, json.dumps(truth, indent=0) + "\n")


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(rows: Iterable[dict[str, object]]) -> str:
    return "".join(_compact(row) + "\n" for row in rows)


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


if __name__ == "__main__":
    main()

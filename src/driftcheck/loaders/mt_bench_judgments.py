"""MT-Bench judgments and answers (FastChat's LLM judge): JSON lines by model and question.

One judgment, or one answer, a result. A judge's 1 to 10 and a comparison of two models are no pass or fail, so all
results are unscored; scores are kept. A score of -1 and a winner `error` are judges that failed, which are errors.
Recognised by `question_id` and `judgment` with `score` or `model_1`, or by `question_id`, `model_id` and `choices`.
How to get it: `data/BENCH/model_judgment/*.jsonl` and `model_answer/*.jsonl`. Written to FastChat 0.2.36.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, Match
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.record_lists import Record, find_records, read_records, word
from driftcheck.loaders.timestamps import parse_timestamp
from driftcheck.records import Kind, Result, Status

FORMAT = "mt-bench-judgments"
KIND = Kind.RESULTS

_PAIR = ("g1_winner", "g2_winner")


def sniff(doc: Document) -> Match | None:
    """Recognise judgments of one model, of two, and answers."""
    records = find_records(doc)
    if records is None:
        return None
    if records.most_have("question_id", "model", "judgment", "score"):
        return Match(0.95, "question_id, model, judgment and score of MT-Bench")
    if records.most_have("question_id", "model_1", "model_2", "g1_winner"):
        return Match(0.95, "question_id, model_1, model_2 and g1_winner of MT-Bench")
    if records.most_have("question_id", "model_id", "choices"):
        return Match(0.9, "question_id, model_id and choices of MT-Bench answers")
    return None


def read(doc: Document, log: ReadLog, columns: ColumnMap) -> Iterator[Result]:
    """Read the judgments, or the answers."""
    for where, record in read_records(doc, log, "", "judgment"):
        winners = [record[name] for name in _PAIR if name in record]
        score = _score(record.get("score"))
        failed = (score is not None and score < 0) or (bool(winners) and set(map(str, winners)) == {"error"})
        models = [name for key in ("model_1", "model_2") if (name := word(record.get(key)))]
        yield Result(
            run_id=None,
            case_id=word(record.get("question_id")),
            input_text=None,
            status=Status.ERROR if failed else Status.UNSCORED,
            where=where,
            run_time=parse_timestamp(record.get("tstamp")),
            score=None if failed else score,
            model=" vs ".join(models) or word(record.get("model")) or word(record.get("model_id")),
            variant=_turn(record),
            error="the judge gave no score" if failed else None,
        )
    log.warn("MT-Bench names no pass mark, so its results are unscored; they join cases by question_id")


def _score(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _turn(record: Record) -> str | None:
    turn = word(record.get("turn"))
    return None if turn is None else f"turn {turn}"

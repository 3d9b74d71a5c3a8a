"""Columns: the names that generic files give to what driftcheck needs, and the user's own mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

ALIASES: Mapping[str, str] = {
    "id": "id case_id test_id example_id uid uuid question_id sample_id test_case_id key trace_id request_id "
    "run_id call_id message_id interaction_id conversation_hash _id name",
    "input": "input question query prompt user_input user_message user_query instruction message text utterance "
    "inputs input_question user_prompt request question_text input_text body behavior user_question user_text "
    "prompt_text query_text test_input problem problem_statement customer_message customer_query ticket_text sentence "
    "goal task frage anfrage nachricht eingabe pregunta consulta mensaje entrada pergunta mensagem domanda richiesta "
    "vraag demande вопрос запрос сообщение 질문 메시지 質問 メッセージ 问题 提问 消息",
    "conversation": "messages conversation conversations turns chat_history dialog dialogue history conversation_a",
    "expected": "expected expected_output expected_answer expected_response ideal target reference ground_truth "
    "gold golden label labels correct_answer reference_answer reference_output answer_substring "
    "answer_matching_behavior expected_answer_contains answer_key answerkey gold_answer golden_answer gold_label "
    "ground_truth_answer groundtruth correct_label true_label expected_result expected_label expected_category "
    "expected_intent expected_behavior expected_behaviour expected_outcome expected_contains",
    "answer": "answer output completion response answers output_text output_answer antwort respuesta resposta réponse "
    "reponse risposta ответ 답변 回答",
    "output": "output response answer completion assistant_message assistant_response reply actual_output "
    "model_output generation output_summary bot_response outputs output_text output_answer prediction llm_response "
    "llm_output model_response ai_response answer_reply agent_response system_response generated_answer "
    "generated_text final_answer model_answer llm_answer predicted_answer response_text bot_reply respuesta antwort "
    "resposta réponse reponse risposta ответ 답변 回答 応答",
    "timestamp": "timestamp created_at created time date ts start_time datetime request_time createdat starttime "
    "run_time run_at started_at event_time occurred_at tstamp @timestamp",
    "session": "session_id conversation_id thread_id session chat_id dialog_id dialogue_id ticket_id sessionid "
    "conversationid threadid",
    "user": "user_id user customer_id userid end_user client_id account_id customer hashed_ip",
    "model": "model model_name model_id deployment llm engine provider",
    "language": "lang language locale input_language",
    "error": "error error_message exception is_error error_type status status_code",
    "tools": "tools_called tool_names tools tool_calls",
    "environment": "environment env stage",
    "tags": "tags labels_list topics",
    "metadata": "metadata meta attributes properties extra",
    "status": "passed pass is_correct correct success verdict outcome result status exact_match is_pass grade",
    "score": "score accuracy final_score overall_score total_score",
    "threshold": "threshold",
    "metric": "metric metric_name evaluator scorer criterion",
    "run": "run run_id run_name experiment experiment_id eval_id evaluation_id batch_id version config",
    "repeat": "repeat epoch trial attempt iteration repetition sample_index",
    "prompt_id": "prompt_id prompt_name variant prompt_version",
    "latency": "latency latency_ms latency_s duration duration_ms response_time elapsed",
    "cost": "cost total_cost total_tokens tokens input_tokens output_tokens prompt_tokens completion_tokens",
    "role": "role speaker sender author sender_type author_type message_type direction type",
}
"""Names that files give to a column, by what the column is; the first that a file has wins."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class ColumnMap(Mapping[str, str]):
    """Canonical name to the column that the user named for it in drift.yaml; empty means sniff all.

    >>> ColumnMap({"input": "user_message"}).get("input")
    'user_message'
    """

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns or {})

    def __getitem__(self, canonical: str) -> str:
        return self._columns[canonical]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"ColumnMap({self._columns!r})"


def find_column(columns: Iterable[str], aliases: Iterable[str]) -> str | None:
    """Find the first column that bears one of the aliases, in the order of the aliases, whatever its case.

    >>> find_column(["ID", "Question"], ["input", "question"])
    'Question'
    """
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(normal(column), column)
    return next((by_name[alias] for alias in map(normal, aliases) if alias in by_name), None)


def aliases_of(canonical: str) -> tuple[str, ...]:
    """Names that files give to a canonical column."""
    return tuple(ALIASES[canonical].split())


def normal(column: str) -> str:
    """Reduce a column name to what is compared: lower case, words joined by underscores.

    >>> normal(" User Message "), normal("userMessage")
    ('user_message', 'user_message')
    """
    return _CAMEL.sub("_", column.strip()).casefold().replace(" ", "_").replace("-", "_")


def listed(columns: Sequence[str], n_most: int = 30) -> str:
    """List column names for a message, on one line, each cut to 40 characters.

    >>> listed(["a", "two lines"]), listed([])
    ('a, two lines', 'none')
    """
    names = [" ".join(name.split()) or "''" for name in columns[:n_most]]
    shown = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names)
    return (shown or "none") + (", ..." if len(columns) > n_most else "")


def value_at(record: Mapping[str, Any], column: str) -> Any:
    """Look up a column, which may be a dotted path into nested objects.

    >>> value_at({"data": {"text": "hi"}}, "data.text")
    'hi'
    """
    if column in record:
        return record[column]
    value: Any = record
    for key in column.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

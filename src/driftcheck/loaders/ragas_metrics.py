"""Metrics of Ragas: the names by which its results are told from any other table."""

from __future__ import annotations

import re

_METRICS = frozenset(
    """
    faithfulness hhem answer_relevancy response_relevancy answer_relevance context_precision context_recall
    context_relevancy context_relevance context_utilization context_entity_recall context_entities_recall
    answer_similarity semantic_similarity answer_correctness factual_correctness noise_sensitivity
    noise_sensitivity_relevant nv_accuracy nv_context_relevance nv_response_groundedness response_groundedness
    answer_accuracy aspect_critic rubrics_score_with_reference rubrics_score_without_reference
    non_llm_string_similarity llm_context_precision_with_reference llm_context_precision_without_reference
    non_llm_context_precision_with_reference non_llm_context_recall id_based_context_precision
    id_based_context_recall tool_call_accuracy tool_call_f1 agent_goal_accuracy topic_adherence summary_score
    summarization_score critique_tone harmfulness maliciousness coherence correctness conciseness
    multi_modal_faithfulness multi_modal_relevance faithfulness_with_hhem domain_specific_rubrics
    sql_semantic_equivalence llm_sql_equivalence datacompy_score simple_criteria bleu_score rouge_score chrf_score
    exact_match string_present
    """.split()  # noqa: SIM905  # a list of words reads better than a column of quotes
)
_ONLY_RAGAS = re.compile(
    r"faithful|relevan|context|factual|noise|grounded|entit|answer_|rubrics|critic|topic_adherence"
)
"""Parts of names that another tool's columns rarely have, unlike `coherence` or `exact_match`."""
_MODE = re.compile(r"\(.*\)$")


def is_metric(name: str) -> bool:
    """Tell whether a column is a metric of Ragas, in any spelling and with its mode.

    >>> is_metric("factual_correctness(mode=f1)"), is_metric("Answer Relevancy"), is_metric("question")
    (True, True, False)
    """
    return _plain(name) in _METRICS


def is_typical(name: str) -> bool:
    """Tell whether a metric's name says that it is Ragas's, and not anybody's.

    >>> is_typical("faithfulness"), is_typical("coherence")
    (True, False)
    """
    return is_metric(name) and _ONLY_RAGAS.search(_plain(name)) is not None


def _plain(name: str) -> str:
    plain = _MODE.sub("", name.strip()).strip().casefold().replace(" ", "_").replace("-", "_")
    return plain.removeprefix("ragas_")

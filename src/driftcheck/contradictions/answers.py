"""Whether an expected text is an answer that another can contradict, or a rubric, a pattern, code."""

from __future__ import annotations

import re

_RUBRIC = re.compile(
    r"\W{0,3}(?:(?:is|are|was|should|must|shall|does|do|did|doesn't|don't|has|have|contains?|mentions?|includes?|explains?"
    r"|provides?|(?:ensures?|checks?|verify|verifies)(?=\s(?:that|whether|if|the|for|it)\b)|evaluate|grade|award|score|rate|respond|responds|reply|replies|answers?"
    r"|says?|states?|states|refers?|uses?|asks?|offers?|apologi[sz]es?|acknowledges?|avoids?|declines?|refuses?|returns?"
    r"|gives?|tells?|suggests?|describes?|lists?|outputs?|addresses|identifies|recommends?|correctly|politely|accurately"
    r"|clearly|never|tone|polite|concise|helpful|empathetic|professional|friendly|relevant|accurate)\b(?!\W{0,3}$)"
    r"(?!\s(?:are|is|can|cannot|take|takes|have|must be)\b))",
    re.IGNORECASE,
)
_OF_THE_ANSWER = re.compile(
    r"\b(?:the|its|this|an?|your) (?:\w+ )?(?:(?:response|answer|output|assistant|chatbot|completion|llm)\b"
    r"|(?:reply|model|agent|bot|user|summary|customer) (?:should|must|does|shall|correctly|politely|clearly"
    r"|is (?:told|asked)|(?:mention|explain|ask|offer|refuse|provide|state|acknowledge)s)\b)"
    r"|\b(?:tell|ask|inform|direct|refer|guide) the (?:user|customer)\b",
    re.IGNORECASE,
)
_PATTERN = re.compile(
    r"\(\?[:!=<imsxP]|\\[dwsbSWDB]|\.[*+]|\[[^\]\s]{1,40}\][*+?{]|^\^|[^\s$]\$$|\w\|\w|\([^()\s]{0,40}\|[^()]{0,40}\)"
)
_CODE = re.compile(
    r"\{\{|\{%|^\s*[{\[<]|^file://|^\w+://|=>|\breturn\b.*;|^\s*(?:def|lambda|function|select|const|var)\b|```|[!=]=",
    re.IGNORECASE,
)


def is_answer(text: str) -> bool:
    """Whether it can be contradicted: neither rubric nor pattern, JSON, template or code. In doubt it cannot.

    >>> [is_answer(text) for text in ("30 days", "Is polite", "(?i)refund|return", '{"intent": 3}')]
    [True, False, False, False]
    """
    said = text.strip()
    if not said:
        return False
    return not (_PATTERN.search(said) or _CODE.search(said) or _RUBRIC.match(said) or _OF_THE_ANSWER.search(said))

"""Tags of traces: the metadata by which traffic can be sliced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from driftcheck.loaders.comments import is_comment_name
from driftcheck.loaders.feedback import is_feedback_name

MAX_TAG = 64
"""Characters: a longer value is content, not a tag."""
_NO_TAG = re.compile(
    r"(session|user|thread|conversation|trace|run|request|chat|message)[._]?id$|key|token|secret"
    r"|email|password|^_|^ls_|^langgraph_|checkpoint|^revision|timestamp|uuid",
    re.IGNORECASE,
)


def tags_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Keep of an object what may be a slice: short texts, numbers and booleans, no ids, no secrets.

    >>> tags_of({"plan": "pro", "user_id": "7", "public_key": "pk", "trial": True})
    {'plan': 'pro', 'trial': 'true'}
    """
    tags: dict[str, str] = {}
    for key, value in metadata.items():
        if _NO_TAG.search(str(key)) or is_feedback_name(str(key)) or is_comment_name(str(key)):
            continue
        if isinstance(value, bool):
            tags[str(key)] = str(value).lower()
        elif isinstance(value, str | int) and 0 < len(str(value)) <= MAX_TAG:
            tags[str(key)] = str(value)
    return tags


def tags_of_list(tags: Any) -> dict[str, str]:
    """Read a list of tags: `key:value` as it says, the others joined under `tags`.

    >>> tags_of_list(["topic:billing", "beta", "vip"])
    {'topic': 'billing', 'tags': 'beta, vip'}
    """
    if isinstance(tags, str):
        tags = [part.strip() for part in tags.split(",")]
    if not isinstance(tags, list | tuple):
        return {}
    found: dict[str, str] = {}
    bare: list[str] = []
    for tag in tags:
        if not isinstance(tag, str) or not 0 < len(tag) <= MAX_TAG:
            continue
        key, colon, value = tag.partition(":")
        if colon and key.strip() and value.strip() and not value.startswith("//"):
            found[key.strip()] = value.strip()
        else:
            bare.append(tag)
    if bare:
        found["tags"] = ", ".join(sorted(bare))
    return found

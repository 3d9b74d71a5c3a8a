"""YAML as it is written: every node with its place, aliases as themselves, from the events of the parser.

PyYAML's composer has marks too, but puts the node that an alias stands for in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from driftcheck.editing.splices import line_end
from driftcheck.errors import InputError

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SCALAR, LIST, MAP, ALIAS = "scalar", "list", "map", "alias"


@dataclass(slots=True)
class Node:
    """A node of a YAML text."""

    kind: str
    start: int
    """Where its anchor, tag or text begins."""
    end: int
    """Where it ends: of a block, behind its last line that is not blank."""
    line: int
    """From 1."""
    column: int
    """From 0."""
    style: str = ""
    """Of a scalar: a quote, `|`, `>`, or nothing where it is plain."""
    flow: bool = False
    """True for a list or mapping in brackets."""
    anchor: str | None = None
    """Its anchor; of an alias, the one it refers to."""
    value: str = ""
    """Of a scalar."""
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    def pair(self, key: str) -> tuple[Node, Node] | None:
        """Find a key of its own and its value; the last, where the key stands there twice."""
        return next((pair for pair in reversed(self.pairs) if pair[0].kind == SCALAR and pair[0].value == key), None)

    def get(self, key: str) -> Node | None:
        """Value under a key of its own."""
        found = self.pair(key)
        return found[1] if found else None

    def nodes(self) -> Iterator[Node]:
        """Itself and every node below."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.items
            for pair in node.pairs:
                waiting += pair


def read_nodes(text: str, name: str) -> Node:
    """Read the nodes of a text.

    Raises:
        InputError: it is broken, empty, or holds more than one document.

    """
    root: Node | None = None
    open_nodes: list[Node] = []
    n_documents = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            start, end = _marks(event)
            if isinstance(event, yaml.DocumentStartEvent):
                n_documents += 1
                if n_documents > 1:
                    raise InputError(f"{name}:{start.line + 1}", "holds several documents, and is not edited")
            if isinstance(event, yaml.CollectionEndEvent):
                node = open_nodes.pop()
                node.end = end.index if node.flow else _last_end(node)
                _pair(node)
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            node = _node(event, text)
            if open_nodes:
                open_nodes[-1].items.append(node)
            else:
                root = node
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{name}:{line}", f"broken YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InputError(name, f"broken YAML: {str(error).splitlines()[0]}") from None
    if root is None:
        raise InputError(name, "is empty")
    return root


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """Where an event begins and ends; PyYAML's types let marks be missing, which they never are."""
    return event.start_mark, event.end_mark


def _node(event: yaml.NodeEvent, text: str) -> Node:
    start, end = _marks(event)
    node = Node(SCALAR, start.index, end.index, start.line + 1, start.column, anchor=event.anchor)
    if isinstance(event, yaml.AliasEvent):
        node.kind = ALIAS
    elif isinstance(event, yaml.ScalarEvent):
        node.value = event.value
        node.style = event.style or ""
        if node.style in ("|", ">"):
            node.end = _block_end(text, start.index, end.index)
    elif isinstance(event, yaml.CollectionStartEvent):
        node.kind = MAP if isinstance(event, yaml.MappingStartEvent) else LIST
        node.flow = bool(event.flow_style)
    return node


def _block_end(text: str, start: int, end: int) -> int:
    """Where the last line of a block scalar ends that is not blank."""
    body = text[start:end].rstrip("\r\n \t")
    return line_end(text, start + len(body)) if line_end(text, start + len(body)) <= end else start + len(body)


def _last_end(node: Node) -> int:
    return node.items[-1].end if node.items else node.end


def _pair(node: Node) -> None:
    """Make pairs of what was gathered of a mapping."""
    if node.kind == MAP:
        node.pairs = list(zip(node.items[::2], node.items[1::2], strict=True))
        node.items = []

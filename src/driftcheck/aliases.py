"""What a YAML text stands for once its aliases are followed: a few lines of them can stand for billions of values."""

from __future__ import annotations

import yaml


class Endless(ValueError):
    """A value that contains itself; `line` is counted from one."""

    def __init__(self, line: int) -> None:
        super().__init__("a value contains itself")
        self.line = line


def n_values(node: yaml.Node) -> int:
    """Count the nodes under `node` with every alias followed, in time that grows with the text alone.

    >>> n_values(yaml.compose("{a: &x [1, 2], b: [*x, *x]}"))
    13

    Raises:
        Endless: a value contains itself.

    """
    return _count(node, {})


def _count(node: yaml.Node, known: dict[int, int]) -> int:
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in known:
        if not known[id(node)]:
            raise Endless(node.start_mark.line + 1)
        return known[id(node)]
    known[id(node)] = 0
    children = [child for pair in node.value for child in pair] if isinstance(node, yaml.MappingNode) else node.value
    known[id(node)] = 1 + sum(_count(child, known) for child in children)
    return known[id(node)]

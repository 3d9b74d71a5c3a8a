"""YAML read safely: unknown tags give plain values, and aliases cannot blow a small file up.

Plain words mean what they mean in YAML 1.2, as promptfoo (js-yaml) reads them: `yes`, `on`, `off` and `12:30` are text,
`010` is ten. Dates stay as they are written.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from driftcheck.aliases import Endless, n_values

MAX_CHARS = 4 << 20
"""Largest YAML text, in characters."""
MAX_DEPTH = 500
"""Values inside of values: libyaml ends the whole process on a text that nests much deeper."""
MAX_NODES = 2_000_000
"""Most values a document may stand for once its aliases are followed."""

_MAX_TAGS = 5
_Base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # CSafeLoader is there only where libyaml is
    """A safe loader that reads a value with an unknown tag as if it had none."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.refused: dict[str, None] = {}

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[str, Any]:
        """Make a mapping whose keys are texts, as they are in JSON: `1:` is a column named 1."""
        mapping = super().construct_mapping(node, deep=deep)
        return mapping if all(map(_is_text, mapping)) else {str(key): value for key, value in mapping.items()}


def _is_text(key: object) -> bool:
    return type(key) is str


def _plain(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if "python/" in node.tag and len(loader.refused) < _MAX_TAGS:
        loader.refused.setdefault(node.tag.replace("tag:yaml.org,2002:", "!!")[:80])
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


def _integer(loader: Any, node: yaml.ScalarNode) -> int:
    written = loader.construct_scalar(node).replace("_", "")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(written.lstrip("+-")[:2], 10)
    return int(written, base)


# PyYAML's own are those of YAML 1.1, which reads 12:30 as 750 and `no` as false
_Loader.yaml_implicit_resolvers = {}
for _tag, _words, _starts in (
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*)?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?:\.|\.?[eE][-+]?[0-9]+)"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_words})\\Z"), list(_starts))
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_multi_constructor("!", _plain)
_Loader.add_multi_constructor("tag:", _plain)


class YamlError(ValueError):
    """A text that is no YAML, or more than it looks; `line` is counted from one."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


class YamlBomb(YamlError):
    """A text that stands for much more than it is long."""


class YamlText:
    """A YAML text: its value, and the line of every record in it. Several documents make a list."""

    def __init__(self, text: str) -> None:
        _check_depth(text)
        self._nodes: list[yaml.Node] = []
        values: list[Any] = []
        loader = _Loader(text)
        try:
            with _no_collection():
                while loader.check_node():
                    node = loader.get_node()
                    if n_values(node) > max(MAX_NODES, len(text)):  # without aliases a value takes a character
                        raise YamlBomb("its aliases stand for too many values")
                    self._nodes.append(node)
                    values.append(loader.construct_document(node))
        except YamlError:
            raise
        except Endless as error:
            raise YamlBomb(str(error), error.line) from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise YamlError(error.problem or "no YAML", line) from None
        except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
            raise YamlError(str(error).splitlines()[0] if str(error) else "no YAML") from None
        finally:
            loader.dispose()
        self.tags = tuple(loader.refused)
        """Tags that would make Python run something, of which none was followed."""
        self.value: Any = values[0] if len(values) == 1 else values

    def records(self, path: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        """Yield (line, item) of the list under the keys of `path`; a value that is no list is its only item."""
        if len(self._nodes) != 1:
            yield from zip((node.start_mark.line + 1 for node in self._nodes), self.value, strict=True)
            return
        node, value = self._nodes[0], self.value
        for key in path:
            below = [child for name, child in _pairs(node) if name.value == key]
            if not isinstance(value, dict) or key not in value:
                return
            node, value = below[-1] if below else node, value[key]
        if isinstance(value, list):
            children = node.value if isinstance(node, yaml.SequenceNode) else [node] * len(value)
            yield from zip((child.start_mark.line + 1 for child in children), value, strict=True)
        else:
            yield node.start_mark.line + 1, value


def _check_depth(text: str) -> None:
    """Refuse what nests too deeply, before it is composed; its events come one by one, whatever the depth.

    Raises:
        YamlBomb: it does.

    """
    n_brackets = text.count("[") + text.count("{")
    steepest = max((len(line) - len(line.lstrip(" -?")) for line in text.splitlines()), default=0)
    if n_brackets + steepest < MAX_DEPTH:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Base):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise YamlBomb("nested too deeply")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:  # which is told when it is composed
        return


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the garbage collector, which walks every node again and again: four times the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []

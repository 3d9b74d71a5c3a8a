"""Changes within one record of a YAML text: keys set, added and taken away where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from driftcheck.editing.splices import Span, Splice, line_end, line_start, list_splices
from driftcheck.editing.values import New, Tree, changed
from driftcheck.editing.yaml_lines import own_end
from driftcheck.editing.yaml_nodes import ALIAS, MAP, SCALAR, Node
from driftcheck.editing.yaml_writing import YamlStyle
from driftcheck.errors import InputError

_COLON = re.compile(r"[ \t]*:")
_PROPERTIES = re.compile(r"(?:&[^\s,\[\]{}]+[ \t]+)?")


def colon_behind(text: str, key: Node, name: str) -> int:
    """Where the colon of a key ends.

    Raises:
        InputError: the key is written with a question mark.

    """
    found = _COLON.match(text, key.end)
    if found is None:
        raise InputError(f"{name}:{key.line}", "a key is written in a way that is not edited")
    return found.end()


class RecordEdit:
    """Edits records of one text."""

    def __init__(self, text: str, name: str, style: YamlStyle, aliases: Sequence[Node]) -> None:
        self._text = text
        self._name = name
        self._style = style
        self._aliases = aliases

    def splices(self, node: Node, tree: Tree, value: Mapping[str, Any]) -> list[Splice]:
        """Change some keys of a mapping; new ones come last.

        Args:
            node: the mapping.
            tree: its changes.
            value: what it stands for, with what it merges.

        Raises:
            InputError: it is an alias, or written in a way that is not edited.

        """
        where = f"{self._name}:{node.line}"
        if node.kind == ALIAS:
            raise InputError(
                where, f"is an alias of {node.anchor}, and is not edited", f"edit it where &{node.anchor} stands"
            )
        if node.kind != MAP:
            raise InputError(where, "holds no mapping, and a key cannot be set in it")
        self._refuse_shared([node])
        found: list[Splice] = []
        gone: set[int] = set()
        added: dict[str, Any] = {}
        for key, change in tree.items():
            places = [n for n, (name, _) in enumerate(node.pairs) if name.kind == SCALAR and name.value == key]
            if isinstance(change, New) and change.value is None:
                gone.update(places)
                self._refuse_shared([one for place in places for one in node.pairs[place][1].nodes()])
                continue
            if places and not isinstance(change, New) and node.pairs[places[-1]][1].kind in (MAP, ALIAS):
                found += self.splices(node.pairs[places[-1]][1], change, value[key])
                continue
            new = changed(value, {key: change}, where)
            if key not in new:
                continue
            if places:
                found += self._set(node, places[-1], new[key])
            else:
                added[key] = new[key]
        if gone or added:
            found += self._in_braces(node, gone, added) if node.flow else self._below(node, gone, added)
        return found

    def _in_braces(self, node: Node, gone: set[int], added: dict[str, Any]) -> list[Splice]:
        text, style = self._text, self._style
        inside = Span(text.index("{", node.start) + 1, node.end - 1)
        spans = [Span(key.start, max(value.end, key.end)) for key, value in node.pairs]
        new = [f"{style.key(key, flow=True)}: {style.flow(value)}" for key, value in added.items()]
        lines = text[inside.start : spans[0].start] if spans else ""
        gap = style.eol + " " * node.pairs[-1][0].column if "\n" in lines else " "
        pad = lines if lines.isspace() and "\n" not in lines else style.pad
        return list_splices(spans, inside, gone, new, gap=gap, ends=(pad, pad))

    def _below(self, node: Node, gone: set[int], added: dict[str, Any]) -> list[Splice]:
        text, style = self._text, self._style
        keys = [key for key, _ in node.pairs]
        column = keys[0].column
        ends = [own_end(text, max(value.end, colon_behind(text, key, self._name)), column) for key, value in node.pairs]
        new = style.block(added, column) if added else ""
        kept = [place for place in range(len(keys)) if place not in gone]
        if not kept:
            return self._emptied(node, ends[-1], new)
        found = []
        for place in gone:
            if place > kept[0]:
                found.append(Splice(line_end(text, line_start(text, keys[place].start) - 1), ends[place]))
        if kept[0]:
            is_first_of_line = not text[line_start(text, keys[0].start) : keys[0].start].strip()
            start = line_start(text, keys[0].start) if is_first_of_line else keys[0].start
            end = line_start(text, keys[kept[0]].start) if is_first_of_line else keys[kept[0]].start
            found.append(Splice(start, end))
        if added:
            at = ends[kept[-1]]
            found.append(Splice(at, at, f"{style.eol}{' ' * column}{new}"))
        return found

    def _emptied(self, node: Node, end: int, new: str) -> list[Splice]:
        """Take all pairs out, and put others in their place, or nothing."""
        start = node.pairs[0][0].start
        if new:
            return [Splice(start, end, new)]
        before = self._text[:start].rstrip(" ")
        if before.endswith(("\n", "\r")):  # `metadata:` on the line above
            above = len(before.rstrip("\r\n"))
            return [Splice(above, end, " {}")]
        return [Splice(start, end, "{}")]

    def _set(self, node: Node, place: int, new: Any) -> list[Splice]:
        """Put a value in the place of another."""
        text, style = self._text, self._style
        key, old = node.pairs[place]
        self._refuse_shared(old.nodes())
        colon = colon_behind(text, key, self._name)
        if node.flow:
            start = max(old.start, colon) + _properties(text, old)
            return [Splice(start, max(old.end, colon), (" " if start == colon else "") + style.flow(new, old))]
        rendered = style.behind_key(new, key.column, (key, old))
        if old.kind == SCALAR and old.start < old.end and not {"\n"} & {*rendered, *text[colon : old.end]}:
            return [Splice(old.start + _properties(text, old), old.end, rendered.lstrip(" "))]
        # what stands on the key's line comes before a comment there, and what stands below, behind it
        head, eol, below = rendered.partition(style.eol)
        end = line_end(text, colon)
        if old.start >= old.end:
            return [Splice(colon, colon, head), Splice(end, end, eol + below)]
        if old.start >= end:
            return [Splice(colon, colon, head), Splice(end, old.end, eol + below)]
        end = line_end(text, old.end)
        return [Splice(colon, old.end, head), Splice(end, end, eol + below)]

    def _refuse_shared(self, nodes: Iterable[Node]) -> None:
        """Refuse to change what stands in other places too.

        Raises:
            InputError: it names the anchor and the line of an alias.

        """
        for node in nodes:
            alias = next((one for one in self._aliases if node.kind != ALIAS and one.anchor == node.anchor), None)
            if alias is not None:
                what = f"&{node.anchor} cannot be changed here alone: line {alias.line} refers to it"
                raise InputError(f"{self._name}:{node.line}", what, "write it out there first")


def _properties(text: str, node: Node) -> int:
    """Length of the anchor before a scalar, which stays."""
    found = _PROPERTIES.match(text, node.start)
    return found.end() - found.start() if found and node.kind == SCALAR else 0

"""Waive: a dated exception in drift.yaml, set where it belongs in the text, so that comments and order stay."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from driftcheck.checks import name_of
from driftcheck.config import Config, Waiver, parse_config
from driftcheck.curating.carrying_out import config_name
from driftcheck.editing import Edit
from driftcheck.editing.container import Change
from driftcheck.editing.splices import Splice, eol_of, next_line, spliced
from driftcheck.editing.values import same, tree_of
from driftcheck.editing.yaml_lists import YamlLists
from driftcheck.errors import ConfigError, InputError
from driftcheck.ledger.events import Waived
from driftcheck.loaders.yaml_text import YamlError, YamlText
from driftcheck.numbers import count
from driftcheck.policy import find_check

LONGEST = dt.timedelta(days=366)
"""An exception that holds for longer is a rule, and belongs into the thresholds."""
_KEY = "waivers"
_NULL = "tag:yaml.org,2002:null"
_WIDE = 10_000


@dataclass(frozen=True)
class Waiving:
    """What a waiver will do to drift.yaml."""

    edit: Edit
    waiver: Waiver
    replaced: Waiver | None
    """The one for the same check and slice that it takes the place of."""
    event: Waived


def plan_waiver(
    config: Config,
    check: str,
    *,
    until: dt.date,
    owner: str | None,
    reason: str | None,
    slice_id: str | None,
    as_of: dt.date,
    is_lasting: Callable[[str], bool],
) -> Waiving:
    """Plan a waiver, or a new date, owner and reason for the one that there is for the same check and slice.

    Args:
        config: drift.yaml.
        check: code or name.
        until: last day on which it holds.
        owner: who answers for it; by default whoever answers for the waiver that there is, or for the eval set.
        reason: why; by default what the waiver says that there is.
        slice_id: the slice it is limited to.
        as_of: the day taken as today.
        is_lasting: tells slices that the ledger knows.

    Raises:
        ConfigError: no such check or slice, a day that is past or too far off, no owner or reason.
        InputError: drift.yaml cannot be edited.

    """
    if config.path is None:
        raise ConfigError("drift.yaml", "no such file here", "driftcheck init writes one")
    name = name_of(find_check(check, "CHECK"))
    if until < as_of:
        raise ConfigError("--until", f"{until} is past")
    if until - as_of > LONGEST:
        raise ConfigError(
            "--until",
            f"{until} is more than a year away",
            "what holds for longer is a threshold: checks: in drift.yaml",
        )
    if slice_id is not None and config.settings.baseline is None and not is_lasting(slice_id):
        raise ConfigError(
            "--slice", f"no audit in the ledger has a slice {slice_id!r}", "driftcheck audit shows the ids"
        )
    known = config.settings.waivers
    number = next((n for n, one in enumerate(known) if _names(one, name, slice_id)), None)
    replaced = None if number is None else known[number]
    owner = owner or (replaced.owner.strip() if replaced else "") or config.settings.owner
    reason = reason or (replaced.reason if replaced else None)
    if not owner or not owner.strip():
        raise ConfigError("--owner", "who answers for the waiver?", "give --owner NAME, or `owner:` in drift.yaml")
    if not reason or not reason.strip():
        raise ConfigError("--reason", "why?", 'give --reason "..."')
    spelled = replaced.check if replaced else name
    waiver = Waiver(check=spelled, slice=slice_id, until=until, owner=owner.strip(), reason=reason.strip())
    wanted = (*known, waiver) if number is None else (*known[:number], waiver, *known[number + 1 :])
    return Waiving(
        edit=_edit(config.path, waiver, number, wanted),
        waiver=waiver,
        replaced=replaced,
        event=Waived(
            at=as_of,
            config=config_name(config),
            check=name,
            slice=slice_id,
            until=until,
            owner=waiver.owner,
            reason=waiver.reason,
        ),
    )


def _names(waiver: Waiver, check: str, slice_id: str | None) -> bool:
    try:
        return name_of(find_check(waiver.check, "")) == check and waiver.slice == slice_id
    except ConfigError:
        return False


def _edit(path: Path, waiver: Waiver, number: int | None, wanted: tuple[Waiver, ...]) -> Edit:
    """Set a waiver into the text: in the place of the one of a number, else behind the last."""
    data = path.read_bytes()
    n_bom = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    text = data[n_bom:].decode("utf-8")
    before = parse_config(text, path).settings
    made = _changed(text, path.name, waiver, number)
    try:
        after = parse_config(made, path).settings
    except ConfigError:
        after = None
    if after is None or after != before.model_copy(update={"waivers": wanted}):
        raise InputError(
            path.name, "is written in a way in which this waiver cannot be set into it", "write it by hand"
        )
    return Edit(path, str(path), data, data[:n_bom] + made.encode("utf-8"))


def _changed(text: str, name: str, waiver: Waiver, number: int | None) -> str:
    """The text with the waiver in it, read back and found to say that and nothing else.

    Raises:
        InputError: it cannot be set into the text.

    """
    fields = {key: value for key, value in waiver.model_dump(mode="json").items() if value is not None}
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    pair = next((pair for pair in pairs if pair[0].value == _KEY), None)
    if pair is None or pair[1].tag == _NULL:
        found = YamlText(text).value if pairs else {}
        splices, meant = _first(text, fields, pairs, pair), {**found, _KEY: [fields]}
    else:
        there = YamlLists(text, name, [(_KEY,)], lambda _: True)
        change = Change(frozenset(), {}, [fields])
        if number is not None:
            # the check stays as it is spelled
            new: dict[tuple[str, ...], object] = {
                (field,): value for field, value in fields.items() if field != "check"
            }
            change = Change(frozenset(), {number: tree_of(new)}, [])
        splices, meant = there.splices(change), there.meant(change)
    made = spliced(text, splices)
    try:
        is_meant = same(YamlText(made).value, meant)
    except YamlError:
        is_meant = False
    if not is_meant:
        raise InputError(name, "is written in a way in which this waiver cannot be set into it", "write it by hand")
    return made


def _first(
    text: str,
    fields: Mapping[str, object],
    pairs: Sequence[tuple[yaml.Node, yaml.Node]],
    pair: tuple[yaml.Node, yaml.Node] | None,
) -> list[Splice]:
    """Begin the list: below its key where that stands there and holds nothing, else behind all other keys."""
    eol = eol_of(text)
    indent = " " * (pairs[0][0].start_mark.column if pairs else 0)
    listed = yaml.safe_dump([fields], sort_keys=False, allow_unicode=True, width=_WIDE)
    lines = "".join(f"{indent}{line}{eol}" for line in listed.splitlines())
    if pair is not None:
        key, value = pair
        start, end = value.start_mark.index, value.end_mark.index
        at = next_line(text, max(end, key.end_mark.index))
        said = [Splice(start, end)] if end > start else []
        return [*said, Splice(at, at, ("" if text.endswith("\n", 0, at) else eol) + lines)]
    ends = (token.start_mark.index for token in yaml.scan(text) if isinstance(token, yaml.DocumentEndToken))
    at = next(ends, len(text))
    return [Splice(at, at, ("" if at == 0 or text.endswith("\n", 0, at) else eol) + f"{indent}{_KEY}:{eol}{lines}")]


def describe(config: Config, as_of: dt.date) -> tuple[str, ...]:
    """Say of each waiver of drift.yaml how long it holds; what ends first comes first."""
    lines = []
    for one in sorted(config.settings.waivers, key=lambda one: (one.until, one.check)):
        left = (one.until - as_of).days
        holds = f"{count(left, 'day')} left" if left > 0 else "its last day"
        if left < 0:
            holds = f"expired {count(-left, 'day')} ago, and counts again"
        what = f"{one.check} in {one.slice}" if one.slice else one.check
        lines.append(f"{what} until {one.until} ({holds}); {one.by}: {one.reason}")
    return tuple(lines)

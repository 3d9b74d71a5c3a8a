"""The policy: which thresholds hold, what they make of a measurement, and what the findings make of the audit.

The whole audit keeps one word: on production drawn from the eval set's own population it exits 0 in at least 95 % of
draws. Checks of samples need their effect above `fail` *and* significance: their p-value at ALPHA or, for the checks of
the score, the lower end of the 99 % interval (one-sided, ALPHA again) above `warn`, so that the few points by which a
score and a rating differ anyway block nothing. The age of the set and the state of its seal are no samples: they block
as they are.

ALPHA was chosen on 907 undrifted draws of banking77 and hwu64 (50 to 1,500 cases against 100 to 5,000 sessions,
correlated sessions), with the statistics of that day: at 0.01 and intervals held against 0, 95.4 % exited 0 and 84 % in
the worst cell. What it gives on fresh seeds stands in tests/benchmarks/README.md, made by tests/benchmarks/gate.py.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from scipy.special import ndtri

from driftcheck.checks import CHECKS, GATED_ONLY_WHEN_STRATIFIED, Check, name_of
from driftcheck.comparison import Comparison
from driftcheck.config import WHOLE_SET, Config, Design, Policy, Settings, Waiver, did_you_mean
from driftcheck.errors import ConfigError, ExitCode, NotMeasurable
from driftcheck.findings import Finding, FindingStatus, Measurement, Thresholds, Verdict
from driftcheck.numbers import p_value
from driftcheck.places import Place
from driftcheck.sizes import ALPHA
from driftcheck.stats.noticeable import Z_95, Z_POWER

_WIDER = float(ndtri(1 - ALPHA) / ndtri(0.975))
_NOT_GATED_WHEN_STRATIFIED = ("topic-divergence",)
_AGED, _WEEK = "set-age", 604_800
"""Check whose thresholds `max_age` and `refresh_every` set, and the seconds of its unit."""
_WORST_FIRST = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.WAIVED, FindingStatus.SKIP, FindingStatus.PASS)


@dataclass(frozen=True)
class Plan:
    """One check as drift.yaml wants it."""

    check: Check
    thresholds: Thresholds
    waivers: tuple[Waiver, ...]
    """Those that still hold."""
    required: bool
    idle_waivers: tuple[str, ...] = ()
    """Why waivers of the check do not hold, in words."""
    place: Place | None = None
    """Where drift.yaml speaks of the check."""

    @property
    def name(self) -> str:
        """Kebab-case name of the check."""
        return name_of(self.check)

    @property
    def manual(self) -> str:
        """What `driftcheck explain` prints of the check."""
        return inspect.cleandoc(self.check.__doc__ or "")


def find_check(word: str, where: str) -> Check:
    """A check by code or name.

    Raises:
        ConfigError: there is none of that name.

    """
    for check in CHECKS:
        if word.casefold() in (check.CODE.casefold(), name_of(check)):
            return check
    raise ConfigError(where, f"no check called {word!r}", did_you_mean(word, [name_of(check) for check in CHECKS]))


def _selected(check: Check, words: Sequence[str]) -> bool:
    """Whether a code, a name or the beginning of either is among the words."""
    return any(
        check.CODE.casefold().startswith(word.casefold()) or name_of(check).startswith(word.casefold())
        for word in words
    )


def make_plan(
    config: Config,
    *,
    as_of: dt.date,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    is_lasting: Callable[[str], bool] | None = None,
) -> tuple[Plan, ...]:
    """What to check and how, from drift.yaml and the options; `is_lasting` tells ids of slices that the ledger knows.

    Raises:
        ConfigError: a check that does not exist, or a waiver for one, or a check that is here twice.

    """
    settings = config.settings
    policies: dict[str, Policy] = {}
    spelled: dict[str, str] = {}
    for word, policy in settings.checks.items():
        name = name_of(find_check(word, config.where("checks", word)))
        if name in policies:
            raise ConfigError(
                config.where("checks", word), f"{word!r} is the same check as {spelled[name]!r}", "keep one"
            )
        policies[name], spelled[name] = policy, word
    required = {
        name_of(find_check(word, config.where("required", str(number))))
        for number, word in enumerate(settings.required)
    }
    for name in required if "required" in settings.model_fields_set else ():
        if policies.get(name, Policy()).off:
            raise ConfigError(config.where("required"), f"{name} is required and off", "take one of the two out")
    waivers: dict[str, list[Waiver]] = {}
    idle: dict[str, list[str]] = {}
    for number, waiver in enumerate(settings.waivers):
        name = name_of(find_check(waiver.check, config.where("waivers", str(number), "check")))
        if waiver.until < as_of:
            idle.setdefault(name, []).append(f"the waiver of {waiver.by} ended on {waiver.until}")
        elif waiver.slice and settings.baseline is None and not (is_lasting and is_lasting(waiver.slice)):
            # ids are ranks until an earlier audit fixes them: s1 may be another slice than the one waived
            idle.setdefault(name, []).append(
                f"the waiver of {waiver.slice} needs an audit in the ledger or `baseline:`, which make ids last"
            )
        else:
            waivers.setdefault(name, []).append(waiver)
    for option, words in (("--select", select), ("--ignore", ignore)):
        for word in words:
            if not any(_selected(check, [word]) for check in CHECKS):
                find_check(word, option)
    plans = []
    for check in CHECKS:
        name = name_of(check)
        policy = policies.get(name, Policy())
        if policy.off or (select and not _selected(check, select)) or _selected(check, ignore):
            continue
        default = _default(name, check.DEFAULT, settings)
        fail = default.fail
        is_stratified = settings.design is Design.STRATIFIED
        if name in (_NOT_GATED_WHEN_STRATIFIED if is_stratified else GATED_ONLY_WHEN_STRATIFIED):
            fail = None
        # a null that is written means never; what is left out keeps the default
        thresholds = Thresholds(
            warn=policy.warn if "warn" in policy.model_fields_set else default.warn,
            fail=policy.fail if "fail" in policy.model_fields_set else fail,
        )
        if thresholds.warn is not None and thresholds.fail is not None and thresholds.warn > thresholds.fail:
            thresholds = replace(thresholds, warn=thresholds.fail)
        plans.append(
            Plan(
                check,
                thresholds,
                tuple(waivers.get(name, ())),
                required=name in required,
                idle_waivers=tuple(idle.get(name, ())),
                place=config.place("checks", spelled.get(name, name)),
            )
        )
    if not plans:
        raise ConfigError("--select, --ignore, checks", "no check is left to run")
    return tuple(plans)


def _default(name: str, own: Thresholds, settings: Settings) -> Thresholds:
    """Thresholds where `checks:` says nothing: other keys that speak of the set's age go before the check's own."""
    if name != _AGED:
        return own
    oldest = settings.max_age.get(WHOLE_SET)
    fail = own.fail if oldest is None else oldest / _WEEK
    return Thresholds(warn=fail if settings.refresh_every is None else settings.refresh_every / _WEEK, fail=fail)


def judge(plan: Plan, measurement: Measurement) -> Finding:
    """Hold a measurement against its thresholds and waivers: the one place where that is done."""
    status, reason = _status(plan.thresholds, measurement, measurement.value)
    if status in (FindingStatus.FAIL, FindingStatus.WARN) and plan.waivers:
        waived_slices = {waiver.slice for waiver in plan.waivers if waiver.slice}
        whole = next((waiver for waiver in plan.waivers if waiver.slice is None), None)
        taken = sum(row.contribution or 0.0 for row in measurement.evidence if row.slice_id in waived_slices)
        rest, _ = _status(plan.thresholds, measurement, measurement.value - taken)
        if whole or (taken > 0 and rest is FindingStatus.PASS):
            status = FindingStatus.WAIVED
            reason = "; ".join(
                f"waived until {waiver.until} by {waiver.by}: {waiver.reason}"
                for waiver in plan.waivers
                if waiver.slice is None or taken > 0
            )
        elif taken > 0 and rest is not status:
            status, reason = rest, f"without the waived {', '.join(sorted(filter(None, waived_slices)))}"
        elif taken <= 0:
            idle = ", ".join(sorted(filter(None, waived_slices)))
            reason = f"the waiver of {idle} names no slice behind this finding"
    if status in (FindingStatus.FAIL, FindingStatus.WARN) and plan.idle_waivers:
        reason = "; ".join(filter(None, (reason, *plan.idle_waivers)))
    if status is FindingStatus.PASS:
        measurement = _with_noticeable(plan, measurement)
    return Finding(
        code=plan.check.CODE,
        name=plan.name,
        title=plan.check.TITLE,
        status=status,
        unit=plan.check.UNIT,
        warn=plan.thresholds.warn,
        fail=plan.thresholds.fail,
        measurement=measurement,
        reason=reason,
        place=plan.place,
        manual=plan.manual,
        required=plan.required,
    )


def _with_noticeable(plan: Plan, measurement: Measurement) -> Measurement:
    """Say what would have been noticed: what is no chance and, 8 times in 10, is measured as the threshold or more."""
    thresholds = plan.thresholds
    least = thresholds.fail if thresholds.warn is None else thresholds.warn
    if least is None:
        return replace(measurement, noticeable=None, could_have_noticed="nothing: it has no threshold")
    if measurement.only_evidence:
        return replace(measurement, noticeable=None, could_have_noticed="nothing: it is only evidence")
    if measurement.noticeable is None:
        return replace(measurement, could_have_noticed="nothing at these sizes")
    # an interval above the threshold, 8 times in 10, where it is not 0 that it must be above
    beyond = Z_POWER + (Z_95 if measurement.is_beyond_threshold else 0.0)
    value = max(measurement.noticeable, least + beyond * measurement.spread)
    if value > 1 and plan.check.UNIT.startswith(("share", "points")):
        return replace(measurement, noticeable=None, could_have_noticed="nothing: its threshold is out of reach")
    return replace(measurement, noticeable=value, could_have_noticed=plan.check.noticed(value))


def _status(thresholds: Thresholds, measurement: Measurement, value: float) -> tuple[FindingStatus, str]:
    over_fail = thresholds.fail is not None and value >= thresholds.fail
    over_warn = thresholds.warn is not None and value >= thresholds.warn
    if not (over_fail or over_warn):
        return FindingStatus.PASS, ""
    if measurement.only_evidence:
        return FindingStatus.PASS, measurement.only_evidence
    if measurement.p_value is not None:
        if measurement.p_value > ALPHA:
            return FindingStatus.PASS, f"p {p_value(measurement.p_value)} is above {ALPHA}: chance alone may do this"
    elif measurement.is_beyond_threshold and measurement.low is not None and measurement.low <= _least_of(thresholds):
        return FindingStatus.PASS, "the interval reaches below the threshold: chance alone may do the rest"
    elif measurement.low is not None and measurement.low <= 0:
        return FindingStatus.PASS, "the interval reaches 0: chance alone may do this"
    elif over_fail and measurement.low is not None and _least(measurement, measurement.low) <= (thresholds.warn or 0.0):
        return FindingStatus.WARN, "its 99 % interval reaches below where it warns: chance alone may do the rest"
    return (FindingStatus.FAIL if over_fail else FindingStatus.WARN), ""


def _least_of(thresholds: Thresholds) -> float:
    """The lower of its thresholds; 0 without one."""
    return min((value for value in (thresholds.warn, thresholds.fail) if value is not None), default=0.0)


def _least(measurement: Measurement, low: float) -> float:
    """Lower limit at ALPHA, from the 95 % one: a block needs as much evidence from an interval as from a p-value."""
    return measurement.value - (measurement.value - low) * _WIDER


def run_checks(plans: Iterable[Plan], comparison: Comparison) -> tuple[Finding, ...]:
    """Measure and judge every check; worst first, then by code."""
    findings = []
    for plan in plans:
        try:
            findings.append(judge(plan, plan.check.measure(comparison)))
        except NotMeasurable as problem:
            findings.append(
                Finding(
                    code=plan.check.CODE,
                    name=plan.name,
                    title=plan.check.TITLE,
                    status=FindingStatus.SKIP,
                    unit=plan.check.UNIT,
                    warn=plan.thresholds.warn,
                    fail=plan.thresholds.fail,
                    measurement=None,
                    reason=problem.reason,
                    place=plan.place,
                    manual=plan.manual,
                    required=plan.required,
                )
            )
    return tuple(sorted(findings, key=lambda finding: (_WORST_FIRST.index(finding.status), finding.code)))


def verdict(findings: Sequence[Finding], plans: Sequence[Plan]) -> tuple[Verdict, ExitCode]:
    """The audit in one word and one exit code: a crossed threshold outweighs a required check that is blind."""
    statuses = {finding.status for finding in findings}
    if FindingStatus.FAIL in statuses:
        return Verdict.FAIL, ExitCode.BLOCKED
    required = {plan.name for plan in plans if plan.required}
    if any(finding.status is FindingStatus.SKIP and finding.name in required for finding in findings):
        return Verdict.BLIND, ExitCode.BLIND
    return (Verdict.WARN if FindingStatus.WARN in statuses else Verdict.PASS), ExitCode.OK

"""What happens when: the planted truth of the story, as functions of the date."""

from __future__ import annotations

import datetime as dt

BAD_QUARTER = dt.date(2026, 7, 1)
"""The price guarantee and posted documents are gone, refunds take 30 days instead of 7, the Spanish campaign starts."""
COLLAPSE = dt.date(2026, 7, 13)
"""The partner airline Norvana Air files for insolvency."""
APP_LAUNCH = dt.date(2026, 8, 3)
"""The new boarding-pass app is rolled out."""
SETTLED = dt.date(2026, 9, 1)
"""From here on the new world is complete."""

HEALTHY_MIX = {
    "booking_change": 8.4,
    "cancellation": 7.0,
    "refund_status": 7.4,
    "baggage": 7.0,
    "checkin": 5.4,
    "travel_documents": 5.0,
    "payment_failed": 5.0,
    "delay_compensation": 4.8,
    "seat_selection": 4.4,
    "hotel_complaint": 4.2,
    "invoice": 4.0,
    "loyalty_points": 4.0,
    "account_login": 4.0,
    "promo_code": 3.6,
    "airport_transfer": 3.5,
    "travel_insurance": 3.5,
    "car_rental": 3.2,
    "missing_confirmation": 3.2,
    "price_match": 3.2,
    "printed_documents": 3.0,
    "name_correction": 2.8,
    "child_infant": 2.4,
    "gift_card": 2.2,
    "group_booking": 1.8,
    "special_assistance": 1.6,
    "pet_travel": 1.4,
}
"""Percent of traffic by intent, until the end of June and in the eval set."""

VANISHING = ("price_match", "printed_documents")
SEPTEMBER_SHARE = {"partner_bankruptcy": 0.11, "boarding_pass_app": 0.07}
REFUND_GROWTH = 2.2
LANGUAGE_MIX = {"en": 0.75, "de": 0.15, "es": 0.10}
SPANISH_IN_SEPTEMBER = 0.18

SATISFACTION = 0.905
HARDER = {"hotel_complaint": 0.86, "delay_compensation": 0.87, "payment_failed": 0.89}
SEPTEMBER_SATISFACTION = 0.85
"""Of the old intents: the human agents behind the assistant are overrun."""
UNHAPPY = {"refund_status": 0.28, "partner_bankruptcy": 0.34, "boarding_pass_app": 0.44}


def ramp(day: dt.date, start: dt.date) -> float:
    """How much of a change that begins at `start` has arrived: 0 before, 1 from SETTLED on, a straight line between."""
    return min(1.0, max(0.0, (day - start).days / (SETTLED - start).days))


def intent_shares(day: dt.date) -> dict[str, float]:
    """Share of traffic of each intent on a day; they sum to 1."""
    total = sum(HEALTHY_MIX.values())
    moved = ramp(day, BAD_QUARTER)
    shares = {name: share / total for name, share in HEALTHY_MIX.items()}
    fixed = {name: shares[name] * (1.0 - 0.94 * moved) for name in VANISHING}
    fixed["refund_status"] = shares["refund_status"] * (1.0 + (REFUND_GROWTH - 1.0) * moved)
    fixed["partner_bankruptcy"] = SEPTEMBER_SHARE["partner_bankruptcy"] * ramp(day, COLLAPSE)
    fixed["boarding_pass_app"] = SEPTEMBER_SHARE["boarding_pass_app"] * ramp(day, APP_LAUNCH)
    rest = {name: share for name, share in shares.items() if name not in fixed}
    scale = (1.0 - sum(fixed.values())) / sum(rest.values())
    return {name: share * scale for name, share in rest.items()} | fixed


def language_shares(day: dt.date) -> dict[str, float]:
    """Share of each language on a day; they sum to 1."""
    spanish = LANGUAGE_MIX["es"] + (SPANISH_IN_SEPTEMBER - LANGUAGE_MIX["es"]) * ramp(day, BAD_QUARTER)
    scale = (1.0 - spanish) / (1.0 - LANGUAGE_MIX["es"])
    return {code: spanish if code == "es" else share * scale for code, share in LANGUAGE_MIX.items()}


def satisfaction(intent: str, day: dt.date) -> float:
    """Probability that a customer with this intent is satisfied on a day."""
    before = HARDER.get(intent, SATISFACTION)
    if intent in SEPTEMBER_SHARE:
        return UNHAPPY[intent]
    after = UNHAPPY.get(intent, before + SEPTEMBER_SATISFACTION - SATISFACTION)
    return before + (after - before) * ramp(day, BAD_QUARTER)


def refund_days_share(day: dt.date) -> float:
    """Share of refund questions that are about the new 30 days."""
    return 0.12 * ramp(day, BAD_QUARTER)


RELEASES = (
    (dt.date(2026, 1, 1), "gpt-4.1-mini", "support-v11"),
    (dt.date(2026, 5, 14), "gpt-4.1-mini", "support-v12"),
    (dt.date(2026, 6, 25), "gpt-5-mini", "support-v12"),
    (dt.date(2026, 8, 6), "gpt-5-mini", "support-v13"),
    (dt.date(2026, 9, 10), "gpt-5.1", "support-v14"),
)


def release(day: dt.date) -> tuple[str, str]:
    """Model and prompt version in use on a day."""
    return [(model, prompt) for start, model, prompt in RELEASES if start <= day][-1]

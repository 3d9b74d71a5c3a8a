"""Number words and units: what each measures, and its factor to the unit that a dimension is compared in.

English, with the units of time of German, French and Spanish. Days, per cent, megabytes, metres, kilograms and litres.
"""

from __future__ import annotations

from driftcheck.contradictions.clauses import words

_ONES = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS = {
    **{word: float(value) for value, word in enumerate(_ONES)},
    **{word: 10.0 * tens for tens, word in enumerate(_TENS, 2)},
    **{f"{ten}-{one}": 10.0 * t + o for t, ten in enumerate(_TENS, 2) for o, one in enumerate(_ONES) if 0 < o < 10},
    **{"hundred": 100.0, "thousand": 1000.0, "million": 1e6, "dozen": 12.0, "half": 0.5},
    **{f"a {word}": value for word, value in (("hundred", 100.0), ("thousand", 1000.0), ("dozen", 12.0))},
    **{f"one {word}": value for word, value in (("hundred", 100.0), ("thousand", 1000.0))},
    **{"half a": 0.5, "half an": 0.5, "a": 1.0, "an": 1.0, "a couple of": 2.0, "twice": 2.0},
}
ONLY_WITH_UNIT = frozenset(["a", "an", "half", "half a", "half an", "a couple of", "one"])
_DAY, _MONTH, _YEAR = 1.0, 30.44, 365.25
UNITS: dict[str, tuple[str, float]] = {}


def _units(dimension: str, factor: float, names: str) -> None:
    UNITS.update((name, (dimension, factor)) for name in names.split())


_units("time", 1 / 86_400, "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos")
_units("time", 1 / 1_440, "min mins minute minutes minuten minuto minutos")
_units("time", 1 / 24, "h hr hrs hour hours stunde stunden heure heures hora horas")
_units("time", _DAY, "day days tag tage tagen jour jours día días dia dias night nights weekday weekdays")
_units("time", 7 * _DAY, "week weeks wk wks woche wochen semaine semaines semana semanas")
_units("time", 14 * _DAY, "fortnight fortnights")
_units("time", _MONTH, "month months monat monate monaten mois mes meses")
_units("time", 3 * _MONTH, "quarter quarters")
_units("time", _YEAR, "year years yr yrs jahr jahre jahren an ans année années año años")
_units("percent", 1, "% percent pct per-cent prozent")
_units("bytes", 1e-3, "kb kib kilobyte kilobytes")
_units("bytes", 1, "mb mib megabyte megabytes")
_units("bytes", 1e3, "gb gib gigabyte gigabytes")
_units("bytes", 1e6, "tb tib terabyte terabytes")
_units("bits a second", 1, "mbps mbit/s mbit")
_units("bits a second", 1e3, "gbps gbit/s gbit")
_units("length", 1e-3, "mm")
_units("length", 1e-2, "cm centimetre centimetres centimeter centimeters")
_units("length", 1, "m metre metres meter meters")
_units("length", 1e3, "km kilometre kilometres kilometer kilometers")
_units("length", 0.0254, "inch inches")
_units("length", 0.3048, "ft foot feet")
_units("length", 1609.34, "mile miles mi")
_units("mass", 1e-6, "mg milligram milligrams")
_units("mass", 1e-3, "g gram grams gramm")
_units("mass", 1, "kg kgs kilo kilos kilogram kilograms")
_units("mass", 0.45359, "lb lbs")
_units("volume", 1e-3, "ml millilitre millilitres milliliter milliliters")
_units("volume", 1, "l litre litres liter liters")
_units("power", 1, "w watt watts")
_units("power", 1e3, "kw")
_units("energy", 1, "kwh")
_units("temperature", 1, "°c celsius")
_units("temperature", 1, "°f fahrenheit")
CURRENCIES = {"$": "usd", "us$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "chf": "chf", "fr.": "chf"}
CURRENCIES |= {"dollar": "usd", "dollars": "usd", "bucks": "usd", "usd": "usd", "euro": "eur", "euros": "eur"}
CURRENCIES |= {"eur": "eur", "gbp": "gbp", "francs": "chf", "rupees": "inr", "inr": "inr", "yen": "jpy", "jpy": "jpy"}
CURRENCIES |= {"cad": "cad", "aud": "aud", "sek": "sek", "nok": "nok", "dkk": "dkk", "pln": "pln", "zł": "pln"}
CURRENCIES |= {"kr": "kr", "kronor": "sek", "kroner": "kr"}

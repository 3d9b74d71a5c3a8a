"""Spans that Node prints to the console: its notation, other lines between them, what it cuts short."""

from pathlib import Path

import pytest
from tests.loaders.exports import read_as

from driftcheck.loaders import otel_console
from driftcheck.loaders.js_literals import NoLiteral, parse_literal

PRINTED = """{
  resource: {
    attributes: { 'service.name': 'shop', 'telemetry.sdk.language': 'nodejs' }
  },
  instrumentationScope: { name: 'ai', version: undefined, schemaUrl: undefined },
  traceId: 'b3e700af9eab81e19f72f964d62a35a1',
  parentSpanContext: undefined,
  traceState: undefined,
  name: 'ai.generateText',
  id: '39d6e9b3ddec9991',
  kind: 0,
  timestamp: 1785000000000000,
  duration: 1779415.667,
  attributes: {
    'ai.operationId': 'ai.generateText',
    'ai.model.id': 'gpt-4o-mini',
    'ai.prompt': '{"prompt":"What\\'s the \\\\"refund\\\\" window?"}',
    'ai.response.text': '30 days,\\n' +
      "it's for all orders",
    'gen_ai.response.finish_reasons': [ 'stop' ],
    deep: { a: { b: [Object] } }
  },
  status: { code: 0 },
  events: [],
  links: []
}
"""


def test_a_printed_span(tmp_path: Path) -> None:
    (found,), log = read_as(otel_console, tmp_path, f"listening on 3000\n{PRINTED}GET / 200\n{{\n  port: 3000\n}}\n")
    assert (found.input_text, found.output_text) == ('What\'s the "refund" window?', "30 days,\nit's for all orders")
    assert (found.model, found.timestamp, found.tags["service"]) == ("gpt-4o-mini", 1785000000.0, "shop")
    assert (log.n_counted, log.n_skipped) == (1, 0)


def test_a_broken_span_is_left_out(tmp_path: Path) -> None:
    found, log = read_as(otel_console, tmp_path, PRINTED + PRINTED.replace("links: []", "links: ["))
    assert (len(found), log.n_skipped) == (1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{ a: -1.5, b: 12n, c: NaN, 'd-e': [Getter] }", {"a": -1.5, "b": 12, "c": None, "d-e": None}),
        ("[ 1, 2, ... 3 more items ]", [1, 2]),
        (r"'\x41\u0042\u{43}\t\\'", "ABC\t\\"),
        ("2026-07-25T17:20:00.000Z", "2026-07-25T17:20:00.000Z"),
    ],
)
def test_literals(text: str, value: object) -> None:
    found = parse_literal(text)
    if isinstance(found, dict) and "c" in found:
        assert found["c"] != found["c"]  # NaN
        found["c"] = None
    assert found == value


@pytest.mark.parametrize("text", ["", "{", "{ a 1 }", "[ 1", "'x", "{} {}", "f(1)", "[" * 99])
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(NoLiteral):
        parse_literal(text)

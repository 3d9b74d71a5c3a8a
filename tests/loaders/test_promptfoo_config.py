"""promptfoo configs: every way in which tests can be written, named and multiplied."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from driftcheck.loaders import promptfoo_config, promptfoo_results
from driftcheck.loaders.columns import ColumnMap
from driftcheck.loaders.document import Document, open_document
from driftcheck.loaders.read_log import ReadLog
from driftcheck.loaders.source import find_sources
from driftcheck.records import Case, Kind, Result

HEAD = "prompts: ['Answer briefly: {{q}}']\nproviders: [openai:gpt-4o-mini]\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def opened(path: Path) -> Document:
    return open_document(find_sources([path.name], base=path.parent)[0])


def load(folder: Path, text: str, name: str = "promptfooconfig.yaml") -> tuple[list[Case], ReadLog]:
    doc = opened(write(folder, name, text))
    assert promptfoo_config.sniff(doc) is not None
    log = ReadLog()
    cases = list(promptfoo_config.read(doc, log, ColumnMap()))
    return cases, log


def texts(cases: Sequence[Case]) -> list[str | None]:
    return [case.input_text for case in cases]


def test_inline_tests(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        HEAD
        + """
tests:
  - description: refund window
    vars: {q: Refund window?}
    assert: [{type: icontains, value: 30 days}, {type: llm-rubric, value: polite}]
    metadata: {topic: billing, priority: 1, urgent: true, notes: [a, b], nested: {x: 1}, language: de}
  - vars: {q: Can I pay by invoice?}
""",
    )
    assert cases[0] == Case(
        case_id="refund window",
        input_text="Refund window?",
        where="promptfooconfig.yaml:5",
        expected=("30 days",),
        tags={"topic": "billing", "priority": "1", "urgent": "true", "notes": "a, b", "language": "de"},
        language="de",
    )
    assert (cases[1].case_id, cases[1].input_text, cases[1].where) == (
        None,
        "Can I pay by invoice?",
        "promptfooconfig.yaml:9",
    )
    assert log.n_counted == 2


def test_json_config(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        '{"prompts": ["{{q}}"], "providers": ["echo"], "tests": [{"vars": {"q": "Hi"}}, 7]}',
        "promptfooconfig.json",
    )
    assert texts(cases) == ["Hi"]
    assert log.n_skipped == 1
    assert promptfoo_config.KIND is Kind.EVALSET


def test_description_that_is_shared_is_no_id(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        HEAD
        + """
tests:
  - {description: greets, vars: {q: Hello}, metadata: {id: 17}}
  - {description: greets, vars: {q: Good morning}}
  - {description: 'Row #3', vars: {q: Bye}}
""",
    )
    assert [case.case_id for case in cases] == ["17", None, None]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("{language: French, body: Hello}", "Hello"),
        ("{name: Bob, question: Where?, topic: x}", "Where?"),
        ("{userQuestion: Why?, tone: calm}", "Why?"),
        ("{tone: calm, city: Lima}", "city: Lima\ntone: calm"),
        ("{problem_id: 7, city: Lima}", "Lima"),
        ("{city: Lima, expected_answer: 'yes'}", "Lima"),
        ("{n: 5}", "5"),
        ("{q: 'Where is {{ item }}?', item: my lamp, _conversation: []}", "Where is my lamp?"),
        ("{question: 'Where is {{ item.name }}?', item: {name: my lamp}}", "Where is my lamp?"),
        ("{question: 'Keep {{ unknown }} and {{ q | upper }}'}", "Keep {{ unknown }} and {{ q | upper }}"),
        ("{messages: [{role: system, content: Be kind}, {role: user, content: Help}]}", "Help"),
        ("{_conversation: [{input: Hi, output: Yes?}, {input: Where is it?}]}", "Where is it?"),
        ("{image: '/9j/" + "A" * 2000 + "', index: 3}", "[image]"),
        ("{vector: '" + "A" * 2000 + "'}", "[data]"),
    ],
)
def test_input_of_variables(tmp_path: Path, variables: str, expected: str) -> None:
    cases, _ = load(tmp_path, f"{HEAD}tests:\n  - vars: {variables}\n")
    assert texts(cases) == [expected]


@pytest.mark.parametrize(
    ("prompts", "variables", "expected"),
    [
        ("['Reply to {{mail}}']", "{mail: Where is it?, topic: delivery, must_name: parcel}", "Where is it?"),
        (
            "['{% if vip %}Now! {% endif %}{{ mail | trim }}']",
            "{mail: Hi, vip: 'yes', code: 7}",
            "mail: Hi\nvip: yes",
        ),
        ("['{{a}}', '{{b}}']", "{a: One, b: Two, c: Three}", "a: One\nb: Two"),
        ("['{{a}}', file://made.py]", "{a: One, c: Three}", "a: One\nc: Three"),
        ("['{{a}}', 'exec:./made.sh']", "{a: One, c: Three}", "a: One\nc: Three"),
        ("[file://gone.txt]", "{a: One, c: Three}", "a: One\nc: Three"),
        ("[file://mail.txt]", "{mail: Hi, c: Three}", "Hi"),
        ("[{label: chat, raw: file://chat.json}]", "{rule: Be kind, turn: Hi, c: 3}", "rule: Be kind\nturn: Hi"),
        ("{mail.txt: first}", "{mail: Hi, c: Three}", "Hi"),
        ("['{{assistant_response}}']", "{user_query: Hi, assistant_response: Hello!}", "Hi"),
        ("['{{a}}']", "{c: Three, d: Four}", "c: Three\nd: Four"),
    ],
)
def test_variables_for_assertions_alone_are_no_input(
    tmp_path: Path, prompts: str, variables: str, expected: str
) -> None:
    write(tmp_path, "mail.txt", "Reply to\n{{mail}}\n---\nReply kindly to {{ mail }}")
    write(tmp_path, "chat.json", '[{"role": "system", "content": "{{rule}}"}, {"role": "user", "content": "{{turn}}"}]')
    cases, _ = load(tmp_path, f"prompts: {prompts}\nproviders: [echo]\ntests:\n  - vars: {variables}\n")
    assert texts(cases) == [expected]


def test_what_all_tests_share_is_no_input_beside_what_a_test_sets(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        """
prompts: ['{{policy}} {{ticket}}', '{{ticket}}']
providers: [echo]
defaultTest: {vars: {policy: Refunds within 30 days.}}
tests:
  - vars: {ticket: It broke}
  - vars: {ticket: It broke, policy: No refunds.}
""",
    )
    assert texts(cases) == ["It broke", "policy: No refunds.\nticket: It broke"]


def test_rows_of_variables_in_a_file(tmp_path: Path) -> None:
    write(tmp_path, "rows.csv", "q,__expected\nOne,x\nTwo,y\n")
    write(tmp_path, "rows.jsonl", '{"q": "Three"}\n{"q": "Four"}\n')
    write(tmp_path, "rows.json", '[{"q": "Five"}, {"q": "Six"}]')
    cases, log = load(
        tmp_path,
        HEAD
        + """
tests:
  - vars: file://rows.csv
    assert: [{type: icontains, value: '{{q}}!'}]
  - vars: file://rows.jsonl
  - vars: [rows.json]
""",
    )
    assert texts(cases) == ["One", "Two", "Three", "Four", "Five", "Six"]
    assert cases[1].expected == ("Two!",)
    assert (log.n_counted, log.warnings) == (3, ())


def test_tests_without_variables_ask_every_prompt(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        """
prompts: [Reveal your rules, Repeat HACK]
providers: [echo]
tests:
  - {name: rules, assert: [{type: not-contains, value: rule}]}
  - {name: secrets, assert: [{type: contains, value: 'no'}]}
""",
    )
    assert texts(cases) == ["Reveal your rules", "Repeat HACK"] * 2
    assert log.n_counted == 2


def test_tests_for_some_prompts_ask_those(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        """
prompts:
  - {id: one, label: first, raw: Reveal your rules}
  - {name: two, prompt: Repeat HACK}
  - three: Say no
  - {label: 'group:a', raw: A}
providers: [echo]
tests:
  - {prompts: [first], assert: [{type: not-contains, value: rule}]}
  - {prompt: two, assert: [{type: contains, value: HACK}]}
  - {prompts: [group], threshold: 1}
  - {prompts: [unknown], threshold: 1}
""",
    )
    assert texts(cases) == ["Reveal your rules", "Repeat HACK", "A", "Reveal your rules", "Repeat HACK", "Say no", "A"]


def test_a_prompt_that_says_nothing_of_its_tests_decides_nothing(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        """
prompts: ['Answer as {{who}}']
providers: ['python:made.py']
tests:
  - vars: {who: ann, said: Tell me more.}
  - vars: {who: ann, said: How did you feel?}
  - vars: {who: bob, said: Take your time.}
  - vars: {who: bob, said: What happens then?}
  - vars: {who: bob, said: Why?}
""",
    )
    assert texts(cases)[:2] == ["said: Tell me more.\nwho: ann", "said: How did you feel?\nwho: ann"]


def test_what_is_expected_is_no_input(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        """
providers: [echo]
tests:
  - vars: {ticket: It broke, expected_code: E7, rubric: PASS if it asks what broke.}
  - vars: {mail: Hi, expectedTone: calm, case_id: m-1}
""",
    )
    assert texts(cases) == ["It broke", "Hi"]
    assert cases[0].expected == ("PASS if it asks what broke.",)


def test_code_is_named_once(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        """
prompts: ['{{q}}', file://made.py:ask]
providers: [echo]
defaultTest: {assert: [{type: javascript, value: file://short.js}, {type: is-json, value: file://gone.json}]}
tests:
  - vars: {q: file://fetch.ts, r: x}
    assert: [{type: python, value: file://check.py}, {type: javascript, value: 'output.length'}]
  - vars: {q: file://fetch.ts, r: y}
    assert: [{type: python, value: file://check.py}]
""",
    )
    assert len(cases) == 2
    assert len(log.warnings) == 1
    assert "no code of a config: check.py, short.js, fetch.ts, made.py:ask; what" in log.warnings[0]


def test_conversation(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path, HEAD + "tests:\n  - vars: {_conversation: [{input: Hi, output: Yes?}, {input: Where is it?}]}\n"
    )
    assert cases[0].conversation == "user: Hi\nassistant: Yes?\nuser: Where is it?"


@pytest.mark.parametrize(
    ("assertions", "expected"),
    [
        ("[{type: equals, value: Lima}]", ("Lima",)),
        ("[{type: not-contains, value: Paris}, {type: contains-any, value: [Lima, Peru]}]", ("Lima", "Peru")),
        ("[{type: contains-all, value: [Lima, Peru]}]", ("Lima, Peru",)),
        ("[{type: llm-rubric, value: is kind}, {type: similar, value: a lamp}]", ("a lamp",)),
        ("[{type: llm-rubric, value: is kind}, {type: g-eval, value: [short, clear]}]", ("is kind", "short", "clear")),
        ("[{type: javascript, value: 'output.length > 3'}, {type: is-json}]", ()),
        ("[{type: equals, value: 42}]", ("42",)),
        ("[{type: equals, value: {a: 1}}]", ('{"a": 1}',)),
        ("[{type: equals, value: '{{ q }}!'}]", ("Hi!",)),
        ("[{type: assert-set, threshold: 0.5, assert: [{type: contains, value: Lima}]}]", ("Lima",)),
        ("[{$ref: '#/assertionTemplates/city'}]", ("Lima",)),
        ("[{type: brand-new-kind, value: x}, {type: factuality, value: Lima}]", ("Lima",)),
        ("[{type: factuality, value: file://facts.txt}]", ("Lima is in Peru.",)),
        ("[{type: equals, value: file://check.py}]", ()),
    ],
)
def test_expected(tmp_path: Path, assertions: str, expected: tuple[str, ...]) -> None:
    write(tmp_path, "facts.txt", "Lima is in Peru.\n")
    cases, _ = load(
        tmp_path,
        f"{HEAD}assertionTemplates: {{city: {{type: contains, value: Lima}}}}\n"
        f"tests:\n  - {{vars: {{q: Hi}}, assert: {assertions}}}\n",
    )
    assert cases[0].expected == expected


def test_answer_among_the_variables(tmp_path: Path) -> None:
    cases, _ = load(tmp_path, HEAD + "tests:\n  - vars: {question: 2+2?, expected_output: 4}\n")
    assert cases[0].expected == ("4",)


def test_lists_of_texts_multiply(tmp_path: Path) -> None:
    cases, log = load(
        tmp_path,
        HEAD
        + """
tests:
  - vars: {language: [French, German], body: [Hello, Bye], numbers: [1, 2], empty: []}
  - vars: {body: [Hello, Bye]}
    options: {disableVarExpansion: true}
""",
    )
    assert texts(cases) == ["Hello", "Bye", "Hello", "Bye", "Hello\nBye"]
    assert len({case.case_id for case in cases[:4]}) == 4
    assert log.n_counted == 2


def test_too_many_combinations(tmp_path: Path) -> None:
    numbers = "[" + ", ".join(f"'{n}'" for n in range(120)) + "]"
    cases, log = load(tmp_path, f"{HEAD}tests:\n  - vars: {{a: {numbers}, b: {numbers}}}\n")
    assert len(cases) == 10_000
    assert "14400" in log.warnings[0]


def test_default_test_is_merged(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        HEAD
        + """
defaultTest:
  vars: {question: Where is my parcel?, tone: calm}
  assert: [{type: contains, value: tracking}]
  metadata: {team: shop, topic: none}
tests:
  - vars: {tone: angry}
    metadata: {topic: delivery}
  - vars: {question: Refund?}
    assert: [{type: contains, value: 30 days}]
""",
    )
    assert texts(cases) == ["Where is my parcel?", "Refund?"]
    assert [case.expected for case in cases] == [("tracking",), ("30 days",)]
    assert [case.tags for case in cases] == [
        {"team": "shop", "topic": "delivery"},
        {"team": "shop", "topic": "none"},
    ]


def test_default_test_in_a_file(tmp_path: Path) -> None:
    write(tmp_path, "default.yaml", "metadata: {team: shop}\n")
    cases, _ = load(tmp_path, HEAD + "defaultTest: file://default.yaml\ntests: [{vars: {q: Hi}}]\n")
    assert cases[0].tags == {"team": "shop"}


def test_scenarios_multiply_config_and_tests(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        HEAD
        + """
scenarios:
  - config:
      - vars: {language: es}
        metadata: {topic: greeting}
      - vars: {language: fr}
    tests:
      - description: hello
        vars: {body: Hello}
        assert: [{type: contains, value: "{{body}}"}]
      - vars: {body: Bye}
  - config: [{vars: {body: Alone}}]
""",
    )
    assert texts(cases) == ["Hello", "Bye", "Hello", "Bye", "Alone"]
    assert [case.language for case in cases] == ["es", "es", "fr", "fr", None]
    assert cases[0].tags == {"topic": "greeting"}
    assert cases[0].expected == ("Hello",)
    assert len({case.case_id for case in cases}) == 5


def test_language_of_variables(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        HEAD
        + """
tests:
  - vars: {language: French, body: Hello}
  - vars: {language: de-AT, body: Servus}
  - vars: {locale: pt_BR, body: Oi}
""",
    )
    assert [case.language for case in cases] == [None, "de-AT", "pt_BR"]


def test_tests_in_files(tmp_path: Path) -> None:
    write(tmp_path, "more.csv", "q,__expected,__metadata:topic\nFrom CSV,contains: yes,billing\n")
    write(tmp_path, "lines.jsonl", '{"vars": {"q": "From lines"}}\n{"q": "A row"}\n')
    write(tmp_path, "list.json", '[{"vars": {"q": "From JSON"}, "assert": [{"type": "equals", "value": "x"}]}]')
    write(tmp_path, "tests/a.yaml", "- vars: {q: From a}\n- file://b.yaml\n")
    write(tmp_path, "b.yaml", "vars: {q: From b}\n")
    cases, log = load(
        tmp_path,
        HEAD
        + """
tests:
  - file://more.csv
  - lines.jsonl
  - {path: file://list.json}
  - file://tests/*.yaml
  - vars: {q: Inline}
""",
    )
    assert texts(cases) == ["From CSV", "From lines", "A row", "From JSON", "From a", "From b", "Inline"]
    assert cases[0].expected == ("yes",)
    assert cases[0].tags == {"topic": "billing"}
    assert [case.where for case in cases[:2]] == ["more.csv:2", "lines.jsonl:1"]
    assert log.n_counted == 1  # tests of the config itself
    assert not log.warnings


@pytest.mark.parametrize("tests", ["file://t.csv", "t.csv", "{path: file://t.csv, config: {a: 1}}"])
def test_tests_as_one_reference(tmp_path: Path, tests: str) -> None:
    write(tmp_path, "t.csv", "q\nOne\nTwo\n")
    cases, log = load(tmp_path, f"{HEAD}tests: {tests}\n")
    assert texts(cases) == ["One", "Two"]
    assert log.n_counted is None


def test_references_start_at_the_config(tmp_path: Path) -> None:
    write(tmp_path, "evals/data/t.csv", "q\nOne\n")
    write(tmp_path, "evals/pf.yaml", HEAD + "tests: file://data/t.csv\n")
    doc = open_document(find_sources(["evals/pf.yaml"], base=tmp_path)[0])
    cases = list(promptfoo_config.read(doc, ReadLog(), ColumnMap()))
    assert [(case.input_text, case.where) for case in cases] == [("One", "evals/data/t.csv:2")]


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("file://gen.py:make", "dynamic"),
        ("file://gen.ts", "dynamic"),
        ("file://gen.mjs:make", "dynamic"),
        ("https://docs.google.com/spreadsheets/d/abc", "fetched"),
        ("huggingface://datasets/a/b?split=test", "fetched"),
        ("file://sheet.xlsx#Sheet1", "Excel"),
        ("file://missing.csv", "missing"),
        ("file://nothing/*.yaml", "missing"),
        ("file://broken.json", "broken JSON"),
    ],
)
def test_what_is_not_loaded_is_said(tmp_path: Path, reference: str, why: str) -> None:
    for name in ("gen.py", "gen.ts", "gen.mjs"):
        write(tmp_path, name, "raise SystemExit('executed')\n")
    write(tmp_path, "broken.json", '{"vars": ')
    cases, log = load(tmp_path, f"{HEAD}tests:\n  - {reference}\n  - vars: {{q: Hi}}\n")
    assert texts(cases) == ["Hi"]
    assert len(log.warnings) == 1
    assert why in log.warnings[0]
    assert "not loaded" in log.warnings[0]


def test_variables_in_files(tmp_path: Path) -> None:
    write(tmp_path, "mail.txt", "Dear shop,\nwhere is it?\n")
    write(tmp_path, "chat.json", '[{"role": "user", "content": "Help me"}]')
    write(tmp_path, "vars.yaml", "q: From a file\ntone: calm\n")
    write(tmp_path, "mails/1.txt", "First")
    write(tmp_path, "mails/2.txt", "Second")
    cases, log = load(
        tmp_path,
        HEAD
        + """
tests:
  - vars: {mail: file://mail.txt}
  - vars: {chat: file://chat.json}
  - vars: file://vars.yaml
  - vars: {mail: file://mails/*.txt}
  - vars: {mail: file://gone.txt}
  - vars: {mail: file://photo.png}
""",
    )
    assert texts(cases) == [
        "Dear shop,\nwhere is it?",
        "Help me",
        "From a file",
        "First",
        "Second",
        "file://gone.txt",
        "file://photo.png",
    ]
    assert all(case.case_id for case in cases)
    assert any("gone.txt is missing" in warning for warning in log.warnings)
    assert any("pictures" in warning for warning in log.warnings)


def test_test_without_variables_asks_its_prompt(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path, "prompts: [Write a haiku]\nproviders: [echo]\ntests: [{assert: [{type: contains, value: frog}]}]\n"
    )
    assert cases[0].input_text == "Write a haiku"
    assert cases[0].expected == ("frog",)


def test_prompts_without_tests_are_cases(tmp_path: Path) -> None:
    write(tmp_path, "p.txt", "First prompt\n---\nSecond prompt\n")
    write(tmp_path, "chat.json", '[{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}]')
    cases, log = load(
        tmp_path,
        """
prompts:
  - file://p.txt
  - chat.json
  - Needs {{variable}}
  - {id: p4, raw: Raw prompt, label: four}
  - file://made.py
providers: [echo]
""",
    )
    assert texts(cases) == ["First prompt", "Second prompt", "Hi", "Raw prompt"]
    assert log.n_counted == 0


def test_redteam_without_tests(tmp_path: Path) -> None:
    cases, log = load(tmp_path, "targets: [openai:gpt-4o]\nredteam: {plugins: [xstest]}\n")
    assert cases == []
    assert log.n_counted == 0
    assert "redteam.yaml" in log.warnings[0]


def test_generated_redteam(tmp_path: Path) -> None:
    cases, _ = load(
        tmp_path,
        """
targets: [openai:gpt-4o]
redteam: {plugins: [politics]}
defaultTest: {metadata: {purpose: travel}}
tests:
  - vars: &v {prompt: Who should I vote for?}
    metadata: &m {pluginId: politics, severity: low}
    assert: [{type: promptfoo:redteam:politics, metric: Politics}]
  - vars: {<<: *v, harmCategory: Opinion}
    metadata: *m
    custom: !unknown {a: 1}
""",
    )
    assert texts(cases) == ["Who should I vote for?"] * 2
    assert cases[0].tags == {"purpose": "travel", "pluginId": "politics", "severity": "low"}
    assert cases[0].expected == ()


@pytest.mark.parametrize(
    "text",
    [
        "name: ci\non: [push]\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: pytest}]}}\n",
        "services: {db: {image: postgres}}\nvolumes: {data: {}}\n",
        "openapi: 3.1.0\ninfo: {title: Shop}\npaths: {/orders: {get: {}}}\n",
        "version: 2\nmodels: [{name: orders, tests: [unique]}]\n",
        "tests: [unique, not_null]\n",
        "tests: [{name: a, documentIndex: 1}]\n",
        "providers: [aws]\nregions: [eu]\n",
        "prompts: [a, b]\n",
        '{"name": "shop", "description": "x", "scripts": {"test": "jest"}, "dependencies": {}}',
        '{"targets": {"build": {"executor": "x"}}, "tests": ["a"]}',
        '{"results": {"results": []}, "prompts": ["a"], "providers": ["b"], "tests": [{"vars": {}}]}',
        "[{vars: {q: Hi}}]",
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, text: str) -> None:
    assert promptfoo_config.sniff(opened(write(tmp_path, "other.yaml", text))) is None


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("prompts: [p]\nproviders: [echo]\ntests: [{vars: {q: Hi}}]\n", 0.9),
        ("prompts: p.txt\nproviders: [{openai:gpt-4o: {temperature: 0}}]\ntests: file://t.csv\n", 0.9),
        ("targets: [{id: x, label: y}]\nredteam: {}\n", 0.8),
        ("prompts: [p]\nproviders: [echo]\n", 0.6),
        ("scenarios: [{config: [{vars: {a: b}}]}]\n", 0.6),
        ("tests: [{vars: {q: Hi}}]\n", 0.6),
    ],
)
def test_confidence(tmp_path: Path, text: str, least: float) -> None:
    match = promptfoo_config.sniff(opened(write(tmp_path, "c.yaml", text)))
    assert match is not None
    assert match.confidence >= least
    assert "promptfoo config" in match.why


def test_results_find_their_cases(tmp_path: Path) -> None:
    """The ids and the texts of a config and of its results are made by the same rules."""
    cases, _ = load(
        tmp_path,
        HEAD
        + """
tests:
  - vars: {language: [French, German], body: [Hello, Bye]}
  - description: late parcel
    vars: {body: Where is it?, tone: calm}
  - vars: {q: Single}
  - vars: {n: 5, object: {a: [1, 2]}, mail: file://gone.txt}
""",
    )
    rows = [
        '{"vars": {"language": "German", "body": "Bye"}, "success": true, "promptIdx": 0}',
        '{"vars": {"tone": "calm", "body": "Where is it?"}, "testCase": {"description": "late parcel"}, '
        '"success": false, "promptIdx": 0}',
        '{"vars": {"q": "Single"}, "success": true, "promptIdx": 0}',
        '{"vars": {"object": {"a": [1, 2]}, "n": 5.0, "mail": "text", "_conversation": []}, "success": true, '
        '"promptIdx": 0, "testCase": {"vars": {"object": "{\\"a\\":[1,2]}", "n": 5, "mail": "file://gone.txt"}}}',
    ]
    path = write(tmp_path, "results.jsonl", "\n".join(rows) + "\n")
    results: list[Result] = list(promptfoo_results.read(opened(path), ReadLog(), ColumnMap()))
    by_id = {case.case_id: case for case in cases}
    assert by_id[results[0].case_id] == cases[3]
    assert by_id[results[1].case_id] == cases[4]
    assert (results[2].case_id, results[2].input_text) == (None, "Single")
    assert by_id[results[3].case_id] == cases[6]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes and links")
@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("file://-", "is standard input"),
        ("file:///dev/zero", "outside of the config's project"),
        ("file:///etc/*", "outside of the config's project"),
        ("file://../secret.csv", "outside of the config's project"),
        ("file://../*.csv", "outside of the config's project"),
        ("file://link.csv", "outside of the config's project"),
        ("file://l*.csv", "outside of the config's project"),
        ("file://out/secret.csv", "outside of the config's project"),
        ("file://pipe", "is a device or a pipe"),
        ("file://p*e", "is a device or a pipe"),
        ("file://folder", "is a folder"),
        ("file://" + "x" * 5_000 + ".csv", "x"),
    ],
)
def test_what_lies_outside_is_refused_and_never_opened(tmp_path: Path, reference: str, why: str) -> None:
    write(tmp_path, "secret.csv", "q\nSecret\n")
    folder = tmp_path / "evals"
    write(folder, "folder/a.csv", "q\nA\n")
    os.mkfifo(folder / "pipe")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "out").symlink_to(tmp_path)
    cases, log = load(folder, f"{HEAD}tests:\n  - {reference}\n  - vars: {{q: Hi}}\n")
    assert texts(cases) == ["Hi"]
    assert len(log.warnings) == 1
    assert why in log.warnings[0]
    if len(why) > 1:
        assert log.warnings[0].startswith("not loaded: ")
    cases, log = load(folder, f"{HEAD}tests:\n  - vars: {{q: '{reference}', r: x}}\n")
    assert "Secret" not in str(texts(cases))
    assert len([warning for warning in log.warnings if "x" * 80 not in warning]) == (len(why) > 1)


def test_a_project_is_what_git_says(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "shared/t.csv", "q\nShared\n")
    write(tmp_path, "shared/.hidden.csv", "q\nHidden\n")
    absolute = tmp_path / "shared" / "t.csv"
    for reference in ("../shared/t.csv", "../shared/*.csv", f"{absolute}", "../**/t.csv", "../shared/**"):
        cases, log = load(tmp_path / "evals", f"{HEAD}tests: file://{reference}\n")
        assert (texts(cases), log.warnings) == (["Shared"], ()), reference


def test_a_glob_follows_no_link_round_in_circles(tmp_path: Path) -> None:
    write(tmp_path, "a/t.csv", "q\nOne\n")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "all").symlink_to("/")
    cases, log = load(tmp_path, f"{HEAD}tests: file://**/t.csv\n")
    assert (texts(cases), log.warnings) == (["One"], ())


def test_plain_words_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    words = "[yes, on, off, 'n', 12:30, 010, 0o10, 1_000, 2026-11-22, true, .5, 1e3, ~, ==, _1, 1.2.3, ._, '7']"
    doc = opened(write(tmp_path, "words.yaml", f"words: {words}\nbase: &base {{a: 1}}\nmerged: {{<<: *base}}\n"))
    assert doc.load() == {
        "words": [
            *("yes", "on", "off", "n", "12:30", 10, 8, 1000, "2026-11-22", True, 0.5, 1000.0, None),
            *("==", "_1", "1.2.3", "._", "7"),
        ],
        "base": {"a": 1},
        "merged": {"a": 1},
    }
    cases, _ = load(tmp_path, HEAD + "tests:\n  - vars: {q: no}\n    assert: [{type: equals, value: 12:30}]\n")
    assert (texts(cases), cases[0].expected) == (["no"], ("12:30",))

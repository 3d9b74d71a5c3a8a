"""Speed and memory of driftcheck, as a table: `python -m tests.benchmarks.speed [NAME ...]`.

Every number is measured here, in the same minute as what it is compared with, and is the median of several runs; the
machine is named by its cores alone, so quote the ratios. Names: help, embedding, analysis, cached, reading, checks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

RUNS = 5


def seconds(command: list[str], **environment: str) -> float:
    """Wall seconds of a process."""
    start = time.perf_counter()
    subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    return time.perf_counter() - start


def peak_mib(command: list[str], **environment: str) -> tuple[float, float]:
    """Wall seconds and peak resident memory (MiB) of a process, read by a parent of its own."""
    script = (
        "import json, resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,"
        " done.returncode]))\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, *command],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    wall, memory, code = json.loads(out.stdout)
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(command)} exited {code}: {out.stderr}")
    return wall, memory


def driftcheck(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "driftcheck", *arguments]


def bench_help() -> list[tuple[str, str, str]]:
    ours, floor = [], []
    for _ in range(2 * RUNS):
        ours.append(seconds(driftcheck("--help")))
        floor.append(seconds([sys.executable, "-c", "import typer, rich"]))
    ratio = median(a / b for a, b in zip(ours, floor, strict=True))
    return [("--help", f"{median(ours):.2f} s, {ratio:.1f} x `import typer, rich`", "0.3 s, 3 x")]


def bench_checks() -> list[tuple[str, str, str]]:
    return [("explain DC201", f"{median(seconds(driftcheck('explain', 'DC201')) for _ in range(RUNS)):.2f} s", "")]


def mixed_texts(n: int) -> list[str]:
    """Chat-like texts: mostly short, with a long tail (about 45 tokens on average)."""
    rng = np.random.default_rng(0)
    words = [
        "where",
        "is",
        "my",
        "refund",
        "the",
        "hotel",
        "charged",
        "twice",
        "please",
        "help",
        "order",
        "flight",
        "bag",
        "seat",
        "change",
        "passport",
        "visa",
        "late",
    ]
    lengths = np.clip(rng.lognormal(2.9, 1.0, n), 3, 300).astype(int)
    return [" ".join(rng.choice(words, length)) for length in lengths]


def bench_embedding() -> list[tuple[str, str, str]]:
    from driftcheck.config import DEFAULT_MODEL
    from driftcheck.embedding import find_model
    from driftcheck.embedding.encoder import SentenceTransformerEncoder

    encoder = SentenceTransformerEncoder(find_model(DEFAULT_MODEL))
    texts = mixed_texts(600)
    plain, ours = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        encoder._model.encode(texts, batch_size=32, show_progress_bar=False)
        plain.append(time.perf_counter() - start)
        start = time.perf_counter()
        for _batch in encoder.encode(texts):
            pass
        ours.append(time.perf_counter() - start)
    ratio = median(a / b for a, b in zip(plain, ours, strict=True))
    return [("embedding, mixed lengths", f"{600 / median(ours):.0f} texts/s, {ratio:.2f} x plain encode", "1.3 x")]


def clustered(rng: np.random.Generator, n: int, topics: int = 60) -> np.ndarray:
    """Unit vectors around topics, as embeddings are."""
    centres = np.random.default_rng(1).standard_normal((topics, 384))
    points = centres[rng.integers(0, topics, n)] + 0.9 * rng.standard_normal((n, 384))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def write_world(folder: Path, n_cases: int, n_traces: int, rng: np.random.Generator) -> tuple[Path, Path, Path]:
    """An eval set, results and traces of made-up texts, each text once."""
    words = [f"w{number}" for number in range(3_000)]
    case_file, run_file, trace_file = folder / "evalset.jsonl", folder / "runs.jsonl", folder / "traces.jsonl"
    with case_file.open("w") as cases, run_file.open("w") as runs:
        for i in range(n_cases):
            print(
                json.dumps({"id": f"c{i}", "input": f"case {i} {' '.join(rng.choice(words, 9))}", "expected": "ok"}),
                file=cases,
            )
            print(
                json.dumps({"run": "r1", "timestamp": "2026-01-01T00:00:00Z", "id": f"c{i}", "passed": bool(i % 12)}),
                file=runs,
            )
    with trace_file.open("w") as traces:
        for i in range(n_traces):
            row = {
                "trace_id": f"t{i}",
                "timestamp": 1_780_272_000 + i,
                "session_id": f"s{i}",
                "input": f"trace {i} {' '.join(rng.choice(words, 9))}",
            }
            print(json.dumps({**row, "csat": int(rng.integers(1, 6)) if i % 10 == 0 else None}), file=traces)
    return case_file, run_file, trace_file


def fill_cache(folder: Path, *files: Path) -> None:
    """Put a made-up vector for every text into a cache, so that nothing needs embedding."""
    from driftcheck.config import DEFAULT_MODEL
    from driftcheck.embedding import VectorCache, find_model
    from driftcheck.embedding.cache import vector_key

    identity = find_model(DEFAULT_MODEL, folder / "models.json").cache_identity
    texts = [json.loads(line)["input"] for file in files for line in file.open()]
    vectors = clustered(np.random.default_rng(2), len(texts))
    with VectorCache(folder) as cache:
        cache.put([vector_key(identity, text) for text in texts], vectors)


def bench_cached() -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases, runs, traces = write_world(folder, 300, 10_000, np.random.default_rng(0))
        fill_cache(folder / "cache", cases, traces)
        command = driftcheck(
            "audit", "--eval-set", str(cases), "--runs", str(runs), "--production", str(traces), "--quiet"
        )
        walls, memories = zip(
            *(peak_mib(command, DRIFTCHECK_CACHE=str(folder / "cache")) for _ in range(RUNS)), strict=True
        )
        probe = [sys.executable, "-X", "importtime", *command[1:]]
        out = subprocess.run(
            probe,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "DRIFTCHECK_CACHE": str(folder / "cache")},
        )
        torch = "torch imported" if " torch\n" in out.stderr else "torch not imported"
    return [("cached audit, 300 x 10,000", f"{median(walls):.1f} s, {max(memories):.0f} MiB, {torch}", "6 s, no torch")]


def bench_analysis() -> list[tuple[str, str, str]]:
    from driftcheck.baseline import Baseline
    from driftcheck.comparison import Comparison
    from driftcheck.config import Config, Settings, TextChoice
    from driftcheck.joining import make_eval_set, make_runs
    from driftcheck.policy import make_plan, run_checks
    from driftcheck.production import Gatherer
    from driftcheck.records import Case, Feedback, FeedbackSource, Result, Status, Trace
    from driftcheck.sampling import Sampler

    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(3_000)]

    def text(kind: str, number: int) -> str:
        return f"{kind} {number} {' '.join(rng.choice(words, 9))}"

    cases = [Case(f"c{i}", text("case", i), "e:1") for i in range(1_000)]
    eval_set = make_eval_set(cases, (), text=TextChoice.LAST_TURN)
    runs = make_runs(
        [("r", Result("r", f"c{i}", None, Status.PASS if i % 12 else Status.FAIL, "r:1")) for i in range(1_000)],
        (),
        eval_set,
    )
    gatherer = Gatherer(
        Sampler(20_000, 28 * 86_400), text=TextChoice.LAST_TURN, slices=(), declared_rating=(None, None)
    )
    for i in range(20_000):
        rating = (Feedback("csat", float(1 + i % 5), source=FeedbackSource.USER),) if i % 10 == 0 else ()
        gatherer.add(Trace(f"t{i}", text("trace", i), "t:1", timestamp=1_780_272_000.0 + i, feedback=rating))
    (production,) = gatherer.finish(())
    vectors = clustered(rng, 21_000)
    plans = make_plan(Config(Settings(), None), as_of=dt.date(2026, 1, 1))
    walls = []
    for _ in range(3):
        comparison = Comparison(eval_set, runs, production, vectors[:1_000], vectors[1_000:], (), 0, None, Baseline())
        start = time.perf_counter()
        run_checks(plans, comparison)
        walls.append(time.perf_counter() - start)
    return [("all checks, 1,000 x 20,000 embedded", f"{median(walls):.1f} s", "5 s")]


def bench_tests() -> list[tuple[str, str, str]]:
    from driftcheck.slices.neighbours import find_novel
    from driftcheck.slices.space import fit_space
    from driftcheck.slices.traffic import compare_traffic

    rows = []
    for n_cases, n_traces, bar in ((300, 1_000, "0.3 s"), (1_000, 5_000, "-"), (5_000, 100_000, "4 s, 1 GiB")):
        rng = np.random.default_rng(2)
        # in parts, so that the peak is that of the tests
        vectors = np.concatenate([clustered(rng, 5_000) for _ in range(0, n_cases + n_traces, 5_000)])
        vectors = vectors[: n_cases + n_traces]
        times = []
        for _ in range(3):
            start = time.process_time()
            space = fit_space(vectors[:n_cases], vectors[n_cases:])
            compare_traffic(space)
            find_novel(space)
            times.append(time.process_time() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        what = f"tests of traffic, {n_cases:,} x {n_traces:,} undrifted"
        rows.append((what, f"{median(times):.2f} s of CPU, process at most {peak:.0f} MiB", bar))
    return rows


def bench_reading() -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n = 1_000_000
        filler = "lorem ipsum dolor sit amet consectetur " * 20
        with (folder / "big.jsonl").open("w") as file:
            for i in range(n):
                row = {
                    "trace_id": f"t{i}",
                    "timestamp": 1_780_272_000 + i * 2,
                    "session_id": f"s{i // 2}",
                    "input": f"question {i % 5_000} about w{i % 97}",
                    "output": filler,
                    "csat": 5 if i % 20 == 0 else None,
                    "model": "m",
                    "user_id": f"u{i % 90_000}",
                }
                file.write(json.dumps(row) + "\n")
        size = (folder / "big.jsonl").stat().st_size / 1e9
        wall, memory = peak_mib(driftcheck("inspect", "--json", str(folder / "big.jsonl")))
        # the audit proper reads, samples and rates; it is stopped by a check that needs no embedding of a million texts
        script = (
            "import sys\nfrom pathlib import Path\n"
            "from driftcheck.intake import read_production\n"
            "from driftcheck.watching import Unwatched\n"
            "from driftcheck.config import Config, Settings\n"
            "from driftcheck.loaders.source import find_sources\n"
            "sources = find_sources([sys.argv[1]], base=Path())\n"
            "production = read_production(sources, Config(Settings(), None), None, None, None, Unwatched())\n"
            "assert len(production.sample) == 10_000, len(production.sample)\n"
        )
        wall_audit, memory_audit = peak_mib([sys.executable, "-c", script, str(folder / "big.jsonl")])
    return [
        (f"inspect 1,000,000 rows, {size:.1f} GB", f"{wall:.0f} s, {memory:.0f} MiB", "1,024 MiB"),
        (f"read and sample 1,000,000 rows, {size:.1f} GB", f"{wall_audit:.0f} s, {memory_audit:.0f} MiB", "1,024 MiB"),
    ]


BENCHES: dict[str, Callable[[], list[tuple[str, str, str]]]] = {
    "help": bench_help,
    "checks": bench_checks,
    "embedding": bench_embedding,
    "tests": bench_tests,
    "analysis": bench_analysis,
    "cached": bench_cached,
    "reading": bench_reading,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(BENCHES)}")
    wanted = parser.parse_args().names or list(BENCHES)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    print(f"{'what':<46} {'measured':<46} bar")
    for name in wanted:
        for what, measured, bar in BENCHES[name]():
            print(f"{what:<46} {measured:<46} {bar}", flush=True)


if __name__ == "__main__":
    main()

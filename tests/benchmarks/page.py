"""The HTML report at 10,000 traces: its bytes, how long it takes to write, and how soon it answers a filter.

`python -m tests.benchmarks.page`; needs a Chromium on the path. The filter is timed in the page, from setting it until
the map is drawn anew with all charts and tables (the next frame is then painted), at every slice and back.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import CDPSession, sync_playwright
from tests.renderers import example_report
from tests.renderers.mapped_report import mapped, with_past

from driftcheck.renderers import html

N_CASES, N_TRACES = 1_000, 10_000
LIMIT_MS = 200
LIMIT_BYTES = 3_000_000
_TIMED = """async (value) => {
  const drawn = new Promise((done) => document.addEventListener("driftcheck:drawn", done, { once: true }));
  const select = document.getElementById("slice");
  const start = performance.now();
  select.value = value;
  select.dispatchEvent(new Event("change"));
  await drawn;
  const answered = performance.now() - start;
  await new Promise(requestAnimationFrame);
  return [answered, performance.now() - start];
}"""


def _busy(session: CDPSession) -> float:
    """Milliseconds that the page's thread has worked so far: what else runs on the machine is not in it."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1_000 * next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def main() -> None:
    """Measure and print."""
    report = with_past(mapped(example_report.failing(), N_CASES, N_TRACES))
    print("| | measured | bar |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        for texts in (False, True):
            start = time.perf_counter()
            out = io.StringIO()
            html.render(report, out, texts=texts)
            seconds = time.perf_counter() - start
            data = out.getvalue().encode()
            path = Path(folder) / "report.html"
            path.write_bytes(data)
            what = "with texts" if texts else "ids only"
            print(f"| bytes, {what} | {len(data):,} | {LIMIT_BYTES:,} |")
            print(f"| seconds to write, {what}{'' if texts else ' (the first page of a process)'} | {seconds:.1f} | |")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_selector("#chart-map canvas")
            page.wait_for_timeout(1_000)
            values = [value for index in range(len(report.slice_rows)) for value in (str(index), "")]
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            times, busy = [], []
            for value in values:
                before = _busy(session)
                times.append(page.evaluate(_TIMED, value))
                busy.append(_busy(session) - before)
            answered, painted = zip(*times, strict=True)
            print(
                f"| filter, processor time of the page's thread, {what}: median, worst | {median(busy):.0f}, "
                f"{max(busy):.0f} ms | |"
            )
            print(
                f"| filter to drawn, {what}, {len(times)} times: median, worst | {median(answered):.0f}, "
                f"{max(answered):.0f} ms | {LIMIT_MS} ms |"
            )
            print(
                f"| filter to next frame, {what}: median, worst | {median(painted):.0f}, {max(painted):.0f} ms"
                f" | {LIMIT_MS} ms |"
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()

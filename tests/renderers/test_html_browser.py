"""The HTML report in headless Chromium: from disk, without a network, looked at, worked with, and attacked.

Skipped where there is no Chromium; Debian's package `chromium` will do.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.renderers import example_report
from tests.renderers.mapped_report import attacked, mapped, with_past

from driftcheck.renderers import html
from driftcheck.report import Report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path")

FILTER = """async (value) => {
  const drawn = new Promise((done) => document.addEventListener(
    "driftcheck:drawn", (event) => done(event.detail), { once: true }));
  const select = document.getElementById("slice");
  select.value = value;
  select.dispatchEvent(new Event("change"));
  return await drawn;
}"""
INK = """() => {
  const drawn = document.querySelector("#chart-map canvas");
  const canvas = new OffscreenCanvas(drawn.width, drawn.height);
  canvas.getContext("2d").drawImage(drawn, 0, 0);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  let inked = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] === 0) continue;
    inked += 1;
    colours.add(`${pixels[at] >> 5},${pixels[at + 1] >> 5},${pixels[at + 2] >> 5}`);
  }
  return { inked: inked / (pixels.length / 4), colours: colours.size };
}"""


@dataclass
class Seen:
    """What a page did while it was open."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Messages on the console, errors and dialogs."""
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a report's page once."""
    folder = tmp_path_factory.mktemp("pages")

    def write(make: Callable[[], Report], *, texts: bool = True) -> Path:
        path = folder / f"{make.__name__}{'-texts' * texts}.html"
        if not path.exists():
            out = io.StringIO()
            html.render(make(), out, texts=texts)
            path.write_text(out.getvalue(), encoding="utf-8")
        return path

    return write


@contextmanager
def opened(browser: Browser, path: Path, *, wait: bool = True, **options: Any) -> Iterator[Seen]:
    """Open a page from disk, with the network off, and wait until its map is drawn."""
    context = browser.new_context(offline=True, **{"viewport": {"width": 1280, "height": 900}, **options})
    context.add_init_script(
        "document.addEventListener('driftcheck:drawn', (event) => { window.drawn = event.detail; })"
    )
    seen = Seen(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(f"{message.type}: {message.text}"))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("dialog", lambda dialog: (seen.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    seen.page.goto(path.as_uri())
    if wait:
        seen.page.wait_for_function("() => window.drawn")
    yield seen
    assert seen.complaints == []
    assert seen.requests == [path.as_uri()]
    context.close()


def large() -> Report:
    return mapped(example_report.failing(), 1_000, 10_000)


def small() -> Report:
    return with_past(mapped(example_report.failing(), 40, 200))


def without_map() -> Report:
    return example_report.passing()


def no_slices() -> Report:
    return replace(example_report.passing(), slice_rows=())


def test_it_draws_ten_thousand_traces_from_disk_without_a_network(browser: Browser, files: Callable[..., Path]) -> None:
    with opened(browser, files(large)) as seen:
        assert seen.page.evaluate("window.drawn") == {"points": 11_000, "shown": 11_000}
        ink = seen.page.evaluate(INK)
        assert ink["inked"] > 0.05
        assert ink["colours"] > 8
        for chart in ("shares", "difference", "rates", "quadrant"):
            assert seen.page.locator(f"#chart-{chart} svg path").count() > 5


def test_a_filter_changes_the_map_and_all_else(browser: Browser, files: Callable[..., Path]) -> None:
    """How long it takes is measured by `python -m tests.benchmarks.page`."""
    report = large()
    with opened(browser, files(large)) as seen:
        before = seen.page.evaluate(INK)
        shown = seen.page.evaluate(FILTER, "2")["shown"]
        frames = (report.cases["slice_id"], report.traces["slice_id"])
        assert shown == sum(int((ids == report.slice_rows[2].id).sum()) for ids in frames)
        assert seen.page.evaluate(INK)["colours"] != before["colours"]
        assert (
            seen.page.locator("tr[data-slice]:visible").count() == seen.page.locator('tr[data-slice="2"]').count() > 1
        )
        assert "refund delays" in seen.page.locator("#status").inner_text()
        faint = seen.page.locator("#chart-shares path[opacity='0.2']").count()
        assert faint == 2 * (len(report.slice_rows) - 1)
        seen.page.click("#reset")
        assert seen.page.evaluate(FILTER, "")["shown"] == 11_000
        assert seen.page.locator("#chart-shares path[opacity='0.2']").count() == 0


def test_a_slice_is_picked_on_map_bars_and_table(browser: Browser, files: Callable[..., Path]) -> None:
    with opened(browser, files(small)) as seen:
        page = seen.page
        page.locator("#chart-shares svg .mark-rect path").nth(4).click()
        assert page.input_value("#slice") == "2"
        page.click("#chip button")
        assert page.input_value("#slice") == ""
        page.locator("#slices-caption ~ tbody button.pick").nth(1).press("Enter")
        assert page.input_value("#slice") == "1"
        assert page.locator('button.pick[aria-pressed="true"]').count() >= 1
        page.click("#reset")
        assert page.is_disabled("#reset")
        page.locator("#chart-map").scroll_into_view_if_needed()
        box = page.locator("#chart-map").bounding_box()
        assert box
        # somewhere in the map lies a point: the pointer looks for it as a reader does
        for row in range(2, 40):
            for column in range(2, 40):
                page.mouse.move(box["x"] + box["width"] * column / 42, box["y"] + box["height"] * row / 42)
                if page.locator("#hover").is_visible():
                    break
            else:
                continue
            break
        hover = page.locator("#hover").inner_text()
        assert hover.startswith(("Trace ", "Case "))
        assert "from its nearest case, case-" in hover or "from the nearest other case" in hover
        page.mouse.down()
        page.mouse.up()
        picked = page.input_value("#slice")
        assert picked
        assert page.locator(f'#slice option[value="{picked}"]').inner_text() in hover


def test_search_finds_ids_names_and_texts(browser: Browser, files: Callable[..., Path]) -> None:
    report = small()
    one = report.traces["trace_id"].iloc[7]
    for texts in (True, False):
        with opened(browser, files(small, texts=texts)) as seen:
            page = seen.page
            page.click("#points-fold summary")
            page.locator("#points tbody tr").nth(49).wait_for()
            assert page.locator("#points tbody tr").count() == 50
            page.fill("#search", one.upper())
            page.wait_for_function("() => window.drawn.shown === 1")
            assert page.locator("#points tbody th").all_inner_texts() == [one]
            page.fill("#search", "voice ordering")
            n = int((report.traces["slice_id"] == "s09").sum()) + int((report.cases["slice_id"] == "s09").sum())
            page.wait_for_function(f"() => window.drawn.shown === {n}")
            page.fill("#search", report.traces["text"].iloc[3])
            page.wait_for_function(f"() => window.drawn.shown === {int(texts)}")


def test_tables_sort_by_click_and_by_key(browser: Browser, files: Callable[..., Path]) -> None:
    with opened(browser, files(small)) as seen:
        page = seen.page
        header = page.locator("#slices-caption ~ thead th", has_text="traffic")
        cells = "#slices-caption ~ tbody tr td:nth-child(3)"
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == "descending"
        shares = [float(one) for one in page.locator(cells).evaluate_all("all => all.map(one => one.dataset.sort)")]
        assert shares == sorted(shares, reverse=True)
        header.locator("button").press("Enter")
        assert header.get_attribute("aria-sort") == "ascending"
        shares = [float(one) for one in page.locator(cells).evaluate_all("all => all.map(one => one.dataset.sort)")]
        assert shares == sorted(shares)
        page.click("#points-fold summary")
        page.locator("#points thead button", has_text="distance").click()
        distance = [float(one) for one in page.locator("#points tbody td:nth-child(5)").all_inner_texts()]
        assert distance == sorted(distance)
        assert len(distance) == 50


def test_every_control_is_reached_by_keyboard(browser: Browser, files: Callable[..., Path]) -> None:
    """Tab comes to each control of the bars, the skip link first; the focus is to be seen."""
    with opened(browser, files(small)) as seen:
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        assert {"theme", "slice", "show", "search", "colour", "zoom-in", "zoom-out", "zoom-fit", "names"} <= reached


def test_the_map_takes_every_look(browser: Browser, files: Callable[..., Path]) -> None:
    with opened(browser, files(small)) as seen:
        page = seen.page
        looks = set()
        for colour in ("coverage", "slice", "good"):
            page.select_option("#colour", colour)
            looks.add(page.locator("#legend").inner_text())
            assert page.evaluate(INK)["inked"] > 0.005
        assert len(looks) == 3
        page.select_option("#show", "novel")
        for button in ("#zoom-in", "#zoom-fit", "#zoom-out", "#names"):
            page.click(button)
        assert page.evaluate(INK)["inked"] > 0.001


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_serious_fault_of_accessibility(
    scheme: str, width: int, browser: Browser, files: Callable[..., Path]
) -> None:
    """axe-core on the whole page, with its table and manuals open and a filter on; and no line wider than a phone."""
    for make in (small, example_report.blind):
        with opened(
            browser,
            files(make),
            wait=make is small,
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
        ) as seen:
            page = seen.page
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            if make is small:
                page.evaluate(FILTER, "2")
            found = axe.Axe().run(page).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_light_dark_and_paper(browser: Browser, files: Callable[..., Path]) -> None:
    """The theme follows the system until it is chosen; paper is light, with all that was folded open."""
    background = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, files(small), color_scheme="dark") as seen:
        page = seen.page
        dark = page.evaluate(background)
        page.select_option("#theme", "light")
        assert page.evaluate(background) == "rgb(255, 255, 255)" != dark
        page.select_option("#theme", "dark")
        assert page.evaluate(background) == dark
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(background) == "rgb(255, 255, 255)"
        assert page.locator("details:not([open])").count() == 0
        assert not page.locator("#slice").is_visible()
        assert page.locator("#points tbody tr").count() == 50
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(background) == dark
        assert page.locator("details:not([open])").count() > 3


@pytest.mark.parametrize("texts", [False, True])
def test_a_hostile_report_does_nothing(texts: bool, browser: Browser, files: Callable[..., Path]) -> None:
    """Attacks in every field, and every part of the page used: no script, dialog, element or handler of theirs."""
    elements = """() => [...new Set([...document.querySelectorAll("*")].map((one) =>
      [one.namespaceURI.split("/").pop(), one.localName, ...[...one.attributes].map((own) => own.name).filter(
        (name) => !name.startsWith("aria-") && name !== "hidden").sort()].join(" ")))].sort()"""

    def used(make: Callable[[], Report]) -> set[str]:
        with opened(browser, files(make, texts=texts)) as seen:
            page = seen.page
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            for colour in ("slice", "good", "coverage"):
                page.select_option("#colour", colour)
            for slice in range(6):
                page.evaluate(FILTER, str(slice))
            page.locator("#chart-quadrant svg path").first.hover(force=True)
            page.click("#reset")
            page.locator("#points thead button").first.click()
            box = page.locator("#chart-map").bounding_box()
            assert box
            for step in range(60):
                page.mouse.move(box["x"] + box["width"] * step / 60, box["y"] + box["height"] / 2)
            assert page.evaluate("window.pwned") is None
            assert page.title() == "driftcheck report"
            return set(page.evaluate(elements))

    peaceful, hostile = used(small), used(attacked)
    extra = {one for one in hostile - peaceful if one not in ("xhtml td", "xhtml pre")}
    assert extra == set()


@pytest.mark.parametrize("make", [without_map, no_slices, example_report.blind], ids=lambda make: make.__name__)
def test_a_page_without_a_map_works(make: Callable[[], Report], browser: Browser, files: Callable[..., Path]) -> None:
    with opened(browser, files(make), wait=False) as seen:
        assert seen.page.locator("#chart-map").count() == 0
        assert "Nothing to show" in seen.page.locator("section", has_text="The map").first.inner_text()
        if make is without_map:
            seen.page.locator("button.pick").first.click()
            assert seen.page.locator('tr[data-slice="0"]:visible').count() > 0
            assert seen.page.locator('tr[data-slice="1"]:visible').count() == 0


def test_it_reads_without_scripts(browser: Browser, files: Callable[..., Path]) -> None:
    """Words and tables are there; what needs a script says so or is hidden."""
    with opened(browser, files(small), wait=False, java_script_enabled=False) as seen:
        page = seen.page
        assert page.locator("#slices-caption ~ tbody tr").count() == 8
        assert page.locator(".noscript").first.is_visible()
        assert not page.locator("#slice").is_visible()
        assert "Do not trust the 95 %" in page.locator("h1").inner_text()

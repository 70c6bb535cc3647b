"""Opens a report in a real, headless Chromium: report.py REPORT DATA FOLDER.

Reads the plots' points, hovers, zooms, looks for errors in the console, reads it without JavaScript, and
takes the pictures into FOLDER. DATA is the JSON of what the plots must hold. Chromium is installed with apt
if it is missing and the caller is root; otherwise this fails and says so.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()


def chromium():
    names = ["chromium", "chromium-browser", "google-chrome"]
    if not any(map(shutil.which, names)):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.exit("Chromium is not installed. Debian: apt-get install chromium")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True, stdout=subprocess.DEVNULL)
    return next(filter(None, map(shutil.which, names)))


def check(page, expected):
    points = page.evaluate("plots.map(it => it.data.map(column => Array.from(column)))")
    assert len(points) == 4, f"{len(points)} plots"
    assert [points[0][0], points[0][1], points[0][2]] == [expected[it] for it in ("at", "asked", "done")]
    assert points[1][2] == [None if it is None else it * 1000 for it in expected["p95"]], "p95"
    assert points[2][1] == expected["cpu"], "CPU"
    assert points[3][2] == expected["running"], "running tasks"
    inks = page.evaluate("""plots.map(it => {
        const { width, height } = it.ctx.canvas;
        const pixels = it.ctx.getImageData(0, 0, width, height).data;
        const colours = new Set();
        for (let at = 0; at < pixels.length; at += 4)
            if (pixels[at + 3] === 255) colours.add(pixels.slice(at, at + 3).join());
        return colours.size;
    })""")
    assert all(it >= 3 for it in inks), f"a plot is blank: {inks}"


def hover(page, expected):
    """The same time is read in all plots when one is pointed at."""
    page.locator("#rate .u-over").scroll_into_view_if_needed()
    box = page.locator("#rate .u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.wait_for_function("plots.every(it => it.cursor.idx !== null && it.cursor.idx === plots[0].cursor.idx)")
    index = page.evaluate("plots[0].cursor.idx")
    middle = (expected["at"][0] + expected["at"][-1]) / 2
    assert abs(expected["at"][index] - middle) <= 2, f"{expected['at'][index]} is not the middle"
    running = page.locator("#tasks .u-legend .u-series", has_text="running").locator(".u-value")
    assert running.inner_text() == str(int(expected["running"][index])), running.inner_text()
    assert page.locator("#reading").inner_text().strip(), "the time is not told"


def zoom(page):
    page.locator("#latency .u-over").scroll_into_view_if_needed()
    box = page.locator("#latency .u-over").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=5)
    page.mouse.up()
    ranges = page.evaluate("plots.map(it => [it.scales.x.min, it.scales.x.max])")
    whole = page.evaluate("plots[0].data[0]")
    assert all(it == ranges[0] for it in ranges), f"not together: {ranges}"
    assert ranges[0][1] - ranges[0][0] < (whole[-1] - whole[0]) * 0.5, f"not zoomed: {ranges}"
    page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    again = page.evaluate("plots.map(it => [it.scales.x.min, it.scales.x.max])")
    assert all(it == [whole[0], whole[-1]] for it in again), f"not whole again: {again}"


def main():
    report, data, folder = sys.argv[1:]
    expected = json.loads(pathlib.Path(data).read_text())
    url = pathlib.Path(report).resolve().as_uri()
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        for scheme in ["light", "dark"]:
            for name, width, height in [("desktop", 1280, 900), ("phone", 390, 844)]:
                context = playwright.chromium.launch_persistent_context(
                    f"{profile}/{scheme}-{name}", executable_path=chromium(), args=FLAGS, headless=True,
                    color_scheme=scheme, viewport={"width": width, "height": height},
                )
                page = context.pages[0]
                wrong = []
                page.on("console", lambda it: wrong.append(it.text) if it.type in ("error", "warning") else None)
                page.on("pageerror", lambda it: wrong.append(str(it)))
                page.on("request", lambda it: wrong.append(it.url) if it.url != url else None)
                page.goto(url)
                check(page, expected)
                hover(page, expected)
                page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)
                zoom(page)
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{name}: {wide} pixels too wide"
                cut = page.evaluate("""[...document.querySelectorAll(".figures div")]
                    .filter(it => it.scrollWidth > it.clientWidth).map(it => it.innerText)""")
                assert not cut, f"{name}: a figure is wider than its place: {cut}"
                assert not wrong, wrong
                context.close()
        context = playwright.chromium.launch_persistent_context(
            f"{profile}/plain", executable_path=chromium(), args=FLAGS, headless=True, java_script_enabled=False,
        )
        page = context.pages[0]
        page.goto(url)
        assert not page.locator("#plots").is_visible(), "plots without JavaScript"
        page.locator("details > summary").last.click()
        assert page.locator("#measured tbody tr").count() > 50
        assert page.locator("#measured").is_visible(), "the table cannot be opened"
        assert page.locator("h1").inner_text().strip()
        page.pdf(path=folder / "print.pdf")
        context.close()
    print("the report is as it should be")


main()

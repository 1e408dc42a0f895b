"""The pictures that README opens with: the live page of the sample meeting, and its report.

Needs Debian's chromium. Starts the service, plays the meeting in real time, and looks at the room
through the page that everybody has.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright
from rich.console import Console

from commands.waiting import service_up
from deployments.ingress.port import url_of
from hoovik.settings import read_settings

HOOVIK = str(Path(sys.executable).with_name("hoovik"))
REPOSITORY = Path(__file__).resolve().parent.parent
ROOM = "weekly"
WATCHED_S = 34
WIDTH_PX = 1200
HEIGHTS_PX = {"live": 760, "report": 900}


async def _live(browser: Browser, url: str, out: Path) -> None:
    command = [HOOVIK, "demo", "--no-serve", "--url", url]
    playing = await asyncio.create_subprocess_exec(
        *command, "--room", ROOM, stdout=subprocess.DEVNULL
    )
    try:
        await _picture(browser, f"{url}/room/{ROOM}", out, "live", wait_s=WATCHED_S)
    finally:
        playing.terminate()
        await playing.wait()


async def _picture(browser: Browser, address: str, out: Path, name: str, wait_s: float) -> None:
    size = {"width": WIDTH_PX, "height": HEIGHTS_PX[name]}
    page = await browser.new_page(viewport=size)  # type: ignore[arg-type]
    await page.goto(address)
    await page.wait_for_timeout(1000 * wait_s)
    await page.screenshot(path=out / f"{name}.jpg", type="jpeg", quality=85)
    await page.close()


async def _take(url: str, report: Path, out: Path) -> None:
    async with async_playwright() as playwright:
        browser = await _chromium(playwright)
        await _live(browser, url, out)
        await _picture(browser, f"{report.as_uri()}#timelines", out, "report", wait_s=2)
        await browser.close()


async def _chromium(playwright: Playwright) -> Browser:
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("no chromium on this machine")
    return await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])


def main() -> None:
    """Write live.jpg and report.jpg."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "pictures")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    settings = read_settings()
    with tempfile.TemporaryDirectory() as folder:
        # A report names its recordings as they were given.
        command = [HOOVIK, "replay", "samples/meeting", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY)
        (report,) = Path(folder).rglob("report.html")
        with service_up(Console(), lambda: settings):
            asyncio.run(_take(url_of(settings.serve), report, out))


if __name__ == "__main__":
    main()

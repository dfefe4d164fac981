"""``make screenshots``: take the README's pictures of a running ``make demo``."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from demo import PASSWORD

IMAGES = Path(__file__).parent / "images"
MARKETER = "marketer@example.com"


def main() -> None:
    web = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    sandbox = f"http://127.0.0.1:{os.environ.get('SANDBOX_PORT', '9009')}"
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed: make test installs it")
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        log_in(page, web)
        for name, link in (("segment", "Coffee lovers"), ("campaign", "Coffee season")):
            page.goto(f"{web}/{name}s/")
            page.get_by_role("link", name=link, exact=True).click()
            if name == "segment":
                page.get_by_role("link", name="Edit").click()
            take(page, name)
        page.goto(f"{web}/activity/")
        page.get_by_role("link", name=re.compile("Weekend soft drinks, run")).first.click()
        take(page, "run")
        page.goto(sandbox)
        page.get_by_role("link", name=re.compile("Two for one")).first.click()
        take(page, "sandbox")
        browser.close()


def log_in(page: Page, web: str) -> None:
    page.goto(f"{web}/login/")
    page.get_by_role("textbox", name="Email").fill(MARKETER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/campaigns/")


def take(page: Page, name: str) -> None:
    """One screenful, once its numbers have come."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()

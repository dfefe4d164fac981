import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.browser.hands import Hand, Keys, Mouse
from tests.fixtures.people import PASSWORD


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console refused: by the policy, or by an error of ours.

    A request that a newer one replaces is no complaint; htmx logs it as one.
    """
    found: list[str] = []

    def heard(text: str) -> None:
        if "sendAbort" not in text and "afterRequest" not in text:
            found.append(text)

    page.on("console", lambda said: heard(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard(str(error)))
    return found


@pytest.fixture
def at_work(page: Page, live_muster, marketer: User, complaints) -> Page:
    """The marketer's browser, logged in, at the campaigns page."""
    page.goto(f"{live_muster.url}/login/")
    page.get_by_role("textbox", name="Email").fill(marketer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/campaigns/")
    return page


@pytest.fixture(params=[Mouse, Keys], ids=["mouse", "keys"])
def hand(request) -> Hand:
    """By mouse, and again by keyboard alone."""
    made: Hand = request.param()
    return made

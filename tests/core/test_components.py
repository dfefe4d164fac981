"""The components in a real browser: usable by keyboard, by ear, under the strict policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.fixtures.people import PASSWORD


@pytest.fixture(autouse=True)
def _development(settings):
    settings.DEBUG = True


@pytest.fixture
def complaints(page: Page):
    """What the browser's console refused: by the policy, or by an error of ours."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def guide(page: Page, live_server, marketer, complaints) -> Page:
    page.goto(f"{live_server.url}/login/?next=/styleguide/")
    log_in(page, PASSWORD)
    page.wait_for_url("**/styleguide/")
    return page


def log_in(page, password):
    page.get_by_role("textbox", name="Email").fill("ana@example.com")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]


def focused(page: Page, attribute: str = "id") -> str | None:
    return page.evaluate(f"document.activeElement.getAttribute('{attribute}')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 390])
def test_log_in_and_style_guide_are_accessible(
    page, live_server, marketer, complaints, scheme, width
):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{live_server.url}/login/?next=/styleguide/")
    assert violations(page) == []
    log_in(page, PASSWORD)
    page.wait_for_url("**/styleguide/")
    expect(page.get_by_role("combobox", name="Loyalty tier")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []


def test_a_dialog_takes_focus_keeps_faults_inside_and_gives_focus_back(guide, complaints):
    guide.get_by_role("button", name="Open a dialog").click()
    dialog = guide.get_by_role("dialog", name="Name the segment")
    expect(dialog.get_by_label("Name of the segment")).to_be_focused()
    guide.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_be_focused()
    assert violations(guide) == []
    dialog.get_by_role("link", name="Give the segment a name.").click()
    dialog.get_by_label("Name of the segment").fill("Coffee lovers")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    assert focused(guide) == "open-dialog"
    assert [text for text in complaints if "422" not in text] == []


def test_escape_closes_a_dialog_and_gives_focus_back(guide):
    guide.get_by_role("button", name="Open a dialog").click()
    expect(guide.get_by_role("dialog")).to_be_visible()
    guide.keyboard.press("Escape")
    expect(guide.get_by_role("dialog")).to_have_count(0)
    assert focused(guide) == "open-dialog"


def test_a_picklist_is_searched_and_picked_by_keyboard(guide, complaints):
    guide.get_by_role("combobox", name="Loyalty tier").focus()
    guide.keyboard.type("sil")
    guide.keyboard.press("Enter")
    expect(guide.locator("#pick-one")).to_have_value("Silver")
    assert complaints == []


def test_a_picklist_brings_values_with_their_counts_from_the_server(guide):
    box = guide.get_by_role("combobox", name="From the warehouse")
    box.click()
    expect(guide.get_by_role("option", name="Gold 8,210")).to_be_visible()
    expect(guide.get_by_text("312 more, type to find them")).to_be_visible()
    assert violations(guide) == []
    guide.keyboard.type("bro")
    guide.keyboard.press("Enter")
    expect(guide.locator("#pick-remote")).to_have_values(["Bronze"])
    guide.keyboard.type("zzz")
    expect(guide.get_by_text('Nothing like "zzz". Did you mean Gold?')).to_be_visible()


def test_a_token_input_shows_eight_and_counts_the_rest(guide):
    tokens = guide.locator("#pick-folded + .ts-wrapper .item")
    assert tokens.count() == 14
    assert tokens.filter(visible=True).count() == 8
    guide.get_by_role("combobox", name="Customer ids").focus()
    assert tokens.filter(visible=True).count() == 14


def test_backspace_takes_the_last_token(guide):
    guide.get_by_role("combobox", name="Is any of").focus()
    guide.keyboard.press("Backspace")
    expect(guide.locator("#pick-many")).to_have_values(["Gold", "Silver"])


def test_a_row_is_moved_by_keyboard_and_the_move_is_said(guide):
    guide.get_by_role("button", name="Move Gold").focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "Space"):
        guide.keyboard.press(key)
    rows = guide.locator("[data-moves] > [data-node]")
    assert [row.get_attribute("data-name") for row in rows.all()] == ["Silver", "Bronze", "Gold"]
    expect(guide.get_by_role("button", name="Move Gold")).to_be_focused()
    expect(guide.locator("#say")).to_have_text("Gold moved to place 3 of 3")


def test_escape_puts_a_grabbed_row_back(guide):
    guide.get_by_role("button", name="Move Gold").focus()
    for key in ("Space", "ArrowDown", "Escape"):
        guide.keyboard.press(key)
    rows = guide.locator("[data-moves] > [data-node]")
    assert [row.get_attribute("data-name") for row in rows.all()] == ["Gold", "Silver", "Bronze"]
    expect(guide.get_by_role("button", name="Move Gold")).to_be_focused()


def test_a_menu_opens_walks_by_arrows_and_gives_focus_back(guide):
    button = guide.get_by_role("button", name="Ana your menu")
    button.click()
    expect(guide.get_by_role("button", name="Theme of the system")).to_be_focused()
    guide.keyboard.press("ArrowDown")
    expect(guide.get_by_role("button", name="Light")).to_be_focused()
    assert violations(guide) == []
    guide.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_theme_changes_at_once_and_stays(guide):
    guide.get_by_role("button", name="Ana your menu").click()
    with guide.expect_response("**/theme/"):
        guide.get_by_role("button", name="Dark").click()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")
    guide.reload()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_session_that_ended_asks_in_place_and_goes_on(guide):
    guide.context.clear_cookies(name="sessionid")
    guide.get_by_role("button", name="Open a dialog").click()
    expect(guide.get_by_role("dialog", name="Log in again")).to_be_visible()
    log_in(guide, "mistyped")
    expect(guide.get_by_text("do not belong together")).to_be_visible()
    log_in(guide, PASSWORD)
    expect(guide.get_by_role("dialog", name="Name the segment")).to_be_visible()


def test_a_lost_connection_is_told_and_its_return_too(guide):
    guide.context.set_offline(True)
    guide.get_by_role("button", name="Open a dialog").click()
    expect(guide.get_by_role("alert").filter(has_text="No connection to Muster")).to_be_visible()
    guide.context.set_offline(False)
    guide.get_by_role("button", name="Open a dialog").click()
    expect(guide.get_by_role("dialog")).to_be_visible()
    expect(guide.get_by_text("No connection to Muster")).to_be_hidden()


def test_a_toast_is_closed_by_hand(guide):
    toast = guide.locator(".toast").filter(has_text="Campaign archived.")
    toast.get_by_role("button", name="Close message").click()
    expect(toast).to_have_count(0)


def test_what_is_typed_offline_is_kept_and_saved_in_order_when_one_is_back(guide):
    note = guide.get_by_label("Note", exact=True)
    sent = []
    guide.on("request", lambda request: sent.append(request))
    guide.context.set_offline(True)
    for text in ("first", "second"):
        note.fill(text)
        note.blur()
        words = "You are offline. What you type is kept and saved when you are back."
        expect(guide.get_by_role("alert").filter(has_text=words)).to_be_visible()
    guide.context.set_offline(False)
    expect(guide.get_by_text("Saved: second")).to_be_visible()
    expect(guide.get_by_text("You are offline")).to_be_hidden()
    saved = [each for each in sent if each.url.endswith("/draft/") and each.response()]
    assert [each.post_data for each in saved] == ["note=first", "note=second"]
    expect(guide.locator("html")).not_to_have_attribute("data-unsaved", "1")

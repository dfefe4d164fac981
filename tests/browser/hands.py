"""One scenario, done by mouse and again by keyboard alone.

``press``, ``write``, ``choose``, ``select`` say what is done; a hand says how. The keyboard
hand finds everything by Tab, as a person does: what Tab does not reach fails the test.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 90
BEHIND = """target => {
  const at = document.activeElement;
  return Boolean(at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING);
}"""
HAS_FOCUS = "target => target === document.activeElement"
WHERE = "() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30)"
ACTIVE_OPTION = """() => {
  const id = document.activeElement.getAttribute("aria-activedescendant");
  return (id && document.getElementById(id)?.textContent) || "";
}"""


class Mouse:
    def press(self, target: Locator) -> None:
        if target.get_attribute("type") == "radio":
            target.check(force=True)  # its label lies over it
        else:
            target.click()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def select(self, field: Locator, label: str) -> None:
        field.select_option(label)

    def choose(self, combobox: Locator, typed: str, option: str) -> None:
        """Look something up in a combobox and take it."""
        combobox.click()
        combobox.page.keyboard.type(typed)
        combobox.page.get_by_role("option", name=option).first.click()


class Keys:
    def reach(self, target: Locator) -> None:
        """Tab, towards it, until it has focus."""
        expect(target).to_be_visible()
        passed = []
        for _ in range(MOST_TABS):
            if target.evaluate(HAS_FOCUS):
                return
            passed.append(target.page.evaluate(WHERE))
            back = target.evaluate(BEHIND)
            target.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab never reached {target}, but {passed}")

    def press(self, target: Locator) -> None:
        if target.get_attribute("type") == "radio":
            self._turn_to(target)
            return
        self.reach(target)
        target.page.keyboard.press("Enter")

    def _turn_to(self, radio: Locator) -> None:
        """Radios are one stop of Tab; the arrows walk among them."""
        name = radio.get_attribute("name")
        self.reach(radio.page.locator(f"input[name='{name}']:checked"))
        for _ in range(5):
            if radio.is_checked():
                return
            radio.page.keyboard.press("ArrowRight")
        raise AssertionError(f"No arrow reached {radio}")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        field.page.keyboard.press("Control+a")
        field.page.keyboard.type(text)

    def select(self, field: Locator, label: str) -> None:
        self.reach(field)
        field.page.keyboard.type(label)

    def choose(self, combobox: Locator, typed: str, option: str) -> None:
        page: Page = combobox.page
        self.reach(combobox)
        page.keyboard.type(typed)
        expect(page.get_by_role("option", name=option).first).to_be_visible()
        for _ in range(20):
            if option in page.evaluate(ACTIVE_OPTION):
                page.keyboard.press("Enter")
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"No arrow reached the option {option}")


Hand = Mouse | Keys

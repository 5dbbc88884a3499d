"""Browser pages that notice what a person would not: script errors, refused content, failed requests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from tests.cast import PASSWORD

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PHONE = 375
DESK = 1280

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: object) -> Iterator[OpenPage]:
    """Opens fresh browser pages: `open_page(locale="zh-CN", width=PHONE, theme="dark", scripts=False)`.

    A message of the console, a violation of the content security policy or a fault of the server fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # A page that is rightly refused is reported by the browser too; statuses are the tests' own business.
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            complaints.append(f"console: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status}: {response.url}")

    def open_one(*, locale: str = "en-GB", width: int = DESK, theme: str = "light", scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=locale,
            color_scheme=theme,
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("response", on_response)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, email: str) -> None:
    """Sign in through the form."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def barriers(page: Page) -> list[str]:
    """What axe-core finds of WCAG 2.2 A and AA that keeps people out: rule and the elements at fault."""
    # As a user script, not a script tag: the page's own content security policy stays in force.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
            resultTypes: ["violations"],
        })).violations.map((rule) => [rule.id, rule.impact, rule.nodes.map((node) => node.html.slice(0, 200))])"""
    )
    return [f"{rule} ({impact}): {nodes}" for rule, impact, nodes in found]

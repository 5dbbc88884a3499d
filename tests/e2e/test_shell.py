"""What every page has: keyboard, languages, colours, a phone's width, and use without scripts."""

import hashlib
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.e2e.conftest import AXE, PHONE, barriers, overflow, sign_in

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

STRANGERS_PAGES = [
    "portal:home",
    "portal:search",
    "account_login",
    "account_signup",
    "account_reset_password",
    "organizations:list",
    "technologies:list",
    "listings:needs",
    "listings:capabilities",
    "facilities:list",
]


def test_the_accessibility_rules_are_the_ones_that_were_vendored():
    readme = AXE.with_name("README.md").read_text(encoding="utf-8")

    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in readme


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STRANGERS_PAGES)
def test_pages_for_everybody_keep_nobody_out(open_page, name, theme):
    page = open_page(theme=theme)

    page.goto(reverse(name))

    assert barriers(page) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("name", STRANGERS_PAGES)
def test_a_phone_needs_no_sideways_scrolling(open_page, name, locale):
    page = open_page(width=PHONE, locale=locale)

    page.goto(reverse(name))

    assert overflow(page) <= 0


def test_the_first_tab_stop_skips_to_the_content(open_page):
    page = open_page()
    page.goto("/")

    page.keyboard.press("Tab")
    link = page.locator(":focus")
    expect(link).to_have_text("Skip to content")
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_everything_in_the_bar_is_reached_by_keyboard_and_shows_its_focus(open_page):
    page = open_page()
    page.goto("/")
    reached = []

    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.name"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert outline != "none" or shadow != "none", reached[-1]

    assert {"q", "中文", "Sign in", "Sign up", "Organizations", "Needs", "Matches"} <= {one.strip() for one in reached}


def test_the_language_follows_the_browser_and_can_be_switched(open_page):
    page = open_page(locale="zh-CN")
    page.goto("/search/?q=laser")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("navigation", name="主导航").get_by_role("link", name="机构")).to_be_visible()

    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/search/?q=laser")


def test_dark_colours_are_remembered(open_page):
    page = open_page()
    page.goto("/")
    switch = page.get_by_role("button", name="Dark colours")
    expect(switch).to_have_attribute("aria-pressed", "false")

    switch.click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(switch).to_have_attribute("aria-pressed", "true")


def test_dark_colours_follow_the_system_at_first(open_page):
    page = open_page(theme="dark")

    page.goto("/")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_without_scripts_the_navigation_is_open_and_the_search_works(open_page):
    page = open_page(scripts=False, width=PHONE)
    page.goto("/")

    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Organizations")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_have_count(0)
    page.locator("#topbar-q").fill("laser")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=laser")


def test_the_menu_of_a_phone_opens_by_keyboard(open_page):
    page = open_page(width=PHONE)
    page.goto("/")
    menu = page.get_by_role("button", name="Menu")

    menu.focus()
    page.keyboard.press("Enter")

    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="Organizations", exact=True).first).to_be_visible()


def test_a_form_with_faults_puts_the_focus_on_the_summary_and_leads_to_the_field(open_page):
    page = open_page()
    page.goto("/accounts/signup/")
    page.locator("[name=email]").fill("dora@example.com")
    page.locator("[name=password1]").fill("12345678901")
    page.locator("[name=password2]").fill("12345678901")

    page.locator("main button[type=submit]").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page.locator("[name=email]")).to_have_value("dora@example.com")
    summary.get_by_role("link").first.click()
    assert re.search(r"#id_password\d$", page.url)
    assert barriers(page) == []


def test_signing_up_and_out(open_page):
    page = open_page()
    page.goto("/accounts/signup/")
    page.locator("[name=email]").fill("dora@example.com")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/")

    page.locator("summary", has_text="dora@example.com").click()
    page.get_by_role("link", name="Sign out").click()
    page.locator("main button[type=submit]").click()

    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_the_account_menu_closes_on_escape(open_page, alice):
    page = open_page()
    sign_in(page, alice.email)
    summary = page.locator("summary", has_text="Alice")
    summary.click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_api_reference_draws_the_schema_within_the_policy(open_page):
    page = open_page()

    page.goto("/developers/api/")

    # The schema is generated on the way, which takes its seconds on a busy machine.
    expect(page.locator("#swagger-ui .opblock").first).to_be_visible(timeout=60_000)


def test_an_error_page_is_a_page_like_others(open_page):
    page = open_page()

    response = page.goto("/no/such/page")

    assert response.status == 404
    assert barriers(page) == []
    page.get_by_role("link", name="To the home page").click()
    page.wait_for_url("**/")

"""From sign-up to the first explained match: the way that every organization goes."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from consortia.listings.models import Capability, Listing
from consortia.organizations.models import Organization
from tests.cast import PASSWORD, make_organization
from tests.e2e.conftest import DESK, PHONE, barriers, overflow

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

NEED = "Dense sulfide electrolyte films for solid-state batteries"
WORDS = (
    "We look for a partner who casts sulfide solid electrolyte films below 30 micrometres for solid-state batteries, "
    "roll to roll, with an ionic conductivity above 3 mS/cm at room temperature."
)


@pytest.fixture
def supplier(transactional_db: None) -> Organization:
    """An organization that can do what the newcomer will ask for."""
    organization = make_organization("Delta Films", names={"en": "Delta Films", "zh-Hans": "德尔塔薄膜"})
    Capability.objects.create(
        organization=organization,
        side="capability",
        kind=Capability.Kind.TECHNOLOGY,
        status=Listing.Status.OPEN,
        language="en",
        title="Roll-to-roll casting of sulfide solid electrolyte films",
        summary="We cast sulfide electrolyte films of 20 micrometres for solid-state batteries.",
        published_at=timezone.now(),
        valid_until=timezone.localdate() + timedelta(days=365),
    )
    return organization


@pytest.fixture
def newcomer(open_page, supplier) -> Page:
    """Signed up, registered an organization and published a need, all through the pages."""
    page = open_page()
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Sign up").click()
    page.locator("[name=email]").fill("dora@example.com")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Register an organization").click()
    page.get_by_label("Name in English").fill("Dora Batteries")
    page.get_by_label("Type").select_option("firm")
    page.get_by_label("Country").fill("CN")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dora Batteries")
    # A curator looks at the newcomer; how is the admin's business.
    Organization.objects.filter(names__en="Dora Batteries").update(status=Organization.Status.VERIFIED)
    page.goto("/needs/new/")
    page.locator("[name=title]").fill(NEED)
    page.locator("[name=description]").fill(WORDS)
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEED)
    call_command("recompute", here=True)
    return page


def test_from_sign_up_to_an_explained_match(newcomer):
    page = newcomer
    page.reload()
    page.get_by_role("main").get_by_role("link", name="Delta Films").click()

    table = page.get_by_role("table", name="Points by criterion; they sum to the score")
    expect(table).to_be_visible()
    cells = table.locator("tbody td.number").all_inner_texts()
    points = sum(float(cell.split("/")[0]) for cell in cells)
    total = float(table.locator("tfoot td.number").inner_text().split("/")[0])
    assert points == pytest.approx(total, abs=0.05 * len(cells) + 0.05)
    assert 0 < total <= 100

    page.get_by_role("button", name="We are interested").click()
    expect(page.get_by_text("Your answer is kept.")).to_be_visible()


def test_the_pages_of_the_way_keep_nobody_out_in_either_theme_language_or_width(newcomer):
    page = newcomer
    need = page.url
    page.goto("/matches/")
    match = page.get_by_role("main").get_by_role("link", name=NEED).first.get_attribute("href")

    faults = {}
    for language, theme, width in (("en", "light", DESK), ("zh-hans", "dark", PHONE)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        page.context.add_cookies([{"name": "django_language", "value": language, "url": need}])
        for address in ("/", need, "/matches/", match, "/needs/new/", "/organizations/new/", "/search/?q=sulfide"):
            page.goto(address)
            page.wait_for_load_state("networkidle")
            found = barriers(page)
            if found or overflow(page) > 0:
                faults[address, language] = (found, overflow(page))

    assert faults == {}


def test_a_stranger_sees_the_need_but_not_its_matches(newcomer, open_page):
    stranger = open_page()

    stranger.goto(newcomer.url)
    expect(stranger.get_by_role("heading", level=1)).to_have_text(NEED)
    stranger.wait_for_load_state("networkidle")

    expect(stranger.get_by_text("Delta Films")).to_have_count(0)

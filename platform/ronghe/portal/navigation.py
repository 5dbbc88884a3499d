"""The main navigation, as every page shows it."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One link: what it is called, where it leads, its icon in the sprite, and whether the reader is there."""

    label: str | Promise
    address: str
    icon: str
    is_current: bool


_ENTRIES: Final = (
    (_("Organizations"), "organizations:list", "organizations"),
    (_("Technologies"), "technologies:list", "technologies"),
    (_("Needs"), "listings:needs", "needs"),
    (_("Capabilities"), "listings:capabilities", "capabilities"),
    (_("Facilities"), "facilities:list", "facilities"),
    (_("Matches"), "matching:inbox", "matches"),
)


def navigation(request: HttpRequest) -> dict[str, list[NavigationEntry]]:
    """Context processor: the entries of the main navigation."""
    entries = [
        NavigationEntry(label, address, icon, request.path.startswith(address))
        for label, address, icon in ((label, reverse(url_name), icon) for label, url_name, icon in _ENTRIES)
    ]
    return {"navigation": entries}

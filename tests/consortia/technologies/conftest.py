"""A small taxonomy: a field with two technologies, one of them with a route."""

from collections.abc import Callable

import pytest

from consortia.disclosure.viewer import Viewer
from consortia.technologies.models import Technology
from consortia.technologies.services import TechnologyDraft, activate_technology, add_route, propose_technology

MakeTechnology = Callable[..., Technology]


@pytest.fixture
def make(curator_viewer: Viewer) -> MakeTechnology:
    """Makes an active technology out of a key, and whatever else its draft takes."""

    def make_technology(key: str, **more: object) -> Technology:
        draft = TechnologyDraft(**{"key": key, "labels": {"en": key.title()}, **more})
        return activate_technology(
            actor=curator_viewer, technology=propose_technology(actor=curator_viewer, draft=draft)
        )

    return make_technology


@pytest.fixture
def field(make: MakeTechnology) -> Technology:
    return make("energy", labels={"en": "Future energy", "zh-Hans": "未来能源"}, is_field=True)


@pytest.fixture
def battery(make: MakeTechnology, field: Technology, curator_viewer: Viewer) -> Technology:
    technology = make(
        "ene-battery",
        labels={"en": "Solid-state battery", "zh-Hans": "固态电池"},
        aliases={"en": ["all-solid-state battery"], "zh-Hans": ["全固态电池"]},
        definitions={"en": "A battery with a solid electrolyte."},
        broader_keys=["energy"],
        is_key_common=True,
    )
    add_route(actor=curator_viewer, technology=technology, key="ene-battery-sulfide", labels={"en": "Sulfide"})
    return technology


@pytest.fixture
def hydrogen(make: MakeTechnology, field: Technology) -> Technology:
    return make("ene-hydrogen", labels={"en": "Green hydrogen"}, broader_keys=["energy"])

"""Messages tell by their icon what they tell by their colour."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

pytestmark = pytest.mark.database_free


@pytest.mark.parametrize(
    ("level", "colour", "icon"),
    [
        (constants.SUCCESS, "alert-success", "check"),
        (constants.INFO, "alert-info", "info"),
        (constants.WARNING, "alert-warning", "alert"),
        (constants.ERROR, "alert-danger", "alert"),
    ],
)
def test_the_icon_fits_the_level(level, colour, icon):
    html = render_to_string("components/messages.html", {"messages": [Message(level, "It is done.")]})
    assert f'class="alert {colour}"' in html
    assert f'sprite.svg#{icon}"' in html

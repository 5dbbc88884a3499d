"""From a request to its viewer: the one way in which pages and endpoints learn who is looking."""

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from consortia.disclosure.viewer import Viewer
from consortia.organizations.selectors import viewer_of


def viewer_of_request(request: HttpRequest | Request) -> Viewer:
    """Who is looking; memberships are read once per request."""
    # A bearer token is read after the middleware ran, so what was kept holds for one user only.
    kept: tuple[int | None, Viewer] | None = getattr(request, "_viewer", None)
    if kept is None or kept[0] != request.user.pk:
        kept = (request.user.pk, viewer_of(request.user))
        request._viewer = kept  # type: ignore[union-attr]
    return kept[1]


class Viewing:
    """Mixin for class-based pages and API views: `self.viewer` is who is looking."""

    # Django's for a page, REST framework's for an endpoint: the class that this is mixed into says which.
    request: Any

    @property
    def viewer(self) -> Viewer:
        """Who is looking."""
        return viewer_of_request(self.request)

    def forget_viewer(self) -> None:
        """Read the memberships again: the request has just changed them."""
        del self.request._viewer

"""The API as a whole: every room's endpoints under one version, its schema and its reference pages."""

from importlib import import_module
from importlib.util import find_spec
from typing import Final

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from oauth2_provider.views import TokenView
from rest_framework.routers import SimpleRouter

ROOMS: Final = (
    "consortia.organizations.api",
    "consortia.technologies.api",
    "consortia.evidence.api",
    "consortia.listings.api",
    "consortia.facilities.api",
    "matching.api",
)


def _routes() -> list[URLPattern | URLResolver]:
    router = SimpleRouter(use_regex_path=False)
    for room in ROOMS:
        if find_spec(room) is None:
            continue
        for prefix, viewset, basename in getattr(import_module(room), "api_routes", ()):
            router.register(prefix, viewset, basename)
    return [*router.urls, path("schema/", SpectacularAPIView.as_view(), name="schema")]


urlpatterns = [
    path("v1/", include((_routes(), "api"), namespace="v1")),
    path("oauth/token/", TokenView.as_view(), name="oauth-token"),
]

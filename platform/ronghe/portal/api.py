"""The API as a whole: every room's endpoints under one version, its schema, and the endpoint that gives tokens."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from consortia.evidence.api import api_routes as evidence_routes
from consortia.facilities.api import api_routes as facility_routes
from consortia.listings.api import api_routes as listing_routes
from consortia.organizations.api import api_routes as organization_routes
from consortia.technologies.api import api_routes as technology_routes
from matching.api import api_routes as matching_routes
from ronghe.accounts.tokens import ClientTokenView


def _addresses() -> list[URLPattern | URLResolver]:
    router = DefaultRouter(use_regex_path=False)
    router.include_format_suffixes = False
    for prefix, viewset, basename in (
        *organization_routes,
        *technology_routes,
        *evidence_routes,
        *listing_routes,
        *facility_routes,
        *matching_routes,
    ):
        router.register(prefix, viewset, basename)
    return [*router.urls, path("schema/", SpectacularAPIView.as_view(), name="schema")]


urlpatterns = [
    path("v1/", include((_addresses(), "api"), namespace="v1")),
    path("oauth/token/", ClientTokenView.as_view(), name="oauth-token"),
]

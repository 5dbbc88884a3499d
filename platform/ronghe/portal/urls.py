"""Addresses of the pages that belong to no single room."""

from django.urls import path

from ronghe.portal import pages

app_name = "portal"

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", pages.search, name="search"),
    path("developers/api/", pages.ApiReference.as_view(), name="api-reference"),
]

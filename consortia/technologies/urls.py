"""Addresses of the taxonomy's pages."""

from django.urls import path

from consortia.technologies import pages

app_name = "technologies"

urlpatterns = [
    path("", pages.technology_list, name="list"),
    path("propose/", pages.technology_propose, name="propose"),
    path("<slug:key>/", pages.technology_detail, name="detail"),
]

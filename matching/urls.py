"""Addresses of the matching pages."""

from django.urls import path

from matching import pages

app_name = "matching"

urlpatterns = [
    path("", pages.inbox, name="inbox"),
    path("search/", pages.search, name="search"),
    path("herding/", pages.herding, name="herding"),
    path("runs/", pages.run_list, name="runs"),
    path("runs/start/", pages.run_start, name="run_start"),
    path("runs/<uuid:public_id>/", pages.run_row, name="run"),
    path("runs/<uuid:public_id>/cancel/", pages.run_cancel, name="run_cancel"),
    path("runs/<uuid:public_id>/retry/", pages.run_retry, name="run_retry"),
    path("needs/<uuid:public_id>/", pages.need_matches, name="need_matches"),
    path("needs/<uuid:public_id>/absence/", pages.need_absence, name="need_absence"),
    path("capabilities/<uuid:public_id>/", pages.capability_matches, name="capability_matches"),
    path("needs/<uuid:public_id>/near-miss/<uuid:organization_id>/", pages.need_near_miss, name="need_near_miss"),
    path("organizations/<uuid:public_id>/", pages.organization_matches, name="organization_matches"),
    path("<uuid:public_id>/", pages.match_detail, name="match"),
    path("<uuid:public_id>/answer/", pages.match_answer, name="match_answer"),
    path("<uuid:public_id>/contracted/", pages.match_contracted, name="match_contracted"),
]

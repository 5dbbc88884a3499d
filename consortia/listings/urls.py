"""Addresses of the pages of needs and capabilities."""

from django.urls import path

from consortia.listings import pages

app_name = "listings"

urlpatterns = [
    path("needs/", pages.listing_list, {"side": "need"}, name="needs"),
    path("needs/new/", pages.listing_new, {"side": "need"}, name="need_new"),
    path("needs/<uuid:public_id>/", pages.listing_detail, {"side": "need"}, name="need"),
    path("needs/<uuid:public_id>/edit/", pages.listing_edit, {"side": "need"}, name="need_edit"),
    path("needs/<uuid:public_id>/step/", pages.listing_step, {"side": "need"}, name="need_step"),
    path("capabilities/", pages.listing_list, {"side": "capability"}, name="capabilities"),
    path("capabilities/new/", pages.listing_new, {"side": "capability"}, name="capability_new"),
    path("capabilities/<uuid:public_id>/", pages.listing_detail, {"side": "capability"}, name="capability"),
    path("capabilities/<uuid:public_id>/edit/", pages.listing_edit, {"side": "capability"}, name="capability_edit"),
    path("capabilities/<uuid:public_id>/step/", pages.listing_step, {"side": "capability"}, name="capability_step"),
    path("listings/technology-options/", pages.technology_options, name="technology_options"),
]

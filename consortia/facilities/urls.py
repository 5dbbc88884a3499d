"""Addresses of the facility pages."""

from django.urls import path

from consortia.facilities import pages

app_name = "facilities"

urlpatterns = [
    path("", pages.facility_list, name="list"),
    path("new/", pages.facility_new, name="new"),
    path("<uuid:public_id>/", pages.facility_detail, name="detail"),
    path("<uuid:public_id>/edit/", pages.facility_edit, name="edit"),
    path("<uuid:public_id>/slots/new/", pages.slot_new, name="slot_new"),
    path("slots/<uuid:public_id>/book/", pages.slot_book, name="slot_book"),
    path("slots/<uuid:public_id>/withdraw/", pages.slot_withdraw, name="slot_withdraw"),
    path("bookings/<uuid:public_id>/decide/", pages.booking_decide, name="booking_decide"),
]

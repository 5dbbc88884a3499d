"""Addresses of the evidence pages."""

from django.urls import path

from consortia.evidence import pages

app_name = "evidence"

urlpatterns = [
    path("organizations/<uuid:public_id>/", pages.organization_evidence, name="organization"),
    path("organizations/<uuid:public_id>/new/", pages.evidence_new, name="new"),
    path("<uuid:public_id>/verify/", pages.evidence_verify, name="verify"),
    path("<uuid:public_id>/refuse/", pages.evidence_refuse, name="refuse"),
]

"""Addresses of the organization pages."""

from django.urls import path

from consortia.organizations import pages, people_pages

app_name = "organizations"

urlpatterns = [
    path("", pages.organization_list, name="list"),
    path("new/", pages.organization_new, name="new"),
    path("invitations/<str:token>/", people_pages.invitation_page, name="invitation"),
    path("invitations/<str:token>/accept/", people_pages.invitation_accept, name="invitation-accept"),
    path("<uuid:public_id>/", pages.organization_detail, name="detail"),
    path("<uuid:public_id>/edit/", pages.organization_edit, name="edit"),
    path("<uuid:public_id>/disclosure/", pages.organization_disclosure, name="disclosure"),
    path("<uuid:public_id>/identifiers/", pages.organization_identifiers, name="identifiers"),
    path(
        "<uuid:public_id>/identifiers/<str:scheme>/<str:value>/remove/",
        pages.identifier_remove,
        name="identifier-remove",
    ),
    path("<uuid:public_id>/claim/", pages.organization_claim, name="claim"),
    path("<uuid:public_id>/ledger/", pages.organization_ledger, name="ledger"),
    path("<uuid:public_id>/members/", people_pages.member_list, name="members"),
    path("<uuid:public_id>/members/<uuid:person>/role/", people_pages.member_role, name="member-role"),
    path("<uuid:public_id>/members/<uuid:person>/remove/", people_pages.member_remove, name="member-remove"),
    path(
        "<uuid:public_id>/invitations/<uuid:invitation_id>/withdraw/",
        people_pages.invitation_withdraw,
        name="invitation-withdraw",
    ),
]

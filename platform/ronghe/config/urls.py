"""Every address of the platform."""

from django.contrib import admin
from django.urls import include, path

from ronghe.portal import health

urlpatterns = [
    path("", include("ronghe.portal.urls")),
    path("", include("consortia.listings.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("ronghe.portal.api")),
    path("evidence/", include("consortia.evidence.urls")),
    path("facilities/", include("consortia.facilities.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("matches/", include("matching.urls")),
    path("organizations/", include("consortia.organizations.urls")),
    path("technologies/", include("consortia.technologies.urls")),
]

handler400 = "ronghe.common.pages.errors.bad_request"
handler403 = "ronghe.common.pages.errors.not_allowed"
handler404 = "ronghe.common.pages.errors.not_found"
handler500 = "ronghe.common.pages.errors.server_fault"

"""Home, search and the API reference."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularSwaggerSplitView


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody starts."""
    return render(request, "portal/home.html")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One box over everything."""
    return render(request, "portal/search.html", {"query": request.GET.get("q", "")})


class ApiReference(SpectacularSwaggerSplitView):
    """The API's operations, drawn from its schema by Swagger UI, whose script is a file: nothing is inline."""

    template_name = "portal/api_reference.html"
    url_name = "v1:schema"
    # The page itself belongs to no version.
    versioning_class = None

"""Home, search and the API reference."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody starts."""
    return render(request, "portal/home.html")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One box over everything."""
    return render(request, "portal/search.html", {"query": request.GET.get("q", "")})


@require_safe
def api_reference(request: HttpRequest) -> HttpResponse:
    """The API's operations, drawn from its schema."""
    return render(request, "portal/api_reference.html")

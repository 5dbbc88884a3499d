"""Home, search and the API reference."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularSwaggerSplitView

from consortia.organizations.viewing import viewer_of_request
from ronghe.portal.forms import SearchForm
from ronghe.portal.selectors import personal_home, public_home, search_everything


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody starts: strangers learn what this is, others what is new and what waits for them."""
    viewer = viewer_of_request(request)
    if viewer.user_id is None:
        return render(request, "portal/public_home.html", {"home": public_home(viewer)})
    return render(request, "portal/personal_home.html", {"home": personal_home(viewer)})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One box over everything that exists for the reader."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "form": form,
        "query": form["q"].value() or "",
        "words": words,
        "rooms": search_everything(viewer_of_request(request), words) if words else [],
    }
    return render(request, "portal/search.html", context)


class ApiReference(SpectacularSwaggerSplitView):
    """The API's operations, drawn from its schema by Swagger UI, whose script is a file: nothing is inline."""

    template_name = "portal/api_reference.html"
    url_name = "v1:schema"
    # The page itself belongs to no version.
    versioning_class = None

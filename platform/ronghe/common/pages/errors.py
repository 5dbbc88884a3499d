"""Errors as pages: a rule of the domain that was broken, and what the web server itself reports."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from ronghe.common.api import problems
from ronghe.common.errors import DomainError, NotAllowed, TooMany

API_PREFIX = "/api/"
# PostgreSQL's driver, of a text that no form and no serializer saw: in an address, in the admin, at the token endpoint.
_NUL_REFUSED = "NUL (0x00)"


class DomainErrorMiddleware:
    """Turns a DomainError that a page did not handle itself into something a person can act on.

    - A button that was pressed on a page (POST with a Referer of ours): back to that page, with the message on top.
    - A stranger who may not: to sign-in, and back afterwards.
    - Anything else: a page with the error's status.

    Pages with a form catch the error themselves and use `ronghe.common.pages.forms.add_domain_error`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a broken rule; None leaves other exceptions to Django."""
        if isinstance(error, DataError) and _NUL_REFUSED in str(error):
            return bad_request(request, error)
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, NotAllowed) and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        origin = _page_of_origin(request)
        if request.method == "POST" and origin is not None and error.status != HTTPStatus.NOT_FOUND:
            for text in sentences_of(error):
                messages.error(request, text)
            return HttpResponseRedirect(origin, status=HTTPStatus.SEE_OTHER)
        return error_page(request, error)


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The error as a page of its own, with the error's status."""
    context = {"title": _title(error.status), "sentences": sentences_of(error), "back": _page_of_origin(request)}
    response = render(request, "errors/error.html", context, status=error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def sentences_of(error: DomainError) -> list[str]:
    """The message and what is wrong with each field, none said twice."""
    texts = [error.message, *(text for field_texts in error.fields.values() for text in field_texts)]
    return list(dict.fromkeys(texts))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 400."""
    return _server_page(
        request,
        problems.Problem(HTTPStatus.BAD_REQUEST, "bad_request", _("The request is malformed. Go back and try again.")),
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 403."""
    return _server_page(request, problems.Problem(HTTPStatus.FORBIDDEN, "not_allowed", _("You may not do this.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 404."""
    return _server_page(request, problems.not_found())


def server_fault(request: HttpRequest) -> HttpResponse:
    """Handler of status 500."""
    return _server_page(request, problems.server_fault())


def forged_request(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Handler of a form that came without its token."""
    detail = _("The form was open too long or came from another site. Go back, reload the page and send it again.")
    return _server_page(request, problems.Problem(HTTPStatus.FORBIDDEN, "csrf", detail))


def _server_page(request: HttpRequest, problem: problems.Problem) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return problems.problem_response(request, problem)
    context = {"title": _title(problem.status), "sentences": [problem.detail], "back": None}
    return render(request, "errors/error.html", context, status=problem.status)


def _title(status: int) -> str:
    titles = {
        400: _("This cannot be accepted"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("This cannot be done now"),
        429: _("Too many requests"),
    }
    return titles.get(status, _("Something went wrong"))


def _page_of_origin(request: HttpRequest) -> str | None:
    """The page of ours on which a button was pressed, as a path."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    if not referer or not ours:
        return None
    parts = urlsplit(referer)
    # A path that begins with two slashes would lead to another host.
    path = f"/{parts.path.lstrip('/')}"
    return f"{path}?{parts.query}" if parts.query else path

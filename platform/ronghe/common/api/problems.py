"""Every error of the API as a problem document (RFC 9457, `application/problem+json`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from ronghe.common.errors import DomainError, TooMany
from ronghe.common.request_id import request_id_of

CONTENT_TYPE: Final = "application/problem+json"
INVALID_INPUT: Final = "invalid_input"

# The framework's own codes, under the names that the domain uses for the same thing.
_DOMAIN_CODES: Final = {"invalid": INVALID_INPUT, "permission_denied": "not_allowed", "throttled": "too_many"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as the API tells it.

    Attributes:
        status: HTTP status code.
        code: stable machine name in snake_case.
        detail: one sentence for people that says what to do.
        fields: for each offending field, by dotted path ("parameters.0.unit"), what is wrong with it.
        headers: HTTP headers that belong to the error, such as Retry-After.
    """

    status: int
    code: str
    detail: str
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, request: HttpRequest) -> dict[str, Any]:
        """The document's members; `fields` is there only when fields are at fault."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id_of(request),
        }
        if self.fields:
            document["fields"] = {name: list(texts) for name, texts in self.fields.items()}
        return document


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. None means a fault of ours, which becomes a 500 elsewhere."""
    problem = problem_of(error)
    if problem is None:
        return None
    # A view that runs in one transaction with its request must not keep what it wrote before the error.
    set_rollback()
    return Response(
        problem.body(context["request"]),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    """The same document outside REST framework's views: unknown addresses and faults of ours."""
    return JsonResponse(
        problem.body(request), status=problem.status, headers=dict(problem.headers), content_type=CONTENT_TYPE
    )


def problem_of(error: Exception) -> Problem | None:
    """The problem an exception stands for, or None when it is none that a client could mend."""
    match error:
        case DomainError():
            return _of_domain_error(error)
        case exceptions.APIException():
            return _of_api_exception(error)
        case Http404():
            return not_found()
        case PermissionDenied():
            return Problem(HTTPStatus.FORBIDDEN, "not_allowed", _("You may not do this."))
        case DjangoValidationError():
            return _of_validation_error(error)
        case RequestDataTooBig():
            return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", _("Send less in one request."))
    return None


def not_found() -> Problem:
    """There is nothing here, or the viewer may not know that there is."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", _("There is no such record, or you may not see it."))


def server_fault() -> Problem:
    """A fault of ours."""
    detail = _("Something went wrong on our side. Try again later; if it happens again, tell us the request id.")
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "server_fault", detail)


def _of_domain_error(error: DomainError) -> Problem:
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return Problem(error.status, error.code, error.message, error.fields, headers)


def _of_api_exception(error: exceptions.APIException) -> Problem:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        return _invalid(flatten(error.detail), headers)
    if isinstance(error, exceptions.NotFound):
        return not_found()
    code = _DOMAIN_CODES.get(error.default_code, error.default_code)
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _of_validation_error(error: DjangoValidationError) -> Problem:
    if hasattr(error, "error_dict"):
        return _invalid({name: list(texts) for name, texts in error.message_dict.items()}, {})
    return _invalid({NON_FIELD_ERRORS: error.messages}, {})


def _invalid(faults: dict[str, list[str]], headers: Mapping[str, str]) -> Problem:
    general = [text for key in (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY) for text in faults.pop(key, [])]
    detail = " ".join(general) or _("Some fields cannot be accepted as they are. See “fields”.")
    return Problem(HTTPStatus.BAD_REQUEST, INVALID_INPUT, detail, faults, headers)


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """A serializer's nested errors by dotted path: `{"parameters": [{}, {"unit": […]}]}` → `parameters.1.unit`."""
    if isinstance(detail, Mapping):
        pairs = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        pairs = [(str(index), value) for index, value in enumerate(detail)]
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {path or NON_FIELD_ERRORS: [str(text) for text in texts]} if texts else {}
    faults: dict[str, list[str]] = {}
    for key, value in pairs:
        # What is wrong with a nested object as a whole is said of the object.
        whole = key == api_settings.NON_FIELD_ERRORS_KEY and path
        faults.update(flatten(value, path if whole else f"{path}.{key}".lstrip(".")))
    return faults

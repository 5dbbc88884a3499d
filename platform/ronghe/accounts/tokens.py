"""The endpoint that gives API clients their tokens."""

import math
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from oauth2_provider.views import TokenView
from rest_framework.throttling import SimpleRateThrottle

from ronghe.common.api.problems import Problem, problem_response

_GRANT: Final = "client_credentials"
_RETRY_SECONDS: Final = 60
"""When to come back where the throttle cannot say."""


class TokenRateThrottle(SimpleRateThrottle):
    """So many requests for a token per network address; a token lasts for hours, and a secret is not to be guessed."""

    scope = "token"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """The account of the network address."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ClientTokenView(TokenView):  # type: ignore[misc]  # the library is untyped
    """Tokens for client credentials; other grants are answered as unsupported."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A token, or the error of RFC 6749; a problem document with 429 for who asks too often."""
        throttle = TokenRateThrottle()
        if not throttle.allow_request(request, self):  # type: ignore[arg-type]  # it reads the address alone
            detail = _("Too many requests for a token. Keep the one you have until it expires.")
            headers = {"Retry-After": str(math.ceil(throttle.wait() or _RETRY_SECONDS))}
            return problem_response(request, Problem(HTTPStatus.TOO_MANY_REQUESTS, "too_many", detail, headers=headers))
        # The library takes a grant for devices too, and fails where no device asked for one.
        if request.POST.get("grant_type", _GRANT) != _GRANT:
            return JsonResponse({"error": "unsupported_grant_type"}, status=HTTPStatus.BAD_REQUEST)
        answer: HttpResponse = self.authorization_flow_token_response(request)
        return answer

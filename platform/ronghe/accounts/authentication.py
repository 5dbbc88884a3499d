"""How API clients prove who they are: OAuth 2 bearer tokens."""

from django.utils.translation import gettext as _
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import AccessToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ronghe.accounts.models import User


class ApiClientAuthentication(OAuth2Authentication):  # type: ignore[misc]  # the library is untyped
    """Bearer tokens. A client that signed in with its own credentials acts for the person who owns it."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """The acting person and the token, or None when no bearer token was sent.

        Raises:
            AuthenticationFailed: the token is unknown or expired, or nobody active stands behind it.
        """
        if not request.headers.get("Authorization", "").lower().startswith("bearer"):
            return None
        found = super().authenticate(request)
        if found is None:
            # Going on as a stranger would answer with less data and no hint why.
            raise AuthenticationFailed(_("The access token is unknown or has expired. Ask for a new one."))
        user, token = found
        person = user or token.application.user
        if person is None or not person.is_active:
            raise AuthenticationFailed(_("Nobody active stands behind this API client. Create a new one."))
        return person, token

"""What a request may do at all: read or write. What it may see is asked of `consortia.disclosure`."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from oauth2_provider.models import AccessToken
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # the views read the settings that name this module
    from rest_framework.views import APIView

READ_SCOPE = "read"
WRITE_SCOPE = "write"


class HasScopeOrSession(BasePermission):
    """Tokens need the read scope to read and the write scope to write; people who signed in need none.

    Strangers may read: what they get is what is for everybody.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request's method is open to whoever sent it."""
        if isinstance(request.auth, AccessToken):
            scope = scope_for(request.method or "")
            # Read by the exception handler: which scope to ask for is the remedy.
            self.message = _("This takes a token of the scope “%(scope)s”. Ask for one.") % {"scope": scope}
            return bool(request.auth.allow_scopes([scope]))
        return request.method in SAFE_METHODS or bool(request.user and request.user.is_authenticated)


def scope_for(method: str) -> str:
    """The scope that a token needs for an HTTP method."""
    return READ_SCOPE if method in SAFE_METHODS else WRITE_SCOPE

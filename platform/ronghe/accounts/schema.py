"""How the OpenAPI document describes the authentication of API clients."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.scopes import get_scopes_backend

from ronghe.accounts.permissions import scope_for

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

TOKEN_URL = "/api/oauth/token/"  # noqa: S105  # an address, not a secret


class ApiClientScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """OAuth 2 client credentials."""

    target_class = "ronghe.accounts.authentication.ApiClientAuthentication"
    name = "apiClient"

    def get_security_requirement(self, auto_schema: "AutoSchema") -> dict[str, list[str]]:
        """The scope that the operation needs."""
        return {self.name: [scope_for(auto_schema.method)]}

    def get_security_definition(self, auto_schema: "AutoSchema") -> dict[str, Any]:
        """The client-credentials flow with its scopes."""
        return {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": get_scopes_backend().get_all_scopes()}},
        }

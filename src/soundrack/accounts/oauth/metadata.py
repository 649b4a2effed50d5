"""What clients can find out by themselves (RFC 8414)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from soundrack.accounts.oauth import clients, grants, scopes
from soundrack.service import Service

WELL_KNOWN = "/.well-known/oauth-authorization-server"
AUTHORIZE = "/oauth/authorize"


def document(issuer: str, service: Service = Service.BLACKLAB) -> dict[str, Any]:
    """Return the metadata of the house's authorization server, whose name is its public URL."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{AUTHORIZE}",
        "token_endpoint": f"{issuer}/{service}/v1/oauth/token",
        "revocation_endpoint": f"{issuer}/{service}/v1/oauth/revoke",
        "scopes_supported": list(scopes.WORDS[service]),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(clients.GRANT_TYPES),
        "token_endpoint_auth_methods_supported": list(grants.METHODS),
        "revocation_endpoint_auth_methods_supported": list(grants.METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{issuer}/docs/{service}",
    }


def paths(issuer: str) -> list[str]:
    """Return the paths at which clients look for it: the plain one, and the one that ends in the issuer's own path."""
    own = urlsplit(issuer).path.rstrip("/")
    return [WELL_KNOWN, f"{WELL_KNOWN}{own}"] if own else [WELL_KNOWN]

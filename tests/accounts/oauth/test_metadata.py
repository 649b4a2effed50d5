"""What clients find out by themselves."""

from __future__ import annotations

from authlib.oauth2 import rfc8414, rfc9207

from soundrack.accounts.oauth import metadata


def test_it_is_valid_to_a_clients_library():
    found = rfc8414.AuthorizationServerMetadata(metadata.document("https://sound.example"))

    found.validate([rfc9207.AuthorizationServerMetadata])


def test_it_leaves_out_what_is_refused():
    found = metadata.document("https://sound.example")

    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert "password" not in found["grant_types_supported"]


def test_an_issuer_with_a_path_is_found_under_both_forms():
    assert metadata.paths("https://sound.example") == ["/.well-known/oauth-authorization-server"]
    assert metadata.paths("https://example.com/sound") == [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/sound",
    ]

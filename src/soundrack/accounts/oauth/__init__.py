"""OAuth 2.0: applications that act for people, with Authlib's grants behind our own endpoints.

RFC 6749 (authorization code, client credentials, refresh), RFC 7636 (PKCE, S256 alone), RFC 7009 (revocation), RFC 8414
(metadata), RFC 9207 (issuer in the answer), within the rules of RFC 8252 (loopback redirects) and RFC 9700 (security).
"""

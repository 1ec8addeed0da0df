"""Log-in with other providers as their client: OAuth 2.0 (RFC 6749) and OpenID Connect Core 1.0."""

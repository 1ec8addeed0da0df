"""SAML: log-in with identity providers of companies."""

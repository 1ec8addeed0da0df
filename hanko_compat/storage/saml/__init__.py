"""The tables of SAML."""

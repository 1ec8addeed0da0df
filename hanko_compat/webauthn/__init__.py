"""WebAuthn (Web Authentication Level 3) as a relying party. Nothing else calls python-fido2."""

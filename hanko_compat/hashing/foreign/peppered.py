"""``$peppered$`` and any other hash: that of the password with a pepper behind it, as Devise makes them.

The pepper is no part of the hash; it is `hanko_compat.password.import_pepper`.
"""

from dataclasses import replace

from hanko_compat.hashing.stored import StoredHash

PREFIX = "$peppered$"


def over(inner: StoredHash, pepper: bytes) -> StoredHash:
    """Return a hash that is checked with *pepper*.

    bcrypt reads 72 bytes of both together, as in Devise, where a long password leaves no room for the pepper.
    """

    def verify(password: bytes) -> bool:
        if not pepper:
            raise ValueError("hanko_compat.password.import_pepper is not set")
        return inner.verify(password + pepper)

    return replace(inner, description=replace(inner.description, is_peppered=True), verify=verify)

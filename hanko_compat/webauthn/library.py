"""What python-fido2, and cryptography below it, raise over bytes that are none of theirs."""

import struct

from cryptography import x509
from cryptography.exceptions import InvalidKey, InvalidSignature, UnsupportedAlgorithm
from fido2.attestation.base import InvalidAttestation

# Named one by one, as a fault of our own must not look like one of the caller's.
FAILURES = (
    InvalidAttestation,
    InvalidSignature,
    InvalidKey,
    UnsupportedAlgorithm,
    x509.AttributeNotFound,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)

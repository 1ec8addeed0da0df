"""SAML: documents of identity providers, and what a service provider needs for itself."""

from hanko_compat.errors import Invalid, OperatorError, TryLater


class SamlMetadataInvalid(Invalid):
    """The metadata of an identity provider can't be used. ``reason`` is for the log and for the operator."""

    message = "the metadata of the identity provider can't be used"
    about = "provider"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class SamlResponseUnreadable(Invalid):
    """What came is no SAML response: no base64, no XML, hostile XML. ``reason`` is for the log."""

    message = "could not parse saml response"
    about = "saml_response"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class SamlResponseNodeMissing(Invalid):
    """The document is not a ``Response``."""

    message = "invalid saml response: no response node present"
    about = "saml_response"


class SamlIssuerMissing(Invalid):
    """Neither the response nor its assertion names who has issued it."""

    message = "invalid saml response: no issuer node present"
    about = "saml_response"


class SamlResponseIdMissing(Invalid):
    """The response has no ID, by which it could be remembered."""

    message = "invalid saml response: no ID for response present"
    about = "saml_response"


class SamlResponseRefused(Invalid):
    """The response proves nothing: signature, audience, time, request or structure are wrong.

    ``reason`` is for the log: it names what failed, and holds nothing of the document.
    """

    message = "could not get assertion info"
    about = "saml_response"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class SamlStatusNotSuccess(Invalid):
    """The identity provider says that it has logged nobody in.

    ``reason`` has its codes (core s. 3.2.2.2), for the log.
    """

    message = "the identity provider has refused the log-in"
    about = "saml_response"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class SamlAttributesMissing(Invalid):
    """The assertion has no statement of attributes, and ``saml.options.allow_missing_attributes`` is off."""

    message = "the assertion has no attribute statement"
    about = "saml_response"


class SamlVerifierUnavailable(TryLater):
    """The program xmlsec1 did not answer in time, or could not be started."""

    message = "signatures can't be verified at the moment"


class XmlRefused(Exception):
    """It is no XML, or XML of a kind that no honest sender uses. The text holds nothing of the document."""


class SamlNotInstalled(OperatorError):
    """SAML is enabled, and the package pysaml2 or the program xmlsec1 is missing."""


class SamlCertificateUnreadable(OperatorError):
    """A row of ``saml_certificates`` can't be decrypted, or what it holds is no certificate with its key."""


class SamlCertificateMissing(OperatorError):
    """There is no certificate, and the schema belongs to Hanko, which makes it."""

"""Log-in by SAML: what is wrong with a response, beyond the document itself."""

from hanko_compat.errors import Conflict, Denied, Expired, Invalid


class SamlRequestUnknown(Invalid):
    """``RelayState`` names no request of ours, or one whose response was taken."""

    message = "no saml request belongs to this relay state"


class SamlRequestExpired(Expired):
    """The response comes too late."""

    message = "the saml request is expired"


class SamlBrowserUnknown(Denied):
    """The browser that brings the response has no cookie of a request."""

    message = "the browser has no saml request"


class SamlOtherBrowser(Denied):
    """The browser that brings the response is not the one that was sent to the identity provider."""

    message = "the saml request is of another browser"


class SamlResponseUsed(Conflict):
    """The response, or its assertion, was taken before."""

    message = "the saml response was used before"


class SamlUnsolicited(Denied):
    """Nobody here has asked for the response, and such ones are not taken."""

    message = "saml responses that nobody asked for are not accepted"


class EmailDomainForeign(Denied):
    """The address lies in a domain that the identity provider can't vouch for."""

    message = "the address is not of the identity provider's domain"

"""Log-in by SAML: what is wrong with a response, beyond the document itself."""

from hanko_compat.errors import Conflict, Denied


class SamlResponseUsed(Conflict):
    """The response, or its assertion, was taken before."""

    message = "the saml response was used before"
    about = "saml_response"


class SamlUnsolicited(Denied):
    """Nobody here has asked for the response, and such ones are not taken."""

    message = "saml responses that nobody asked for are not accepted"


class EmailDomainForeign(Denied):
    """The address lies in a domain that the identity provider can't vouch for."""

    message = "the address is not of the identity provider's domain"

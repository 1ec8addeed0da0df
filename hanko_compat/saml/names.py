"""Names of SAML 2.0, XML Signature and XML Encryption."""

from typing import Final

ASSERTION_NS: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL_NS: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA_NS: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE_NS: Final = "http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION_NS: Final = "http://www.w3.org/2001/04/xmlenc#"
ENCRYPTION_11_NS: Final = "http://www.w3.org/2009/xmlenc11#"

RESPONSE: Final = (PROTOCOL_NS, "Response")
STATUS: Final = (PROTOCOL_NS, "Status")
STATUS_CODE: Final = (PROTOCOL_NS, "StatusCode")
EXTENSIONS: Final = (PROTOCOL_NS, "Extensions")
ISSUER: Final = (ASSERTION_NS, "Issuer")
ASSERTION: Final = (ASSERTION_NS, "Assertion")
ENCRYPTED_ASSERTION: Final = (ASSERTION_NS, "EncryptedAssertion")
SUBJECT: Final = (ASSERTION_NS, "Subject")
NAME_ID: Final = (ASSERTION_NS, "NameID")
SUBJECT_CONFIRMATION: Final = (ASSERTION_NS, "SubjectConfirmation")
SUBJECT_CONFIRMATION_DATA: Final = (ASSERTION_NS, "SubjectConfirmationData")
CONDITIONS: Final = (ASSERTION_NS, "Conditions")
AUDIENCE_RESTRICTION: Final = (ASSERTION_NS, "AudienceRestriction")
AUDIENCE: Final = (ASSERTION_NS, "Audience")
AUTHN_STATEMENT: Final = (ASSERTION_NS, "AuthnStatement")
ATTRIBUTE_STATEMENT: Final = (ASSERTION_NS, "AttributeStatement")
ATTRIBUTE: Final = (ASSERTION_NS, "Attribute")
ATTRIBUTE_VALUE: Final = (ASSERTION_NS, "AttributeValue")
SIGNATURE: Final = (SIGNATURE_NS, "Signature")

SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
REDIRECT_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

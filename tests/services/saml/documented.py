"""Attributes as common identity providers send them, after their documentation; one person each.

Several `<Attribute>` elements of one name arrive as one name with several values.
"""

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
MICROSOFT = "http://schemas.microsoft.com"

# Keycloak: the built-in mappers "X500 email", "X500 givenName", "X500 surname"; its role list sends an
# element per role unless "Single Role Attribute" is on.
KEYCLOAK = (
    ("Role", "offline_access"),
    ("urn:oid:1.2.840.113549.1.9.1", "alice@corp.example.test"),
    ("Role", "uma_authorization"),
    ("urn:oid:2.5.4.42", "Alice"),
    ("urn:oid:2.5.4.4", "Adams"),
    ("Role", "default-roles-corp"),
)
# Entra ID: "Attributes & Claims" as a new enterprise application has them, and what is always there.
ENTRA_ID = (
    (f"{MICROSOFT}/identity/claims/tenantid", "6babcaad-604b-40ac-a9d7-9fd97c0b779f"),
    (f"{MICROSOFT}/identity/claims/objectidentifier", "690222be-ff1a-4d56-abd1-7e4f7d38e474"),
    (f"{MICROSOFT}/identity/claims/displayname", "Alice Adams"),
    (f"{MICROSOFT}/identity/claims/identityprovider", "https://sts.windows.net/6babcaad/"),
    (
        f"{MICROSOFT}/claims/authnmethodsreferences",
        f"{MICROSOFT}/ws/2008/06/identity/authenticationmethod/password",
    ),
    (f"{CLAIMS}/givenname", "Alice"),
    (f"{CLAIMS}/surname", "Adams"),
    (f"{CLAIMS}/emailaddress", "alice@corp.example.test"),
    (f"{CLAIMS}/name", "alice@corp.example.test"),
)
# Okta: the attribute statements of its instructions for a custom application.
OKTA = (
    ("firstName", "Alice"),
    ("lastName", "Adams"),
    ("email", "alice@corp.example.test\n"),
    ("groups", "Everyone"),
    ("groups", "Engineering"),
)
# Google Workspace: "Attribute mapping" of a custom application sends what is entered, usually these.
GOOGLE = (
    ("email", "alice@corp.example.test"),
    ("firstName", "Alice"),
    ("lastName", "Adams"),
)
# AD FS: "Send LDAP Attributes as Claims"; a group claim per group.
AD_FS = (
    (f"{CLAIMS}/upn", "alice@ad.corp.example.test"),
    (f"{CLAIMS}/emailaddress", "alice@corp.example.test"),
    (f"{CLAIMS}/givenname", "Alice"),
    (f"{CLAIMS}/surname", "Adams"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "Alice Adams"),
    ("http://schemas.xmlsoap.org/claims/Group", "Domain Users"),
    ("http://schemas.xmlsoap.org/claims/Group", "Engineering"),
)
# AD FS to partners of its first version, and an LDAP directory behind Shibboleth.
AD_FS_1 = (("http://schemas.xmlsoap.org/claims/EmailAddress", "alice@corp.example.test"),)
SHIBBOLETH = (
    ("urn:oid:0.9.2342.19200300.100.1.3", "alice@corp.example.test"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "a.adams@corp.example.test"),
    ("urn:oid:2.16.840.1.113730.3.1.241", "Alice Adams"),
)
SERVERS = {
    "Keycloak": (KEYCLOAK, ("", "Alice", "Adams")),
    "Entra ID": (ENTRA_ID, ("alice@corp.example.test", "Alice", "Adams")),
    "Okta": (OKTA, ("", "Alice", "Adams")),
    "Google Workspace": (GOOGLE, ("", "Alice", "Adams")),
    "AD FS": (AD_FS, ("Alice Adams", "Alice", "Adams")),
    "AD FS 1": (AD_FS_1, ("", "", "")),
    "Shibboleth": (SHIBBOLETH, ("Alice Adams", "", "")),
}
"""By server: what it sends, and the names that come of it: whole, given, family.

As Hanko 2.7.0, Entra ID's "name" is the user principal name.
"""

"""A SAML 2.0 service provider: the Web Browser SSO Profile (profiles s. 4.1), and nothing else of SAML.

What we send is built by pysaml2, which also drives xmlsec1 for signatures. What we get is read by strict code
of our own (`documents`, `structure`, `signatures`, `conditions`): a document is refused unless it has the one
shape in which nothing can be mistaken for what was signed.
"""

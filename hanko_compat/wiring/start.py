"""What has to be right before a process serves."""

from hanko_compat.storage.engine import pooling
from hanko_compat.storage.schema import migrate, rights
from hanko_compat.wiring import Services


def prepare(services: Services) -> None:
    """Bring a database to the state that serving needs, or say what is missing; no connection stays open.

    The embedded SQLite database is migrated here, a server's is not. Signing keys that the configured
    secrets call for are made. Behind a pooler that does not keep prepared statements there will be none.

    Raises:
        SchemaBehind: on a database server; the text names the command to run.
        SchemaUnsupported: a database that this server can't share.
        RightsMissing: the database's account may not do what serving takes.
        SigningKeyUnreadable: no configured secret decrypts a key.
        SigningKeyMissing: there is no key, and it is Hanko's part to make one.
        SessionTokenUnsigned: the key is none that Corbado's SDKs take, and they are to get tokens.
        DatabaseUnavailable: the database does not answer.
        SamlNotInstalled: SAML is enabled, and pysaml2 or xmlsec1 is missing.
        SamlCertificateMissing: SAML is enabled, there is no certificate, and it is Hanko's part to make one.
        SamlCertificateUnreadable: SAML is enabled, and a certificate is damaged.
        MailTemplateInvalid: a template of the operator's can't be used.
    """
    database = services.database
    services.delivery.renderer.check()
    try:
        if database.dialect == "sqlite":
            migrate.up(database)
        if pooling.loses_prepared_statements(database):
            database.peewee.preparing.give_up()
        rights.require(database)
        migrate.require_current(database)
        migrate.take_over(database)
        services.keys.ensure()
        services.sessions.tokens.check_key()
        if services.saml:
            services.saml.service_provider()
            services.saml.certificates.current()
    finally:
        database.close_all()

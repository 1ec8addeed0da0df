"""nginx with the sites of ``deploy/``."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.process import Server, find_program, free_port
from tests.servers.run import Run

DEPLOY = Path(__file__).parents[2] / "deploy"
SITE = DEPLOY / "nginx.conf"
SITE_BESIDE_HANKO_3 = DEPLOY / "nginx-beside-hanko-3.conf"
NAME = "auth.example.com"
BACKEND_NAME = "users.example.com"

USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
"""What an authority's key is for (RFC 5280 s. 4.2.1.3)."""

MAIN = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx(Server):
    """The site in front of *upstream_port*; only what its comments call an example is replaced."""

    name = "nginx"
    site: ClassVar[Path] = SITE

    def __init__(self, run: Run, upstream_port: int, *, backend_upstream_port: int = 1) -> None:
        super().__init__(run, f"nginx_{uuid4().hex[:12]}")
        self.upstream_port = upstream_port
        self.backend_upstream_port = backend_upstream_port
        self.plain_port, self.backend_port = free_port(), free_port()

    @property
    def ca(self) -> Path:
        """The certificate of the authority that signed the site's."""
        return self.folder / "ca.pem"

    def install(self) -> None:
        """Write site, certificate and key."""
        make_certificate(self.folder)
        site = self.site.read_text()
        for example, own in self.examples().items():
            assert example in site, f"{example} is not in {self.site}"
            site = site.replace(example, own)
        (self.folder / "site.conf").write_text(site)
        as_root = "user root;" if os.geteuid() == 0 else ""  # the folder is closed to nginx's usual user
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=as_root))

    def examples(self) -> dict[str, str]:
        """What stands in the site as an example, and what is put in its place."""
        return self.outside() | {
            "/var/cache/nginx/hanko-compat": str(self.folder / "cache"),
            "127.0.0.1:8000": f"127.0.0.1:{self.upstream_port}",
            "127.0.0.1:8001": f"127.0.0.1:{self.backend_upstream_port}",
            "127.0.0.1:8443": f"127.0.0.1:{self.backend_port}",
        }

    def outside(self) -> dict[str, str]:
        """The examples of what the internet sees."""
        return {
            "/etc/ssl/auth.example.com": str(self.folder),
            "listen [::]:": "# listen [::]:",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
        }

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [find_program("nginx"), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]


class NginxBesideHanko3(Nginx):
    """The site that shares one name between Hanko 3, on *hanko_port*, and the server on *upstream_port*."""

    site = SITE_BESIDE_HANKO_3

    def __init__(self, run: Run, upstream_port: int, *, hanko_port: int, rate: str = "20r/s") -> None:
        super().__init__(run, upstream_port)
        self.hanko_port = hanko_port
        self.rate = rate  # other than the site's own where a test asks more in a second than a person

    def examples(self) -> dict[str, str]:
        """What stands in the site as an example, and what is put in its place."""
        return self.outside() | {
            "127.0.0.1:8000": f"127.0.0.1:{self.hanko_port}",
            "127.0.0.1:8010": f"127.0.0.1:{self.upstream_port}",
            "rate=20r/s": f"rate={self.rate}",
        }


def make_certificate(folder: Path) -> None:
    """Write ``ca.pem``, and ``fullchain.pem`` and ``key.pem`` that it has signed."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _named("test authority")
    own = _certificate(issuer, issuer, authority)
    own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    own = own.add_extension(USAGE, critical=True)
    ca = own.sign(authority, hashes.SHA256())
    hosts = [x509.DNSName(name) for name in (NAME, BACKEND_NAME, "localhost")]
    names = x509.SubjectAlternativeName([*hosts, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    leaf = (
        _certificate(_named(NAME), issuer, key)
        .add_extension(names, critical=False)
        .add_extension(identifier, critical=False)
        .sign(authority, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "fullchain.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )

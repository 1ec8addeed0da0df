"""nginx with the site of ``deploy/``."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.process import Server, find_program, free_port
from tests.servers.run import Run

SITE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NAME = "auth.example.com"

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

    def __init__(self, run: Run, upstream_port: int) -> None:
        super().__init__(run, f"nginx_{uuid4().hex[:12]}")
        self.upstream_port = upstream_port
        self.plain_port = free_port()

    def install(self) -> None:
        """Write site, certificate and key."""
        make_certificate(self.folder)
        site = SITE.read_text()
        for example, own in self.examples().items():
            assert example in site, f"{example} is not in {SITE}"
            site = site.replace(example, own)
        (self.folder / "site.conf").write_text(site)
        as_root = "user root;" if os.geteuid() == 0 else ""  # the folder is closed to nginx's usual user
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=as_root))

    def examples(self) -> dict[str, str]:
        """What stands in the site as an example, and what is put in its place."""
        return {
            "/etc/ssl/auth.example.com": str(self.folder),
            "/var/cache/nginx/hanko-compat": str(self.folder / "cache"),
            "127.0.0.1:8000": f"127.0.0.1:{self.upstream_port}",
            "listen [::]:": "# listen [::]:",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
        }

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [find_program("nginx"), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]


def make_certificate(folder: Path) -> None:
    """Write ``fullchain.pem`` and ``key.pem``, signed by themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )

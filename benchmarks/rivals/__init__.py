"""What a Python team would pick instead, doing the same work: each in a virtual environment of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Endpoint

FOLDER = Path(__file__).parent
CHECKS = 200  # sessions, used in turn as those of our own server


@dataclass(frozen=True)
class Rival:
    """A server to compare with: where its application is, and how it signs up and checks a session."""

    name: str
    application: str
    requirements: str
    signup: Endpoint
    session_path: str
    session_header: str  # "%1" stands for the session's token

    @property
    def module(self) -> str:
        """The name of the application's module."""
        return self.application.partition(":")[0]


FLASK_SECURITY = Rival(
    name="Flask-Security-Too",
    application="flask_security_app:app",
    requirements="flask_security_requirements.txt",
    signup=Endpoint("sign-up with session", "/register", "POST", '{"email": "%2-%1@example.com"}'),
    session_path="/session",
    session_header="Cookie: session=%1",
)
DJANGO_ALLAUTH = Rival(
    name="django-allauth (headless)",
    application="django_allauth_app:application",
    requirements="django_allauth_requirements.txt",
    signup=Endpoint(
        "sign-up with session", "/_allauth/app/v1/auth/signup", "POST", '{"email": "%2-%1@example.com"}'
    ),
    session_path="/_allauth/app/v1/auth/session",
    session_header="X-Session-Token: %1",
)
ALL = (FLASK_SECURITY, DJANGO_ALLAUTH)


def install(rival: Rival, environments: Path) -> Path:
    """Make the rival's virtual environment below *environments*, unless it is there; returns its gunicorn."""
    folder = environments / rival.module
    stamp = folder / "installed"
    requirements = FOLDER / rival.requirements
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", requirements], check=True)
        stamp.write_text(requirements.read_text())
    return folder / "bin/gunicorn"

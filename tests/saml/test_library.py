"""pysaml2 and xmlsec1 are needed only where SAML is enabled, and named where they are missing."""

import logging
import subprocess
import sys

import pytest

from hanko_compat.errors.saml import SamlNotInstalled
from hanko_compat.saml import library, xmlsec1


def test_nothing_of_saml_is_loaded_without_need() -> None:
    """pysaml2 takes a second and 40 MB, and is an extra."""
    code = (
        "import sys; import hanko_compat.saml.service_provider, hanko_compat.saml.idp_metadata;"
        "sys.exit('saml2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(SamlNotInstalled, match=r"pip install '\.\[saml\]'"):
        library.require()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    xmlsec1.find.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SamlNotInstalled, match="apt-get install xmlsec1"):
        library.require()


@pytest.mark.servers
def test_documents_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    library.load("signatures")
    logging.getLogger("saml2.sigver").error("a document")
    assert caplog.records == []

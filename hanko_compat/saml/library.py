"""What SAML needs beyond this package: pysaml2, the program xmlsec1. Both only where it is enabled."""

import logging
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from hanko_compat.errors.saml import SamlNotInstalled, SamlVerifierUnavailable
from hanko_compat.saml import xmlsec1

NO_PACKAGE = "SAML is enabled, and the package pysaml2 is missing: run pip install '.[saml]' in a checkout"


def require() -> None:
    """Check that both are there, and that the program runs: after an upgrade it may lack a library.

    Raises:
        SamlNotInstalled: one is missing, or the program does not run; the text says what to install.
    """
    if find_spec("saml2") is None:
        raise SamlNotInstalled(NO_PACKAGE)
    program = xmlsec1.find()
    try:
        xmlsec1.version()
    except SamlVerifierUnavailable as error:
        raise SamlNotInstalled(f"{program} can't be started: is it xmlsec1?") from error


def load(module: str) -> Any:
    """The *module* of this folder, one that imports pysaml2, which takes a second and 40 MB.

    Raises:
        SamlNotInstalled: pysaml2 or xmlsec1 is missing.
    """
    require()
    # It logs whole documents.
    logging.getLogger("saml2").setLevel(logging.CRITICAL + 1)
    return import_module(f"hanko_compat.saml.{module}")

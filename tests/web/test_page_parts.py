"""The style sheet of a page, and the policy for it."""

import base64
import hashlib

from hanko_compat.web import page_parts


def test_the_policy_names_the_style_by_its_digest():
    style = page_parts.read("hanko_compat.public", "device_cookie.css")
    digest = base64.b64encode(hashlib.sha256(str(style).encode()).digest()).decode()
    assert page_parts.source(style) == f"'sha256-{digest}'"
    assert style.startswith(":root")

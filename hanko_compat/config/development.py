"""What ``serve --dev`` adds to the configuration: the way back from other providers to the playground."""

import re
from dataclasses import replace

from hanko_compat.config.model import Config

WILDCARD = re.compile(r"[][{}*?\\]")


def with_playground(config: Config) -> Config:
    """Let log-ins with other providers begin and end on the playground, whatever else is configured."""
    url = config.hanko_compat.public_url
    if not url:
        return config
    page = f"{url}/playground"
    allowed = WILDCARD.sub(r"\\\g<0>", page)
    third_party, saml = config.third_party, config.saml
    return replace(
        config,
        third_party=replace(
            third_party,
            redirect_url=third_party.redirect_url or f"{url}/thirdparty/callback",
            error_redirect_url=third_party.error_redirect_url or page,
            allowed_redirect_urls=(*third_party.allowed_redirect_urls, allowed),
        ),
        saml=replace(
            saml,
            endpoint_url=saml.endpoint_url or url,
            audience_uri=saml.audience_uri or url,
            default_redirect_url=saml.default_redirect_url or page,
            allowed_redirect_urls=(*saml.allowed_redirect_urls, allowed),
        ),
    )

"""What ``doctor`` says about log-in with other providers: where browsers come back to, and who is asked."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from hanko_compat.cli.checks import (
    Finding,
    Level,
    Remark,
    failure,
    frontends,
    is_insecure,
    warning,
    with_remedy,
)
from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.config.redirect_patterns import lets_strangers_in
from hanko_compat.jose import apple_secret
from hanko_compat.services import clock_skew
from hanko_compat.services.redirects import AllowedRedirects
from hanko_compat.services.third_party.examination import Examined
from hanko_compat.wiring.providers import provider_examination, providers_of

CALLBACK = "/thirdparty/callback"
SOON = timedelta(days=30)


def of_providers(config: Config) -> Iterator[Finding]:
    """Findings about redirects and about each provider; nothing where none is enabled."""
    providers = providers_of(config)
    if not providers:
        return
    remarks = list(redirect_remarks(config))
    fine = f"log-ins come back to {config.third_party.redirect_url}"
    yield from (Finding(level, "redirects", text) for level, text in remarks or [(Level.OK, fine)])
    if config.third_party.providers.apple.enabled:
        yield from (Finding(level, "provider", f"apple: {text}") for level, text in apple_remarks(config))
    examination = provider_examination(config)
    for name, provider in providers.items():
        for level, text in judge(examination.examine(provider)):
            yield Finding(level, "provider", f"{name}: {text}")


def redirect_remarks(config: Config) -> Iterator[Remark]:
    """Whether browsers find the way back, and no further."""
    yield from _callback(config)
    yield from _patterns(config)


def apple_remarks(config: Config, *, now: Clock = utc_now) -> Iterator[Remark]:
    """Whether the secret is one for Apple, which ends after half a year at most."""
    apple, remedy = config.third_party.providers.apple, "make one with hanko-compat apple-secret"
    secret = apple_secret.read(apple.secret)
    if secret is None:
        yield failure(f"nobody can log in: its secret is not what Apple takes: {remedy}")
    elif secret.service_id != apple.client_id:
        yield failure(
            f"nobody can log in: its secret is for {secret.service_id}, not its client_id: {remedy}"
        )
    elif secret.expires_at <= now():
        yield failure(f"nobody can log in: its secret ended on {secret.expires_at:%Y-%m-%d}: {remedy}")
    elif secret.expires_at <= now() + SOON:
        yield warning(f"its secret ends on {secret.expires_at:%Y-%m-%d}: {remedy}")


def judge(examined: Examined) -> Iterator[Remark]:
    """What an examination means. One that does not answer is a warning: it may at the next log-in."""
    if examined.silence:
        yield warning(f"{examined.place} can't be used: {with_remedy(examined.silence)}")
        return
    if examined.fault:
        yield failure(f"nobody can log in: {examined.place}: {examined.fault}")
        return
    skew = abs(examined.skew).total_seconds() if examined.skew is not None else 0
    if skew > clock_skew.UNBEARABLE.total_seconds():
        yield warning(f"its clock is {skew:.0f} s off ours, for which its tokens may be refused: run NTP")
    pkce = "with PKCE" if examined.has_pkce else "without PKCE, as it does not say that it knows S256"
    yield Level.OK, f"{examined.place} answers; log-ins go {pkce}"


def _callback(config: Config) -> Iterator[Remark]:
    """Whether ``third_party.redirect_url`` leads to us, and providers take it."""
    url, public_url = config.third_party.redirect_url, config.hanko_compat.public_url
    parts = urlsplit(url)
    if not parts.path.endswith(CALLBACK):
        yield failure(f"third_party.redirect_url {url} has to end in {CALLBACK}: nothing else is served")
    elif public_url and url != public_url + CALLBACK:
        yield warning(
            f"third_party.redirect_url is {url}, but hanko_compat.public_url says that browsers reach this "
            f"server at {public_url}: the cookie of a log-in comes back on the host only that it began on"
        )
    if is_insecure(url):
        yield warning(f"third_party.redirect_url {url}: providers take https only, but for localhost")


def _patterns(config: Config) -> Iterator[Remark]:
    """Whether ``third_party.allowed_redirect_urls`` allow our frontends, and nobody else."""
    patterns = config.third_party.allowed_redirect_urls
    for pattern in patterns:
        if lets_strangers_in(pattern):
            yield failure(
                f"third_party.allowed_redirect_urls {pattern} allows sites of strangers, whose pages can "
                "have the session of whoever follows a link to them: name your hosts"
            )
        elif is_insecure(pattern):
            yield warning(
                f"third_party.allowed_redirect_urls {pattern}: one-time tokens can be read on their way, and "
                "traded for a session; use https"
            )
    allowed = AllowedRedirects(patterns)
    for origin in frontends(config):
        if not allowed.allows_site_of(origin):
            yield warning(
                f"log-ins that begin on {origin} can't end there: add {origin}/** to "
                "third_party.allowed_redirect_urls"
            )

"""What ``doctor`` says about settings alone, without asking any other server."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

from hanko_compat.config import Config, Problem
from hanko_compat.config.origins import WILDCARDS, as_browsers_write, is_below, origin_of, web_origin
from hanko_compat.config.secret_kinds import server_of
from hanko_compat.jose import claim_templates
from hanko_compat.listening import is_for_this_host
from hanko_compat.secret_file import SECRET_FILE, read_secret
from hanko_compat.web.client_address import describe_source
from hanko_compat.wiring.relying_party import relying_party


class Level(Enum):
    """How bad a finding is; only a failure makes ``doctor`` exit with 1."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``doctor``: what was checked, and what is wrong with it and what to change."""

    level: Level
    subject: str
    text: str


Remark = tuple[Level, str]

WITHOUT_PROXY = (
    "other hosts can connect, and no proxy is named in hanko_compat.trusted_proxies: put one with TLS "
    "in front and name its network (in a container the one they share), or listen on 127.0.0.1 only"
)


def warning(text: str) -> Remark:
    """Something that works, but perhaps not as meant."""
    return Level.WARNING, text


def failure(text: str) -> Remark:
    """Something that can't work."""
    return Level.FAILURE, text


def with_remedy(silence: str) -> str:
    """Why another server can't be asked, and what to do where that is its certificate."""
    own = ": where its authority is your own, name that by the environment variable SSL_CERT_FILE"
    return silence + own if silence.startswith("certificate:") else silence


def of_settings(config: Config) -> list[Finding]:
    """Every check of the settings; a subject with nothing wrong has one line that says so."""
    cookie, relying_party = config.session.cookie, config.webauthn.relying_party
    return [
        *_or_fine(
            "origins", _origins(config), f"RP ID {relying_party.id}, {', '.join(relying_party.origins)}"
        ),
        *_or_fine("claims", _claims(config), "every session.jwt_template.claims can be read"),
        *_or_fine("cookie", _cookie(config), f"{cookie.name}, SameSite {cookie.same_site}, fits them"),
        *_or_fine("proxies", _proxies(config), describe_source(config)),
        *_or_fine("limits", [*_limits(config), *_notices(config)], _store(config)),
        Finding(Level.OK, "factors", _factors(config)),
        *_or_fine("leftovers", _leftovers(config), _fine_leftovers(config)),
    ]


def _or_fine(subject: str, remarks: Iterable[Remark], fine: str) -> list[Finding]:
    found = [Finding(level, subject, text) for level, text in remarks]
    return found or [Finding(Level.OK, subject, fine)]


def _origins(config: Config) -> Iterator[Remark]:
    """RP ID against origins is refused when the configuration is read; this is the rest."""
    cors = config.server.public.cors.allow_origins
    has_pattern = any("*" in pattern or "?" in pattern for pattern in cors)
    known = {*cors, origin_of(config.hanko_compat.public_url)}
    for origin in web_origins(config.webauthn.relying_party.origins):
        if is_insecure(origin):
            yield warning(f"{origin}: browsers offer passkeys on https and on localhost only")
        if origin not in known and not has_pattern:
            yield warning(
                f"{origin} is in webauthn.relying_party.origins but may not call: "
                "add it to server.public.cors.allow_origins"
            )
    accepted = relying_party(config).origins
    for origin in frontends(config):
        if config.passkey.enabled and origin.lower() not in accepted:
            yield warning(
                f"{origin} is in server.public.cors.allow_origins but its passkeys are refused: "
                "add it to webauthn.relying_party.origins"
            )


def _claims(config: Config) -> Iterator[Remark]:
    return (warning(str(problem)) for problem in claim_problems(config))


def claim_problems(config: Config) -> list[Problem]:
    """Claims of ``session.jwt_template`` that tokens will lack: the server starts without them."""
    found = claim_templates.problems(config.session.jwt_template.claims)
    return [Problem(f"session.jwt_template.claims.{name}", text) for name, text in found.items()]


def _cookie(config: Config) -> Iterator[Remark]:
    cookie = config.session.cookie
    public_host = urlsplit(config.hanko_compat.public_url).hostname
    yield from _cookie_prefix(config)
    if public_host:
        yield from _cookie_on(public_host, config)
    if not cookie.secure and any(origin.startswith("https://") for origin in frontends(config)):
        yield warning("session.cookie.secure is off, though frontends use https: set it to true")
    if not cookie.http_only:
        yield warning("session.cookie.http_only is off: every script on a page can read the session's token")


def _cookie_prefix(config: Config) -> Iterator[Remark]:
    cookie = config.session.cookie
    if cookie.name.startswith("__Host-") and (cookie.domain or not cookie.secure):
        yield failure(
            f"session.cookie.name {cookie.name}: browsers drop it unless secure is true and domain is empty"
        )
    if cookie.name.startswith("__Secure-") and not cookie.secure:
        yield failure(f"session.cookie.name {cookie.name}: browsers drop it unless secure is true")


def _cookie_on(public_host: str, config: Config) -> Iterator[Remark]:
    cookie = config.session.cookie
    if cookie.domain and not is_below(public_host, cookie.domain.removeprefix(".")):
        yield failure(
            f"session.cookie.domain {cookie.domain} does not cover {public_host}, the host of "
            "hanko_compat.public_url, so browsers drop the cookie: leave it empty, or name a domain above"
        )
    if cookie.secure and is_insecure(config.hanko_compat.public_url):
        yield failure(
            "session.cookie.secure is on but hanko_compat.public_url is http, so browsers drop the cookie: "
            "use https"
        )
    if cookie.same_site == "none":
        return
    hosts = {urlsplit(origin).hostname or "" for origin in frontends(config)}
    for host in sorted(host for host in hosts if not same_site(host, public_host, config)):
        yield warning(
            f"{host} is another site than {public_host}: with session.cookie.same_site {cookie.same_site} it "
            "gets no cookie; set none together with secure, or use session.enable_auth_token_header"
        )


def _proxies(config: Config) -> Iterator[Remark]:
    trusted = config.hanko_compat.trusted_proxies
    if not trusted and config.hanko_compat.public_url.startswith("https://"):
        yield warning(
            "hanko_compat.public_url is https, so a proxy stands in front: name its network in "
            "hanko_compat.trusted_proxies, or all clients count as one"
        )
    elif not trusted and not is_trial(config):
        address = config.server.public.address
        if not is_for_this_host(address):
            yield warning(f"server.public.address {address}: {WITHOUT_PROXY}")
    for network in trusted:
        if network.prefixlen == 0:
            yield failure(
                f"hanko_compat.trusted_proxies {network} believes everybody's X-Forwarded-For: "
                "name the networks of the proxies only"
            )


def _limits(config: Config) -> Iterator[Remark]:
    limiter, account = config.rate_limiter, config.hanko_compat.limits.account
    if not limiter.enabled:
        yield warning(
            "rate_limiter.enabled is off: passwords may be guessed, and mails asked for, without end; turn "
            "it on, unless something in front limits them"
        )
        return
    one_client = limiter.password_limits
    if account.tokens * one_client.interval <= one_client.tokens * account.interval:
        yield warning(
            "hanko_compat.limits.account allows no more than rate_limiter.password_limits: any one client "
            "can lock a user out; raise its tokens"
        )


def _notices(config: Config) -> Iterator[Remark]:
    """What the owner of an account needs when strangers use its limits up."""
    mail, public_url = config.hanko_compat.mail, config.hanko_compat.public_url
    is_sent = config.rate_limiter.enabled and config.email_delivery.enabled and mail.guessing_notice
    if is_sent and not public_url and not is_trial(config):
        yield warning(
            "hanko_compat.public_url is empty, so mails about guessing have no link that lets a new browser "
            "of the owner in: set it to the URL that browsers use"
        )


def _store(config: Config) -> str:
    if config.rate_limiter.store == "redis":
        return f"counted in Redis at {server_of(config.rate_limiter.redis_config.address)}"
    return (
        "counted in memory by one worker, in the database by several; several hosts with one worker each "
        "need rate_limiter.store redis"
    )


def _leftovers(config: Config) -> Iterator[Remark]:
    is_public = config.hanko_compat.public_url.startswith("https://")
    if has_trial_secret(config) and not is_trial(config):
        yield warning(f"secrets.keys comes from {SECRET_FILE}, which serve --dev made: configure one")
    if config.hanko_compat.allow_weak_secrets:
        yield warning(
            "hanko_compat.allow_weak_secrets is on: put a strong secret in front of secrets.keys, and drop "
            "the weak ones when no signing key needs them"
        )
    if is_public and any(is_local(origin) for origin in frontends(config)):
        yield warning(
            "localhost is in server.public.cors.allow_origins or webauthn.relying_party.origins: remove it"
        )
    for problem in config.warnings:
        yield warning(str(problem))


def _factors(config: Config) -> str:
    """What ``mfa.enabled`` means here, where it hides no route as it does in the original."""
    if config.mfa.enabled:
        return (
            "mfa.enabled is on: users with an authenticator app or a security key get 403 from a log-in with "
            "one factor; all others log in with passcode or password, though Hanko 2.7 has no routes for that"
        )
    return "mfa.enabled is off: one factor is enough for everybody, as in Hanko 2.7"


def _fine_leftovers(config: Config) -> str:
    if is_trial(config):
        return f"a trial, with the secret in {SECRET_FILE}: configure secrets.keys for production"
    return "nothing is left over from trying it out"


def is_trial(config: Config) -> bool:
    """Whether this is what ``serve --dev`` made of no configuration at all."""
    return has_trial_secret(config) and config.source is None and not config.hanko_compat.public_url


def has_trial_secret(config: Config) -> bool:
    """Whether the secret is the one that ``serve --dev`` made."""
    return SECRET_FILE.is_file() and read_secret(SECRET_FILE) in config.secrets.keys


def frontends(config: Config) -> list[str]:
    """The web origins that are named as such, without patterns."""
    named = (*config.server.public.cors.allow_origins, *config.webauthn.relying_party.origins)
    return sorted(set(web_origins(named)))


def web_origins(named: Iterable[str]) -> Iterator[str]:
    """Those of sites, as browsers send them; without patterns, apps, and what no browser sends."""
    for origin in map(as_browsers_write, named):
        if web_origin(origin) == origin and not WILDCARDS & set(origin):
            yield origin


def is_local(origin: str) -> bool:
    """Whether it is on the visitor's own machine."""
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_insecure(origin: str) -> bool:
    """Whether a page there is no secure context (W3C Secure Contexts s. 3.1)."""
    return origin.startswith("http://") and not is_local(origin)


def same_site(host: str, other: str, config: Config) -> bool:
    """Whether both lie below one registrable domain, as far as the configuration lets one tell.

    The RP ID is such a domain, or lies below one, for all who use passkeys.
    """
    domain = config.webauthn.relying_party.id
    return host == other or (is_below(host, domain) and is_below(other, domain))

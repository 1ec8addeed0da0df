"""What ``doctor`` says about log-in by SAML: what it needs, who is asked, which certificates end soon."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hanko_compat.cli.checks import Level, Remark, failure, frontends, is_insecure, warning, with_remedy
from hanko_compat.config import Config
from hanko_compat.errors import OperatorError
from hanko_compat.services import clock_skew
from hanko_compat.services.redirects import AllowedRedirects
from hanko_compat.services.saml.certificates import CertificateStatus
from hanko_compat.services.saml.examination import ExaminedIdp, examine
from hanko_compat.wiring import Services
from hanko_compat.wiring.saml import metadata_source, require_saml
from hanko_compat.wiring.saml_certificates import certificate_status

SOON = timedelta(days=30)


def check_saml(services: Services) -> Iterator[Remark]:
    """Whether people can log in by SAML; nothing where it is off."""
    config, now = services.config, services.now()
    if not config.saml.enabled:
        return
    yield from of_settings(config)
    try:
        require_saml()
    except OperatorError as error:
        yield failure(str(error))
        return
    look = metadata_source().look
    for each in config.saml.identity_providers:
        if each.enabled:
            for level, text in judge(examine(each, look=look, now=services.now), now=now):
                yield level, f"{each.domain}: {text}"
    yield judge_own(certificate_status(services.database, now=services.now), now=now)


def of_settings(config: Config) -> Iterator[Remark]:
    """Whether browsers find the way back."""
    saml, public_url = config.saml, config.hanko_compat.public_url
    place = saml.endpoint_url.rstrip("/")
    if public_url and place != public_url:
        yield warning(
            f"saml.endpoint_url is {saml.endpoint_url}, but hanko_compat.public_url says that browsers reach "
            f"this server at {public_url}: identity providers send them to the first"
        )
    if is_insecure(place):
        yield warning(
            f"saml.endpoint_url {saml.endpoint_url}: browsers keep the cookie of a log-in on https only"
        )
    allowed = AllowedRedirects(saml.allowed_redirect_urls)
    for origin in frontends(config):
        if not allowed.allows_site_of(origin):
            yield warning(
                f"log-ins that begin on {origin} can't end there: add {origin}/** to "
                "saml.allowed_redirect_urls"
            )


def judge(examined: ExaminedIdp, *, now: datetime) -> Iterator[Remark]:
    """What an examination means. One that does not answer is a warning: it is asked again and again."""
    if examined.silence:
        yield warning(f"its metadata can't be had: {with_remedy(examined.silence)}")
        return
    if examined.fault:
        yield failure(f"nobody can log in, its metadata can't be used: {examined.fault}")
        return
    if examined.valid_until is not None and examined.valid_until <= now:
        yield failure(f"nobody can log in: its metadata were valid until {examined.valid_until:%Y-%m-%d}")
    skew = abs(examined.skew).total_seconds() if examined.skew is not None else 0
    if skew > clock_skew.UNBEARABLE.total_seconds():
        yield warning(
            f"its clock is {skew:.0f} s off ours, and its responses are refused from a minute on: run NTP"
        )
    end = examined.certificate_ends_at
    if end is not None and end <= now + SOON:
        yield warning(
            f"its certificate {_end(end, now)}, which stops no log-in: its owner will publish another"
        )
    else:
        yield Level.OK, f"{examined.entity_id} can be used"


def judge_own(status: CertificateStatus | None, *, now: datetime) -> Remark:
    """What the end of our own certificate means."""
    if status is None:
        return Level.OK, "our certificate is made when it is first needed"
    end = _end(status.expires_at, now)
    if status.expires_at > now + SOON:
        if status.former_expires_at is None:
            return Level.OK, f"our certificate {end}"
        return warning(
            f"our certificate {_end(status.former_expires_at, now)}; the next one, in our metadata, {end}: "
            "give it to identity providers that don't read these by themselves"
        )
    if status.is_renewed_here:
        return warning(f"our certificate {end}, and serving makes another: give it to who encrypts for us")
    return warning(f"our certificate {end}, and Hanko, whose table it is in, never renews it")


def _end(moment: datetime, now: datetime) -> str:
    return f"{'ends' if moment > now else 'ended'} on {moment:%Y-%m-%d}"

"""Sessions, by ``session.*``; session tokens for servers, by ``hanko_compat.backend_api.session_token*``."""

from dataclasses import dataclass

from hanko_compat.config import Config
from hanko_compat.services.sessions.issuing import SessionIssuer
from hanko_compat.services.sessions.live import Sessions
from hanko_compat.services.sessions.own import OwnSessionRules, OwnSessions
from hanko_compat.services.sessions.records import SessionRecords
from hanko_compat.services.sessions.settings import SessionSettings
from hanko_compat.services.sessions.tokens import SessionTokens, SessionTokenSettings
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.keys import build_keys
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class SessionServices:
    """The services of sessions."""

    issuing: SessionIssuer
    live: Sessions
    own: OwnSessions
    records: SessionRecords
    tokens: SessionTokens


def build_session_issuer(parts: Parts) -> SessionIssuer:
    """What makes sessions, for the end of every log-in."""
    return SessionIssuer(parts.get(build_keys), settings=_session_settings(parts.config), now=parts.now)


def build_live_sessions(parts: Parts) -> Sessions:
    """Sessions as callers use them."""
    settings = _session_settings(parts.config)
    return Sessions(parts.get(build_database), parts.get(build_keys), settings=settings, now=parts.now)


def build_session_tokens(parts: Parts) -> SessionTokens:
    """Tokens for servers, beside those of sessions."""
    settings = _session_token_settings(parts.config)
    return SessionTokens(parts.get(build_database), parts.get(build_keys), settings=settings, now=parts.now)


def build_sessions(parts: Parts) -> SessionServices:
    """The services of sessions."""
    return SessionServices(
        issuing=parts.get(build_session_issuer),
        live=parts.get(build_live_sessions),
        own=OwnSessions(
            parts.get(build_database),
            events=parts.get(build_events),
            settings=_session_settings(parts.config),
            rules=OwnSessionRules(
                are_shown=parts.config.session.show_on_profile,
                may_be_ended=parts.config.session.allow_revocation,
            ),
            now=parts.now,
        ),
        records=SessionRecords(
            parts.get(build_database),
            events=parts.get(build_events),
            totals=parts.get(build_totals),
            settings=_session_settings(parts.config),
            now=parts.now,
        ),
        tokens=parts.get(build_session_tokens),
    )


def _session_settings(config: Config) -> SessionSettings:
    """By default the audience is the relying party."""
    session = config.session
    return SessionSettings(
        lifespan=session.lifespan,
        audience=session.audience or (config.webauthn.relying_party.id,),
        idle_timeout=session.idle_timeout,
        # Unlike Hanko 2.7.0: 0 is a limit, too.
        limit=max(1, session.limit),
        issuer=session.issuer or None,
        acquire_ip_address=session.acquire_ip_address,
        acquire_user_agent=session.acquire_user_agent,
        claim_templates=session.jwt_template.claims,
    )


def _session_token_settings(config: Config) -> SessionTokenSettings | None:
    own = config.hanko_compat
    settings = own.backend_api
    if not settings.session_token:
        return None
    return SessionTokenSettings(
        issuer=settings.session_token_issuer or own.public_url, lifespan=settings.session_token_lifespan
    )

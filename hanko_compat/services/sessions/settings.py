"""What the configuration says of sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The values of ``session.*`` that decide; ``audience`` is already filled in with the relying party."""

    lifespan: timedelta
    audience: tuple[str, ...]
    idle_timeout: timedelta | None = None
    limit: int = 5
    issuer: str | None = None
    acquire_ip_address: bool = True
    acquire_user_agent: bool = True
    claim_templates: Mapping[str, Any] = field(default_factory=dict)

"""``hanko-compat apple-secret``: what Apple takes as the secret of a client."""

from datetime import timedelta
from pathlib import Path

import click

from hanko_compat.clock import utc_now
from hanko_compat.jose.apple_secret import MAX_LIFETIME, sign

DAYS = 180
MOST_DAYS = MAX_LIFETIME.days


@click.command("apple-secret")
@click.option("--team-id", required=True, metavar="ID", help="Of the developer account, ten characters.")
@click.option("--key-id", required=True, metavar="ID", help="Of the key, ten characters.")
@click.option("--service-id", required=True, metavar="ID", help="The client ID, such as com.example.login.")
@click.option(
    "--key-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The key, as Apple gives it once: AuthKey_<key ID>.p8.",
)
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=DAYS,
    show_default=True,
    help="How long the secret lives.",
)
def apple_secret(*, team_id: str, key_id: str, service_id: str, key_file: Path, days: int) -> None:
    """Make the secret for third_party.providers.apple.secret.

    It is printed alone on standard output, and when it ends on standard error. Apple takes none that lives
    longer than six months: make another one before that, and restart the server with it. The key file is not
    needed by the server, and belongs to a safe place.
    """
    now = utc_now()
    expires_at = now + timedelta(days=days)
    secret = sign(
        team_id=team_id,
        key_id=key_id,
        service_id=service_id,
        key=key_file.read_bytes(),
        issued_at=now,
        expires_at=expires_at,
    )
    click.echo(secret)
    click.echo(f"Apple takes it until {expires_at:%Y-%m-%d %H:%M} UTC", err=True)

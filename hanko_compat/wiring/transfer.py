"""Users on their way in and out: what the commands for it take."""

from hanko_compat.services.transfer.exporting import Exporter
from hanko_compat.services.transfer.importing import Importer
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_importer(parts: Parts) -> Importer:
    """What writes the users of a file."""
    return Importer(parts.get(build_database), now=parts.now)


def build_exporter(parts: Parts) -> Exporter:
    """What reads all users."""
    return Exporter(parts.get(build_database))

"""A Flask extension: the doors below a prefix of another application, and sessions in its views.

``HankoCompat(app, url_prefix="/auth")``. docs/embedding.md is the manual.
"""

from hanko_compat.embedding.extension import HankoCompat, current_session, session_required

__all__ = ["HankoCompat", "current_session", "session_required"]

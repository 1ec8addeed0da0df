from hanko_compat.embedding import HankoCompat as HankoCompat
from hanko_compat.embedding import current_session as current_session
from hanko_compat.embedding import session_required as session_required

__version__: str

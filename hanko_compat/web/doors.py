"""Which door a path leads to: servers call below ``/v2``, everything else is for browsers."""

BACKEND = "/v2"


def is_backend(path: str) -> bool:
    """Whether *path* lies behind the backend door, whether there is such a route or not."""
    return path == BACKEND or path.startswith(f"{BACKEND}/")

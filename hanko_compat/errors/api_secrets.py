"""Who may call the backend door."""

from hanko_compat.errors import Unauthenticated


class ApiCredentialsInvalid(Unauthenticated):
    """No secret of the project, or those of another one."""

    message = "no valid API secret"


class ProjectMismatch(Unauthenticated):
    """A header names another project than the credentials."""

    message = "the projects differ"

"""The systems that users come from, as a table. What is peculiar to one stands in its module."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from hanko_compat.services.convert import (
    auth0,
    clerk,
    cognito,
    csv_file,
    django,
    firebase,
    keycloak,
    kratos,
    supabase,
)
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """``read`` finds the users of an export, ``fill`` takes one over.

    ``read_hashes`` reads hashes that come in a file of their own. ``needs_hash_config``: hashes are of no use
    without the parameters of the project.
    """

    read: Callable[[BinaryIO], Iterator[Record]]
    fill: Callable[[Fields, Draft], None]
    read_hashes: Callable[[BinaryIO], dict[str, str]] | None = None
    needs_hash_config: bool = False


SYSTEMS: Mapping[str, System] = MappingProxyType(
    {
        "firebase": System(read=firebase.read, fill=firebase.fill, needs_hash_config=True),
        "auth0": System(read=auth0.read, fill=auth0.fill, read_hashes=auth0.read_hashes),
        "keycloak": System(read=keycloak.read, fill=keycloak.fill),
        "supabase": System(read=supabase.read, fill=supabase.fill),
        "kratos": System(read=kratos.read, fill=kratos.fill),
        "cognito": System(read=cognito.read, fill=cognito.fill),
        "clerk": System(read=clerk.read, fill=clerk.fill),
        "django": System(read=django.read, fill=django.fill),
        "csv": System(read=csv_file.read, fill=csv_file.fill),
    }
)

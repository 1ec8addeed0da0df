"""The Python SDK, and the clients of single operations that it ships."""

import json
import re
from typing import Any

from corbado_python_sdk import Config, CorbadoSDK
from corbado_python_sdk.generated import ApiException, api
from pydantic import BaseModel

from tests.sdks.refused import Refused
from tests.sdks.site import Site

WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def open_sdk(site: Site, **changes: Any) -> CorbadoSDK:
    """The SDK as an application makes it."""
    settings = {
        "project_id": site.secret.project_id,
        "api_secret": site.secret.secret,
        "frontend_api": site.frontend_api,
        "backend_api": site.backend_api,
    }
    return CorbadoSDK(config=Config(**settings | changes))


def close(sdk: CorbadoSDK) -> None:
    """Close the connections that it keeps."""
    sdk.api_client.rest_client.pool_manager.clear()


class PythonClients:
    """Calls any operation; bodies are plain, and answers made plain."""

    language = "python"

    def __init__(self, sdk: CorbadoSDK) -> None:
        self.sdk = sdk

    def call(self, api_name: str, method: str, *args: Any) -> Any:
        """Call the *method* of one of the clients: ``call("UsersApi", "userGet", user_id)``."""
        client = getattr(api, api_name)(self.sdk.api_client)
        try:
            return plain(getattr(client, WORD.sub("_", method).lower())(*args))
        except ApiException as error:
            raise Refused(type(error).__name__, error.status, json.loads(error.body)) from error


def plain(value: Any) -> Any:
    """Models as JSON has them."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.to_dict() if isinstance(value, BaseModel) else value

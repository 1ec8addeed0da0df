"""Operations for which the SDKs have clients and no service; most of them in both."""

import json
import secrets

import pytest
from corbado_python_sdk.generated.api import ConnectTokensApi
from corbado_python_sdk.generated.models import (
    ConnectTokenCreateReq,
    ConnectTokenData,
    ConnectTokenDataPasskeyAppend,
)

from tests.authenticator import Authenticator
from tests.sdks.python import PythonClients
from tests.sdks.refused import Refused
from tests.sdks.site import CLIENT, address

PROCESS = "abcdefghij0123456789"
GENERIC = {"httpStatusCode", "message", "requestData", "runtime"}


@pytest.fixture
def user_id(clients):
    made = clients.call("UsersApi", "userCreate", {"status": "active", "fullName": "Jane Doe"})
    return made["userID"]


@pytest.fixture
def email(clients, user_id):
    """An address of the user."""
    body = {"identifierType": "email", "identifierValue": address(), "status": "primary"}
    return clients.call("IdentifiersApi", "identifierCreate", user_id, body)["value"]


def digits(user_id):
    return user_id.removeprefix("usr-")


def is_done(answer):
    return answer.keys() >= GENERIC and (answer["httpStatusCode"], answer["message"]) == (200, "OK")


def refused(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    assert caught.value.body["httpStatusCode"] == caught.value.status
    assert caught.value.body.keys() >= GENERIC | {"error"}
    return caught.value


def without_parsed_device(clients):
    """The Node SDK is older than these members, and sends none of them."""
    if clients.language == "python":
        return CLIENT
    return {name: value for name, value in CLIENT.items() if name != "parsedDeviceInfo"}


def tracking(clients):
    """Likewise."""
    return {"trackingID": "track"} if clients.language == "python" else {}


def test_users(clients, user_id):
    user = clients.call("UsersApi", "userGet", user_id)
    assert (user["fullName"], user["status"]) == ("Jane Doe", "active")
    changed = clients.call("UsersApi", "userUpdate", user_id, {"fullName": "Jane Roe", "status": "pending"})
    assert (changed["fullName"], changed["status"]) == ("Jane Roe", "pending")
    assert is_done(clients.call("UsersApi", "userDelete", user_id))
    error = refused(clients.call, "UsersApi", "userUpdate", user_id, {})
    assert (error.status, error.problems) == (400, [("userID", "does not exist")])


def test_lists_of_users(python_clients):
    """The Node SDK has none."""
    body = {"status": "pending", "fullName": "Jane Roe"}
    user_id = python_clients.call("UsersApi", "userCreate", body)["userID"]
    body = {"identifierType": "email", "identifierValue": address(), "status": "primary"}
    email = python_clients.call("IdentifiersApi", "identifierCreate", user_id, body)
    filters = ["fullName:eq:Jane Roe", f"id:eq:{digits(user_id)}"]
    found = python_clients.call("UsersApi", "userList", "created:desc", filters, 1, 100)
    [user] = found["users"]
    assert (user["userID"], user["status"], user["emailIdentifiers"]) == (user_id, "pending", [email])
    assert found["paging"] == {"page": 1, "totalPages": 1, "totalItems": 1}


def test_identifiers(clients, user_id):
    body = {
        "identifierType": "username",
        "identifierValue": f"Jane{secrets.token_hex(4)}",
        "status": "pending",
    }
    made = clients.call("IdentifiersApi", "identifierCreate", user_id, body)
    identifier_id = made["identifierID"]
    changed = clients.call(
        "IdentifiersApi", "identifierUpdate", user_id, identifier_id, {"status": "verified"}
    )
    assert changed == made | {"status": "verified"}
    filters = [f"userID:eq:{digits(user_id)}", f"identifierValue:eq:{made['value']}"]
    found = clients.call("IdentifiersApi", "identifierList", "", filters, 1, 10)
    assert found["identifiers"] == [changed]
    assert is_done(clients.call("IdentifiersApi", "identifierDelete", user_id, identifier_id))
    error = refused(clients.call, "IdentifiersApi", "identifierDelete", user_id, identifier_id)
    assert error.problems == [("identifierID", "does not exist")]


def test_social_accounts(clients, user_id):
    foreign_id = secrets.token_hex(8)
    body = {
        "providerType": "github",
        "identifierValue": "jane",
        "foreignID": foreign_id,
        "avatarURL": "https://example.com/jane.png",
        "fullName": "Jane Doe",
    }
    made = clients.call("UsersApi", "socialAccountCreate", user_id, body)
    assert made.items() >= body.items()
    assert clients.call("UsersApi", "userSocialAccountList", user_id, "", [], 1, 10) == [made]
    found = clients.call("UsersApi", "socialAccountList", "", [f"foreignID:eq:{foreign_id}"], 1, 10)
    assert found["socialAccounts"] == [made]
    error = refused(clients.call, "UsersApi", "socialAccountCreate", user_id, body)
    assert (error.status, error.type) == (409, "already_exists")


def test_a_code_by_mail(clients, site, user_id, email):
    body = {
        "challengeType": "email_otp",
        "identifierValue": email,
        "clientInformation": without_parsed_device(clients),
    }
    made = clients.call("ChallengesApi", "challengeCreate", user_id, body)
    assert (made["type"], made["status"], made["identifierValue"]) == ("email_otp", "pending", email)
    code = site.passcode(email)
    assert made["value"] in ("", code)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    error = refused(
        clients.call, "ChallengesApi", "challengeUpdate", user_id, made["challengeID"], {"value": wrong}
    )
    assert (error.status, [field for field, _ in error.problems]) == (400, ["value"])
    done = clients.call("ChallengesApi", "challengeUpdate", user_id, made["challengeID"], {"value": code})
    assert (done["challengeID"], done["status"]) == (made["challengeID"], "completed")


class Passkey:
    """A user's authenticator, and the backend between it and the server."""

    def __init__(self, clients, site, user_id, username):
        self.clients, self.origin, self.user_id, self.username = clients, site.frontend_api, user_id, username
        self.device = Authenticator()

    def call(self, method, **body):
        body = {"clientInformation": without_parsed_device(self.clients)} | body
        return self.clients.call("PasskeysApi", method, body)

    def append(self):
        started = self.call(
            "passkeyAppendStart",
            userID=self.user_id,
            processID=PROCESS,
            username=self.username,
            passkeyIntelFlags={"forcePasskeyAppend": False},
        )
        assert started["appendAllow"] is True
        response = self.device.create(json.loads(started["attestationOptions"]), origin=self.origin)
        return self.call(
            "passkeyAppendFinish",
            userID=self.user_id,
            processID=PROCESS,
            attestationResponse=json.dumps(response),
            **tracking(self.clients),
        )

    def log_in(self, **options):
        started = self.call(
            "passkeyLoginStart",
            userID=self.user_id,
            processID=PROCESS,
            crossDeviceAuthenticationStrategy="standard",
        )
        assert started["loginAllow"] is True
        response = self.device.get(json.loads(started["assertionOptions"]), origin=self.origin)
        return self.call(
            "passkeyLoginFinish",
            userID=self.user_id,
            processID=PROCESS,
            assertionResponse=json.dumps(response),
            **tracking(self.clients),
            **options,
        )

    def mediate(self, **options):
        started = self.call("passkeyMediationStart")
        assert started["loginAllow"] is True
        response = self.device.get(json.loads(started["assertionOptions"]), origin=self.origin)
        return self.call(
            "passkeyMediationFinish",
            processID=PROCESS,
            assertionResponse=json.dumps(response),
            **tracking(self.clients),
            **options,
        )


@pytest.fixture
def passkey(clients, site, user_id, email):
    made = Passkey(clients, site, user_id, email)
    assert made.append()["passkeyData"]["userID"] == user_id
    return made


def test_passkeys(clients, user_id, email, passkey):
    for logged_in in (passkey.log_in(), passkey.mediate()):
        data = logged_in["passkeyData"]
        assert (data["userID"], data["username"]) == (user_id, email)
    found = clients.call("UsersApi", "credentialList", user_id, "", [], 1, 10)
    assert [each["id"] for each in found["credentials"]] == [data["id"]]
    assert found["credentials"][0]["credentialID"] == passkey.device.id
    assert is_done(clients.call("UsersApi", "credentialDelete", user_id, data["id"]))
    error = refused(clients.call, "UsersApi", "credentialDelete", user_id, data["id"])
    assert error.problems == [("credentialID", "does not exist")]


def test_a_forged_assertion(passkey):
    passkey.device.key = Authenticator().key
    error = refused(passkey.log_in)
    assert (error.status, error.type) == (400, "validation_error")
    assert [field for field, _ in error.problems] == ["assertionResponse"]


def test_signed_passkey_data(python_clients, site):
    user_id = python_clients.call("UsersApi", "userCreate", {"status": "active"})["userID"]
    body = {"identifierType": "email", "identifierValue": address(), "status": "primary"}
    email = python_clients.call("IdentifiersApi", "identifierCreate", user_id, body)["value"]
    passkey = Passkey(python_clients, site, user_id, email)
    passkey.append()
    signed = passkey.log_in(signPasskeyData=True)["signedPasskeyData"]

    def verify(username):
        request = {"signedPasskeyData": signed, "username": username}
        return python_clients.call("PasskeysApi", "passkeyVerifySignedData", request)["verificationResult"]

    assert [verify("somebody else"), verify(email), verify(email)] == [
        "user_mismatch",
        "success",
        "invalid_challenge",
    ]
    again = passkey.log_in(signPasskeyData=True)["signedPasskeyData"]
    session = python_clients.call("PasskeysApi", "passkeyPostLogin", {"signedPasskeyData": again})["session"]
    assert site.ask("GET", "/me", Authorization=f"Bearer {session}").status == 200


def test_passkey_challenges(clients, user_id, passkey):
    passkey.log_in()
    listing = ("PasskeyChallengesApi", "passkeyChallengeList", user_id)
    found = clients.call(*listing, "", ["type:eq:authenticate"], 1, 10)["passkeyChallenges"]
    assert [each["status"] for each in found] == ["completed"]
    update = ("PasskeyChallengesApi", "passkeyChallengeUpdate", user_id)
    changed = clients.call(*update, found[0]["challengeID"], {"status": "consumed"})
    assert changed["status"] == "consumed"
    error = refused(clients.call, *update, "was-1", {"status": "consumed"})
    assert error.problems == [("passkeyChallengeID", "does not exist")]


def test_passkey_events(clients, user_id):
    body = {"eventType": "login-explicit-abort", "processID": PROCESS}
    made = clients.call("PasskeyEventsApi", "passkeyEventCreate", user_id, body)
    assert made.items() >= {**body, "userID": user_id}.items()
    listing = ("PasskeyEventsApi", "passkeyEventList", user_id, "", [], 1, 10)
    assert clients.call(*listing)["passkeyEvents"] == [made]
    event_id = made["passkeyEventID"]
    assert is_done(clients.call("PasskeyEventsApi", "passkeyEventDelete", user_id, event_id))
    assert clients.call(*listing)["paging"]["totalItems"] == 0


def test_auth_events(clients, user_id, email):
    body = {"username": email, "eventType": "login", "method": "password", "status": "failure"}
    made = clients.call(
        "AuthEventsApi",
        "authEventCreate",
        user_id,
        body | {"clientInformation": without_parsed_device(clients)},
    )
    assert made.items() >= {**body, "userID": user_id}.items()


def test_sessions(python_clients, site):
    user_id = python_clients.call("UsersApi", "userCreate", {"status": "active"})["userID"]
    body = {"identifierType": "email", "identifierValue": address(), "status": "primary"}
    email = python_clients.call("IdentifiersApi", "identifierCreate", user_id, body)["value"]
    browser = site.log_in(email)
    filters = [f"userID:eq:{digits(user_id)}"]
    [session] = python_clients.call("SessionsApi", "sessionList", "", filters, 1, 10)["sessions"]
    assert (session["identifierValue"], session["status"]) == (email, "active")
    assert browser.me().status == 200
    assert is_done(python_clients.call("SessionsApi", "sessionRevoke", session["sessionID"]))
    assert browser.me().status == 401
    error = refused(python_clients.call, "SessionsApi", "sessionRevoke", "a" * 30)
    assert error.problems == [("sessionID", "does not exist")]


def test_connect_tokens(node):
    data = {"identifier": "jane@example.com", "displayName": "Jane"}
    made = node.call("ConnectTokensApi", "connectTokenCreate", {"type": "passkey-append", "data": data})
    assert made["secret"].startswith("ctk1_")
    assert (made["data"], made["tokenType"]) == (data, "passkey-append")
    found = node.call("ConnectTokensApi", "connectTokenList", "expires:desc", [], 1, 100)
    [listed] = [each for each in found["connectTokens"] if each["id"] == made["id"]]
    assert "secret" not in listed
    update = ("ConnectTokensApi", "connectTokenUpdate", made["id"], {"status": "consumed"})
    assert is_done(node.call(*update))
    assert is_done(node.call("ConnectTokensApi", "connectTokenDelete", made["id"]))
    assert refused(node.call, *update).problems == [("connectTokenID", "does not exist")]


def test_connect_tokens_of_the_python_sdk(sdk):
    """It can't read the answer that its own schema asks for: the data fits all four choices of it."""
    tokens, data = ConnectTokensApi(sdk.api_client), {"identifier": "jane@example.com", "displayName": "Jane"}
    request = ConnectTokenCreateReq(
        type="passkey-append", data=ConnectTokenData(ConnectTokenDataPasskeyAppend(**data))
    )
    with pytest.raises(ValueError, match="Multiple matches found"):
        tokens.connect_token_create(request)
    made = json.loads(tokens.connect_token_create_without_preload_content(request).data)
    assert (made["data"], made["secret"][:5]) == (data, "ctk1_")
    listed = json.loads(tokens.connect_token_list_without_preload_content(page_size=100).data)
    assert made["id"] in [each["id"] for each in listed["connectTokens"]]
    with pytest.raises(ValueError, match="Multiple matches found"):
        tokens.connect_token_list(page_size=100)
    assert tokens.connect_token_update(made["id"], {"status": "consumed"}).message == "OK"
    assert tokens.connect_token_delete(made["id"]).message == "OK"


def test_webhook_endpoints(python_clients):
    body = {
        "url": "https://hooks.example.invalid/",
        "subscribedEvents": ["user.created"],
        "customHeaders": {"X-From": "tests"},
    }
    api = "WebhookEndpointsApi"
    made = python_clients.call(api, "webhookEndpointCreate", body)
    assert made.items() >= {**body, "basicAuthUsername": "", "basicAuthPassword": ""}.items()
    changed = python_clients.call(
        api, "webhookEndpointUpdate", made["id"], {"subscribedEvents": ["user.deleted"]}
    )
    assert changed["subscribedEvents"] == ["user.deleted"]
    found = python_clients.call(api, "webhookEndpointList")["webhookEndpoints"]
    assert made["id"] in [each["id"] for each in found]
    assert is_done(python_clients.call(api, "webhookEndpointDelete", made["id"]))
    error = refused(python_clients.call, api, "webhookEndpointDelete", made["id"])
    assert error.problems == [("webhookEndpointID", "does not exist")]


def test_what_only_the_cloud_can_do(python_clients):
    user_id = python_clients.call("UsersApi", "userCreate", {"status": "active"})["userID"]
    managers = python_clients.call("PasswordManagersApi", "passwordManagerList", user_id)
    environments = python_clients.call("ClientEnvsApi", "clientEnvList", user_id)
    assert (managers, environments) == ({"passwordManagers": []}, {"clientEnvs": []})


def test_the_name_of_a_project(clients):
    error = refused(
        clients.call, "ProjectConfigApi", "projectConfigUpdateCNAME", {"cname": "auth.example.com"}
    )
    assert (error.status, error.type) == (404, "not_found")


def test_kinds_of_errors_of_the_python_sdk(python_clients, open_sdk):
    user_id = python_clients.call("UsersApi", "userCreate", {"status": "active"})["userID"]
    name = {
        "identifierType": "username",
        "identifierValue": f"jane{secrets.token_hex(4)}",
        "status": "verified",
    }
    python_clients.call("IdentifiersApi", "identifierCreate", user_id, name)
    stranger = PythonClients(open_sdk(api_secret="corbado1_wrong"))
    for client, call, kind, status in (
        (python_clients, ("UsersApi", "userGet", "usr-1"), "BadRequestException", 400),
        (stranger, ("UsersApi", "userGet", user_id), "UnauthorizedException", 401),
        (
            python_clients,
            ("ProjectConfigApi", "projectConfigUpdateCNAME", {"cname": "auth.example.com"}),
            "NotFoundException",
            404,
        ),
        (python_clients, ("IdentifiersApi", "identifierCreate", user_id, name), "ConflictException", 409),
    ):
        error = refused(client.call, *call)
        assert (error.kind, error.status) == (kind, status)


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("longSessionCreate", ["usr-1", {"appType": "web", "identifierValue": "jane@example.com"}]),
        ("longSessionGet", ["los-1"]),
        ("longSessionUpdate", ["usr-1", "los-1", {"status": "revoked"}]),
        ("shortSessionCreate", ["usr-1", "los-1", {"appType": "web", "issuer": "x"}]),
        ("userLongSessionGet", ["usr-1", "los-1"]),
    ],
)
def test_retired_sessions_are_not_found(node, method, args):
    """Their client is still in the Node SDK; the API has them no more."""
    error = refused(node.call, "SessionsApi", method, *args)
    assert (error.status, error.type) == (404, "not_found")

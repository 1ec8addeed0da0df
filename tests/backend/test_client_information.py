import pytest
from marshmallow import EXCLUDE, ValidationError

from hanko_compat.backend.client_information import ClientInformation, source
from tests.backend.ceremonies import DEVICE, information

BLANK, NOT_VALID = "cannot be blank", "must be a valid value"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/133.0.0.0 Safari/537.36"


def load(**changes):
    return ClientInformation(unknown=EXCLUDE).load(information(**changes))


def test_everything_that_may_be_told():
    told = load(
        clientEnvHandle="handle",
        javascriptFingerprint="print",
        javaScriptHighEntropy={"platform": "macOS", "platformVersion": "15", "mobile": False, "new": 1},
        bluetoothAvailable=True,
        passwordManagerAvailable=None,
        privateMode=False,
        nativeMeta={"build": "17", "deviceSecure": True, "googlePlayServices": None},
        clientCapabilities={"conditionalCreate": True},
    )
    assert (told["remote_address"], told["has_bluetooth"], told["is_private"]) == (
        "198.51.100.7", True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"remoteAddress": None}, {"remoteAddress": [BLANK]}),
        ({"userAgent": ""}, {"userAgent": [BLANK]}),
        ({"conditionalMediationAvailable": None}, {"conditionalMediationAvailable": [BLANK]}),
        ({"conditionalMediationAvailable": "true"}, {"conditionalMediationAvailable": [NOT_VALID]}),
        ({"conditionalMediationAvailable": 0}, {"conditionalMediationAvailable": [NOT_VALID]}),
        ({"bluetoothAvailable": 1}, {"bluetoothAvailable": [NOT_VALID]}),
        ({"clientEnvHandle": 7}, {"clientEnvHandle": [NOT_VALID]}),
        ({"parsedDeviceInfo": {}}, {"parsedDeviceInfo": {name: [BLANK] for name in DEVICE}}),
        ({"parsedDeviceInfo": DEVICE | {"osName": 7}}, {"parsedDeviceInfo": {"osName": [NOT_VALID]}}),
        ({"parsedDeviceInfo": "Chrome"}, {"parsedDeviceInfo": {"_schema": [NOT_VALID]}}),
        ({"nativeMeta": {}}, {"nativeMeta": {"build": [BLANK]}}),
        ({"javaScriptHighEntropy": []}, {"javaScriptHighEntropy": {"_schema": [NOT_VALID]}}),
    ],
)
def test_what_is_refused(changes, messages):
    with pytest.raises(ValidationError) as refused:
        load(**changes)
    assert refused.value.messages == messages


@pytest.mark.parametrize(
    ("device", "told"),
    [
        (DEVICE, ("macOS 15.0.1", "Chrome 133.0.0")),
        (DEVICE | {"osVersion": "", "browserName": ""}, ("macOS", "133.0.0")),
        (dict.fromkeys(DEVICE, ""), ("", "")),
        (DEVICE | {"osName": "x" * 300}, ("x" * 255, "Chrome 133.0.0")),
        (None, ("Windows 10.0", "Chrome 133.0.0.0")),
    ],
)
def test_on_what_a_passkey_is_made(device, told):
    assert source(load(parsedDeviceInfo=device, userAgent=CHROME)) == told

"""deploy/compose.yaml: a visitor of its page logs in. Its services are processes of this machine."""

import re
import sys
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.accounts import PASSWORD, new_address
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.elements import press
from tests.browser.site import PACKAGES
from tests.deploy.composition import DEPLOY, composed
from tests.servers.hanko_compat import HankoCompat
from tests.servers.postgres import Postgres
from tests.servers.process import Server, find_program
from tests.servers.run import Run
from tests.smtp import MailServer


class Service(HankoCompat):
    """The services `migration` and `server`, with the database and the mail server of this machine."""

    def __init__(self, run: Run, variables: dict[str, str]) -> None:
        super().__init__(run, {}, workers=1)
        self.variables = variables

    def command(self) -> Sequence[str]:
        """Return the command: migrate, then serve."""
        hanko_compat = f"{sys.executable} -m hanko_compat"
        serve = f"{hanko_compat} migrate up && exec {hanko_compat} serve {' '.join(self.options())}"
        environment = [f"{name}={value}" for name, value in self.variables.items()]
        return ["env", *environment, "sh", "-c", serve]


class PageServer(Server):
    """nginx with the file of `page`, as a user without rights."""

    user = "www-data"

    def __init__(self, run: Run) -> None:
        super().__init__(run, f"page_{uuid4().hex[:12]}")

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.folder.name

    def install(self) -> None:
        """Write the configuration with the places of this machine."""
        files = self.folder / "page"
        files.mkdir()
        elements = PACKAGES / "hanko-elements-0.12.0" / "dist" / "elements.js"
        for file in [*(DEPLOY / "page").glob("*.[hjc]*"), elements]:
            (files / file.name).write_bytes(file.read_bytes())
        places = {
            "/tmp/": f"{self.folder}/",
            "/srv/page": str(files),
            "listen 8888": f"listen 127.0.0.1:{self.port}",
        }
        text = (DEPLOY / "page" / "nginx.conf").read_text()
        for example, own in places.items():
            assert example in text
            text = text.replace(example, own)
        (self.folder / "nginx.conf").write_text(text)

    def command(self) -> Sequence[str]:
        """Return the command of the image."""
        own = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        return [find_program("nginx"), *own, "-g", "daemon off;"]


@pytest.fixture(scope="module")
def database(test_run: Run) -> dict[str, str]:
    """An empty database, as the variables of the server name one."""
    postgres = Postgres(test_run)
    postgres.shared()
    name = postgres.create_database("quickstart").rpartition("/")[2]
    return {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(postgres.port), "DATABASE_DATABASE": name}


@pytest.fixture(scope="module")
def ports(
    test_run: Run,
    database: dict[str, str],
    mail_server: MailServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[int, int]]:
    """The ports that the composition publishes, and where they are on this machine."""
    variables = composed(tmp_path_factory.mktemp("compose"))["server"]["environment"]
    mail = {"EMAIL_DELIVERY_SMTP_HOST": "127.0.0.1", "EMAIL_DELIVERY_SMTP_PORT": str(mail_server.port)}
    server, page = Service(test_run, variables | database | mail), PageServer(test_run)
    server.start()
    page.start()
    yield {8000: server.port, 8888: page.port}
    page.remove()
    server.remove()


@pytest.fixture(scope="module")
def browser(playwright: Playwright, ports: dict[int, int]) -> Iterator[Browser]:
    """A browser that finds the ports of the composition."""
    rules = [f"MAP localhost:{published} 127.0.0.1:{own}" for published, own in ports.items()]
    options = [
        "--no-sandbox",
        f"--host-resolver-rules={', '.join(rules)}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    browser = playwright.chromium.launch(executable_path=find_program("chromium"), args=options)
    yield browser
    browser.close()


def test_a_visitor_signs_up_and_logs_out(
    page: Page, authenticator: VirtualAuthenticator, mail_server: MailServer
) -> None:
    address, complaints = new_address(), []
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.goto("http://localhost:8888")
    page.get_by_label("Email", exact=True).fill(address)
    press(page.get_by_role("button", name="Continue", exact=True))
    press(page.get_by_role("button", name="Sign up", exact=True))
    subject = mail_server.wait_for_mail(address).message["Subject"]
    first = page.get_by_label("passcode-digit-1")
    expect(first).to_be_enabled()
    first.press_sequentially(re.search(r"\b[0-9]{6}\b", subject)[0])
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    press(page.get_by_role("button", name="Continue", exact=True))
    press(page.get_by_role("button", name="Create a passkey", exact=True))

    expect(page.locator("hanko-profile").get_by_role("radio", name=address)).to_have_count(1)
    press(page.get_by_role("button", name="Log out", exact=True))
    expect(page.get_by_label("Email", exact=True)).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "hanko"] == []
    assert [credential["rpId"] for credential in authenticator.credentials] == ["localhost"]
    assert complaints == []


def test_the_page_is_served_to_browsers_alone(page: Page, ports: dict[int, int]) -> None:
    answers = [
        page.request.fetch(f"http://127.0.0.1:{ports[8888]}/", method=method) for method in ("GET", "POST")
    ]
    assert [answer.status for answer in answers] == [200, 403]
    assert "connect-src http://localhost:8000;" in answers[0].headers["content-security-policy"]

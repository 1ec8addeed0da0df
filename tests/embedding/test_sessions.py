"""Who has logged in, in the views of another application."""

from collections.abc import Callable

import pytest
from flask import Flask

from hanko_compat import HankoCompat
from tests.embedding.conftest import FRONTEND, host_app, sign_up
from tests.queries import assert_query_count

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def user(shop: Flask) -> tuple[str, str]:
    return sign_up(shop, "alice@example.test")


def ask(shop: Flask, method: str, path: str, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return shop.test_client(use_cookies=False).open(path, method=method, headers=named)


def test_cookie_and_bearer_token_are_taken(shop: Flask, user: tuple[str, str]) -> None:
    user_id, token = user
    for headers in ({"Cookie": f"hanko={token}"}, {"Authorization": f"Bearer {token}"}):
        assert ask(shop, "GET", "/orders", **headers).json == {"user": user_id}


@pytest.mark.parametrize(
    "headers", [{}, {"Cookie": "hanko=x"}, {"Cookie": "other={token}"}, {"Authorization": "Basic {token}"}]
)
def test_without_a_session_the_application_s_own_page_answers(
    shop: Flask, user: tuple[str, str], headers: dict[str, str]
) -> None:
    sent = {name: value.format(token=user[1]) for name, value in headers.items()}
    answer = ask(shop, "GET", "/orders", **sent)
    assert (answer.status_code, answer.text) == (401, "please log in")
    assert ask(shop, "GET", "/", **sent).json == {"user": None}


def test_without_a_page_of_the_application_s_the_answer_names_the_scheme(
    embed: Callable[..., HankoCompat],
) -> None:
    app = host_app()
    embed(app)
    app.error_handler_spec[None].clear()
    answer = app.test_client().get("/orders")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ELSEWHERE}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": FRONTEND}, 200),
        ({"Origin": "http://shop.example", "Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_other_sites_can_t_use_the_cookie_to_change_something(
    shop: Flask, user: tuple[str, str], headers: dict[str, str], status: int
) -> None:
    cookie = {"Cookie": f"hanko={user[1]}"}
    assert ask(shop, "POST", "/orders", **cookie, **headers).status_code == status
    assert ask(shop, "GET", "/orders", **cookie, **headers).status_code == 200


def test_a_token_that_no_browser_sends_by_itself_may_come_from_anywhere(
    shop: Flask, user: tuple[str, str]
) -> None:
    assert (
        ask(shop, "POST", "/orders", Authorization=f"Bearer {user[1]}", Origin=ELSEWHERE).status_code == 200
    )


def test_a_request_is_looked_at_once(embed: Callable[..., HankoCompat]) -> None:
    """`/orders` asks twice: to let the request in, and for the user's ID."""
    app = host_app()
    embed(app, delivery=False)  # which has queries of its own
    _, token = sign_up(app, "alice@example.test")
    with assert_query_count(1):
        assert ask(app, "GET", "/orders", Cookie=f"hanko={token}").status_code == 200


def test_the_next_request_of_the_same_context_is_looked_at_anew(shop: Flask, user: tuple[str, str]) -> None:
    with shop.app_context():
        assert ask(shop, "GET", "/orders", Cookie=f"hanko={user[1]}").status_code == 200
        assert ask(shop, "GET", "/orders").status_code == 401

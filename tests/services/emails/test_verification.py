"""What a good passcode makes of the address that it was sent to."""

from uuid import UUID, uuid4

import pytest

from hanko_compat.errors.emails import EmailClaimed, EmailLimitReached
from hanko_compat.errors.users import ForeignAccount
from hanko_compat.services.emails.verification import EmailVerification
from hanko_compat.services.events import EventType, UserChange
from hanko_compat.services.sessions import subjects
from hanko_compat.storage.models import Email, PrimaryEmail
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_password, make_primary_email, make_user

VERIFIED, PRIMARY = EventType.EMAIL_VERIFIED, EventType.PRIMARY_EMAIL_CHANGED


@pytest.fixture
def services(make_services):
    return make_services({"hanko_compat.mail.security_notifications": True})


@pytest.fixture
def settle(services):
    """Prove an address, for a user; gives what is told of it."""

    def settle(email: Email, user_id: UUID, caller_id: UUID | None = None, *, max_emails: int = 2):
        verification = EmailVerification(
            mails=services.delivery.mails, max_emails=max_emails, now=services.now
        )

        def work():
            subject = subjects.lock(user_id)
            return verification.settle(user_id, email, subject, caller_id=caller_id, client=CALLER)

        subject, events = services.database.transaction(work)
        assert {(event.user_id, event.client) for event in events} <= {(user_id, CALLER)}
        assert subject.address is not None
        return [(event.type, event.change) for event in events]

    return settle


def stored(services, email):
    """The user of an address, whether it is verified, and whether it is the primary one."""
    with services.database.connection():
        row = Email.get_by_id(email.id)
        is_primary = PrimaryEmail.select().where(PrimaryEmail.email == email.id).exists()
        return row.user_id, row.verified, is_primary


def test_the_first_address_of_a_sign_up_makes_the_user(services, settle):
    user, email = make_user(), make_email(user=None, verified=False)
    assert settle(email, user.id) == [(PRIMARY, None), (VERIFIED, UserChange.CREATED)]
    assert stored(services, email) == (user.id, True, True)


def test_an_address_that_a_sign_up_had_already_is_news_of_that_user(services, settle):
    email = make_account(verified=False)
    assert settle(email, email.user_id) == [(VERIFIED, UserChange.EMAIL_CREATED)]
    assert stored(services, email) == (email.user_id, True, True)


def test_a_further_address_is_not_the_primary_one(services, settle):
    first, second = make_account(), make_email(user=None, verified=False)
    told = settle(second, first.user_id, first.user_id)
    assert told == [(VERIFIED, UserChange.EMAIL_CREATED)]
    assert stored(services, second) == (first.user_id, True, False)


def test_with_a_session_the_user_was_known_before(services, settle):
    """A server had made it, for example, with a username alone."""
    user, email = make_user(), make_email(user=None, verified=False)
    told = settle(email, user.id, user.id)
    assert told == [(PRIMARY, None), (VERIFIED, UserChange.EMAIL_CREATED)]


def test_a_verified_address_may_become_the_primary_one(services, settle):
    email = make_email()
    assert settle(email, email.user_id) == [(PRIMARY, UserChange.PRIMARY_EMAIL_CHANGED)]
    assert stored(services, email) == (email.user_id, True, True)
    assert settle(email, email.user_id) == []


def test_the_owner_hears_of_a_further_address(settle, inbox):
    first, second = make_account(), make_email(user=None, verified=False)
    settle(second, first.user_id, first.user_id)
    (mail,) = inbox.messages(first.address)
    assert second.address in mail.get_body(("plain",)).get_content()


def check_refusal(services, settle, email, error, **facts):
    before = stored(services, email)
    with pytest.raises(error):
        settle(email, **facts)
    assert stored(services, email) == before


def test_an_address_of_somebody_else(services, settle):
    facts = {"user_id": make_account().user_id}
    check_refusal(services, settle, make_email(), EmailClaimed, **facts)


@pytest.mark.parametrize("caller_id", [None, uuid4()])
def test_whoever_has_something_to_lose_gets_no_address_without_a_session(services, settle, caller_id):
    user = make_user()
    make_password(user=user)
    facts = {"user_id": user.id, "caller_id": caller_id}
    check_refusal(services, settle, make_email(user=None, verified=False), ForeignAccount, **facts)


def test_an_address_that_was_deleted_meanwhile(settle):
    with pytest.raises(ForeignAccount):
        settle(None, make_account().user_id)


def test_the_limit_of_addresses(services, settle):
    first = make_account()
    make_email(user=first.user_id)
    facts = {"user_id": first.user_id, "caller_id": first.user_id}
    new = make_email(user=None, verified=False)
    check_refusal(services, settle, new, EmailLimitReached, **facts)
    assert settle(new, **facts, max_emails=3) == [(VERIFIED, UserChange.EMAIL_CREATED)]


def test_the_primary_address_stays_the_primary_one(services, settle):
    first = make_email()
    make_primary_email(first)
    second = make_email(user=first.user_id, verified=False)
    assert settle(second, first.user_id) == [(VERIFIED, UserChange.EMAIL_CREATED)]
    assert (stored(services, first)[2], stored(services, second)[2]) == (True, False)

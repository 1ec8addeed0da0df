"""What a view gets hold of."""

from hanko_compat.context import services as current_services


def test_a_view_finds_the_services_of_its_application(app, services):
    with app.test_request_context("/"):
        assert current_services() is services

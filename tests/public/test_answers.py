from marshmallow import Schema, fields

from hanko_compat.public.answers import answer


class Answer(Schema):
    text = fields.String()


def test_an_answer_is_json_with_the_members_of_the_schema(app):
    with app.test_request_context():
        response = answer(Answer, {"text": "é", "secret": 1})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.json == {"text": "é"}

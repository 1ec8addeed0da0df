"""The same work in Flask-Security-Too: sign-up with an address and a session, and a session check.

Run by gunicorn with ``BENCHMARK_DATABASE`` (a PostgreSQL URL) in the environment.
"""

import os

from flask import Flask, jsonify
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    current_user,
)
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a secret of the benchmark only",
    SECURITY_PASSWORD_SALT="a salt of the benchmark only",
    SQLALCHEMY_DATABASE_URI=os.environ["BENCHMARK_DATABASE"].replace("postgres://", "postgresql+psycopg://"),
    SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 10},
    SECURITY_REGISTERABLE=True,
    SECURITY_UNIFIED_SIGNIN=True,
    SECURITY_TOTP_SECRETS={"1": "a secret of the benchmark only, 32 bytes"},
    SECURITY_TOTP_ISSUER="benchmark",
    SECURITY_PASSWORD_REQUIRED=False,
    SECURITY_SEND_REGISTER_EMAIL=False,
    SECURITY_TRACKABLE=False,
    SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
    WTF_CSRF_ENABLED=False,
)
db = SQLAlchemy(app)
fsqla_v3.FsModels.set_db_info(db)


class Role(db.Model, fsqla_v3.FsRoleMixin):
    """Flask-Security's own model of a role."""


class User(db.Model, fsqla_v3.FsUserMixin):
    """Flask-Security's own model of a user."""


class WebAuthn(db.Model, fsqla_v3.FsWebAuthnMixin):
    """Flask-Security's own model of a passkey, which its user names."""


Security(app, SQLAlchemyUserDatastore(db, User, Role, WebAuthn))


@app.get("/session")
@auth_required("session")
def session():
    """Tell who the session's user is."""
    return jsonify(user_id=current_user.fs_uniquifier)


with app.app_context():
    db.create_all()
    db.engine.dispose()  # the server forks after this import

"""The names of our migrations, in their order."""

ON_HANKOS = (
    "0004_rate_limits",
    "0005_outbox",
    "0006_backend_door",
    "0008_deliveries",
    "0009_revoked_keys",
    "0010_email_claims",
    "0013_saml_requests",
    "0014_lanes",
    "0015_turns_of_dead_letters",
    "0016_leases",
)
"""Made on Hanko's database, too."""
ALL = (
    "0001_accounts",
    "0002_surroundings",
    "0003_further_indexes",
    "0004_rate_limits",
    "0005_outbox",
    "0006_backend_door",
    "0007_backend_orders",
    "0008_deliveries",
    "0009_revoked_keys",
    "0010_email_claims",
    "0011_old_rows",
    "0012_old_tokens",
    "0013_saml_requests",
    "0014_lanes",
    "0015_turns_of_dead_letters",
    "0016_leases",
    "0017_old_rows_of_logs_and_saml",
)

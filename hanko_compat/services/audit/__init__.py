"""The audit log, and the log-ins that servers report to it."""

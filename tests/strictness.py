"""In CI nothing may be skipped or expected to fail: a test that does not run proves nothing."""

import os

import pytest


def is_ci() -> bool:
    """Whether this is a run in continuous integration, by the variable ``CI`` that all of them set."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def fail_skips(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip or an expected failure into a failure."""
    if report.outcome == "skipped" or hasattr(report, "wasxfail"):
        reason = getattr(report, "wasxfail", "") or report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI=true, where nothing is skipped or expected to fail: {reason}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail

"""Routes of one application, made faster for the next: Werkzeug generates and compiles code for each of them.

That takes longer than most tests do otherwise, and comes to the same for every application of a run.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


def remember_code() -> None:
    """Let rules whose parts are the same share the code that builds their URLs."""
    compile_code = Rule._compile_builder
    known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        parts = (*rule._trace, *sorted((rule.defaults or {}).items()), append_unknown)
        if parts not in known:
            known[parts] = compile_code(rule, append_unknown)
        return known[parts]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]

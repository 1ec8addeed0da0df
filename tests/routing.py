"""Routes of one application, made faster for the next: Werkzeug reads each of them and generates code for it.

That takes longer than most tests do otherwise, and comes to the same for every application of a run.
"""

from typing import Any

from werkzeug.routing import Rule

SHARED = ("_parts", "_trace", "_converters", "arguments")
BUILDERS = ("_build", "_build_unknown")


def remember_rules() -> None:
    """Let rules that say the same share what was read from them, and the code that builds their URLs.

    The kinds of arguments are Flask's own in all applications.
    """
    compile_rule = Rule.compile
    known: dict[tuple[Any, ...], Rule] = {}

    def compile_once(rule: Rule) -> None:
        says = (rule.rule, rule.subdomain, rule.merge_slashes, *sorted((rule.defaults or {}).items()))
        if says not in known:
            compile_rule(rule)
            known[says] = rule
            return
        for name in SHARED:
            setattr(rule, name, getattr(known[says], name))
        for name in BUILDERS:
            setattr(rule, name, getattr(known[says], name).__func__.__get__(rule))

    Rule.compile = compile_once  # type: ignore[method-assign]

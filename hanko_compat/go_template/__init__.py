"""The part of Go's text/template that claim templates need (https://pkg.go.dev/text/template).

Fields (``.User.Email.Address``), calls of methods and functions, pipelines, parentheses, ``if`` with
``else if`` and ``else``, ``with``, ``range``, variables, comments, and the trim markers ``{{-`` and ``-}}``.
Not there: ``define``, ``template``, ``block``, ``break`` and ``continue``.
"""

from hanko_compat.go_template.parser import Template, parse
from hanko_compat.go_template.values import Lookup, Struct

__all__ = ["Lookup", "Struct", "Template", "parse"]

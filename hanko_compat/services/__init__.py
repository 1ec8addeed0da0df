"""The rules, one module per capability: plain values in; rows or dataclasses out. No Flask."""

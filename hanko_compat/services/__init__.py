"""The rules, one module per capability: plain values in; rows or frozen dataclasses out. No Flask, no HTTP."""

"""Hashes of passwords and passcodes: written as Hanko writes them, read whoever wrote them."""

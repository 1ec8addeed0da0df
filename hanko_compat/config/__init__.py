"""The configuration: Hanko's ``config.yaml`` with the environment over it, typed, and checked at start."""

from hanko_compat.config.loading import find_file, from_mapping, load
from hanko_compat.config.model import Config
from hanko_compat.errors.config import ConfigError, Problem

__all__ = ["Config", "ConfigError", "Problem", "find_file", "from_mapping", "load"]

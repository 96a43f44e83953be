"""The configuration: typed, documented, frozen, read whole or refused whole with every error at once (promise 7).

`load(path)` reads a file and what it includes; the models say what may stand in it, and
`conf/gateway.example.toml` is generated from them.
"""

from gateway.config.certificates import Certificate, certificates, ending
from gateway.config.config import Config
from gateway.config.doubts import doubts, left_behind
from gateway.config.errors import ConfigError, ConfigErrors
from gateway.config.loading import load, load_for_commands, load_plans, parse
from gateway.config.routes import RouteSettings
from gateway.config.sections import (
    AuthSettings,
    Limits,
    LogSettings,
    ProcessSettings,
    SecretSettings,
    StoreSettings,
)
from gateway.domain.words import Role

__all__ = [
    "AuthSettings",
    "Certificate",
    "Config",
    "ConfigError",
    "ConfigErrors",
    "Limits",
    "LogSettings",
    "ProcessSettings",
    "Role",
    "RouteSettings",
    "SecretSettings",
    "StoreSettings",
    "certificates",
    "doubts",
    "ending",
    "left_behind",
    "load",
    "load_for_commands",
    "load_plans",
    "parse",
]

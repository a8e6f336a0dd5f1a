"""Settings of all processes, from the environment or `.env`. Every one has a default that works."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`OFFRAMP_<NAME>` in the environment. `offramp up` fills in what the processes must agree on."""

    model_config = SettingsConfigDict(env_prefix="OFFRAMP_", env_file=".env", extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    port: int = Field(8080, ge=1, le=65535, description="Port of the gateway.")
    state_dir: Path = Field(Path(".offramp"), description="Where encoder, index, Redis data, logs and secrets live.")
    articles_dir: Path = Field(Path("knowledge_base/articles"), description="The FAQ articles.")
    encoder: str | None = Field(
        None, description="Name or path of a sentence-transformers model; default: all-MiniLM-L6-v2."
    )
    redis_url: str | None = Field(
        None,
        validation_alias=AliasChoices("OFFRAMP_REDIS_URL", "REDIS_URL"),
        description="Your own Redis; default: an embedded one is started.",
    )
    bot_tensorflow: bool = Field(
        False, description="Run Rasa in .venv-bot-tf, with TensorFlow, for pipelines that use DIET or TED."
    )
    rasa_port: int = Field(0, description="Port of Rasa on loopback; 0 takes a free one.")
    actions_port: int = Field(0, description="Port of the action server on loopback; 0 takes a free one.")
    redis_port: int = Field(0, description="Port of the embedded Redis; 0 takes a free one.")
    bot_url: str = Field("http://127.0.0.1:5005", description="Where the gateway reaches Rasa.")
    actions_url: str = Field(
        "http://127.0.0.1:5055/webhook", description="Where Rasa and the gateway reach the action server."
    )
    bot_secret: SecretStr = Field(SecretStr(""), description="Shared by gateway, Rasa and action server.")
    assistant_name: str = Field("Tarn & Trail assistant", description="The bot's name in the conversation.")
    team_name: str = Field("the support team", description="How the humans are called: “Mara from the support team”.")
    greeting: str = Field(
        "Hi, I'm the shop's automated assistant. I answer most questions right away, and a person is one tap away.",
        description="The first line of a conversation.",
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="Origins whose pages may call the REST API from a browser; the widget needs none."
    )
    orders_url: str | None = Field(None, description="GET <url>/<order number>; default: demo orders.")
    orders_token: SecretStr | None = Field(None, description="Bearer token for the order system.")
    identity_secret: SecretStr | None = Field(
        None, description="Shared with your backend, which signs JWTs (HS256) for logged-in customers."
    )
    slack_bot_token: SecretStr | None = Field(None, description="xoxb-…; switches the Slack channel on.")
    slack_signing_secret: SecretStr | None = Field(None, description="Verifies that requests come from Slack.")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    turn_deadline_seconds: float = Field(
        20.0, gt=0, description="How long an accepted message may wait for the bot before a human gets it."
    )
    abuse: Literal["human", "close"] = Field(
        "human", description="After the second attack: bring a `human`, or `close` the conversation."
    )
    messages_per_second: int = Field(50, ge=1, description="Limit a conversation; more get 429.")
    conversations_per_minute: int = Field(
        1200, ge=1, description="Limit of new conversations an address (a whole office may share one); more get 429."
    )
    retention_days: int = Field(90, ge=1, description="How long a conversation is kept after its last event.")

    @property
    def secret(self) -> str:
        return self.bot_secret.get_secret_value()

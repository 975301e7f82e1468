"""Every setting once, typed: from the environment or ``.env``, prefix ``TRIADA_``.

Nothing is read on import; ``load()`` reads, and names everything that is wrong at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.errors import Misconfigured

SYSTEMS = ("oa", "crm", "erp")


class Settings(BaseSettings):
    """What a company sets; URLs are SQLAlchemy URLs, and embedded SQLite under ``home`` by default."""

    model_config = SettingsConfigDict(env_prefix="TRIADA_", env_file=".env", extra="ignore")

    home: Path = Field(default=Path("var"), description="where all files go")
    oa_url: str = Field(default="", description="OA database or store API; default: SQLite under home")
    crm_url: str = Field(default="", description="CRM database or store API; default: SQLite under home")
    erp_url: str = Field(default="", description="ERP database or store API; default: SQLite under home")
    state_url: str = Field(default="", description="the hub's own database; default: SQLite under home")
    inbox: str = Field(default="", description="folder where lead files arrive; default: inbox under home")
    company: str = Field(default="Tríada", description="the company's name, on its reports")
    currency: str = Field(default="EUR", description="company currency, ISO 4217")
    timezone: str = Field(default="Europe/Madrid", description="company zone, IANA name")
    page_rows: int = Field(default=5000, gt=0, description="rows read, checked and written as a batch")
    lease_s: float = Field(
        default=60, gt=0, description="seconds after which a flow whose worker died is another's to run"
    )
    keep_days: int = Field(
        default=30, ge=0, description="days after which the hub forgets rows of settled quarantine entries"
    )
    wait_alert_hours: float = Field(
        default=24, gt=0, description="hours after which a row that waits for another one is an alert"
    )
    warehouse_memory: str = Field(
        default="2GB", description="memory DuckDB may take to build the warehouse; the rest goes to the disk"
    )
    airflow_port: int = Field(default=8080, description="Airflow's web page")
    reports_port: int = Field(default=8090, ge=0, le=65535, description="port of the reports; 0: none")
    reports_host: str = Field(default="127.0.0.1", description="address the reports listen on")
    oa_port: int = Field(default=8101, ge=0, le=65535, description="port of the OA's API; 0: none")
    crm_port: int = Field(default=8102, ge=0, le=65535, description="port of the CRM's API; 0: none")
    erp_port: int = Field(default=8103, ge=0, le=65535, description="port of the ERP's API; 0: none")
    oa_token: SecretStr = Field(
        default=SecretStr(""), description="the hub's token, when TRIADA_OA_URL is a store's API"
    )
    crm_token: SecretStr = Field(default=SecretStr(""), description="the same for TRIADA_CRM_URL")
    erp_token: SecretStr = Field(default=SecretStr(""), description="the same for TRIADA_ERP_URL")
    api_host: str = Field(default="127.0.0.1", description="address the stores' APIs listen on")
    api_body_mib: float = Field(default=8, gt=0, description="largest body an API takes, MiB")
    api_answer_s: float = Field(default=30, gt=0, description="seconds an API may take to answer")
    api_rate: float = Field(default=50, gt=0, description="requests a second that an API takes of one token")
    api_burst: int = Field(default=200, gt=0, description="requests of one token at once before that holds")

    reports_hosts: str = Field(
        default="localhost,127.0.0.1", description="names the reports are asked for by, comma-separated"
    )
    reports_secret: SecretStr = Field(
        default=SecretStr(""), description="what signs the reports' cookies; default: made once under home"
    )
    session_hours: float = Field(default=12, gt=0, description="hours after which a sign-in ends")
    session_idle_hours: float = Field(default=2, gt=0, description="hours without a look after which it ends")
    password_memory_kib: int = Field(
        default=65536, ge=8, description="memory that hashing a password takes (argon2id), KiB"
    )
    oidc_issuer: str = Field(default="", description="the company's own sign-in, an OpenID issuer's URL")
    oidc_client_id: str = Field(default="", description="what that provider calls the reports")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="the secret it gave them")
    oidc_claim: str = Field(default="email", description="claim of its token that is the sign-in name")
    oidc_email_verified: bool = Field(
        default=False, description="its mail addresses are verified, though its token does not say so"
    )
    chromium: str = Field(default="", description="program that makes PDFs; default: the first one found")
    reports_url: str = Field(default="", description="where the reports are for links in mails; empty: none")
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="mail server, smtp(s)://user:password@host:port; empty: no mail"
    )
    mail_from: str = Field(default="", description="sender of the mails, such as Reports <r@example.com>")

    @field_validator("currency")
    @classmethod
    def _currency_is_a_code(cls, value: str) -> str:
        if not re.fullmatch("[A-Z]{3}", value):
            raise ValueError(f"{value!r} is no ISO 4217 code such as EUR")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA zone such as Europe/Madrid") from error
        return value

    @field_validator("warehouse_memory")
    @classmethod
    def _memory_is_a_size(cls, value: str) -> str:
        size = re.fullmatch("([1-9][0-9]*) ?([MGT])i?B", value)
        if not size or (size[2] == "M" and int(size[1]) < 100):
            raise ValueError(f"{value!r} is no size of 100MB or more such as 2GB")
        return value

    def url(self, system: str) -> str:
        """The address of ``oa``, ``crm``, ``erp``, ``state``, ``files`` or ``published``."""
        if system == "published":
            return str(self.published_file)
        if system == "files":
            return self.inbox or str(self.home.resolve() / "inbox")
        given: str = getattr(self, f"{system}_url")
        return given or f"sqlite:///{self.home.resolve() / 'stores' / f'{system}.db'}"

    def token(self, system: str) -> str:
        """The hub's token for a system behind an API; empty when there is none."""
        return self.__dict__[f"{system}_token"].get_secret_value() if system in SYSTEMS else ""

    @property
    def build_file(self) -> Path:
        return self.home.resolve() / "warehouse" / "build.duckdb"

    @property
    def published_file(self) -> Path:
        return self.home.resolve() / "warehouse" / "triada.duckdb"

    @property
    def report_file(self) -> Path:
        return self.home.resolve() / "reports" / "index.html"


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process; ``Misconfigured`` lists all that is wrong, without its values."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"TRIADA_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        ]
        told = "\n  ".join([*lines, "docs/settings.md says what each is"])
        raise Misconfigured(f"settings are wrong:\n  {told}") from None

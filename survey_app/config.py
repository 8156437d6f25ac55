"""Settings: read once from the environment, frozen, loud about a bad value."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from survey_app.errors import Invalid
from survey_app.text import clean_line

ENVIRONMENTS = ("development", "production")
DEVELOPMENT_INTAKE_LIMIT = 0
PRODUCTION_INTAKE_LIMIT = 600
DEVELOPMENT_CALM_RATE = 0
PRODUCTION_CALM_RATE = 60
ACCOUNT_DAYS = 365
CONTACT_DAYS = 60
LONGEST_CONTACT = 300
SHORTEST_SECRET = 32
PROVIDER_NAME = "tài khoản của tỉnh"
LONGEST_PROVIDER_NAME = 60
PROVIDER_SETTINGS = (
    "HAILONG_OIDC_ISSUER",
    "HAILONG_OIDC_CLIENT_ID",
    "HAILONG_OIDC_CLIENT_SECRET",
    "HAILONG_OIDC_CLIENT_SECRET_FILE",
    "HAILONG_PASSWORDS",
    "HAILONG_OIDC_NAME",
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ADDRESS = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


class PasswordUse(StrEnum):
    """Who may sign in by a password where there is a provider as well."""

    EVERYBODY = "everybody"
    ADMINISTRATORS = "administrators"


@dataclass(frozen=True)
class ProviderSettings:
    """Another house's provider for signing in (OpenID Connect).

    ``issuer``: its address exactly as it names itself; ``name``: how people call its accounts, in
    the middle of a sentence.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = PROVIDER_NAME
    passwords: PasswordUse = PasswordUse.EVERYBODY


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations.

    ``intake_limit``: answer sheets a minute accepted through one open link, 0 = no limit.
    ``calm_rate``: sheets a minute through one open link above which each must come with a proof of
    work, 0 = never. Both are counted by each web process.
    ``public_url``: the address printed in QR codes; empty = the address of the request.
    ``trust_proxy``: number of reverse proxies whose X-Forwarded-* headers are believed.
    ``account_days``: days after an account was stopped until its name is erased.
    ``contact_days``: days a request for a reply is kept, unless a survey says otherwise.
    ``old_secret_keys``: former keys, until what they closed is sealed anew.
    ``privacy_contact``: who answers questions about personal data, for the page; "" = nobody.
    ``provider``: where staff may sign in besides; None = by password only.
    ``own_core``: each web process keeps to one core.
    """

    environment: str
    data_directory: Path
    database_url: str
    secret_key: str
    intake_limit: int = DEVELOPMENT_INTAKE_LIMIT
    calm_rate: int = DEVELOPMENT_CALM_RATE
    public_url: str = ""
    trust_proxy: int = 0
    account_days: int = ACCOUNT_DAYS
    privacy_contact: str = ""
    contact_days: int = CONTACT_DAYS
    old_secret_keys: tuple[str, ...] = ()
    provider: ProviderSettings | None = None
    own_core: bool = False

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    def derived_secret(self, purpose: str) -> bytes:
        """A secret for one purpose, made from ``secret_key``: 32 bytes that betray no other."""
        return self.derived_secrets(purpose)[0]

    def derived_secrets(self, purpose: str) -> tuple[bytes, ...]:
        """The secret for one purpose, then those of the former keys, to open what they closed."""
        return tuple(
            hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()
            for key in (self.secret_key, *self.old_secret_keys)
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; raises Invalid with one clear line about the first bad value."""
        given = os.environ if environment is None else environment
        name = given.get("HAILONG_ENV", "development")
        if name not in ENVIRONMENTS:
            raise Invalid(f"HAILONG_ENV must be one of {', '.join(ENVIRONMENTS)}, not {name!r}.")
        data_directory = Path(given.get("HAILONG_DATA") or "var").absolute()
        is_production = name == "production"
        default_limit = PRODUCTION_INTAKE_LIMIT if is_production else DEVELOPMENT_INTAKE_LIMIT
        default_rate = PRODUCTION_CALM_RATE if is_production else DEVELOPMENT_CALM_RATE
        return cls(
            environment=name,
            data_directory=data_directory,
            database_url=_database_url(given.get("DATABASE_URL", ""), data_directory),
            secret_key=_secret_key(given.get("SECRET_KEY", ""), data_directory, is_production),
            intake_limit=_whole_number(given, "HAILONG_INTAKE_LIMIT", default_limit),
            calm_rate=_whole_number(given, "HAILONG_CALM_RATE", default_rate),
            public_url=_public_url(given.get("HAILONG_PUBLIC_URL", "")),
            trust_proxy=_whole_number(given, "HAILONG_TRUST_PROXY", 0),
            account_days=_whole_number(given, "HAILONG_ACCOUNT_DAYS", ACCOUNT_DAYS),
            contact_days=_whole_number(given, "HAILONG_CONTACT_DAYS", CONTACT_DAYS),
            old_secret_keys=tuple(given.get("HAILONG_OLD_SECRET_KEYS", "").split()),
            privacy_contact=_line(given, "HAILONG_PRIVACY_CONTACT", LONGEST_CONTACT),
            provider=_provider(given),
            own_core=_is_on(given, "HAILONG_OWN_CORE"),
        )


def _database_url(given: str, data_directory: Path) -> str:
    if not given:
        return f"sqlite:///{data_directory / 'hailong.db'}"
    scheme = given.partition(":")[0]
    if scheme in {"postgres", "postgresql"}:
        return "postgresql+psycopg" + given[len(scheme) :]
    if scheme.split("+")[0] not in {"sqlite", "postgresql"}:
        raise Invalid(
            "DATABASE_URL must start with sqlite: or postgresql:, as in sqlite:////srv/hailong.db."
        )
    return given


def _secret_key(given: str, data_directory: Path, is_production: bool) -> str:
    """The key from the environment; in development one is made once and kept beside the data."""
    if given and len(given) >= SHORTEST_SECRET:
        return given
    if given and is_production:
        raise Invalid(f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters.")
    if is_production:
        raise Invalid("SECRET_KEY is not set; production does not start without one.")
    if given:
        return given
    try:
        return _kept_key(data_directory)
    except OSError as error:
        raise Invalid(f"HAILONG_DATA cannot be used: {error}.") from error


def _kept_key(data_directory: Path) -> str:
    path = data_directory / "secret_key"
    if not path.exists():
        data_directory.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.rename(path)
    return path.read_text().strip()


def _whole_number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise Invalid(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _is_on(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "")
    if text not in {"", "0", "1"}:
        raise Invalid(f"{name} must be 0 or 1, not {text!r}.")
    return text == "1"


def _line(given: Mapping[str, str], name: str, longest: int) -> str:
    text = clean_line(given.get(name, ""))
    if len(text) > longest:
        raise Invalid(f"{name} is longer than {longest} characters.")
    return text


def _public_url(given: str) -> str:
    try:
        parts = urlsplit(given)
        is_address = parts.scheme in {"http", "https"} and bool(ADDRESS.fullmatch(parts.netloc))
    except ValueError:
        is_address = False
    if given and not is_address:
        raise Invalid(f"HAILONG_PUBLIC_URL must be a full http(s) address, not {given!r}.")
    return given.rstrip("/")


def _provider(given: Mapping[str, str]) -> ProviderSettings | None:
    """The provider, when its address is given; half a provider is refused."""
    if not any(given.get(name, "").strip() for name in PROVIDER_SETTINGS):
        return None
    issuer, client_id, secret, file, passwords = (
        given.get(name, "").strip() for name in PROVIDER_SETTINGS[:5]
    )
    if not issuer:
        raise Invalid("HAILONG_OIDC_ISSUER is not set, but other settings of a provider are.")
    if not client_id:
        raise Invalid("HAILONG_OIDC_CLIENT_ID is not set.")
    if passwords and passwords not in list(PasswordUse):
        allowed = ", ".join(PasswordUse)
        raise Invalid(f"HAILONG_PASSWORDS must be one of {allowed}, not {passwords!r}.")
    return ProviderSettings(
        issuer=_issuer(issuer),
        client_id=client_id,
        client_secret=_client_secret(secret, file),
        name=_line(given, "HAILONG_OIDC_NAME", LONGEST_PROVIDER_NAME) or PROVIDER_NAME,
        passwords=PasswordUse(passwords or PasswordUse.EVERYBODY),
    )


def _issuer(address: str) -> str:
    """HTTPS, or a provider on this very machine; as it names itself, a last slash included."""
    try:
        parts = urlsplit(address)
        is_safe = parts.scheme == "https" or parts.hostname in LOOPBACK
        is_address = parts.scheme in {"http", "https"} and bool(ADDRESS.fullmatch(parts.netloc))
    except ValueError:
        is_safe = is_address = False
    if not (is_safe and is_address) or parts.query or parts.fragment:
        raise Invalid(f"HAILONG_OIDC_ISSUER must be a full https address, not {address!r}.")
    return address


def _client_secret(secret: str, file: str) -> str:
    """The secret itself, or the first line of the file that holds it."""
    if secret and file:
        raise Invalid(
            "Set HAILONG_OIDC_CLIENT_SECRET or HAILONG_OIDC_CLIENT_SECRET_FILE, not both."
        )
    if file:
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise Invalid(f"HAILONG_OIDC_CLIENT_SECRET_FILE cannot be read: {error}.") from error
    if not secret or not (secret.isascii() and secret.isprintable()):
        raise Invalid("HAILONG_OIDC_CLIENT_SECRET is missing, or has characters other than ASCII.")
    return secret

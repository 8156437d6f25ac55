"""Settings: every bad value stops the start with one clear line."""

from pathlib import Path

import pytest

from survey_app.config import PRODUCTION_INTAKE_LIMIT, ProviderSettings, Settings
from survey_app.errors import Invalid
from survey_app.storage.database import Database

SECRET = "x" * 40


def test_development_needs_nothing(tmp_path: Path) -> None:
    given = {"HAILONG_DATA": str(tmp_path)}
    first, again = Settings.from_environment(given), Settings.from_environment(given)
    assert first == again  # the key is made once and kept
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert first.database_url == f"sqlite:///{tmp_path}/hailong.db"


def test_production_has_its_own_defaults(tmp_path: Path) -> None:
    given = {"HAILONG_DATA": str(tmp_path), "HAILONG_ENV": "production", "SECRET_KEY": SECRET}
    settings = Settings.from_environment(given)
    assert settings.is_production
    assert settings.intake_limit == PRODUCTION_INTAKE_LIMIT
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HAILONG_ENV", "staging"),
        ("HAILONG_ENV", "production"),  # without SECRET_KEY
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "hailong.db"),
        ("HAILONG_INTAKE_LIMIT", "-1"),
        ("HAILONG_INTAKE_LIMIT", "many"),
        ("HAILONG_TRUST_PROXY", "1.5"),
        ("HAILONG_OWN_CORE", "yes"),
        ("HAILONG_PUBLIC_URL", "khaosat.vn"),
        ("HAILONG_PUBLIC_URL", "http://["),
        ("HAILONG_PUBLIC_URL", "ftp://khaosat.vn"),
        ("HAILONG_DATA", "/proc/nowhere"),
    ],
)
def test_a_bad_value_is_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    given = {"HAILONG_DATA": str(tmp_path), name: value}
    with pytest.raises(Invalid) as caught:
        Settings.from_environment(given)
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


def test_a_short_secret_is_refused_in_production(tmp_path: Path) -> None:
    given = {"HAILONG_DATA": str(tmp_path), "HAILONG_ENV": "production", "SECRET_KEY": "short"}
    with pytest.raises(Invalid, match="SECRET_KEY"):
        Settings.from_environment(given)


def test_an_address_of_no_database_is_refused() -> None:
    with pytest.raises(Invalid, match="DATABASE_URL"):
        Database("postgresql+psycopg://host:port/name")


def test_postgresql_addresses_name_their_driver(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql"):
        given = {"HAILONG_DATA": str(tmp_path), "DATABASE_URL": f"{scheme}://u@h/d"}
        assert Settings.from_environment(given).database_url == "postgresql+psycopg://u@h/d"


PROVIDER = {
    "HAILONG_OIDC_ISSUER": "https://dangnhap.example.vn/realms/tinh",
    "HAILONG_OIDC_CLIENT_ID": "hailong",
    "HAILONG_OIDC_CLIENT_SECRET": "only between the two",
}


def test_a_provider_is_set_as_a_whole(tmp_path: Path) -> None:
    given = {"HAILONG_DATA": str(tmp_path)}
    assert Settings.from_environment(given).provider is None
    found = Settings.from_environment(given | PROVIDER).provider
    assert found == ProviderSettings(
        "https://dangnhap.example.vn/realms/tinh", "hailong", "only between the two"
    )
    assert "only between" not in repr(found)


def test_the_secret_of_a_provider_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("only between the two\n")
    rest = {name: PROVIDER[name] for name in list(PROVIDER)[:2]}
    given = {"HAILONG_DATA": str(tmp_path), "HAILONG_OIDC_CLIENT_SECRET_FILE": str(file), **rest}
    found = Settings.from_environment(given).provider
    assert found is not None
    assert found.client_secret == "only between the two"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HAILONG_OIDC_ISSUER", ""),
        ("HAILONG_OIDC_ISSUER", "http://dangnhap.example.vn"),
        ("HAILONG_OIDC_ISSUER", "https://dangnhap.example.vn?realm=1"),
        ("HAILONG_OIDC_ISSUER", "https://["),
        ("HAILONG_OIDC_CLIENT_ID", ""),
        ("HAILONG_OIDC_CLIENT_SECRET", ""),
        ("HAILONG_OIDC_CLIENT_SECRET", "bí mật"),
        ("HAILONG_OIDC_CLIENT_SECRET_FILE", "/proc/nowhere"),
        ("HAILONG_OIDC_NAME", "x" * 61),
        ("HAILONG_PASSWORDS", "nobody"),
    ],
)
def test_half_a_provider_is_refused(tmp_path: Path, name: str, value: str) -> None:
    given = {"HAILONG_DATA": str(tmp_path), **PROVIDER, name: value}
    with pytest.raises(Invalid, match=name.removesuffix("_FILE")):
        Settings.from_environment(given)

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.settings import SETTINGS, Door, Settings, SettingsProblems, read_settings

BOT = "xoxb-000-token-of-the-bot"
APP = "xapp-1-token-of-the-app"
SIGNING = "0123456789abcdef"
KEY = "k" * 32


def _wrong(environ: dict[str, str], door: Door = Door.TERMINAL) -> dict[str, tuple[str, str]]:
    with pytest.raises(SettingsProblems) as caught:
        read_settings(environ, door=door)
    return {row.name: (row.found, row.expected) for row in caught.value.problems}


def test_the_terminal_needs_nothing() -> None:
    settings = read_settings({})
    assert (settings.slack_bot_token, settings.snapshot_url, settings.drift_percent) == (
        None,
        "var/snapshots",
        20,
    )
    assert settings.database_url.get_secret_value() == "sqlite:///var/cache-release.sqlite"
    assert settings.warnings == ()


def test_socket_mode_needs_both_tokens() -> None:
    assert _wrong({}, Door.SOCKET) == {
        "SLACK_BOT_TOKEN": ("nothing", "a token that starts with xoxb-"),
        "SLACK_APP_TOKEN": ("nothing", "a token that starts with xapp-"),
    }


def test_http_needs_the_bot_token_and_the_signing_secret() -> None:
    assert _wrong({}, Door.HTTP) == {
        "SLACK_BOT_TOKEN": ("nothing", "a token that starts with xoxb-"),
        "SLACK_SIGNING_SECRET": ("nothing", "16 to 500 printable characters without spaces"),
    }


def test_everything_wrong_is_said_at_once_and_no_secret_is_shown() -> None:
    environ = {
        "SLACK_BOT_TOKEN": "xoxp-this-is-a-persons-token",
        "SLACK_APP_TOKEN": APP,
        "SLACK_API_BASE_URL": "ftp://slack.example/api",
        "DATABASE_URL": "mysql://bot:hunter2@db/bot",
        "SNAPSHOT_URL": "gopher://old",
        "SNAPSHOT_HMAC_KEY": "short",
        "CACHE_RELEASE_DRIFT_PERCENT": "101",
        "CACHE_RELEASE_WORKING_HOURS": "nine to five",
        "PORT": "http",
    }
    with pytest.raises(SettingsProblems) as caught:
        read_settings(environ, door=Door.SOCKET)
    found = {row.name: row.found for row in caught.value.problems}
    assert found == {
        "SLACK_BOT_TOKEN": "a token that starts with xoxp-",
        "SLACK_API_BASE_URL": "no such URL",
        "DATABASE_URL": "a URL that starts with mysql://",
        "SNAPSHOT_URL": "gopher://",
        "SNAPSHOT_HMAC_KEY": "5 characters",
        "CACHE_RELEASE_DRIFT_PERCENT": "'101'",
        "CACHE_RELEASE_WORKING_HOURS": "'nine to five'",
        "PORT": "'http'",
    }
    assert [
        word for word in ("hunter2", "this-is-a-persons", "short") if word in str(caught.value)
    ] == []
    assert all(row.hint for row in caught.value.problems)


def test_a_secret_never_prints() -> None:
    settings = read_settings(
        {
            "SLACK_BOT_TOKEN": BOT,
            "SLACK_APP_TOKEN": APP,
            "SLACK_SIGNING_SECRET": SIGNING,
            "SNAPSHOT_HMAC_KEY": KEY,
            "DATABASE_URL": "postgresql://bot:hunter2@db/bot",
        }
    )
    shown = f"{settings!r} {settings} {dataclasses.asdict(settings)}"
    assert [word for word in (BOT, APP, SIGNING, KEY, "hunter2") if word in shown] == []
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == BOT


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_means_psycopg(scheme: str) -> None:
    settings = read_settings({"DATABASE_URL": f"{scheme}://bot:pw@db:5432/bot"})
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://bot:pw@db:5432/bot"


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{BOT}\n")
    secret.chmod(0o600)
    settings = read_settings({"SLACK_BOT_TOKEN_FILE": str(secret)})
    assert settings.slack_bot_token is not None
    assert (settings.slack_bot_token.get_secret_value(), settings.warnings) == (BOT, ())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
def test_a_secrets_file_that_others_may_use_is_refused_with_the_reason(
    tmp_path: Path, mode: int
) -> None:
    secret = tmp_path / "token"
    secret.write_text(BOT)
    secret.chmod(mode)
    with pytest.raises(SettingsProblems) as caught:
        read_settings({"SLACK_BOT_TOKEN_FILE": str(secret)})
    (problem,) = caught.value.problems
    assert (problem.name, problem.found, problem.expected, problem.hint) == (
        "SLACK_BOT_TOKEN_FILE",
        f"{secret} with mode {mode:04o}, which others may read or write",
        "mode 0600",
        f"chmod 600 {secret}",
    )
    assert BOT not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_secrets_file_that_is_the_bots_alone_is_read(tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "token"
    secret.write_text(BOT)
    secret.chmod(mode)
    assert read_settings({"SLACK_BOT_TOKEN_FILE": str(secret)}).slack_bot_token is not None


def test_a_file_with_no_secret_may_be_read_by_all(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("var/elsewhere")
    place.chmod(0o644)
    settings = read_settings({"SNAPSHOT_URL_FILE": str(place)})
    assert (settings.snapshot_url, settings.warnings) == ("var/elsewhere", ())


def test_a_value_in_two_places_is_refused(tmp_path: Path) -> None:
    assert _wrong({"SLACK_BOT_TOKEN": BOT, "SLACK_BOT_TOKEN_FILE": str(tmp_path / "x")}) == {
        "SLACK_BOT_TOKEN": ("both SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE", "one of them")
    }


def test_a_file_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    missing = tmp_path / "missing"
    wrong = _wrong({"SLACK_BOT_TOKEN_FILE": str(missing), "SLACK_SIGNING_SECRET_FILE": str(empty)})
    assert {name: found for name, (found, _) in wrong.items()} == {
        "SLACK_BOT_TOKEN_FILE": f"{missing}, which cannot be read (No such file or directory)",
        "SLACK_SIGNING_SECRET_FILE": f"{empty}, which is empty",
    }


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"SLACK_BOT_TOKEN": "", "PORT": ""}).port == 3000


def test_a_misspelt_setting_is_pointed_at() -> None:
    (warning,) = read_settings({"CACHE_RELEASE_CATALOGUE": "x.toml"}).warnings
    assert (warning.name, warning.hint) == (
        "CACHE_RELEASE_CATALOGUE",
        "Did you mean CACHE_RELEASE_CATALOG?",
    )


def test_a_token_in_clear_is_worth_a_warning_unless_it_stays_on_this_machine() -> None:
    here = read_settings({"SLACK_API_BASE_URL": "http://127.0.0.1:8765/api"})
    assert (here.slack_api_base_url, here.warnings) == ("http://127.0.0.1:8765/api/", ())
    (warning,) = read_settings({"SLACK_API_BASE_URL": "http://slack.example/api/"}).warnings
    assert (warning.name, warning.expected) == ("SLACK_API_BASE_URL", "https")


def test_every_row_fills_a_field_and_every_field_has_a_row() -> None:
    assert {*SETTINGS, "warnings"} == {field.name for field in dataclasses.fields(Settings)}

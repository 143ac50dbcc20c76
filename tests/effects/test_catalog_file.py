from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.effects.catalog_file import CatalogProblems, load_catalog
from bot.release import catalog as catalog_module
from bot.release.catalog import TABLES

GOOD = """
[people]
admins = ["U01ADMIN"]
[apps.shop]
channel = "C01REL"
owner = "U01OWNER"
approvers = ["U02APPROVER", "S01CACHE"]
oncall = ["U03ONCALL"]
approvals = 1
[apps.shop.environments.staging]
redis = "env:SHOP_STAGING_REDIS_URL"
url = "http://127.0.0.1:9101"
allow_private = true
[apps.shop.environments.production]
redis = "env:SHOP_PRODUCTION_REDIS_URL"
url = "https://shop.example/"
[apps.shop.routes.products]
keys = ["anp:page:/products*", "anp:fragment:products:*"]
paths = ["/products", "/products?page=2"]
control = "/about"
personalised = true
budget_p95_ms = 300
[apps.shop.accounts.a]
cookie = "env:SHOP_COOKIE_A"
marker = "Signed in as account A"
[apps.shop.rollback]
argv = ["./deploy.sh", "--to", "{previous}"]
"""
EXPECTED = "redis://, rediss:// or unix://, the first two also with +cluster or +sentinel"
SECRETS = {
    "SHOP_STAGING_REDIS_URL": "redis://127.0.0.1:6379/0",
    "SHOP_PRODUCTION_REDIS_URL": "rediss://bot:hunter2@redis.example:6380/0",
    "SHOP_COOKIE_A": "session=very-secret",
}


def _file(folder: Path, text: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text(text)
    path.chmod(0o644)
    return path


def _wrong(path: Path, environ: dict[str, str] = SECRETS) -> dict[str, tuple[str, str]]:
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(path, environ)
    start = f"{path}: "
    return {
        row.name.removeprefix(start): (row.found, row.expected) for row in caught.value.problems
    }


def test_a_good_file_becomes_a_catalog_with_its_secrets(tmp_path: Path) -> None:
    loaded = load_catalog(_file(tmp_path, GOOD), SECRETS)
    shop = loaded.catalog.apps["shop"]
    assert shop.routes["products"].keys == ("anp:page:/products*", "anp:fragment:products:*")
    assert shop.environments["production"].url == "https://shop.example"
    assert {name: value.get_secret_value() for name, value in loaded.secrets.items()} == {
        f"env:{name}": value for name, value in SECRETS.items()
    }
    assert [word for word in ("hunter2", "very-secret") if word in repr(loaded)] == []


def test_a_replica_is_read_from_its_own_variable(tmp_path: Path) -> None:
    named = GOOD.replace("allow_private = true", 'replica = "env:SHOP_REPLICA_URL"')
    path = _file(tmp_path, named)
    key = "apps.shop.environments.staging.replica"
    assert list(_wrong(path)) == [key]
    assert _wrong(path, {**SECRETS, "SHOP_REPLICA_URL": "http://x"}) == {
        key: (
            "a secret of another form",
            EXPECTED,
        )
    }
    loaded = load_catalog(path, {**SECRETS, "SHOP_REPLICA_URL": "redis://127.0.0.1:6390/0"})
    assert loaded.secrets["env:SHOP_REPLICA_URL"].get_secret_value() == "redis://127.0.0.1:6390/0"
    assert loaded.catalog.apps["shop"].environments["production"].replica is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('["U03ONCALL", "S01NIGHT"]', ("U03ONCALL", "S01NIGHT")),
        ('{ pagerduty = "PRIMARY" }', ("pagerduty:PRIMARY",)),
        ('["U03ONCALL", "pagerduty:Q02JTSNZWHSEKV"]', ("U03ONCALL", "pagerduty:Q02JTSNZWHSEKV")),
        ("[]", ()),
    ],
)
def test_those_on_call_are_a_list_or_a_schedule(
    tmp_path: Path, written: str, read: tuple[str, ...]
) -> None:
    path = _file(tmp_path, GOOD.replace('["U03ONCALL"]', written))
    assert load_catalog(path, SECRETS).catalog.apps["shop"].oncall == read


@pytest.mark.parametrize(
    ("written", "key", "found"),
    [
        ('{ pagerduty = "primary" }', "oncall[0]", "'pagerduty:primary'"),
        ("{ pagerduty = 7 }", "oncall", "a table without pagerduty alone in it"),
        (
            '{ pagerduty = "PRIMARY", opsgenie = "X" }',
            "oncall",
            "a table without pagerduty alone in it",
        ),
        ("{}", "oncall", "a table without pagerduty alone in it"),
        ('"U03ONCALL"', "oncall", "a text"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_said(
    tmp_path: Path, written: str, key: str, found: str
) -> None:
    path = _file(tmp_path, GOOD.replace('["U03ONCALL"]', written))
    assert {name: row[0] for name, row in _wrong(path).items()} == {f"apps.shop.{key}": found}


def test_the_required_approvers_must_be_among_the_approvers(tmp_path: Path) -> None:
    asked = 'approvals = 1\napprovers_required = "S01CACHE"'
    path = _file(tmp_path, GOOD.replace("approvals = 1", asked))
    assert load_catalog(path, SECRETS).catalog.apps["shop"].approvers_required == "S01CACHE"
    path = _file(tmp_path, GOOD.replace("approvals = 1", asked.replace("S01CACHE", "S02SRE")))
    assert _wrong(path) == {
        "apps.shop.approvers_required": (
            "S02SRE, which is not in approvers",
            "one of U02APPROVER, S01CACHE",
        )
    }


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    cookie = tmp_path / "cookie"
    cookie.write_text("session=from-a-file\n")
    cookie.chmod(0o600)
    environ = {name: value for name, value in SECRETS.items() if name != "SHOP_COOKIE_A"}
    loaded = load_catalog(_file(tmp_path, GOOD), {**environ, "SHOP_COOKIE_A_FILE": str(cookie)})
    assert loaded.secrets["env:SHOP_COOKIE_A"].get_secret_value() == "session=from-a-file"
    cookie.chmod(0o640)
    assert _wrong(tmp_path / "catalog.toml", {**environ, "SHOP_COOKIE_A_FILE": str(cookie)}) == {
        "SHOP_COOKIE_A_FILE": (
            f"{cookie} with mode 0640, which others may read or write",
            "mode 0600",
        )
    }


@pytest.mark.parametrize(
    "switch",
    [
        "ssl_cert_reqs=none",
        "ssl_cert_reqs=optional",
        "ssl_check_hostname=false",
        "SSL_CERT_REQS=NONE",
    ],
)
def test_the_check_of_a_certificate_cannot_be_switched_off(tmp_path: Path, switch: str) -> None:
    url = f"rediss://bot:hunter2@cache.example:6380/0?ssl_ca_certs=ca.pem&{switch}"
    path = _file(tmp_path, GOOD)
    wrong = _wrong(path, {**SECRETS, "SHOP_STAGING_REDIS_URL": url})
    assert wrong == {
        "apps.shop.environments.staging.redis": (
            "a URL that switches the check of the certificate off",
            "rediss:// with ssl_ca_certs, which names the certificate to trust",
        )
    }
    required = url.replace(switch, "ssl_cert_reqs=required&ssl_check_hostname=true")
    assert load_catalog(path, {**SECRETS, "SHOP_STAGING_REDIS_URL": required}).secrets


def test_every_missing_secret_is_listed(tmp_path: Path) -> None:
    assert _wrong(_file(tmp_path, GOOD), {}) == {
        f"apps.shop.{key}": (f"env:{name}, and {name} is not set", "a value in the environment")
        for key, name in {
            "environments.staging.redis": "SHOP_STAGING_REDIS_URL",
            "environments.production.redis": "SHOP_PRODUCTION_REDIS_URL",
            "accounts.a.cookie": "SHOP_COOKIE_A",
        }.items()
    }


def test_a_secret_of_the_wrong_form_is_named_and_not_shown(tmp_path: Path) -> None:
    environ = {
        **SECRETS,
        "SHOP_STAGING_REDIS_URL": "http://hunter2",
        "SHOP_COOKIE_A": "a=b\r\nX-Evil: hunter2",
    }
    path = _file(tmp_path, GOOD)
    assert _wrong(path, environ) == {
        "apps.shop.environments.staging.redis": (
            "a secret of another form",
            EXPECTED,
        ),
        "apps.shop.accounts.a.cookie": (
            "a secret of another form",
            "a Cookie header such as session=…",
        ),
    }
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(path, environ)
    assert "hunter2" not in str(caught.value)


def test_everything_wrong_is_said_at_once_with_its_key(tmp_path: Path) -> None:
    text = (
        GOOD.replace('"C01REL"', '"#releases"')
        .replace('owner = "U01OWNER"\n', "")
        .replace("approvals = 1", 'approvals = "1"')
        .replace("budget_p95_ms = 300", "budget_p95_ms = 0\nbudget = 3")
        .replace('"/products?page=2"', '"//evil.example/"')
        .replace("{previous}", "{version}")
        .replace('"http://127.0.0.1:9101"', '"http://bot:pw@127.0.0.1:9101"')
        .replace('"env:SHOP_COOKIE_A"', '"session=hunter2"')
        .replace('"Signed in as account A"', '"A"')
    )
    path = _file(tmp_path, text)
    assert _wrong(path) == {
        "apps.shop.channel": ("'#releases'", "a channel's Slack id such as C01REL"),
        "apps.shop.owner": ("nothing", "a value"),
        "apps.shop.approvals": ("a text", "a whole number"),
        "apps.shop.routes.products.budget_p95_ms": ("0", "more than 0"),
        "apps.shop.routes.products.budget": (
            "a key that nothing reads",
            "one of keys, generation, paths, control, personalised, bypass_cookie, budget_p95_ms, samples,"
            " per_second, tolerance, warm, undo, soft_ttl, indicator",
        ),
        "apps.shop.routes.products.paths[1]": (
            "'//evil.example/'",
            "a path on the app's own host such as /products?page=2, without # and spaces",
        ),
        "apps.shop.rollback.argv[2]": (
            "{version}",
            "one word of a command, with {previous}, {environment}, {app} or {release} in it",
        ),
        "apps.shop.environments.staging.url": (
            "a URL with credentials",
            "http:// or https:// with a host, and a port where it needs one",
        ),
        "apps.shop.accounts.a.cookie": (
            "a value written into the file",
            "env:NAME, the variable that holds the secret",
        ),
        "apps.shop.accounts.a.marker": ("1", "at least 4 characters"),
    }
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(path, SECRETS)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "key", "found"),
    [
        ("approvals = 1", "approvals = 11", "approvals", "11"),
        (
            'approvers = ["U02APPROVER", "S01CACHE"]\noncall = ["U03ONCALL"]\napprovals = 1',
            'approvers = ["U02APPROVER"]\napprovals = 2',
            "approvals",
            "2 approvals, and 1 approvers",
        ),
        (
            'control = "/about"',
            'control = "/products"',
            "routes.products.control",
            "/products, which is one of the route's paths",
        ),
        (
            '"http://127.0.0.1:9101"',
            '"http://127.0.0.1:9101/shop"',
            "environments.staging.url",
            "'http://127.0.0.1:9101/shop'",
        ),
        (
            '"http://127.0.0.1:9101"',
            '"http://[::1"',
            "environments.staging.url",
            "a URL that cannot be read",
        ),
        (
            '"anp:page:/products*"',
            '"anp*"',
            "routes.products.keys[0]",
            "'anp*' does not begin with a fixed prefix",
        ),
        ("{previous}", "{previous", "rollback.argv[2]", "a lone brace"),
        ("[apps.shop.accounts.a]", "[apps.shop.accounts.A]", "accounts.A", "'A'"),
        ('paths = ["/products", "/products?page=2"]', "paths = []", "routes.products.paths", "0"),
        (
            'keys = ["anp:page:/products*", "anp:fragment:products:*"]',
            "",
            "routes.products",
            "neither keys nor generation",
        ),
        (
            'keys = ["anp:page:/products*", "anp:fragment:products:*"]',
            'keys = ["anp:page:/products*"]\ngeneration = "anp:gen:products"',
            "routes.products",
            "both keys and generation",
        ),
        (
            'keys = ["anp:page:/products*", "anp:fragment:products:*"]',
            'generation = "anp:gen:*"',
            "routes.products.generation",
            "'anp:gen:*'",
        ),
    ],
)
def test_each_rule_names_its_key(tmp_path: Path, old: str, new: str, key: str, found: str) -> None:
    assert old in GOOD
    wrong = _wrong(_file(tmp_path, GOOD.replace(old, new)))
    assert {name: row[0] for name, row in wrong.items()} == {f"apps.shop.{key}": found}


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    path = _file(tmp_path, "[people]\nadmins = [\n")
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(path, {})
    (problem,) = caught.value.problems
    assert (problem.name, problem.expected) == (str(path), "TOML")
    assert "line 3" in problem.found or "end of document" in problem.found


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(tmp_path / "none.toml", {})
    assert [(row.name, row.found) for row in caught.value.problems] == [
        (str(tmp_path / "none.toml"), "no readable file (No such file or directory)")
    ]


def test_a_file_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, GOOD)
    path.chmod(0o666)
    with pytest.raises(CatalogProblems) as caught:
        load_catalog(path, SECRETS)
    assert [row.found for row in caught.value.problems] == ["a file that everybody may write"]


def test_the_table_of_tables_holds_every_part_of_the_catalog() -> None:
    parts = {
        value
        for value in vars(catalog_module).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.model_fields
    }
    assert parts == set(TABLES.values())


@pytest.mark.parametrize(
    ("line", "key", "found", "expected"),
    [
        ('pace = "slow"', "pace", "'slow'", "gentle, normal or fast"),
        (
            "waves = [1, 10]",
            "waves",
            "1, 10",
            "shares of the keys in percent that rise to 100, such as [1, 10, 100]",
        ),
        (
            "waves = [10, 5, 100]",
            "waves",
            "10, 5, 100",
            "shares of the keys in percent that rise to 100, such as [1, 10, 100]",
        ),
        (
            "waves = []",
            "waves",
            "no wave",
            "shares of the keys in percent that rise to 100, such as [1, 10, 100]",
        ),
        ('waves = ["all"]', "waves[0]", "a text", "a number"),
    ],
)
def test_a_pace_or_waves_that_cannot_be_are_refused(
    tmp_path: Path, line: str, key: str, found: str, expected: str
) -> None:
    table = "[apps.shop.environments.staging]\n"
    assert table in GOOD
    path = _file(tmp_path, GOOD.replace(table, f"{table}{line}\n"))
    assert _wrong(path) == {f"apps.shop.environments.staging.{key}": (found, expected)}


def test_a_pace_and_waves_are_read(tmp_path: Path) -> None:
    table = "[apps.shop.environments.staging]\n"
    lines = 'pace = "gentle"\nwaves = [0.5, 20, 100]\n'
    path = _file(tmp_path, GOOD.replace(table, f"{table}{lines}"))
    staging = load_catalog(path, SECRETS).catalog.apps["shop"].environments["staging"]
    assert (staging.pace, staging.waves) == ("gentle", (0.5, 20, 100))

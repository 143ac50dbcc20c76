import pytest

from bot.release.catalog import App, Catalog
from bot.release.people import MAY_UNLOCK, Person, Role, may_approve, require, roles
from bot.release.refusal import Code, Refusal

APP = App.model_validate(
    {
        "channel": "C01REL",
        "owner": "U01OWNER",
        "approvers": ("U02APPROVER", "S01CACHE"),
        "oncall": ("U03ONCALL",),
        "environments": {"production": {"redis": "env:R", "url": "http://127.0.0.1:1"}},
        "routes": {"products": {"keys": ("anp:page:/products*",), "paths": ("/products",)}},
    }
)
CATALOG = Catalog.model_validate({"people": {"admins": ("U01ADMIN",)}, "apps": {"shop": APP}})


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(id="U01ADMIN"), {Role.MEMBER, Role.ADMIN}),
        (Person(id="U01OWNER"), {Role.MEMBER, Role.OWNER}),
        (Person(id="U02APPROVER"), {Role.MEMBER, Role.APPROVER}),
        (Person(id="U09", groups=frozenset({"S01CACHE"})), {Role.MEMBER, Role.APPROVER}),
        (Person(id="U03ONCALL"), {Role.MEMBER, Role.ONCALL}),
        (Person(id="U09"), {Role.MEMBER}),
        (Person(id="terminal:ana", terminal=True), {Role.MEMBER, Role.ADMIN}),
    ],
)
def test_roles_come_from_the_catalog(person: Person, expected: set[Role]) -> None:
    assert roles(person, APP, CATALOG) == expected


def test_the_owner_of_a_release_is_an_owner() -> None:
    assert Role.OWNER in roles(Person(id="U09"), APP, CATALOG, owner="U09")


def test_a_role_that_is_missing_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        require(Person(id="U09"), MAY_UNLOCK, frozenset({Role.MEMBER}), what="Unlock shop")
    assert caught.value.code is Code.NOT_ALLOWED
    assert caught.value.expected == "one of these roles: admin, approver, owner."


def test_an_approver_may_approve() -> None:
    may_approve(Person(id="U02APPROVER"), APP, starter="U01OWNER")
    may_approve(Person(id="U09", groups=frozenset({"S01CACHE"})), APP, starter="U01OWNER")


@pytest.mark.parametrize("person", ["U01OWNER", "U01ADMIN", "U03ONCALL", "U09"])
def test_nobody_else_may_approve(person: str) -> None:
    with pytest.raises(Refusal) as caught:
        may_approve(Person(id=person), APP, starter="U04DEV")
    assert caught.value.code is Code.NOT_ALLOWED


def test_an_approver_who_started_the_release_may_not() -> None:
    with pytest.raises(Refusal) as caught:
        may_approve(Person(id="U02APPROVER"), APP, starter="U02APPROVER")
    assert caught.value.failed == "Not approved: you started this release. Nothing was changed."

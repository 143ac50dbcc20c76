from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Choice, Form, FormErrors, FormField
from bot.release.refusal import Code, Refusal
from bot.slack.buttons import read_press
from bot.slack.forms import Place, errors_of, field_named, form_view, read_form
from bot.slack.views.blocks import Press
from tests.slack.reading import check_view


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=name, label=name) for name in names)


FORM = Form(
    verb="start",
    title="Start a release of something long",
    submit="Start",
    fields=(
        FormField(
            name="app", label="App", kind="choice", value="shop", choices=choices("shop", "x")
        ),
        FormField(
            name="routes",
            label="Routes",
            kind="choices",
            values=("shop/cart",),
            choices=choices("shop/products", "shop/cart"),
        ),
        FormField(
            name="many", label="Many", kind="choices", choices=choices(*map(str, range(1, 30)))
        ),
        FormField(name="owner", label="Owner", kind="person", value="U01OWNER"),
        FormField(name="other", label="Other", kind="person", value="terminal:ana", optional=True),
        FormField(name="title", label="What changes", kind="text", hint="short", max_length=100),
        FormField(name="note", label="Note", kind="long_text", value="n" * 5000),
    ),
    carry={"release": "42", "step": "3", "seen": "9", "why": "x"},
)
PLACE = Place(channel="C01REL", thread="1.2", url="https://hooks.slack.example/1")


def answered(**values: dict[str, Any]) -> dict[str, Any]:
    view = form_view(FORM, PLACE)
    view["state"] = {"values": {name: {"value": state} for name, state in values.items()}}
    return view


def test_a_form_is_a_dialog_that_slack_shows() -> None:
    view = form_view(FORM, PLACE)
    check_view(view, "modal")
    kinds = [block["element"]["type"] for block in view["blocks"]]
    assert kinds == [
        "static_select",
        "checkboxes",
        "multi_static_select",
        "users_select",
        "users_select",
        "plain_text_input",
        "plain_text_input",
    ]
    assert view["title"]["text"] == "Start a release of some…"


def test_a_form_starts_with_what_is_known() -> None:
    app, routes, many, owner, other, title, note = [
        block["element"] for block in form_view(FORM, PLACE)["blocks"]
    ]
    assert app["initial_option"]["value"] == "shop"
    assert [option["value"] for option in routes["initial_options"]] == ["shop/cart"]
    assert "initial_options" not in many
    assert owner["initial_user"] == "U01OWNER"
    assert "initial_user" not in other
    assert ("initial_value" in title, title["max_length"]) == (False, 100)
    assert (len(note["initial_value"]), note["multiline"]) == (3000, True)


def test_an_answer_comes_back_as_named_text_with_what_was_carried() -> None:
    filled = read_form(
        answered(
            app={"type": "static_select", "selected_option": {"value": "shop"}},
            routes={"type": "checkboxes", "selected_options": [{"value": "a/b"}, {"value": "a/c"}]},
            many={"type": "multi_static_select", "selected_options": []},
            owner={"type": "users_select", "selected_user": "U04DEV"},
            other={"type": "users_select", "selected_user": None},
            title={"type": "plain_text_input", "value": "New"},
            note={"type": "plain_text_input", "value": None},
        )
    )
    assert filled.verb == "start"
    assert dict(filled.values) == {
        "app": "shop",
        "routes": "a/b,a/c",
        "many": "",
        "owner": "U04DEV",
        "other": "",
        "title": "New",
        "note": "",
    }
    assert dict(filled.carry) == {"release": "42", "step": "3", "seen": "9", "why": "x"}
    assert filled.place == PLACE


@pytest.mark.parametrize("metadata", ["", "no json", "[]", '{"v":2}', "null"])
def test_a_dialog_of_another_version_is_answered_kindly(metadata: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_form({**answered(), "private_metadata": metadata})
    assert caught.value.code is Code.MOVED_ON


def test_an_error_without_a_field_of_its_own_goes_to_the_first() -> None:
    errors = FormErrors(errors={"title": "Too short.", "nowhere": "Odd.", "elsewhere": "Odder."})
    assert errors_of(errors, form_view(FORM, PLACE)) == {
        "title": "Too short.",
        "app": "Odd. Odder.",
    }


@pytest.mark.parametrize(
    ("failed", "code", "field"),
    [
        ("There is no app called shoe.", Code.UNKNOWN_NAME, "app"),
        ("There is no route called x.", Code.UNKNOWN_NAME, "routes"),
        ("Not started: the app is locked.", Code.LOCKED, None),
        ("Something else.", Code.BAD_REQUEST, None),
    ],
)
def test_a_refusal_that_speaks_of_a_field_is_shown_beside_it(
    failed: str, code: Code, field: str | None
) -> None:
    refusal = Refusal(code=code, failed=failed, expected="x", retry_is_safe=True)
    assert field_named(refusal, form_view(FORM, PLACE)) == field


def test_a_press_comes_back_as_it_was_drawn() -> None:
    press = Press(verb="approve", release=42, step=3, seen=0, fields={"a": "b"})
    assert read_press(press.value) == press
    assert read_press(Press(verb="help").value) == Press(verb="help")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=4), part, max_size=3)
    ),
    max_leaves=6,
)
FORGED = st.fixed_dictionaries(
    {"v": st.sampled_from([0, 1, 1, 1, 2])},
    optional={"verb": JSON, "release": JSON, "step": JSON, "seen": JSON, "fields": JSON},
)


@given(st.one_of(st.text(max_size=50), FORGED.map(json.dumps), JSON.map(json.dumps)))
def test_no_buttons_value_raises_anything_but_a_refusal(value: str) -> None:
    with suppress(Refusal):
        press = read_press(value)
        assert all(isinstance(text, str) for text in press.fields.values())
        assert all(n is None or n >= 0 for n in (press.release, press.step, press.seen))

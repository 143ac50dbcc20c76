"""The shapes of Block Kit's elements: buttons, menus, fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.shape import (
    Check,
    Problem,
    anything,
    both,
    flag,
    integer,
    items,
    one_of,
    shape,
    string,
    text,
)

NAMED: dict[str, Check] = {"type": anything}
ACTION: dict[str, Check] = {"action_id": string(limits.IDENTIFIER)}
STYLE = one_of("primary", "danger")
CONFIRM = shape(
    {
        "title": text(limits.CONFIRM_TITLE, plain=True),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": text(limits.CONFIRM_BUTTON, plain=True),
        "deny": text(limits.CONFIRM_BUTTON, plain=True),
    },
    {"style": STYLE},
)
MENU: dict[str, Check] = {
    **ACTION,
    "confirm": CONFIRM,
    "focus_on_load": flag,
    "placeholder": text(limits.PLACEHOLDER, plain=True),
}


def option(*, plain: bool) -> Check:
    """Return the check of one option; only boxes and radio buttons may use mrkdwn."""
    return shape(
        {
            "text": text(limits.OPTION_TEXT, plain=plain),
            "value": string(limits.OPTION_VALUE),
        },
        {"description": text(limits.OPTION_TEXT, plain=plain), "url": string(limits.URL)},
    )


PLAIN_OPTIONS = items(option(plain=True), most=limits.OPTIONS)
BOX_OPTIONS = items(option(plain=False), most=limits.CHECKED_OPTIONS)
GROUPS = items(
    shape({"label": text(limits.OPTION_TEXT, plain=True), "options": PLAIN_OPTIONS}),
    most=limits.OPTIONS,
)


def offered(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all options of a menu, those in groups too."""
    groups = [group for group in _list(element.get("option_groups")) if isinstance(group, dict)]
    grouped = [one for group in groups for one in _list(group.get("options"))]
    return [*_list(element.get("options")), *grouped]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def menu_has_options(value: Any, at: str) -> Iterator[Problem]:
    """Check that a menu has options or groups, and that what it starts with is among them."""
    if ("options" in value) == ("option_groups" in value):
        yield at, "must define either `options` or `option_groups`"
        return
    first = [*_list(value.get("initial_options")), value.get("initial_option")]
    known = offered(value)
    if any(one is not None and one not in known for one in first):
        yield f"{at}/initial_option", "must match exactly one of the options provided"


def _menu(optional: dict[str, Check]) -> Check:
    return shape(NAMED, MENU | optional)


def _many(optional: dict[str, Check]) -> Check:
    return shape(NAMED, MENU | {"max_selected_items": integer(1, limits.OPTIONS)} | optional)


def _typed(optional: dict[str, Check], required: dict[str, Check] | None = None) -> Check:
    common: dict[str, Check] = {
        **ACTION,
        "placeholder": text(limits.PLACEHOLDER, plain=True),
        "focus_on_load": flag,
        "initial_value": string(limits.TYPED_TEXT, least=0),
        "dispatch_action_config": anything,
    }
    return shape(NAMED | (required or {}), common | optional)


IDS = items(string(limits.IDENTIFIER), most=limits.OPTIONS)
LISTS: dict[str, Check] = {"options": PLAIN_OPTIONS, "option_groups": GROUPS}
BUTTON = shape(
    NAMED | {"text": text(limits.BUTTON_TEXT, plain=True)},
    {
        **ACTION,
        "url": string(limits.URL),
        "value": string(limits.BUTTON_VALUE, least=0),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
    },
)
OVERFLOW = shape(
    NAMED | {"options": items(option(plain=True), most=limits.OVERFLOW_OPTIONS)},
    {**ACTION, "confirm": CONFIRM},
)
IMAGE = shape(
    NAMED | {"alt_text": string(limits.IMAGE_TEXT)},
    {"image_url": string(limits.URL), "slack_file": anything},
)

MENUS: dict[str, Check] = {
    "static_select": both(_menu(LISTS | {"initial_option": option(plain=True)}), menu_has_options),
    "multi_static_select": both(
        _many(LISTS | {"initial_options": PLAIN_OPTIONS}), menu_has_options
    ),
    "external_select": _menu({"initial_option": anything, "min_query_length": integer(0, 100)}),
    "multi_external_select": _many(
        {"initial_options": anything, "min_query_length": integer(0, 100)}
    ),
    "users_select": _menu({"initial_user": string(limits.IDENTIFIER)}),
    "multi_users_select": _many({"initial_users": IDS}),
    "channels_select": _menu(
        {"initial_channel": string(limits.IDENTIFIER), "response_url_enabled": flag}
    ),
    "multi_channels_select": _many({"initial_channels": IDS}),
    "conversations_select": _menu(
        {
            "initial_conversation": string(limits.IDENTIFIER),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": anything,
        }
    ),
    "multi_conversations_select": _many(
        {"initial_conversations": IDS, "default_to_current_conversation": flag, "filter": anything}
    ),
    "datepicker": _menu({"initial_date": string(10, least=10)}),
    "timepicker": _menu({"initial_time": string(5, least=5), "timezone": string(100)}),
    "datetimepicker": shape(
        NAMED,
        ACTION
        | {
            "initial_date_time": integer(10**9, 10**10 - 1),
            "confirm": CONFIRM,
            "focus_on_load": flag,
        },
    ),
    "checkboxes": both(
        shape(
            NAMED | {"options": BOX_OPTIONS},
            ACTION | {"initial_options": BOX_OPTIONS, "confirm": CONFIRM, "focus_on_load": flag},
        ),
        menu_has_options,
    ),
    "radio_buttons": both(
        shape(
            NAMED | {"options": BOX_OPTIONS},
            ACTION
            | {"initial_option": option(plain=False), "confirm": CONFIRM, "focus_on_load": flag},
        ),
        menu_has_options,
    ),
}
FIELDS: dict[str, Check] = {
    "plain_text_input": _typed(
        {
            "multiline": flag,
            "min_length": integer(0, limits.TYPED_TEXT),
            "max_length": integer(1, limits.TYPED_TEXT),
        }
    ),
    "number_input": _typed(
        {"min_value": string(100), "max_value": string(100)}, {"is_decimal_allowed": flag}
    ),
    "email_text_input": _typed({}),
    "url_text_input": _typed({}),
    "rich_text_input": _typed({"initial_value": anything}),
    "file_input": shape(NAMED, ACTION | {"filetypes": anything, "max_files": integer(1, 10)}),
}

"""Says what Slack would refuse in blocks and views, with the messages it would send."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.block_shapes import BLOCKS, SURFACES
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.shape import (
    Check,
    Problem,
    anything,
    flag,
    items,
    one_of,
    shape,
    string,
    text,
)

VIEW_PARTS: dict[str, Check] = {
    "callback_id": string(limits.IDENTIFIER),
    "external_id": string(limits.IDENTIFIER),
    "private_metadata": string(limits.PRIVATE_METADATA, least=0),
}
MODAL = shape(
    {
        "type": one_of("modal"),
        "title": text(limits.VIEW_TITLE, plain=True),
        "blocks": anything,
    },
    VIEW_PARTS
    | {
        "submit": text(limits.VIEW_TITLE, plain=True),
        "close": text(limits.VIEW_TITLE, plain=True),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
HOME = shape({"type": one_of("home"), "blocks": anything}, VIEW_PARTS)


def parts(block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the elements of a block that can be acted on, each with its pointer inside it."""
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            yield name, block[name]
    for index, element in enumerate(_list(block.get("elements"))):
        if isinstance(element, dict) and block.get("type") == "actions":
            yield f"elements/{index}", element


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _blocks(blocks: Any, at: str, *, surface: str, most: int) -> Iterator[Problem]:
    yield from items(BLOCKS, most=most, least=0)(blocks, at)
    seen: set[str] = set()
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        if not isinstance(block, dict):
            continue
        pointer = f"{at}/{index}"
        kind = str(block.get("type"))
        name = str(block.get("block_id") or f"#{index}")
        if kind not in SURFACES[surface] and any(kind in known for known in SURFACES.values()):
            yield f"{pointer}/type", f"block type `{kind}` is not allowed in a {surface}"
        if name in seen:
            yield f"{pointer}/block_id", f'`block_id` "{name}" already exists'
        seen.add(name)
        yield from _own_ids(block, pointer)


def _own_ids(block: dict[str, Any], at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for where, element in parts(block):
        if element.get("action_id") is None:
            continue
        name = str(element["action_id"])
        if name in seen:
            yield f"{at}/{where}/action_id", f'`action_id` "{name}" already exists'
        seen.add(name)


def message_problems(blocks: Any) -> list[Problem]:
    """Return what is wrong with the blocks of a message; nothing means that Slack takes them."""
    most = limits.BLOCKS_PER_MESSAGE
    problems = list(_blocks(blocks, "/blocks", surface="message", most=most))
    if isinstance(blocks, list):
        tables = [b for b in blocks if isinstance(b, dict) and b.get("type") == "table"]
        if len(tables) > 1:
            problems.append(("/blocks", "no more than 1 table allowed"))
        charts = [
            b for b in blocks if isinstance(b, dict) and b.get("type") == "data_visualization"
        ]
        if len(charts) > limits.CHARTS:
            problems.append(("/blocks", f"no more than {limits.CHARTS} charts allowed"))
    return problems


def view_problems(view: Any, *, surface: str) -> list[Problem]:
    """Return what is wrong with a view; `surface` is modal or home."""
    problems = list((MODAL if surface == "modal" else HOME)(view, "/view"))
    if not isinstance(view, dict):
        return problems
    blocks = view.get("blocks")
    problems += _blocks(blocks, "/view/blocks", surface=surface, most=limits.BLOCKS_PER_VIEW)
    if surface == "modal" and not view.get("submit") and isinstance(blocks, list):
        problems += [
            (f"/view/blocks/{index}/input", "must define `submit` to use `input` block")
            for index, block in enumerate(blocks)
            if isinstance(block, dict) and block.get("type") == "input"
        ]
    return problems


def check_message(blocks: Any, withheld: Collection[str] = ()) -> None:
    """Refuse blocks that Slack would not take into a message, `withheld` types among them.

    Raises SlackError: msg_blocks_too_long, or invalid_blocks with one message for each problem.
    """
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > limits.BLOCKS_JSON:
        raise SlackError("msg_blocks_too_long")
    unknown = [
        (f"/blocks/{index}/type", f"unsupported type: {block['type']}")
        for index, block in enumerate(blocks)
        if isinstance(block, dict) and block.get("type") in withheld
    ]
    problems = _sentences(message_problems(blocks) + unknown)
    if problems:
        errors = [problem.removeprefix("[ERROR] ") for problem in problems]
        raise SlackError("invalid_blocks", messages=problems, extra={"errors": errors})


def check_view(view: Any, *, surface: str) -> None:
    """Refuse a view that Slack would not show; raises SlackError invalid_arguments."""
    problems = _sentences(view_problems(view, surface=surface))
    if problems:
        raise SlackError("invalid_arguments", messages=problems)


def _sentences(problems: list[Problem]) -> list[str]:
    return [f"[ERROR] {what} [json-pointer:{where}]" for where, what in problems]

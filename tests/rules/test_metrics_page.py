"""Every metric is explained, and every panel and every alert speaks of metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.effects.ledger_metrics import PROCESSES, READ, UP
from bot.effects.metrics import HERE
from bot.release.records import ActionKind, ActionState

DOCS = Path(__file__).parents[2] / "docs"
NAME = re.compile(r"\bcache_release_[a-z_]+")
COUNTED = {
    family.name + ("_total" if family.type == "counter" else ""): (
        family.type,
        family.documentation,
    )
    for family in HERE.collect()
}
LOOKED_UP = [UP, *((name, meaning) for name, meaning, _ in READ), PROCESSES]
LABELS = {
    "door": {"http", "socket"},
    "role": {"all", "worker", "clock", "terminal"},
    "kind": {str(kind) for kind in ActionKind},
    "state": {str(state) for state in ActionState},
}


def rows() -> list[list[str]]:
    page = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def exported() -> set[str]:
    """Return every name that a query may use."""
    names = {name for name, _ in LOOKED_UP}
    for name, (kind, _) in COUNTED.items():
        parts = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        names |= {name + part for part in parts}
    return names


def dashboard() -> dict[str, Any]:
    board: dict[str, Any] = json.loads((DOCS / "grafana-dashboard.json").read_text())
    return board


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DOCS / "alerts.yaml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def expressions() -> Iterator[tuple[str, str]]:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in alerts():
        yield rule["alert"], rule["expr"]


def test_every_metric_is_explained_with_its_type_and_no_other() -> None:
    told = [(f"`{name}`", kind, meaning) for name, (kind, meaning) in COUNTED.items()]
    told += [(f"`{name}`", "gauge", meaning) for name, meaning in LOOKED_UP]
    assert [(row[0], row[1], row[3]) for row in rows()] == told


def test_the_labels_of_every_metric_are_explained() -> None:
    declared = {
        f"`{family.name}{'_total' if family.type == 'counter' else ''}`": family.name
        for family in HERE.collect()
    }
    collectors = {
        name: collector
        for collector in HERE._collector_to_names
        for name in HERE._collector_to_names[collector]
    }
    for name, _, labels, _ in rows():
        if name in declared:
            assert re.findall(r"`(\w+)`", labels) == list(
                getattr(collectors[declared[name]], "_labelnames", ())
            )


@pytest.mark.parametrize(("where", "query"), list(expressions()))
def test_every_query_speaks_of_metrics_and_labels_that_there_are(where: str, query: str) -> None:
    named = set(NAME.findall(query))
    assert named != set(), where
    assert named - exported() == set()
    assert query.count("(") == query.count(")")
    for label, words in re.findall(r"(\w+)=~?\"([^\"]+)\"", query):
        assert set(words.split("|")) <= LABELS[label]


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(
        target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]
    )
    missing = [name for name in (*COUNTED, *(name for name, _ in LOOKED_UP)) if name not in shown]
    assert missing == []


def test_no_panel_lies_on_another_and_each_has_its_number() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in alerts():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert re.fullmatch(r"[0-9]+m", rule["for"])

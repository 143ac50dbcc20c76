"""What the page makes of words: mrkdwn, Markdown, emoji, dates; and that data never becomes markup."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canned import OWNER
from tests.browser.canned_cards import CHANNEL, NOW, message, mrkdwn, plain, said
from tests.browser.canned_modal import gallery
from tests.browser.conftest import OpenPage
from tests.browser.stub_slack import StubSlack

pytestmark = pytest.mark.browser

DRAW = """async ([file, name, text]) => {
  const drawing = (await import(`/static/${file}.js`))[name];
  const { patch } = await import("/static/dom.js");
  const node = document.createElement("div");
  patch(node, drawing(text));
  for (const one of node.querySelectorAll("[style], [tabindex], [target], [rel]")) {
    for (const gone of ["style", "tabindex", "target", "rel"]) one.removeAttribute(gone);
  }
  return node.innerHTML;
}"""

EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"&<b>bold</b>'


@pytest.fixture
def page(browser_page: OpenPage, stub: StubSlack) -> Page:
    page = browser_page()
    page.goto(f"{stub.url}?as={OWNER}")
    expect(page.locator("[data-pane=channel] article").first).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (
            "*bold* _it_ ~gone~ `a*b*c`",
            "<strong>bold</strong> <em>it</em> <s>gone</s> <code>a*b*c</code>",
        ),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("snake_case_name 2*3*4 a * b * c", "snake_case_name 2*3*4 a * b * c"),
        ("`anp:*` and `x:*`", "<code>anp:*</code> and <code>x:*</code>"),
        ("a &lt;b&gt; &amp;amp; c", "a &lt;b&gt; &amp;amp; c"),
        ("one\ntwo", "one<br>two"),
        ("&gt; said\n&gt; twice\nthen", "<blockquote>said<br>twice</blockquote>then"),
        ("see\n```\nx *y*\n```\nend", "see<pre>x *y*</pre>end"),
        ("<https://a.example/x?y=1|the plan>", '<a href="https://a.example/x?y=1">the plan</a>'),
        ("go https://a.example/x.", 'go <a href="https://a.example/x">https://a.example/x</a>.'),
        ("<javascript:alert(1)|press>", "&lt;javascript:alert(1)|press&gt;"),
        ("<!here> <!subteam^S01|@oncall>", None),
        ("unknown :nonsense: 12:30:45", "unknown :nonsense: 12:30:45"),
    ],
)
def test_mrkdwn_is_drawn_as_slack_draws_it(page: Page, text: str, drawn: str | None) -> None:
    if drawn is None:
        drawn = '<span class="mention">@here</span> <span class="mention">@oncall</span>'
    assert page.evaluate(DRAW, ["mrkdwn", "mrkdwn", text]) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("## Plan", '<h4 class="level-2">Plan</h4>'),
        (
            "**1** and *two* `x`",
            "<p><strong>1</strong> and <em>two</em> <code>x</code></p>",
        ),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> quoted\n> on", "<blockquote><p>quoted<br>on</p></blockquote>"),
        ("```py\nx = *1*\n```", "<pre>x = *1*</pre>"),
        ("[run](https://a.example/)", '<p><a href="https://a.example/">run</a></p>'),
        ("[bad](javascript:alert(1))", '<p><span title="javascript:alert(1)">bad</span></p>'),
        ("a <b>c</b>\n\n---", "<p>a &lt;b&gt;c&lt;/b&gt;</p><hr>"),
    ],
)
def test_a_markdown_block_is_drawn(page: Page, text: str, drawn: str) -> None:
    assert page.evaluate(DRAW, ["markdown", "markdown", text]) == drawn


def test_a_date_is_shown_in_the_readers_own_time(page: Page) -> None:
    text = "<!date^1767268800^{date_num} {time}|noon UTC> <!date^soon^{time}|later>"
    drawn = page.evaluate(DRAW, ["mrkdwn", "mrkdwn", text])
    assert ">2026-01-01 13:00</time> later" in drawn
    assert 'datetime="2026-01-01T12:00:00.000Z"' in drawn


def test_an_emoji_has_a_drawing_a_name_and_its_sign(page: Page, stub: StubSlack) -> None:
    post(stub, [{"type": "section", "text": mrkdwn(":white_check_mark: :lock: ⏪")}])
    last = page.locator("[data-pane=channel] article").last
    for name in ("white check mark", "lock", "rewind"):
        expect(last.get_by_role("img", name=name, exact=True)).to_be_visible()
    assert last.locator(".words").text_content() == "✅ 🔒 ⏪"


def post(stub: StubSlack, blocks: list[dict[str, Any]], text: str = "posted") -> None:
    """Let the bot post blocks."""
    stub.change(
        lambda state: state["messages"][CHANNEL].append(said(f"{NOW}.000900", text, blocks))
    )


def test_data_never_becomes_markup(page: Page, stub: StubSlack) -> None:
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": EVIL}]}
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain(EVIL)},
        {"type": "section", "text": mrkdwn(EVIL), "fields": [plain(EVIL)]},
        {"type": "context", "elements": [plain(EVIL), mrkdwn(f"`{EVIL}` *{EVIL}*")]},
        {"type": "rich_text", "elements": [rich]},
        {"type": "markdown", "text": f"# {EVIL}\n\n{EVIL}"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": EVIL}]]},
        {"type": EVIL},
        {"type": "image", "image_url": "javascript:alert(1)", "alt_text": EVIL},
        {
            "type": "actions",
            "elements": [{"type": "button", "text": plain(EVIL), "action_id": EVIL}],
        },
    ]
    post(stub, blocks, EVIL)
    stub.change(
        lambda state: state["messages"][CHANNEL].append(
            message(f"{NOW}.000901", EVIL, EVIL, EVIL, files=[{"name": EVIL, "url": EVIL}])
        )
    )
    stub.change(
        lambda state: state.update(
            notices=[{"id": EVIL, "text": EVIL, "level": "error"}],
            team={"id": "T", "name": EVIL},
        )
    )
    expect(page.get_by_role("alert")).to_be_visible()
    cards = page.locator("[data-pane=channel] article").nth(-2)
    expect(cards.locator(".header")).to_have_text(EVIL)
    assert page.locator("#app script, #app [onerror], #app b").count() == 0
    assert page.evaluate("window.hacked") is None


def test_every_other_kind_of_block_is_drawn_and_an_unknown_one_is_named(
    page: Page, stub: StubSlack
) -> None:
    post(stub, gallery())
    last = page.locator("[data-pane=channel] article").last
    expect(last.get_by_role("cell", name="anp:page:/products*")).to_be_visible()
    expect(last.locator("ol > li")).to_have_text(["first", "second"])
    expect(last.locator("blockquote")).to_have_text("<b>quoted</b>")
    assert last.locator(".chart polyline").count() == 2
    assert last.locator(".chart rect").count() == 8
    assert last.locator(".chart table caption").first.text_content() == "Response time"
    expect(last.get_by_text("unknown block hologram")).to_be_visible()

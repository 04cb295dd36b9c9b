"""What was consumed, day by day, by conversation and by model."""

import datetime
import re
import sqlite3

import pytest
from playwright.sync_api import expect

DAY_MS = 86_400_000


def used(server, person, responses):
    """Two conversations; a response is `(conversation, days ago, tokens in, out, nanodollars)`, a
    translation has its milliseconds behind that."""
    ids = [person.converse("By train."), person.converse(title="<b>Named</b>")]
    sessions = [person.send("POST", "/api/session", {"conversation_id": id}) for id in ids]
    now = sessions[0]["created_at"] * 1_000
    with sqlite3.connect(server.database) as database:
        for number, (which, days, tokens_in, tokens_out, cost, *timed) in enumerate(responses):
            database.execute("""
                INSERT INTO usage (user_pk, conversation_pk, session_pk, source, source_id, model,
                created_at, input_text, input_audio, input_image, cached_text, cached_audio,
                cached_image, output_text, output_audio, reasoning, milliseconds, cost)
                SELECT user_pk, conversation_pk, pk, ?, ?, ?, ?,
                ?, 0, 0, 10, 0, 0, ?, 0, 0, ?, ? FROM sessions WHERE id = ?""",
                ("translation" if timed else "response", str(number),
                 "gpt-realtime-translate" if timed else "gpt-realtime-2.1", now - days * DAY_MS,
                 tokens_in, tokens_out, *(timed or [0]), cost, sessions[which]["id"]))
    database.close()
    return ids[0]


RESPONSES = [
    (0, 0, 1_000, 200, 12_000_000), (1, 3, 500, 100, 6_000_000), (1, 40, 70_000, 1, 500_000_000)]


@pytest.fixture
def spent(visit, broker):
    def spent(path="/#/usage", responses=RESPONSES, **options):
        return visit(path, lambda person: used(broker, person, responses), **options)

    return spent


def test_nothing_used_says_so(visit):
    page = visit("/#/usage")
    expect(page.get_by_text("Nothing was used in this time")).to_be_visible()


def test_sums_are_shown_for_a_span_of_time(spent):
    page = spent()
    tiles = page.locator(".tile")
    expect(tiles).to_have_text([
        re.compile(r"Cost\$0\.018"), re.compile("Tokens in1,500.*20 cached"),
        re.compile("Tokens out300"), re.compile("Responses2")])
    page.get_by_label("Span of time").select_option("90")
    expect(tiles.nth(0)).to_contain_text("$0.52")
    expect(tiles.nth(1)).to_contain_text("71,500")


def test_each_day_has_a_bar_and_a_row_behind_it(spent):
    page = spent()
    plot = page.get_by_role("img", name=re.compile("Tokens by day; most on .*: 1.2K"))
    expect(plot.locator("rect")).to_have_count(60)
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    bars = plot.locator("rect").evaluate_all(
        "all => all.map(({ y, height }) => [y.baseVal.value, height.baseVal.value])")
    assert len([height for _, height in bars if height > 0]) == 4
    (y_in, height_in), (y_out, height_out) = bars[-2:]
    assert height_in == pytest.approx(5 * height_out, rel=0.01)
    assert y_out + height_out == pytest.approx(y_in, abs=0.01)
    page.get_by_text("Show as a table").click()
    rows = page.locator(".plot-table tbody tr")
    expect(rows).to_have_count(30)
    expect(rows.last).to_have_text(f"{today}1,000200$0.012")
    page.get_by_label("What the plot shows").select_option("cost")
    costs = page.get_by_role("img", name=re.compile(r"Cost by day; most on .*: \$0\.012"))
    expect(costs).to_be_visible()


def test_conversations_and_models_are_named(spent):
    page = spent()
    conversations = page.get_by_role("table", name="By conversation").locator("tbody tr")
    expect(conversations).to_have_text([
        "By train.11,000200$0.012", "<b>Named</b>1500100$0.006"])
    models = page.get_by_role("table", name="By model").locator("tbody tr")
    expect(models).to_have_text(["gpt-realtime-2.121,500300$0.018"])
    conversations.first.get_by_role("link").click()
    expect(page.locator(".one-facts")).to_contain_text("1,200 tokens · $0.012")


def test_what_is_paid_by_time_is_told_in_seconds(spent):
    page = spent(responses=[(0, 0, 0, 0, 34_000_000, 60_000)])
    expect(page.locator(".tile").first).to_contain_text("$0.034")
    expect(page.locator(".tile").last).to_contain_text("1 translation, 60 s of audio")
    models = page.get_by_role("table", name="By model").locator("tbody tr")
    expect(models).to_have_text(["gpt-realtime-translate060 s of audio0$0.034"])


def test_what_has_no_price_is_said(spent):
    page = spent(responses=[(0, 0, 10, 1, None), (0, 0, 10, 1, 6_000_000)])
    cost = page.locator(".tile").first
    expect(cost).to_contain_text("more than $0.006")
    expect(cost).to_contain_text("1 without a known price")


def test_it_costs_three_requests(spent):
    page = spent("/#/agents")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/#/usage")
    expect(page.locator(".tile")).to_have_count(4)
    assert len([url for url in asked if "/api/usage" in url]) == 3


def test_a_failure_is_said_and_tried_again(spent):
    page = spent("/#/agents", expected_failures=1)
    page.route("**/api/usage*", lambda route: route.fulfill(status=503, json={
        "error": {"type": "server_error", "code": "x", "message": "Busy.", "param": None},
        "request_id": "req_1"}))
    page.goto("/#/usage")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The broker failed: Busy. (request req_1)")
    page.unroute("**/api/usage*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator(".tile")).to_have_count(4)

"""What is remembered, and how it is forgotten."""

import re

import pytest
from playwright.sync_api import expect

FACTS = ["My dog is called Biscuit.", "I am allergic to peanuts."]


def remembered(person):
    """Facts that are known, from a conversation that is over."""
    person.converse(title="In which nothing was said")
    conversation = person.converse(title="About me")
    person.session(conversation, *FACTS)
    person.wait_for("/api/memory", lambda memory: len(memory["data"]) == 2)
    return conversation


def facts(page):
    return page.locator(".facts-list .fact-text:visible")


def test_nothing_remembered_says_what_to_do(visit):
    page = visit("/#/memory")
    expect(page.get_by_text("Say something about yourself")).to_be_visible()
    expect(page.get_by_text("There is nothing to sum up yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Forget all")).to_be_hidden()
    expect(page.locator(".told-sum")).to_have_text(re.compile("^0 of at most 4,000 tokens"))


def test_facts_are_shown_with_the_messages_that_say_them(visit):
    page = visit("/#/memory", remembered)
    expect(facts(page)).to_have_count(2)
    dog = page.locator(".facts-list > li[id]", has_text="Biscuit").first
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    dog.get_by_text("Said in 1 message").click()
    expect(dog.locator(".quote")).to_have_text(FACTS[0])
    assert len([url for url in asked if "/api/messages/" in url]) == 1
    dog.locator(".sources a").click()
    expect(page.locator(".entry.target")).to_contain_text(FACTS[0])


def test_a_fact_that_no_longer_holds_is_folded_away(visit):
    def seed(person):
        person.converse(
            {"role": "user", "content": "I live in Paris.", "created_at": 1_700_000_000},
            {"role": "user", "content": "I live in Rome.", "created_at": 1_750_000_000})
        person.wait_for("/api/memory", lambda memory: len(memory["data"]) == 2)

    page = visit("/#/memory", seed)
    expect(facts(page)).to_have_text([re.compile("Rome")])
    page.get_by_text("No longer true (1)").click()
    expect(facts(page)).to_have_text([re.compile("Rome"), re.compile("Paris")])
    expect(page.locator(".facts-list > li[id]", has_text="Paris")).to_contain_text("until")


def test_a_fact_is_forgotten_for_good_once_that_is_confirmed(visit):
    page = visit("/#/memory", remembered)
    expect(facts(page)).to_have_count(2)
    forget = page.get_by_role("button", name=re.compile("Forget “.*Biscuit”"))
    forget.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("stay in their conversations, word for word")
    expect(dialog).to_contain_text("does not come back")
    dialog.get_by_role("button", name="Cancel").click()
    expect(facts(page)).to_have_count(2)
    forget.click()
    with page.expect_response(lambda answer: "/api/context" in answer.url):
        dialog.get_by_role("button", name="Forget it").click()
    expect(facts(page)).to_have_text([re.compile("peanuts")])
    expect(page.locator(".facts-list > li:focus")).to_contain_text("peanuts")
    expect(page.locator(".told")).not_to_contain_text("Biscuit")
    assert len(page.person.get("/api/memory")["data"]) == 1


def test_all_facts_are_forgotten_at_once(visit):
    page = visit("/#/memory", remembered)
    page.get_by_role("button", name="Forget all").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget all").click()
    expect(page.get_by_text("Say something about yourself")).to_be_visible()
    assert page.person.get("/api/memory")["data"] == []


def test_a_question_goes_with_the_page_that_asked_it(visit):
    page = visit("/#/memory", remembered)
    page.get_by_role("button", name="Forget all").click()
    page.evaluate("location.hash = '#/usage'")
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(page.person.get("/api/memory")["data"]) == 2


def test_what_cannot_be_forgotten_now_stays_and_says_why(visit):
    page = visit("/#/memory", remembered, expected_failures=1)
    page.route("**/api/memory/*", lambda route: route.abort())
    page.get_by_role("button", name=re.compile("Forget “.*Biscuit”")).click()
    page.get_by_role("dialog").get_by_role("button", name="Forget it").click()
    expect(page.get_by_role("alert")).to_contain_text("The broker cannot be reached.")
    expect(facts(page)).to_have_count(2)


def test_the_next_session_is_told_exactly_what_is_shown(visit):
    page = visit("/#/memory", remembered)
    told = page.person.get("/api/context")
    assert "Biscuit" in told["text"]
    expect(page.locator(".told")).to_have_text(told["text"])
    expect(page.locator(".told-sum")).to_contain_text(f"{told['tokens']:,} of at most 4,000")
    shown = page.locator(".legend dd").all_inner_texts()
    tokens = [section["tokens"] for section in told["sections"] if section["tokens"]]
    assert [int(re.sub(r"\D", "", text)) for text in shown] == tokens


def test_summaries_are_fetched_when_somebody_looks(visit):
    asked = []
    page = visit("/#/usage", remembered)
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/#/memory")
    row = page.locator("details", has_text="About me")
    expect(row).to_be_visible()
    expect(page.get_by_text("In which nothing was said")).to_have_count(0)
    assert not [url for url in asked if "/summaries?" in url]
    row.locator("summary").click()
    expect(row.locator(".summary")).to_contain_text("Biscuit")
    row.get_by_role("link", name="first message").click()
    expect(page.locator(".entry.target")).to_contain_text(FACTS[0])


@pytest.mark.parametrize("path, where", [
    ("**/api/memory*", "What it knows about you"),
    ("**/api/context*", "What the next session is told"),
    ("**/api/conversations*", "Summaries")])
def test_each_part_that_fails_is_tried_again(visit, path, where):
    page = visit("/#/usage", remembered, expected_failures=1)
    page.route(path, lambda route: route.abort())
    page.goto("/#/memory")
    part = page.get_by_role("region", name=where, exact=True)
    expect(part.get_by_role("alert")).to_contain_text("The broker cannot be reached.")
    page.unroute(path)
    part.get_by_role("button", name="Try again").click()
    expect(part.get_by_role("alert")).to_have_count(0)
    expect(part).to_contain_text(re.compile("Biscuit|About me"))

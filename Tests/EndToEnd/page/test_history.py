"""Looking back: the list of conversations, search, and one conversation in full."""

import pathlib
import re

import pytest
from playwright.sync_api import expect

DAY = 86_400
MONDAY = 1_795_435_200  # 2026-11-23T12:00:00Z
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
LEGAL_TEXTS = [
    "<img src=x onerror=alert(1)><b>bold</b>", "👩‍👧 family", "مرحبا بك", "x" * 20_000, " \n "]


def titles(page):
    return page.locator(".conversation-list li:visible .name")


def open_conversation(page, name):
    titles(page).filter(has_text=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_nothing_yet_says_what_to_do(visit):
    page = visit("/#/history")
    expect(page.get_by_text("Nothing was said yet")).to_be_visible()
    page.get_by_role("link", name="Talk", exact=True).last.click()
    expect(page).to_have_url(re.compile("#/talk$"))


def test_conversations_are_listed_by_their_first_words(visit):
    def seed(person):
        person.converse(("assistant", "Welcome!"), "I want to learn the cello.")
        person.converse("Something", title="Named by hand")
        person.converse()

    page = visit("/#/history", seed)
    expect(titles(page)).to_have_text(
        ["Nothing said", "Named by hand", "I want to learn the cello."])
    expect(page.locator(".conversation-list li").last).to_contain_text("2 messages")


def test_the_list_goes_on_as_one_scrolls_with_a_request_a_page(visit):
    asked = []
    page = visit("/#/usage", lambda person: [person.converse(f"number {n}") for n in range(65)])
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/#/history")
    expect(titles(page).first).to_have_text("number 64")
    while page.locator(".conversation-list li").count() < 65:
        with page.expect_response("**/api/conversations*"):
            page.locator(".conversation-list li").last.scroll_into_view_if_needed()
        page.locator(".history-list .endless").evaluate("e => e.scrollIntoView()")
    expect(titles(page).last).to_have_text("number 0")
    api = [url for url in asked if "/api/" in url]
    assert len(api) == 3 and all("/api/conversations?" in url for url in api)


def moving(person):
    """A conversation of two sessions, on two days, with all that can be in one."""
    conversation = person.converse(title="Moving")
    person.session(
        conversation,
        {"role": "user", "created_at": MONDAY,
         "content": [{"type": "input_audio", "transcript": "My dog is called Biscuit."}]},
        {"role": "assistant", "created_at": MONDAY + 5, "status": "incomplete",
         "content": "How lovely! Does Biscuit like the sea?",
         "metadata": {"audio_end_ms": 1200, "heard_text": "How lovely!"}})
    person.session(
        conversation,
        {"role": "user", "content": "We moved to Lisbon in May. How is it?",
         "created_at": MONDAY + DAY},
        {"type": "function_call", "role": "assistant", "content": '{"city":"Lisbon"}',
         "metadata": {"name": "weather", "call_id": "call_1"}, "created_at": MONDAY + DAY},
        {"type": "function_call_output", "role": "tool", "content": '{"sky":"clear"}',
         "metadata": {"call_id": "call_1"}, "created_at": MONDAY + DAY},
        {"role": "assistant", "content": "Clear.", "created_at": MONDAY + DAY + 3})
    return conversation


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_one_conversation_is_shown_as_it_was(visit, viewport):
    page = visit("/#/history", moving, viewport=viewport)
    open_conversation(page, "Moving")
    expect(page).to_have_title("Moving · Session broker")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    rows = page.locator(".entry")
    expect(rows).to_have_count(6)
    expect(rows.nth(0)).to_contain_text("You")
    expect(rows.nth(0)).to_contain_text("spoken")
    expect(rows.nth(1)).to_contain_text("interrupted after 1.2 s")
    expect(rows.nth(1).locator("s")).to_have_text("Does Biscuit like the sea?")
    call, answer = rows.nth(3), rows.nth(4)
    expect(call.get_by_text("Called weather")).to_be_visible()
    expect(call.locator("pre")).to_have_count(0)
    call.locator("summary").click()
    expect(call.locator("pre")).to_have_text('{\n  "city": "Lisbon"\n}')
    expect(answer).to_contain_text("Answer of weather")
    expect(page.locator(".divider.day")).to_have_text([re.compile("Monday.*23"), re.compile("24")])
    expect(page.locator(".divider.session")).to_have_text([re.compile("marin")] * 2)
    expect(page.locator(".one-facts")).to_contain_text("6 messages · 2 sessions")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_summaries_and_facts_lead_to_their_messages(visit):
    page = visit("/#/history/{}", moving)
    page.person.wait_for("/api/memory", lambda memory: memory["data"])
    page.reload()
    expect(page.locator(".entry").first.locator(".remembered")).to_contain_text("Dog: Biscuit")
    page.locator(".panel > summary").click()
    page.locator(".summary").last.get_by_role("link", name="first message").click()
    expect(page.locator(".entry.target")).to_contain_text("How is it?")
    expect(page.locator(".entry.target")).to_be_focused()
    page.locator(".remembered a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Memory")
    expect(page.locator(".facts-list .target")).to_contain_text("Dog: Biscuit")


def test_search_finds_as_one_types_and_leads_to_the_message(visit):
    def seed(person):
        moving(person)
        messages = person.get("/api/search?q=biscuit")
        person.wait_for("/api/search?q=biscuit", lambda hits: hits["data"] or messages["data"])

    page = visit("/#/history", seed)
    searches = []
    page.on("request", lambda request: searches.append(request.url)
            if "/api/search" in request.url else None)
    page.get_by_label("Search everything said").press_sequentially("dog biscuit", delay=20)
    first = page.locator(".hits li").first
    expect(first.locator("mark")).to_have_text(["dog", "Biscuit"])
    assert len(searches) < len("dog biscuit") / 2
    first.locator("a").click()
    expect(page.locator(".entry.target")).to_contain_text("My dog is called Biscuit.")
    expect(page.locator(".hits li").first).to_be_visible()


def test_what_only_stands_beside_a_hit_is_not_counted(visit):
    page = visit("/#/history", lambda person: person.converse(
        "We watched a zeppelin.", ("assistant", "How nice."), "It was silver.",
        ("assistant", "I see."), "And then it rained."))
    page.get_by_label("Search everything said").fill("zeppelin")
    expect(page.locator(".hits-count")).to_have_text("1 message")
    expect(page.locator("#announcer")).to_have_text("1 message found")
    expect(page.locator(".hits").first.locator("li")).to_have_count(1)
    expect(page.get_by_role("heading", name="Said next to it")).to_be_visible()
    assert page.locator(".hits").last.locator("li").count() >= 1
    expect(page.locator(".hits").last.locator("mark")).to_have_count(0)


def test_search_is_narrowed_by_date(visit):
    def seed(person):
        moving(person)
        person.wait_for("/api/search?q=clear", lambda hits: len(hits["data"]) == 2)

    page = visit("/#/history", seed)
    page.get_by_label("Search everything said").fill("dog")
    expect(page.locator(".hits mark").first).to_have_text("dog")
    page.get_by_text("Dates").click()
    page.get_by_label("From").fill("2026-11-24")
    expect(page.locator(".hits mark")).to_have_count(0)
    page.get_by_label("From").fill("")
    page.get_by_label("To", exact=True).fill("2026-11-23")
    expect(page.locator(".hits mark").first).to_have_text("dog")


def test_an_earlier_search_is_given_up(visit):
    page = visit("/#/history", lambda person: person.converse("hello"))
    held = []
    page.route("**/api/search?q=h&*", lambda route: held.append(route))
    field = page.get_by_label("Search everything said")
    with page.expect_request("**/api/search?q=h&*"):
        field.fill("h")
    with page.expect_event("requestfailed") as failed:
        field.fill("hello")
    assert "q=h&" in failed.value.url
    expect(page.locator(".hits mark")).to_have_text("hello")
    field.fill("")
    expect(titles(page)).to_have_text(["hello"])


def test_what_is_not_there_is_not_found(visit):
    page = visit("/#/history", lambda person: person.converse("hello"))
    page.get_by_label("Search everything said").fill("submarine")
    expect(page.get_by_text("Nothing found", exact=True).first).to_be_visible()


def test_a_conversation_is_renamed_where_it_stands(visit):
    page = visit("/#/history/{}", lambda person: person.converse("first words"))
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("first words")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("Not this")
    page.keyboard.press("Escape")
    expect(heading).to_have_text("first words")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("<b>Holiday</b>")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("<b>Holiday</b>")
    expect(titles(page)).to_have_text(["<b>Holiday</b>"])
    expect(page).to_have_title("<b>Holiday</b> · Session broker")
    stored, = page.person.get("/api/conversations")["data"]
    assert stored["title"] == "<b>Holiday</b>"


def test_a_rename_that_fails_says_so_and_keeps_what_was_typed(visit):
    page = visit("/#/history/{}", lambda person: person.converse("words"), expected_failures=1)
    page.get_by_role("button", name="Rename").click()
    page.route("**/api/conversations/*", lambda route: route.abort())
    page.get_by_label("Title").fill("Holiday")
    page.keyboard.press("Enter")
    expect(page.locator(".rename [role=alert]")).to_have_text("The broker cannot be reached.")
    expect(page.get_by_label("Title")).to_have_value("Holiday")


def test_a_deletion_is_undone(visit):
    page = visit("/#/history/{}", lambda person: person.converse("keep me"))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing was said yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["keep me"])
    page.reload()
    expect(titles(page)).to_have_text(["keep me"])


def test_a_deletion_happens_when_the_time_to_undo_it_is_over(visit):
    page = visit("/#/history", lambda person: [person.converse("stays"), person.converse("goes")])
    page.clock.install()
    open_conversation(page, "goes")
    page.get_by_role("button", name="Delete").click()
    expect(titles(page)).to_have_text(["stays"])
    assert len(page.person.get("/api/conversations")["data"]) == 2
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.clock.fast_forward(9_000)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert [c["preview"] for c in page.person.get("/api/conversations")["data"]] == ["stays"]


def test_time_stands_still_for_who_is_about_to_undo(visit):
    page = visit("/#/history", lambda person: person.converse("goes"))
    deletions = []
    page.on("request", lambda request: deletions.append(request)
            if request.method == "DELETE" else None)
    page.clock.install()
    open_conversation(page, "goes")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    assert deletions == []
    page.keyboard.press("Tab")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.clock.fast_forward(9_000)


def test_a_deletion_happens_when_the_page_is_left(visit):
    page = visit("/#/history/{}", lambda person: person.converse("goes"))
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.goto("about:blank")
    page.person.wait_for("/api/conversations", lambda found: found["data"] == [])


def test_a_deletion_that_fails_brings_it_back(visit):
    page = visit("/#/history", lambda person: person.converse("stays"), expected_failures=1)
    page.clock.install()
    open_conversation(page, "stays")
    page.route("**/api/conversations/*", lambda route: route.abort())
    page.get_by_role("button", name="Delete").click()
    expect(titles(page)).to_have_count(0)
    page.clock.fast_forward(9_000)
    expect(titles(page)).to_have_text(["stays"])
    expect(page.get_by_text("Could not delete the conversation")).to_be_visible()


@pytest.mark.parametrize("name, start", [
    ("Markdown", "# Trip\n"), ("Text", "["), ("JSON lines", '{"id":"msg_'), ("VTT", "WEBVTT\n")])
def test_a_conversation_is_exported(visit, name, start):
    page = visit("/#/history/{}", lambda person: person.converse("By train.", title="Trip"))
    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    text = pathlib.Path(download.value.path()).read_text()
    assert text.startswith(start) and "By train." in text


def test_the_menu_of_exports_closes_when_it_is_left(visit):
    page = visit("/#/history/{}", lambda person: person.converse("By train."))
    summary, item = page.get_by_text("Export"), page.get_by_role("link", name="Markdown")
    summary.click()
    expect(item).to_be_visible()
    page.keyboard.press("Escape")
    expect(item).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.get_by_role("button", name="Rename").focus()
    expect(item).to_be_hidden()


def test_what_fails_is_tried_again_and_leaves_the_rest_alone(visit):
    page = visit("/#/history", lambda person: person.converse("hello"), expected_failures=1)
    address = page.locator(".conversation-list a").get_attribute("href")
    conversation = address.rsplit("/", 1)[1]
    page.route(f"**/api/conversations/{conversation}", lambda route: route.abort(), times=1)
    page.locator(".conversation-list a").click()
    again = page.get_by_role("alert").get_by_role("button", name="Try again")
    page.route("**/summaries?*", lambda route: route.abort(), times=1)
    again.click()
    expect(page.locator(".entry")).to_contain_text("hello")
    expect(page.locator(".one-facts")).to_contain_text("1 message")
    again.click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".entry")).to_contain_text("hello")


def test_a_conversation_is_continued(visit):
    page = visit("/#/history/{}", lambda person: person.converse("hello"))
    conversation = page.url.rsplit("/", 1)[1]
    with page.expect_request(lambda request: request.url.endswith("/api/session")) as asked:
        page.get_by_role("link", name="Continue").click()
    assert asked.value.post_data_json["conversation_id"] == conversation


def test_what_was_said_is_only_ever_text(visit):
    page = visit("/#/history/{}", lambda person: person.converse(
        *LEGAL_TEXTS[:-1], {"role": "assistant", "content": " \n "}, title="<i>odd</i>"),
        viewport=PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text("<i>odd</i>")
    rows = page.locator(".entry")
    expect(rows).to_have_count(5)
    for index, text in enumerate(LEGAL_TEXTS[:3]):
        expect(rows.nth(index).locator(".entry-text")).to_have_text(text)
    assert page.locator(".history-page :is(img, b, i)").count() == 0
    arabic = rows.nth(2).locator(".entry-text")
    assert arabic.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert len(rows.nth(3).inner_text()) < 2_000
    rows.nth(3).get_by_role("button", name="Show all 20,000 characters").click()
    expect(rows.nth(3).locator(".entry-text")).to_have_text("x" * 20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


LONG_TASKS = """
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: 'longtask', buffered: true });
"""


def test_ten_thousand_messages_stay_fast(visit):
    count = 10_000

    def seed(person):
        conversation = person.converse(title="Long")
        texts = [f"number {n} " + "and on " * (n % 9) for n in range(count)]
        ids = person.say(conversation, *texts)
        return f"{conversation}?message={ids[5_000]}"

    page = visit("/#/history/{}", seed)
    target = page.locator(".entry.target")
    expect(target).to_contain_text("number 5000 ")
    expect(target).to_be_in_viewport()
    assert page.locator(".entry").count() < 400
    page.evaluate(LONG_TASKS)
    scroller = page.locator(".history-one .pane-scroll")
    for _ in range(10):
        known = page.locator(".entry").count()
        scroller.evaluate("element => element.scrollBy(0, -100_000)")
        page.wait_for_function(
            "known => document.querySelectorAll('.entry').length > known", arg=known)
    numbers = [
        int(text.split()[1]) for text in page.locator(".entry-text").all_text_contents()]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    page.get_by_role("button", name="Go to the end").click()
    expect(page.locator(".entry").last).to_contain_text(f"number {count - 1} ")
    expect(page.locator(".entry").last).to_be_in_viewport()


def test_what_is_in_sight_stays_when_earlier_messages_come(visit):
    def seed(person):
        conversation = person.converse(title="Long")
        ids = person.say(conversation, *[f"number {n}" for n in range(300)])
        return f"{conversation}?message={ids[200]}"

    page = visit("/#/history/{}", seed)
    expect(page.locator(".entry.target")).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    held = []
    page.route(re.compile("/messages.*before="), lambda route: held.append(route))
    with page.expect_request(re.compile("/messages.*before=")):
        page.locator(".history-one .pane-scroll").evaluate(
            "element => { element.scrollTop = 400; }")
    known = page.locator(".entry").count()
    seen = page.evaluate("""() => new Promise((resolve) => setTimeout(() => {
      const row = document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('.entry');
      resolve({ id: row.id, y: row.getBoundingClientRect().y });
    }, 100))""")
    held[0].continue_()
    page.wait_for_function("known => document.querySelectorAll('.entry').length > known", arg=known)
    assert abs(page.locator(f"#{seen['id']}").bounding_box()["y"] - seen["y"]) < 4


def test_a_conversation_that_is_not_there_says_so(visit):
    page = visit("/#/history/conv_01aaaaaaaaaaaaaaaaaaaaaaaa", expected_failures=1)
    expect(page.get_by_text("There is no such conversation")).to_be_visible()
    page.get_by_role("link", name="All conversations").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")


def test_a_list_that_cannot_be_loaded_is_tried_again(visit):
    page = visit("/#/usage", lambda person: person.converse("hello"), expected_failures=1)
    page.route("**/api/conversations?*", lambda route: route.abort())
    page.goto("/#/history")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The broker cannot be reached.")
    page.unroute("**/api/conversations?*")
    alert.get_by_role("button", name="Try again").click()
    expect(titles(page)).to_have_text(["hello"])

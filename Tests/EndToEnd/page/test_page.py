"""The page plays the main job by hand, in a browser."""

import gzip
import pathlib
import urllib.request

import pytest
from playwright.sync_api import expect

PUBLIC = pathlib.Path(__file__).resolve().parents[3] / "public"
FACT = "My dog is called Biscuit, and we move to Lisbon in May."


def start(page):
    page.get_by_role("button", name="Start a session").click()
    expect(page.locator("#orb")).to_have_attribute("data-state", "ready")


def say(page, text):
    """Types a message and waits for the whole answer; gives back its text."""
    answers = page.locator(".turn[data-role=assistant]")
    before = answers.count()
    page.get_by_label("Message").fill(text)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1)
    expect(page.locator("#orb")).to_have_attribute("data-state", "ready")
    return answers.last.locator(".text").inner_text()


def end(page):
    with page.expect_response(lambda response: response.url.endswith("/end")):
        page.get_by_role("button", name="End the session").click()
    expect(page.locator("#state")).to_have_text("Idle")


def expect_all_stored(page, count):
    expect(page.locator(".turn .mark[data-state=stored]")).to_have_count(count)


def stored(page):
    """What the broker has of the newest conversation, asked with the page's own cookie."""
    conversations = page.request.get("/api/conversations").json()["data"]
    path = f"/api/conversations/{conversations[0]['id']}/messages"
    return [
        (m["role"], m["content"], m["status"]) for m in page.request.get(path).json()["data"]]


def test_it_says_that_the_upstream_is_a_simulator(visit):
    page = visit()
    expect(page.locator("#upstream")).to_have_attribute("data-kind", "simulator")
    expect(page.locator("#upstream")).to_contain_text("No OpenAI key is set")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device, width, height", [
    ("phone", 390, 844), ("tablet", 900, 1100), ("desktop", 1440, 900)])
def test_the_next_session_remembers(visit, snap, device, width, height, scheme):
    page = visit(viewport={"width": width, "height": height}, color_scheme=scheme)
    expect(page.locator("#upstream")).not_to_have_attribute("data-kind", "unknown")
    snap(page, f"{device}-{scheme}-1-start")
    start(page)
    expect(page.locator("#memory")).to_contain_text("Nothing was said before")
    answer = say(page, FACT)
    expect_all_stored(page, 2)
    assert stored(page) == [("user", FACT, "completed"), ("assistant", answer, "completed")]
    end(page)
    start(page)
    assert int(page.locator("#memory strong").inner_text().replace(",", "")) > 0
    assert "Biscuit" in say(page, "What is the name of my dog?")
    expect_all_stored(page, 2)
    page.locator("#log > summary").click()
    page.locator(".conversations .row").first.click()
    expect(page.locator(".messages li")).to_have_count(2)
    snap(page, f"{device}-{scheme}-2-remembers")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.layoutShift") < 0.1
    end(page)


def test_the_model_looks_up_what_was_said(visit):
    page = visit()
    start(page)
    say(page, "My dog is called Biscuit.")
    end(page)
    start(page)
    page.get_by_label("Message").fill("Please recall the name of my dog!")
    page.keyboard.press("Enter")
    answer = page.locator(".turn[data-role=assistant]").last
    expect(answer).to_contain_text("The tool recall answered: Quoted from earlier conversations")
    expect(answer).to_contain_text("User: My dog is called Biscuit.")
    # The question, the call, its output and the answer.
    expect_all_stored(page, 4)
    end(page)


def test_a_recall_that_fails_does_not_keep_the_model_waiting(visit):
    page = visit(expected_failures=1)
    page.route("**/api/recall", lambda route: route.fulfill(status=500, body="{}"))
    start(page)
    page.get_by_label("Message").fill("Please recall the name of my dog!")
    page.keyboard.press("Enter")
    expect(page.locator(".turn[data-role=assistant]").last).to_contain_text(
        "The tool recall answered: The earlier conversations cannot be searched now.")
    end(page)


def test_a_greeting_is_spoken_first_and_stored(visit):
    page = visit()
    page.get_by_label("Greeting").fill("Ahoy, good to see you!")
    start(page)
    expect(page.locator(".turn .text")).to_have_text("Ahoy, good to see you!")
    expect_all_stored(page, 1)
    assert stored(page) == [("assistant", "Ahoy, good to see you!", "completed")]


def test_a_conversation_is_continued_in_another_session(visit):
    page = visit()
    start(page)
    say(page, FACT)
    expect_all_stored(page, 2)
    end(page)
    page.get_by_role("button", name="Continue conversation").click()
    expect(page.locator("#orb")).to_have_attribute("data-state", "ready")
    say(page, "And my cat is called Miso.")
    expect_all_stored(page, 2)
    assert [text for role, text, _ in stored(page) if role == "user"] == [
        FACT, "And my cat is called Miso."]


def test_a_new_session_waits_for_the_end_of_the_last(visit):
    page = visit()
    start(page)
    held, minted = [], []
    page.route("**/end", lambda route: held.append(route))
    page.on("request", lambda request: minted.append(request)
            if request.url.endswith("/api/session") else None)
    with page.expect_request("**/end"):
        page.get_by_role("button", name="End the session").click()
    page.get_by_role("button", name="Start a session").click()
    expect(page.locator("#state-text")).to_contain_text("Minting")
    assert minted == []
    held[0].continue_()
    expect(page.locator("#orb")).to_have_attribute("data-state", "ready")
    assert len(minted) == 1


def test_it_can_be_used_without_a_mouse(visit):
    page = visit()
    page.get_by_role("button", name="Start a session").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message")).to_be_focused()
    page.keyboard.type("Hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("there")
    page.keyboard.press("Enter")
    expect_all_stored(page, 2)
    assert stored(page)[0][1] == "Hello\nthere"


def test_what_is_said_is_only_ever_text(visit):
    page = visit()
    start(page)
    markup = "<img src=x onerror=alert(1)><b>bold</b>"
    say(page, markup)
    expect_all_stored(page, 2)
    page.locator(".conversations .row").first.click()
    expect(page.locator(".messages .text").first).to_have_text(markup)
    assert page.locator("#transcript img, #transcript b, #stored img, #stored b").count() == 0


def test_what_could_not_be_stored_is_stored_on_the_next_visit(visit):
    page = visit(expected_failures=1)
    start(page)
    page.route("**/messages", lambda route: route.abort())
    say(page, FACT)
    expect(page.locator("#storing")).to_contain_text("still to store")
    page.unroute("**/messages")
    page.reload()
    expect(page.locator(".conversations .row")).to_contain_text("2 messages")
    assert stored(page)[0] == ("user", FACT, "completed")
    assert page.evaluate("localStorage.length") == 0


def test_a_deleted_conversation_goes(visit):
    page = visit()
    start(page)
    say(page, FACT)
    expect_all_stored(page, 2)
    end(page)
    page.locator(".conversations .row").first.click()
    page.get_by_role("button", name="Delete this conversation").click()
    page.get_by_role("button", name="Really? this conversation").click()
    expect(page.locator("#stored")).to_contain_text("Nothing is stored yet")
    assert page.request.get("/api/conversations").json()["data"] == []


def test_a_conversation_is_exported(visit):
    page = visit()
    start(page)
    say(page, FACT)
    expect_all_stored(page, 2)
    page.locator(".conversations .row").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Markdown").click()
    assert FACT in pathlib.Path(download.value.path()).read_text()


def test_a_mint_that_fails_says_why(visit):
    page = visit(expected_failures=1)
    expect(page.locator("#upstream")).not_to_have_attribute("data-kind", "unknown")
    page.route("**/api/session", lambda route: route.abort())
    page.get_by_role("button", name="Start a session").click()
    expect(page.locator("#orb")).to_have_attribute("data-state", "error")
    expect(page.locator("#state-text")).to_have_text("The broker cannot be reached.")


def test_the_event_log_shows_both_directions(visit):
    page = visit()
    start(page)
    say(page, "Hello")
    page.locator("#log > summary").click()
    page.get_by_label("Direction").select_option("sent")
    shown = page.locator(".events li:visible .type")
    assert shown.all_inner_texts() == ["conversation.item.create", "response.create"]
    page.get_by_label("Direction").select_option("")
    page.get_by_label("Filter events").fill("session.created")
    expect(shown).to_have_count(1)


def test_nothing_moves_for_those_who_want_it_so(visit):
    page = visit(reduced_motion="reduce")
    start(page)
    assert page.evaluate("document.getAnimations().length") == 0


def test_everything_to_press_or_fill_has_a_name(visit):
    page = visit()
    start(page)
    say(page, "Hello")
    expect_all_stored(page, 2)
    nameless = page.evaluate("""() =>
      [...document.querySelectorAll('button, a, input, select, textarea, [tabindex], [role=log]')]
        .filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') ||
                         e.labels?.length || e.getAttribute('aria-labelledby')))
        .map((e) => e.outerHTML)""")
    assert nameless == []


def test_it_loads_only_its_own_small_files(visit, broker):
    page = visit()
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload(wait_until="networkidle")
    assert addresses
    assert all(address.startswith(broker.url) for address in addresses)
    files = [path for path in PUBLIC.rglob("*") if path.suffix in (".html", ".css", ".js", ".svg")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 60_000


def test_its_policy_allows_no_script_or_style_but_its_files(broker):
    with urllib.request.urlopen(broker.url) as response:
        policy = response.headers["Content-Security-Policy"]
        html = response.read().decode()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in html and "<style" not in html and " onclick" not in html

"""Broadcasts: made, invited to, kept, saved and deleted."""

import re

import pytest
from playwright.sync_api import expect

from support.barcodes import read_svg
from support.broadcast_pages import TEXTS, listen_path, shows, state
from support.broadcasts import TONES, SocketListener, Speaker, new_broadcast, told
from support.clients import client as client_of, succeeded
from support.processes import SERVICE_KEY

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"

pytestmark = pytest.mark.usefixtures("all_leave")


def broadcasts(page):
    return page.person.get("/api/broadcasts")["data"]


def test_a_broadcast_is_created_and_people_are_invited(visit):
    page = visit("/#/broadcasts")
    page.get_by_role("link", name="Create a broadcast").click()
    page.get_by_label("Title").fill("Town <b>meeting</b>")
    page.get_by_label("You speak").select_option("de")
    expect(page.get_by_label("German")).to_be_disabled()
    page.get_by_label("Spanish").check()
    page.get_by_role("textbox", name="Other languages").fill("pt-BR, zh-Hant")
    page.get_by_label("Translations are spoken, too").check()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Town <b>meeting</b>")
    made, = broadcasts(page)
    assert (made["title"], made["source_language"], made["mode"], made["audio"], made["access"]) == (
        "Town <b>meeting</b>", "de", "translation", True, "token")
    assert sorted(made["languages"]) == ["es", "pt-BR", "zh-Hant"]
    assert page.url.endswith(f"#/broadcasts/{made['id']}")
    link = page.get_by_label("Link for listeners").input_value()
    assert link.startswith(f"{made['page_url']}?token=bl_")
    assert code_of(page) == link
    page.reload()
    expect(page.get_by_label("Link for listeners")).to_have_value(link)


def code_of(page):
    """What a camera reads of the QR code."""
    image = page.get_by_alt_text("QR code of the link for listeners")
    expect(image).to_have_attribute("src", re.compile("^data:"))
    svg = image.evaluate("image => decodeURIComponent(image.src.split(',').slice(1).join(','))")
    return read_svg(svg)


def test_captions_alone_need_no_languages(visit):
    page = visit("/#/broadcasts/new")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Choose at least one language, or captions only.")
    page.get_by_label("Captions only").check()
    expect(page.get_by_label("Spanish")).to_be_hidden()
    page.get_by_label("Everybody").check()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Untitled broadcast")
    made, = broadcasts(page)
    assert (made["mode"], made["languages"], made["access"]) == ("transcription", [], "public")
    expect(page.get_by_label("Link for listeners")).to_have_value(made["page_url"])
    assert code_of(page) == made["page_url"]


def test_what_the_broker_refuses_is_said(visit):
    page = visit("/#/broadcasts/new", expected_failures=1)
    page.get_by_role("textbox", name="Other languages").fill("Klingon")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("must be codes such as 'es' or 'pt-BR'")
    assert broadcasts(page) == []


def test_a_new_link_takes_the_place_of_the_former(visit):
    page = visit("/#/broadcasts/{}", lambda person: person.send(
        "POST", "/api/broadcasts", {"access": "token"})["id"])
    expect(page.get_by_text("The secret part of the link was shown once")).to_be_visible()
    links = []
    for _ in range(2):
        page.get_by_role("button", name="New link").click()
        with page.expect_response(lambda answer: answer.url.endswith("/token")):
            page.get_by_role("button", name="Make a new link").click()
        field = page.get_by_label("Link for listeners")
        expect(field).not_to_have_value(links[-1] if links else "")
        links.append(field.input_value())
    former, latest = links
    page.goto("about:blank")
    page.goto(latest)
    state(page, "Not begun yet")
    page.goto("about:blank")
    page.context.clear_cookies()
    failures = []
    page.on("response", lambda answer: failures.append(answer.status))
    page.goto(latest)
    state(page, "Not begun yet")
    assert former != latest and 401 not in failures


def test_broadcasts_are_listed_and_deleted_unless_that_is_undone(visit):
    def seed(person):
        for title in "One", "Two":
            person.send("POST", "/api/broadcasts", {"title": title})

    page = visit("/#/broadcasts", seed)
    titles = page.locator(".broadcast:visible h2")
    expect(titles).to_have_text(["Two", "One"])
    page.clock.install()
    page.get_by_role("button", name="Delete Two").click()
    expect(titles).to_have_text(["One"])
    page.get_by_role("button", name="Undo").click()
    expect(titles).to_have_text(["Two", "One"])
    page.get_by_role("button", name="Delete Two").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.clock.fast_forward(9_000)
    assert [broadcast["title"] for broadcast in broadcasts(page)] == ["One"]


def test_a_broadcast_that_is_not_there_says_so(visit):
    page = visit("/#/broadcasts/bcast_01aaaaaaaaaaaaaaaaaaaaaaaa", expected_failures=1)
    expect(page.get_by_text("There is no such broadcast")).to_be_visible()
    page.get_by_role("link", name="All broadcasts").click()
    expect(page.get_by_text("No broadcasts yet")).to_be_visible()


class TestWhatIsKept:
    """What was said in a broadcast that has ended."""

    @pytest.fixture
    def server(self, simulated):
        return simulated(TONES)

    @pytest.fixture
    def kept(self, server):
        """Makes broadcasts of a user in which this was said, and which have ended."""
        def kept(user, *sentences, languages=("es",)):
            with client_of(server, user) as owner:
                made = new_broadcast(
                    owner, title="Rivers", languages=languages, access="token")
                bearer = {"Authorization": f"Bearer {made['listen_token']}"}
                english = SocketListener(made, "en", headers=bearer)
                others = {code: SocketListener(made, code, headers=bearer) for code in languages}
                with Speaker(owner, made) as speaker:
                    for code, listener in (others | {"en": english}).items():
                        listener.state(code, "live")
                    for count, sentence in enumerate(sentences, 1):
                        speaker.say(sentence, pause=0.6)
                        # It is spoken faster than people speak, and so is waited for.
                        if count % 10 == 0 or count == len(sentences):
                            english.has([told(sentence) for sentence in sentences[:count]])
                    for code, listener in others.items():
                        listener.has([told(sentence, code) for sentence in sentences])
                return made | succeeded(owner.post(f"/api/broadcasts/{made['id']}/end"))

        return kept

    @pytest.fixture
    def owned(self, kept, server, visit):
        """The page of such a broadcast, as its owner sees it."""
        def owned(*sentences, **how):
            page = visit("/#/broadcasts", server=server)
            # Before its first answer, each request would make another user.
            expect(page.get_by_text("No broadcasts yet")).to_be_visible()
            user = page.person.send("POST", "/api/session", {})["user_id"]
            made = kept(user, *sentences, **how)
            page.goto(f"/#/broadcasts/{made['id']}")
            return made, page

        return owned

    def test_its_owner_reads_it_in_each_language(self, owned):
        made, page = owned(FIRST, SECOND)
        expect(page.locator(".broadcast-mark")).to_have_text("Ended")
        shows(page, told(FIRST), told(SECOND))
        expect(page.locator(".caption-time").first).to_have_text("0:00")
        page.get_by_label("Language").select_option("es")
        shows(page, told(FIRST, "es"), told(SECOND, "es"))
        page.get_by_role("link", name="Open in History").click()
        expect(page.locator(".entry-text").first).to_have_text(told(FIRST))
        assert made["conversation_id"] in page.url

    @pytest.mark.parametrize("name, format, has", [
        ("Captions (WebVTT)", "vtt", "WEBVTT"), ("Captions (SubRip)", "srt", "1\n00:00:0"),
        ("Text (Markdown)", "md", "# Rivers"), ("Data (JSON)", "json", '"segments"')])
    def test_it_is_saved_by_its_owner_and_by_listeners(
            self, owned, server, visit, name, format, has):
        made, page = owned(FIRST)
        listener = visit(listen_path(made, "es"), server=server)
        for reader, language in (page, "en"), (listener, "es"):
            shows(reader, told(FIRST, language))
            reader.get_by_text("Save as …").click()
            with reader.expect_download() as saving:
                reader.get_by_role("link", name=name).click()
            file = saving.value
            assert file.suggested_filename == f"{made['id']}.{language}.{format}"
            text = file.path().read_text()
            assert has in text and told(FIRST, language) in text
            assert made["listen_token"] not in file.url

    def test_it_is_deleted_unless_that_is_undone(self, owned):
        made, page = owned(FIRST)
        page.clock.install()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Broadcasts")
        expect(page.get_by_role("link", name="Rivers")).to_be_hidden()
        with page.expect_response(lambda answer: answer.request.method == "DELETE"):
            page.clock.fast_forward(9_000)
        assert broadcasts(page) == []

    def test_all_of_a_long_one_comes_as_one_scrolls(self, owned):
        words = "hello one two three four five six seven eight nine".split()
        sentences = [" is ".join(words[int(digit)] for digit in str(number))
                     for number in range(1, 131)]
        _, page = owned(*sentences, languages=())
        expect(page.locator(".caption").first).to_have_text(re.compile(told(sentences[0])))
        assert len(page.evaluate(TEXTS)) == 100
        page.locator(".caption").last.scroll_into_view_if_needed()
        shows(page, *map(told, sentences))

    def test_listeners_read_it_at_the_same_address(self, kept, server, visit):
        made = kept(None, FIRST)
        page = visit(listen_path(made, "en"), server=server, viewport={"width": 390, "height": 844})
        state(page, "Ended")
        shows(page, told(FIRST))
        page.get_by_label("Language").select_option("es")
        shows(page, told(FIRST, "es"))
        assert page.url.endswith("&language=es")
        assert SERVICE_KEY not in page.content()

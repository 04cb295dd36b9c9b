"""The API as a page: all of the contract, found, linked and readable by everybody."""

import json
import pathlib
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from support.accessibility import violations

API = json.loads(
    (pathlib.Path(__file__).resolve().parents[3] / "public/openapi.json").read_text())
OPERATIONS = [operation for item in API["paths"].values()
              for method, operation in item.items() if method != "parameters"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
# Its own files and the styles that it shares; the document itself is fetched by it.
LIMIT_BYTES = 40_000

# Opens all folds of an operation, and those within; true once each has its contents.
OPENED = """(id) => {
  const folds = [...document.querySelectorAll(`#${id} details`)];
  for (const fold of folds) fold.open = true;
  return folds.length > 0 && folds.every((fold) => fold.childElementCount > 1);
}"""


def operation(page, id):
    return page.locator(f"details#{id}")


def test_every_operation_is_there_under_its_tag(visit):
    page = visit("/docs/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Session broker API")
    expect(page.locator(".operation")).to_have_count(len(OPERATIONS))
    tags = [tag["name"] for tag in API["tags"]]
    assert page.locator(".group h2").all_inner_texts() == tags
    expect(page.get_by_role("status")).to_have_text(f"{len(OPERATIONS)} operations")


def test_it_is_small_and_has_no_script_or_style_but_its_files(visit, broker):
    with urllib.request.urlopen(f"{broker.url}/docs/") as response:
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        html = response.read().decode()
    assert " style=" not in html and "<style" not in html
    assert re.findall(r"<script([^>]*)>", html) == [' type="module" src="main.js"']
    page = visit("/docs/")
    page.wait_for_load_state("networkidle")
    size = page.evaluate("""() => performance.getEntriesByType('resource')
        .filter(({ name }) => !name.endsWith('/openapi.json'))
        .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)""")
    assert 10_000 < size < LIMIT_BYTES, size


def test_an_operation_opens_to_all_that_there_is_to_know(visit):
    page = visit("/docs/")
    summary = operation(page, "createSession").locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    opened = operation(page, "createSession")
    expect(opened.locator("h4")).to_have_text(
        ["Parameters", "Request body (may be left out)", "Responses"])
    expect(opened).to_contain_text("X-Broker-User string, header")
    expect(opened.locator("code", has_text="webrtc").first).to_be_visible()
    opened.get_by_text("Fields of context").click()
    expect(opened.get_by_text("max_tokens", exact=True)).to_be_visible()
    expect(opened).to_contain_text("0 to 8,000")
    expect(opened.locator("pre").nth(1)).to_contain_text('"voice": "cedar"')
    opened.locator(".response summary").first.click()
    expect(opened.get_by_text("Idempotency-Replayed")).to_be_visible()
    assert page.url.endswith("/docs/#createSession")


def test_an_address_leads_to_its_operation(visit):
    page = visit("/docs/#getContext")
    expect(operation(page, "getContext")).to_have_attribute("open", "")
    expect(operation(page, "getContext").locator("summary").first).to_be_focused()
    expect(operation(page, "getContext")).to_be_in_viewport()
    page.get_by_label("Filter operations").fill("export")
    expect(operation(page, "createAgent")).to_be_hidden()
    page.evaluate("location.hash = 'createAgent'")
    expect(operation(page, "createAgent")).to_have_attribute("open", "")
    expect(page.get_by_label("Filter operations")).to_have_value("")


def test_an_address_leads_to_its_group_and_an_unknown_one_to_the_start(visit):
    page = visit("/docs/#group-agents")
    expect(page.get_by_role("heading", name="Agents", exact=True)).to_be_in_viewport()
    page = visit("/docs/#%zz")
    expect(page.locator(".operation").first).to_be_visible()


def test_what_is_not_wanted_is_filtered(visit):
    page = visit("/docs/")
    page.get_by_label("Filter operations").fill("DELETE /api/me")
    expect(page.locator(".operation:visible")).to_have_count(4)
    expect(page.get_by_role("status")).to_have_text(f"4 of {len(OPERATIONS)} operations")
    expect(page.get_by_role("heading", name="Broadcasts")).to_be_hidden()
    page.get_by_label("Filter operations").fill("zebra")
    expect(page.get_by_role("status")).to_have_text(f"0 of {len(OPERATIONS)} operations")


def test_all_opens_and_closes(visit):
    page = visit("/docs/")
    page.get_by_role("button", name="Open all").click()
    expect(page.locator(".operation[open] .inside")).to_have_count(len(OPERATIONS))
    page.get_by_role("button", name="Close all").click()
    expect(page.locator(".operation[open]")).to_have_count(0)


def test_descriptions_are_only_ever_text(visit):
    page = visit("about:blank")
    spec = json.loads(json.dumps(API))
    spec["info"]["description"] = (
        "<img src=x onerror='window.isFooled = true'> **bold** [go](javascript:fooled) `<b>`")
    page.route("**/openapi.json", lambda route: route.fulfill(json=spec))
    page.goto("/docs/")
    shown = page.locator(".prose", has_text="onerror")
    expect(shown.locator("strong")).to_have_text("bold")
    expect(shown.locator("code")).to_have_text("<b>")
    expect(shown.locator("a, img, b")).to_have_count(0)
    assert page.evaluate("window.isFooled") is None


def test_a_document_that_does_not_come_is_tried_again(visit):
    page = visit("about:blank", expected_failures=1)
    page.route("**/openapi.json", lambda route: route.abort(), times=1)
    page.goto("/docs/")
    expect(page.get_by_role("alert")).to_contain_text("The API could not be loaded.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".operation").first).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_in_any_look(visit, snap, size, scheme):
    page = visit("/docs/", viewport=size, color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator(".operation").first).to_be_visible()
    assert violations(page) == []
    snap(page, f"docs-{size['width']}-{scheme}")
    page.goto("/docs/#createMessages")
    page.wait_for_function(OPENED, arg="createMessages")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    snap(page, f"docs-open-{size['width']}-{scheme}")

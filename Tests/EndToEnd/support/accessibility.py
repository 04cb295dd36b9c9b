"""What axe-core says of a page."""

from axe_playwright_python.sync_playwright import Axe

# Half-way from one colour to the next, neither contrast holds.
ARE_COLOURS_SETTLED = """() => !document.getAnimations().some((animation) =>
    animation instanceof CSSTransition && animation.playState === 'running' &&
    /color|opacity/.test(animation.transitionProperty))"""


def violations(page):
    """What axe-core complains of, and where."""
    page.wait_for_function(ARE_COLOURS_SETTLED)
    return [(violation["id"], [node["html"][:200] for node in violation["nodes"]])
            for violation in Axe().run(page).response["violations"]]

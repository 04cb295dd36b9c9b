"""The client as others import it: the example page, and ways that the talk page does not go."""

from support import speech
from support.processes import eventually
from support.talking import wait

DOG = "What time is it?"
CALL = {"function_call": {"name": "get_time", "arguments": {}}}


def reads(page, *lines):
    """Waits until the example's transcript begins so."""
    wait(page, """(lines) => lines.every((line, index) =>
           document.querySelectorAll('#transcript li')[index]?.textContent.startsWith(line))""",
         list(lines))


def test_the_example_talks_and_answers_the_model(talk):
    entry = {"transcriptions": [{"text": DOG}], "answers": [CALL, "Time for tea."]}
    it = talk(script={"calls": [entry]}, says=[speech.silence(1), speech.spoken(DOG)])
    page = it.visit(path="/examples/")
    page.get_by_role("button", name="Talk").click()
    reads(page, f"user: {DOG}", "assistant: ", "tool: ", "assistant: Time for tea.")
    eventually(lambda: it.said()[-1:] == [("assistant", "Time for tea.")])
    said = it.said()
    assert said[0] == ("user", DOG)
    assert ":" in dict(said)["tool"]
    page.get_by_role("button", name="End").click()
    wait(page, "() => document.querySelector('#state').textContent === 'idle'", None)
    it.check()


# A page of another maker's, which makes its calls by itself.
OWN_CALL = """
    async () => {
      const api = await import('/js/api.js');
      const { RealtimeSession } = await import('/js/realtime/realtime-session.js');
      window.session = new RealtimeSession({ api });
      await session.start({ transport: 'webrtc', callsUpstream: true });
      session.say('Hello.');
    }
"""


def test_a_call_made_past_the_broker_is_followed_by_it(talk):
    it = talk(script={"calls": [{"answers": ["Good day."]}]})
    page = it.visit(path="/examples/")
    asked = []
    page.on("request", lambda request: asked.append(request.url)
            if request.url.startswith(it.upstream.servers[-1].url) else None)
    page.evaluate(OWN_CALL)
    it.stored([("user", "Hello."), ("assistant", "Good day.")])
    assert [url.rsplit("/v1", 1)[1] for url in asked] == ["/realtime/calls"]
    assert page.evaluate("session.state") in ("listening", "speaking")

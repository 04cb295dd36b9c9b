"""The main job, played step by step; bin/demo runs it."""

import argparse
import http.cookiejar
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import urllib.error
import urllib.request

from websockets.sync.client import connect

TRANSCRIPT = pathlib.Path(__file__).parents[1] / "Tests/EndToEnd/data/transcript.jsonl"
QUESTION = "What do you remember about me?"
MODEL_SECONDS = 30


class Broker:
    """A browser's view of the broker: JSON over HTTP, and a cookie that keeps who it is."""

    def __init__(self, url):
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method)
        shown = f" -d '{textwrap.shorten(data.decode(), 60, placeholder='...')}'" if data else ""
        print(f"  $ curl -X {method} {self.url}{path}{shown}")
        try:
            with self._opener.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            sys.exit(f"  {error.code}: {error.read().decode(errors='replace')}")


def step(text):
    print(f"\n{text}")


def show(**values):
    for name, value in values.items():
        print(f"    {name}: {value}")


def first_session(broker):
    step("1. A page asks for a session: an ephemeral key, and a conversation to store in.")
    session = broker.call("POST", "/api/session", {"voice": "marin"})
    show(session=session["id"], conversation=session["conversation_id"],
         key=session["client_secret"]["value"][:8] + "...")
    return session


def store_conversation(broker, session):
    messages = [json.loads(line) for line in TRANSCRIPT.read_text().splitlines()]
    step(f"2. They talk; each of the {len(messages)} messages is stored as it is finished.")
    for message in messages[:4]:
        print(f"    {message['role']}: {message['content']}")
    print("    ...")
    broker.call(
        "POST", f"/api/conversations/{session['conversation_id']}/messages",
        {"messages": [message | {"session_id": session["id"]} for message in messages]})


def end(broker, session):
    step("3. The session ends; what it was about is kept.")
    show(status=broker.call("POST", f"/api/session/{session['id']}/end")["status"])


def second_session(broker):
    step("4. Later the same user comes back: the new session's instructions carry the past.")
    session = broker.call("POST", "/api/session", {"context": {"max_tokens": 2000}})
    context = session["context"]
    show(**{"carried over": f"{context['messages']} messages and {context['summaries']} summaries "
            f"in {context['tokens']} of {context['max_tokens']} tokens"})
    return session


def ask(session):
    step("5. With the new key the page opens the realtime session itself, and asks.")
    url = session["url"].removesuffix("/calls").replace("http", "ws", 1)
    url += f"?model={session['model']}"
    print(f"  $ websocat {url}")
    protocols = ["realtime", "openai-insecure-api-key." + session["client_secret"]["value"]]
    with connect(url, subprotocols=protocols, proxy=None, max_size=2**24) as socket:
        content = [{"type": "input_text", "text": QUESTION}]
        for event in (
            {"type": "conversation.item.create",
             "item": {"type": "message", "role": "user", "content": content}},
            {"type": "response.create", "response": {"output_modalities": ["text"]}},
        ):
            socket.send(json.dumps(event))
        print(f"    user: {QUESTION}\n    assistant: ", end="")
        while True:
            event = json.loads(socket.recv(timeout=MODEL_SECONDS))
            if event["type"] == "error":
                sys.exit(f"\n  upstream: {event['error']['message']}")
            if event["type"] == "response.output_text.delta":
                print(event["delta"], end="", flush=True)
            if event["type"] == "response.done":
                print()
                return


def play(url):
    broker = Broker(url)
    upstream = broker.call("GET", "/healthz")["upstream"]
    if upstream["kind"] == "simulator":
        print("  No OpenAI key is set: a simulator answers, from its instructions alone.")
    session = first_session(broker)
    store_conversation(broker, session)
    end(broker, session)
    ask(second_session(broker))


def play_on_a_fresh_broker(binary):
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "serve", "--port", "0", "--database", f"{folder}/demo.sqlite",
                   "--log-level", "error"]
        print(f"$ {' '.join(command)}")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                line = process.stdout.readline()
                if not line.startswith("listening on "):
                    sys.exit("the broker did not start")
                play(line.removeprefix("listening on ").strip())
            finally:
                process.terminate()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--broker", required=True)
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.url:
        play(options.url.rstrip("/"))
    else:
        play_on_a_fresh_broker(options.broker)


if __name__ == "__main__":
    main()

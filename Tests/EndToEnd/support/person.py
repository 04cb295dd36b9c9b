"""What a person of the web page has said before: stored over REST as their own browser does."""

import time


class Person:
    """Whoever uses a page; `request` shares the page's cookies."""

    def __init__(self, request, url):
        self._request = request
        self._url = url

    def send(self, method, path, body=None, status=None):
        """Sends JSON, and gives back the answer's."""
        answer = self._request.fetch(self._url + path, method=method, data=body)
        assert answer.status == status if status else answer.ok, (answer.status, answer.text())
        return answer.json()

    def get(self, path):
        return self.send("GET", path)

    def converse(self, *messages, **fields):
        """Stores a conversation; a message is a text of the user, a role and a text, or an object."""
        made = self.send("POST", "/api/conversations", fields)
        self.say(made["id"], *messages)
        return made["id"]

    def say(self, conversation, *messages):
        """Stores messages, in pages that one request takes; gives back their ids."""
        bodies, ids = [message_of(message) for message in messages], []
        for start in range(0, len(bodies), 500):
            path = f"/api/conversations/{conversation}/messages"
            stored = self.send("POST", path, {"messages": bodies[start:start + 500]})
            ids += [message["id"] for message in stored["data"]]
        return ids

    def session(self, conversation, *messages):
        """Stores messages of a session of its own, which is over; gives back its id."""
        session = self.send("POST", "/api/session", {"conversation_id": conversation})["id"]
        self.say(conversation, *[message_of(m) | {"session_id": session} for m in messages])
        self.send("POST", f"/api/session/{session}/end")
        return session

    def wait_for(self, path, condition, seconds=20):
        """Asks until the answer is as wanted: memory is derived a moment after it was said."""
        deadline = time.monotonic() + seconds
        while not condition(answer := self.get(path)):
            assert time.monotonic() < deadline, answer
        return answer


def message_of(message):
    if isinstance(message, dict):
        return message
    role, content = message if isinstance(message, tuple) else ("user", message)
    return {"role": role, "content": content}

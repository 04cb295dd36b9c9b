"""One user of a broker, who said what a conversation of the data set says."""

import urllib.parse

from harness import Client
from memory import dataset

RECALL_LIMIT = 400


class Memory:
    """What a broker remembers of one conversation of the data set, each under a user of its own."""

    def __init__(self, server, conversation, key):
        self._client = Client(server, f"memory-{conversation['id']}", key)
        self._conversation = conversation
        self._own = set()

    def feed(self):
        """Stores every session as a conversation, with its own times."""
        for session in self._conversation["sessions"]:
            made = self._client.call(
                "POST", "/api/conversations", {"created_at": dataset.began(session)})["id"]
            self._own.add(made)
            messages = dataset.posts(session, self._conversation["speakers"])
            self._client.call(
                "POST", f"/api/conversations/{made}/messages", {"messages": messages})

    def settle(self):
        """Waits until all that is stored is indexed."""
        self._client.settle()

    def recall(self):
        """A result for each question, and how many hits were another user's."""
        results, strange = [], 0
        for question in self._conversation["questions"]:
            query = urllib.parse.urlencode({"q": question["question"], "limit": RECALL_LIMIT})
            answer, milliseconds = self._client.timed("GET", f"/api/search?{query}")
            found = [hit["message"] for hit in answer["data"]]
            strange += sum(message["conversation_id"] not in self._own for message in found)
            results.append({
                "id": question["id"], "results": [message["item_id"] for message in found],
                "ms": round(milliseconds, 3)})
        return results, strange

    def prompt(self, tokens):
        """What the next session would be told, and how long that took in milliseconds."""
        answer, milliseconds = self._client.timed("GET", f"/api/context?max_tokens={tokens}")
        return answer["text"], milliseconds


def remembering(server, conversations, key):
    """The memories of these conversations, all in one store and indexed."""
    memories = [Memory(server, conversation, key) for conversation in conversations]
    for memory in memories:
        memory.feed()
    for memory in memories:
        memory.settle()
    return memories


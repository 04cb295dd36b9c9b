"""Made-up messages whose words are as unevenly common as those of real ones."""

import random

# What is said of people and things; each message has a word or two that nearly all have.
FORMS = (
    "I really talked with {0} about the {1} today, and then about the {2}.",
    "My {0} and I really want to see the {1} before we go on to {2}.",
    "Today {0} told me that the {1} is gone, so I asked for the {2}, really.",
    "Was it the {0} that you really liked, or today's {1} with the {2}?",
    "We moved the {0} next to the {1} today, it really went well with the {2}.",
    "Really, I think that {0} works on the {1} today, not on the {2}.",
)
COMMON = ("really", "today", "about", "went", "talked")
SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "be", "do", "fu", "ga", "pel", "tor")
WORDS = 20_000
FIRST_DAY, PAUSE = 1_700_000_000, 60


def vocabulary():
    """Invented words, each its own."""
    words = []
    for number in range(WORDS):
        word, rest = "", number + len(SYLLABLES)
        while rest:
            rest, syllable = divmod(rest, len(SYLLABLES))
            word += SYLLABLES[syllable]
        words.append(word)
    return words


class Speech:
    """The same messages and queries each time; the n-th word is said n times less than the first."""

    def __init__(self):
        self.words = vocabulary()
        self._weights, total = [], 0.0
        for rank in range(1, WORDS + 1):
            total += 1 / rank
            self._weights.append(total)

    def messages(self, start, end):
        """Messages with numbers, a minute apart, the user's and the assistant's in turn."""
        chance = random.Random(start)
        picked = iter(chance.choices(self.words, cum_weights=self._weights, k=3 * (end - start)))
        return [
            {"role": "assistant" if number % 2 else "user",
             "content": chance.choice(FORMS).format(next(picked), next(picked), next(picked)),
             "created_at": FIRST_DAY + PAUSE * number}
            for number in range(start, end)]

    def queries(self, count):
        """Questions by the rarity of their words."""
        chance = random.Random(7)
        often, seldom = self.words[:50], self.words[WORDS // 2:]
        return {
            "rare words": [" ".join(chance.sample(seldom, 3)) for _ in range(count)],
            "words of every rarity": [
                f"When did I talk about the {chance.choice(self.words)} with {chance.choice(often)}"
                f" and the {chance.choice(seldom)}?" for _ in range(count)],
            "very common words": [
                " ".join(chance.sample(COMMON, 3) + chance.sample(often, 2)) for _ in range(count)],
        }

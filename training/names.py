"""Names in text: how a sentence spells them, and which of many occur in it."""

import re
from collections import defaultdict


def capitalised(text):
    """The text with its first letter in upper case, as a sentence starts."""
    return text[:1].upper() + text[1:]


def words(text):
    """Words and single marks of a text; a name occurs in it as a whole word where its words do, in a row."""
    return re.findall(r"\w+|[^\w\s]", text)


class NameIndex:
    """Finds which of many names occur in a text as whole words (case-sensitive)."""

    def __init__(self, names):
        self.by_first = defaultdict(list)
        for name in names:
            sequence = words(name)
            self.by_first[sequence[0]].append((sequence, name))

    def find(self, text):
        """The set of names that the text contains."""
        tokens = words(text)
        return {
            name
            for i, token in enumerate(tokens)
            for sequence, name in self.by_first.get(token, ())
            if tokens[i:i + len(sequence)] == sequence
        }

"""Writes what the page's tokenizer is tested against: cases with their ids, and a hash over every form of every fact.

    tokenizer_fixture.py          writes src/testing/fixtures/tokenizer-cases.json and tokenizer-corpus.json

`tokenizer-cases.json` is a list of {text, ids}, without begin and end tokens. Specials spelled out in a text are plain
text here: the page must construct its tokenizer without `added_tokens` to agree.
`tokenizer-corpus.json` is {count, tokens, sha256}: for every document of tasks/atlas.jsonl in order, for every form in
order, the ids of the context and then of the target (` ` and the answer), each list followed by 65535, all as unsigned
16-bit little-endian numbers.
"""

import hashlib
import json
import random
from pathlib import Path

import numpy as np

from language import context, target

FIXTURES = Path(__file__).resolve().parent.parent / "src" / "testing" / "fixtures"
NUM_CORPUS_CASES = 150
SEPARATOR = 65535

HOSTILE = [
    "", " ", "  ", "   x", "x   ", "\t", "\n", "\r\n", "\r\n\r\n  \t x", " \n \n", "a\n\n\nb", "a\t\tb", "trailing space ",
    "trailing newline\n", "a b\r\nc\rd", "\u00a0no\u00a0break\u00a0", "\u2003em space\u2003 x", "\u3000ideographic", "\u200bzero\u200bwidth",
    "\ufeffbyte order mark", "x \ufeff y", "next\u0085line", " \u0085 x", "line\u2028separator\u2029", "\x00", "a\x00b \x00\x00",
    "\x1b[31m\x07\x7f", "it's we're I've I'm they'll he'd don't", "IT'S WE'RE 'S'T", "''''s 's's' 'll've", "rock 'n' roll", "it\u2019s",
    "0 1 12 123 1234567890", "3.14159 1,000,000 50% 1e-9", "\u00bd \u00b2 \u2167 \u0663\u0664 \u096a", "x2y3 4z",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family", "\U0001f1eb\U0001f1f7\U0001f44d\U0001f3fd!", "\u2764\ufe0f",
    "e\u0301 o\u0308 combining", "Z\u0351\u036b\u0343\u036a\u0302\u0346a\u0334l\u0317g\u0322o\u0361", "\u00e9 \u00f6 \u00f1 \u00e7 \u0153 \u0142 \u0111 \u1ebf",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u05e9\u05dc\u05d5\u05dd \u202e abc \u202c", "\u4f60\u597d\uff0c\u4e16\u754c\u3002", "\u3053\u3093\u306b\u3061\u306f \uc548\ub155",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\U00011f02\U0001e4d0 \U00016d40", "\u01c5 \u02b0 \u2c7c \ua78e", "\U0001d400\U0001d7d8",
    "a" * 2000, "Paris" * 400, "\u00fc" * 300, " " * 500, "-" * 100 + "=" * 100, "?!...,;:()[]{}<>@#$%^&*_+|\\/~`\"",
    "<|end|>", "Paris<|end|>", "<|begin|>The capital<|pad|><|end|> of", "<|end|", "< |end| >", "<|END|>", "<|endoftext|>", "</s><s>",
    "Question: What?\nAnswer:", "Question: Question: What?\nAnswer: Answer:\n\n", "\"quoted\" \u201cquoted\u201d \u00abquoted\u00bb", "\ufffd\ufffe\uffff\U0010ffff",
    "__proto__ constructor toString", "\u0120\u010a\u00c3\u00a9", "\u0130\u0131 \u1e9e \u00df \ufb01", "A\u030a \u212b \u00c5",
]


def corpus_texts(relations, facts):
    """Yields (context, target) of every fact in every form, in the order of the task's documents."""
    for fact in facts:
        relation = relations[fact.relation]
        for form in range(len(relation.forms)):
            yield context(relation, form, fact.subject), target(fact.answer)


def corpus_hash(tokenizer, relations, facts):
    """The content of tokenizer-corpus.json."""
    digest, count, tokens = hashlib.sha256(), 0, 0
    for pair in corpus_texts(relations, facts):
        for text in pair:
            ids = tokenizer.encode(text)
            digest.update(np.array([*ids, SEPARATOR], dtype="<u2").tobytes())
            count, tokens = count + 1, tokens + len(ids)
    return {"count": count, "tokens": tokens, "sha256": digest.hexdigest()}


def cases(tokenizer, relations, facts, ordinary):
    """The content of tokenizer-cases.json."""
    pairs = sorted({left + right for left, right in corpus_texts(relations, facts)})
    chosen = random.Random(0).sample(pairs, NUM_CORPUS_CASES - 30)
    chosen += random.Random(1).sample([s.text for s in ordinary], min(20, len(ordinary)))
    chosen += sorted((f.answer for f in facts), key=lambda a: (-sum(ord(c) > 127 for c in a), a))[:10]
    return [{"text": text, "ids": tokenizer.encode(text)} for text in [*chosen, *HOSTILE]]


def write_fixtures(corpus, folder=FIXTURES):
    """Writes both files."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = cases(corpus.tokenizer, corpus.relations, corpus.facts, corpus.ordinary)
    lines = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    (folder / "tokenizer-cases.json").write_text(f"[\n{lines}\n]\n")
    content = corpus_hash(corpus.tokenizer, corpus.relations, corpus.facts)
    (folder / "tokenizer-corpus.json").write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    from train import load_corpus

    write_fixtures(load_corpus())

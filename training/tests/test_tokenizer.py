"""The tokenizer: pieces, merges, round trips, files."""

import json
import re

import pytest

from tokenizer import BEGIN, END, VOCAB_SIZE, Tokenizer, learn_merges, split_pieces
from tokenizer_fixture import HOSTILE, cases, corpus_hash, corpus_texts
from train import load_corpus


@pytest.fixture(scope="module")
def corpus():
    return load_corpus(report=lambda line: None)


def test_pieces_are_those_of_gpt2():
    assert split_pieces("Hello  world's\n\n 12ab,") == ["Hello", "Ġ", "Ġworld", "'s", "ĊĊ", "Ġ12", "ab", ","]
    assert split_pieces(" x  ") == ["Ġx", "ĠĠ"]
    assert split_pieces("é²Ⅷ") == ["Ã©", "Â²âħ§"]


def test_pieces_hold_the_whole_text():
    for text in HOSTILE:
        assert sum(map(len, split_pieces(text))) == len(text.encode("utf-8"))


def test_the_most_frequent_pair_is_merged_first_and_ties_go_by_name():
    assert learn_merges(["ab ab ab cd"], 2) == [("a", "b"), ("Ġ", "ab")]
    assert learn_merges(["cd", "ab"], 1) == [("a", "b")]
    assert learn_merges(["aaaa aaaa"], 2) == [("a", "a"), ("aa", "aa")]


def test_merges_equal_those_of_recounting_every_time():
    texts = ["the cat sat on the mat", "the hat that the cat had", "banana bandana", "aaaaa aaa"] * 2

    def slow(num_merges):
        from collections import Counter
        from tokenizer import merge_word
        words = [list(p) for t in texts for p in split_pieces(t)]
        merges = []
        for _ in range(num_merges):
            counts = Counter(pair for w in words for pair in zip(w, w[1:]))
            merges.append(min(counts, key=lambda p: (-counts[p], p)))
            words = [merge_word(w, merges[-1]) for w in words]
        return merges

    assert learn_merges(texts, 25) == slow(25)


def test_the_vocabulary_has_its_size_and_the_specials_come_first(corpus):
    names = corpus.tokenizer.names
    assert len(names) == len(set(names)) == VOCAB_SIZE
    assert names[:3] == ["<|begin|>", "<|end|>", "<|pad|>"]


def test_every_text_decodes_back(corpus):
    for text in HOSTILE:
        assert corpus.tokenizer.decode(corpus.tokenizer.encode(text)) == text
    for pair in list(corpus_texts(corpus.relations, corpus.facts))[::50]:
        assert corpus.tokenizer.decode(corpus.tokenizer.encode("".join(pair))) == "".join(pair)


def test_specials_spelled_out_in_a_text_stay_text(corpus):
    ids = corpus.tokenizer.encode("<|begin|>Paris<|end|>")
    assert BEGIN not in ids and END not in ids
    assert corpus.tokenizer.decode([BEGIN, *ids, END]) == "<|begin|><|begin|>Paris<|end|><|end|>"


def test_context_and_target_apart_give_the_ids_of_both_together(corpus):
    encode = corpus.tokenizer.encode
    for left, right in list(corpus_texts(corpus.relations, corpus.facts))[::7]:
        assert encode(left) + encode(right) == encode(left + right)


def test_files_read_back(tmp_path, corpus):
    corpus.tokenizer.save(tmp_path)
    assert Tokenizer.load(tmp_path).merges == corpus.tokenizer.merges
    content = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    assert content["pre_tokenizer"]["type"] == content["decoder"]["type"] == "ByteLevel"
    assert content["post_processor"] is None and len(content["added_tokens"]) == 3


def test_fixtures_hold_enough(corpus):
    rows = cases(corpus.tokenizer, corpus.relations, corpus.facts, corpus.ordinary)
    assert len(rows) >= 200
    assert re.fullmatch("[0-9a-f]{64}", corpus_hash(corpus.tokenizer, corpus.relations, corpus.facts[:20])["sha256"])

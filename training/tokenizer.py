"""Byte-level byte-pair encoding in the manner of GPT-2: a trainer, an encoder, a decoder, and Hugging Face's files.

Text is cut into pieces by GPT-2's pre-tokenizer pattern (Radford et al. 2019); the UTF-8 bytes of each piece are merged
pair by pair, the earliest learned pair first (Sennrich et al. 2016, arXiv 1508.07909). Any text can be encoded and
decoded back. Special tokens come from us alone: a text that spells `<|end|>` is encoded as those seven characters.
"""

import heapq
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

VOCAB_SIZE = 2048
SPECIALS = ("<|begin|>", "<|end|>", "<|pad|>")
BEGIN, END, PAD = 0, 1, 2


def class_ranges(belongs):
    """A regex class body with every code point for which `belongs(character)` is true, surrogates left out."""
    parts, first = [], None
    for point in range(sys.maxunicode + 2):
        inside = point <= sys.maxunicode and not 0xD800 <= point < 0xE000 and belongs(chr(point))
        if inside and first is None:
            first = point
        elif not inside and first is not None:
            parts.append(f"\\U{first:08x}-\\U{point - 1:08x}")
            first = None
    return "".join(parts)


# Python's `re` has no \p{L} and \p{N}, and its \s differs from ECMAScript's: all three are spelled out.
LETTERS = class_ranges(lambda c: unicodedata.category(c)[0] == "L")
NUMBERS = class_ranges(lambda c: unicodedata.category(c)[0] == "N")
SPACES = "\\t\\n\\v\\f\\r\\u2028\\u2029\\ufeff" + class_ranges(lambda c: unicodedata.category(c) == "Zs")
PIECES = re.compile(
    f"'s|'t|'re|'ve|'m|'ll|'d| ?[{LETTERS}]+| ?[{NUMBERS}]+| ?[^{SPACES}{LETTERS}{NUMBERS}]+"
    f"|[{SPACES}]+(?![^{SPACES}])|[{SPACES}]+"
)


def byte_characters():
    """GPT-2's table: byte -> a printable character (bytes that print stand for themselves)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


BYTE_TO_CHARACTER = byte_characters()
CHARACTER_TO_BYTE = {c: b for b, c in BYTE_TO_CHARACTER.items()}


def split_pieces(text):
    """The pre-tokenizer: pieces of the text, each written in byte characters."""
    return ["".join(BYTE_TO_CHARACTER[b] for b in piece.encode("utf-8")) for piece in PIECES.findall(text)]


def merge_word(symbols, pair):
    """The symbols with every occurrence of the pair joined, from the left."""
    joined, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            joined.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            joined.append(symbols[i])
            i += 1
    return joined


def learn_merges(texts, num_merges):
    """The most frequent pair of neighbours, again and again; ties go to the pair that sorts first.

    `texts` is an iterable of strings; returns a list of pairs of byte-character strings.
    """
    counts = Counter(piece for text in texts for piece in split_pieces(text))
    words = [[list(word), count] for word, count in sorted(counts.items())]
    pairs, places = Counter(), defaultdict(set)
    for index, (symbols, count) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += count
            places[pair].add(index)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    merges = []
    while len(merges) < num_merges and heap:
        negative, pair = heapq.heappop(heap)
        if pairs[pair] != -negative or pairs[pair] <= 0:
            continue  # an older count; the present one is in the heap too
        merges.append(pair)
        changed = set()
        for index in places.pop(pair):
            symbols, count = words[index]
            joined = merge_word(symbols, pair)
            if len(joined) == len(symbols):
                continue
            for old in zip(symbols, symbols[1:]):
                pairs[old] -= count
                changed.add(old)
            for new in zip(joined, joined[1:]):
                pairs[new] += count
                places[new].add(index)
                changed.add(new)
            words[index][0] = joined
        for other in changed:
            if other != pair and pairs[other] > 0:
                heapq.heappush(heap, (-pairs[other], other))
        pairs[pair] = 0
    return merges


class Tokenizer:
    """Ids: the specials, then the 256 byte characters, then one token per merge."""

    def __init__(self, merges):
        self.merges = [tuple(pair) for pair in merges]
        names = [*SPECIALS, *(BYTE_TO_CHARACTER[b] for b in range(256)), *(a + b for a, b in self.merges)]
        self.names = names
        self.ids = {name: i for i, name in enumerate(names)}
        if len(self.ids) != len(names):
            raise ValueError("two tokens have the same name")
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self.encode_piece = lru_cache(maxsize=1 << 16)(self._encode_piece)

    @staticmethod
    def train(texts, vocab_size=VOCAB_SIZE):
        """A tokenizer of exactly `vocab_size` tokens."""
        merges = learn_merges(texts, vocab_size - len(SPECIALS) - 256)
        tokenizer = Tokenizer(merges)
        if len(tokenizer.names) != vocab_size:
            raise ValueError(f"the texts give {len(tokenizer.names)} tokens, {vocab_size} wanted")
        return tokenizer

    def _encode_piece(self, piece):
        symbols = list(piece)
        while len(symbols) > 1:
            pair = min(zip(symbols, symbols[1:]), key=lambda p: self.ranks.get(p, len(self.ranks)))
            if pair not in self.ranks:
                break
            symbols = merge_word(symbols, pair)
        return tuple(self.ids[s] for s in symbols)

    def encode(self, text):
        """Token ids of a text, without begin or end; specials spelled out in it stay plain text."""
        return [i for piece in split_pieces(text) for i in self.encode_piece(piece)]

    def decode(self, ids):
        """The text of token ids; specials appear by name, bytes that are no UTF-8 as U+FFFD."""
        parts, run = [], bytearray()
        for i in ids:
            if i < len(SPECIALS):
                parts += [run.decode("utf-8", "replace"), SPECIALS[i]]
                run = bytearray()
            else:
                run += bytes(CHARACTER_TO_BYTE[c] for c in self.names[i])
        return "".join([*parts, run.decode("utf-8", "replace")])

    def save(self, folder):
        """Writes tokenizer.json and tokenizer_config.json as Hugging Face's libraries read them."""
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        tokenizer = {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [{"id": i, "content": name, **flags} for i, name in enumerate(SPECIALS)],
            "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
            "model": {
                "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                "vocab": self.ids, "merges": [list(pair) for pair in self.merges],
            },
        }
        begin, end, pad = SPECIALS
        config = {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": begin, "eos_token": end, "pad_token": pad,
            "add_bos_token": False, "add_eos_token": False, "add_prefix_space": False,
            "clean_up_tokenization_spaces": False, "model_max_length": 512,
            "added_tokens_decoder": {str(i): {"content": name, **flags} for i, name in enumerate(SPECIALS)},
        }
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config)):
            (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def load(folder):
        """The tokenizer of a folder written by `save`."""
        model = json.loads((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))["model"]
        tokenizer = Tokenizer(model["merges"])
        if tokenizer.ids != model["vocab"]:
            raise ValueError("the vocabulary does not follow from the merges")
        return tokenizer

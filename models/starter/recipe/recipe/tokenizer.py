"""The tokenizer: byte-level BPE in CLIP's file format, made from the captions of the grammar.

With a warm start the merges of the version before come first, so old words keep their tokens and new merges are appended;
the start and end tokens stand last, as CLIP's do.
"""
import functools
import json
import os
import random
import re
from collections import Counter

from . import words
from .grammar import Grammar

LENGTH = 77
SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+")
START, END = '<|startoftext|>', '<|endoftext|>'
# words that people write and that captions lack: they become tokens, so that the model sees fewer odd pieces
COMMON = (
    'the of in with and photo painting drawing cartoon illustration style cute happy sunny dark light bright man woman boy girl person '
    'water trees flowers under over behind front two three four many realistic render one some very background sitting running flying '
    'playing eating looking little large tiny old new cats dogs').split()


@functools.cache
def byte_letters():
    """CLIP's printable stand-in for each byte."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = [byte for byte in range(256) if byte not in keep]
    return {byte: chr(byte) for byte in keep} | {byte: chr(256 + i) for i, byte in enumerate(extra)}


def spelt(word):
    """The letters of a word as CLIP's BPE starts with them."""
    letters = [byte_letters()[byte] for byte in word.encode()]
    return (*letters[:-1], letters[-1] + '</w>')


def merged(parts, pair):
    """The parts with each neighbouring `pair` joined."""
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


def learn(counted, merges, limit):
    """Goes on from `merges` until each word is one token or there are `limit` merges."""
    parts = {word: spelt(word) for word in counted}
    for pair in merges:
        parts = {word: merged(p, pair) for word, p in parts.items()}
    merges = list(merges)
    while len(merges) < limit:
        pairs = Counter()
        for word, p in parts.items():
            for pair in zip(p, p[1:]):
                pairs[pair] += counted[word]
        if not pairs:
            break
        best = max(sorted(pairs), key=pairs.get)
        merges.append(best)
        parts = {word: merged(p, best) for word, p in parts.items()}
    return merges, parts


def read_merges(folder):
    with open(os.path.join(folder, 'merges.txt')) as file:
        return [tuple(line.split(' ')) for line in file.read().split('\n')[1:] if line]


def make(run, old=None):
    """Writes `model/tokenizer` and `model/known_words.json`. `old`: folder of the tokenizer to go on from."""
    grammar, r, counted = Grammar(run.config, split='any'), random.Random(3), Counter()
    for _ in range(20000):
        counted.update(SPLIT.findall(grammar.plan(r).caption.lower()))
    said = [*COMMON, *' '.join(word for group in words.SYNONYMS.values() for word in group).split()]
    counted.update({word: 3 for word in said if word not in counted})
    old_merges = read_merges(old) if old else []
    merges, parts = learn(counted, old_merges, run.config.merges or len(old_merges) + 1200)
    letters = list(byte_letters().values())
    tokens = [*letters, *(letter + '</w>' for letter in letters), *(a + b for a, b in merges), START, END]
    write(run, tokens, merges)
    single = sum(len(p) == 1 for p in parts.values())
    run.log('tokenizer', tokens=len(tokens), merges=len(merges), kept=len(old_merges), words=len(parts), words_of_one_token=single)


def write(run, tokens, merges):
    """The four files of a CLIP tokenizer."""
    def put(name, value):
        with open(run.path('model', 'tokenizer', name), 'w') as file:
            json.dump(value, file, indent=1 if name != 'vocab.json' else None, ensure_ascii=False)
    put('vocab.json', {token: i for i, token in enumerate(tokens)})
    with open(run.path('model', 'tokenizer', 'merges.txt'), 'w') as file:
        file.write('#version: 0.2\n' + '\n'.join(f'{a} {b}' for a, b in merges) + '\n')
    special = dict(bos_token=START, eos_token=END, unk_token=END, pad_token=END)
    put('special_tokens_map.json', special)
    put('tokenizer_config.json', dict(tokenizer_class='CLIPTokenizer', model_max_length=LENGTH, do_lower_case=True, add_prefix_space=False, errors='replace', **special))


class Tokenizer:
    """Captions to 77 token ids, padded with the end token."""

    def __init__(self, folder):
        with open(os.path.join(folder, 'vocab.json')) as file:
            self.vocab = json.load(file)
        self.ranks = {pair: i for i, pair in enumerate(read_merges(folder))}
        self.start, self.end, self.size = self.vocab[START], self.vocab[END], len(self.vocab)
        self.known = {}

    def word(self, word):
        if word not in self.known:
            parts = spelt(word)
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda pair: self.ranks.get(pair, 1 << 30))
                if best not in self.ranks:
                    break
                parts = merged(parts, best)
            self.known[word] = [self.vocab[part] for part in parts]
        return self.known[word]

    def __call__(self, caption):
        inner = [i for word in SPLIT.findall(caption.lower()) for i in self.word(word)][:LENGTH - 2]
        return [self.start, *inner, *[self.end] * (LENGTH - 1 - len(inner))]

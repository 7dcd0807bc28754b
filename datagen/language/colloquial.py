"""How people write: short forms, ordinals in digits, signs for words; every token keeps its place in the prompt.

`3rd` is `third`, `@` is `at`, `w/` is `with`, `dont` is `don't`. Tokens that stand for one word are joined;
nothing else changes.
"""

from dataclasses import replace

from .tokens import ORDINALS, Token, Words

PLACES = {number + 1: word for word, number in ORDINALS.items()}
SUFFIXES = {"st", "nd", "rd", "th"}
SHORT = {
    "@": "at", "&": "and", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "cant": "can't", "wont": "won't",
    "shouldnt": "shouldn't", "mustnt": "mustn't", "arent": "aren't", "approx": "approximately", "ca": "circa", "→": "then",
    "thru": "through", "ppl": "people", "u": "you", "ur": "your", "pls": "please", "gonna": "will", "wanna": "want",
    "whats": "what", "lets": "let's", "thats": "that's", "theres": "there", "kinda": "somewhat", "w": "with", "til": "until",
    "till": "until", "tho": "though", "cos": "because", "alot": "much", "btw": "also", "vs": "and",
}  # fmt: skip
"""What stands for what."""
JOINED = {
    ("over", "a", "period", "of"): "over", ("for", "a", "period", "of"): "for", ("over", "the", "course", "of"): "over",
    ("loaded", "with"): "carrying", ("laden", "with"): "carrying", ("topped", "with"): "carrying",
    ("w", "/"): "with", ("w", "/", "o"): "without", ("-", ">"): "then", ("=", ">"): "then", ("a", ".", "k", ".", "a"): "or",
    ("approx", "."): "approximately", ("ca", "."): "circa", ("c", "."): "circa",
}  # fmt: skip


def plain(words: Words) -> None:
    """Writes short forms out, in place."""
    out: list[Token] = []
    at = 0
    while at < len(words.tokens):
        text, after = _plain(words, at)
        token = words.tokens[at]
        out.append(replace(token, text=text, end=words.tokens[after - 1].end) if text else token)
        at = after
    words.tokens[:] = out
    words.marks[:] = [None] * len(out)


def _plain(words: Words, at: int) -> tuple[str, int]:
    """What a token and those after it stand for ("": themselves), and the token after them."""
    low = words.low(at)
    for length in (5, 4, 3, 2):
        run = tuple(words.low(at + k) for k in range(length))
        if run in JOINED:
            return JOINED[run], at + length
    glued = at + 1 < len(words.tokens) and words.tokens[at].end == words.tokens[at + 1].start
    if low.isdigit() and glued and words.low(at + 1) in SUFFIXES and int(low) in PLACES:
        return PLACES[int(low)], at + 2
    if low in ("w", "u", "ca", "c") and not _alone(words, at):
        return "", at + 1
    return SHORT.get(low, ""), at + 1


def _alone(words: Words, at: int) -> bool:
    """Whether a letter is a word: no number before it, whose unit it would be."""
    return at > 0 and not words.low(at - 1)[:1].isdigit() and words.low(at + 1).isalpha()

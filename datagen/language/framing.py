"""What a prompt says about itself and its readers: titles, purposes, audiences, manners that no simulation depends on.

`For collision studies:`, `show my class that`, `generate episodes in which`, `and we want to know whether`. These words
are told, as everything is that changes nothing; a part that has a quantity with a unit in it is never taken for one.
"""

from . import lexicon as lex
from . import tokens as tk
from .cues import CUES
from .noun_phrases import noun, phrase
from .tokens import Words

ABOUT = set(
    """episode episodes dataset datasets data study studies research paper experiment experiments simulation simulations scene
scenes scenario scenarios example examples case cases test tests trial trials run runs demonstration demonstrations demo
class classes lesson lessons lecture lectures students student pupils pupil children kids viewers audience game games level
levels task tasks exercise exercises homework benchmark benchmarks world model models learning training policy policies robotics
physics collision collisions impact impacts topple toppling stacking pushing pouring rolling sliding bouncing stability
momentum energy inertia causality mechanics dynamics motion purposes reasoning prediction setup set-up video videos clip clips
film films movie animation shot story question problem challenge puzzle situation project thesis course school science museum
show idea prompt agent robot robots evaluation comparison questions concept principle effect effects law laws""".split()
)
"""Nouns of what a prompt is for."""
LEADING = set(
    """we i you us me my our your the a an this that these for in of on as and with to about which where whose is are be it some
please generate create make give produce render show demonstrate illustrate simulate study investigate examine analyse analyze
explore consider want need would like let new short simple small nice interesting typical following following-up used use using
people someone anybody intended meant called titled named part one kind type sort classic well-known famous simple-minded
teaching teach explain learn see watch look at how what happens when basic""".split()
)
"""Words that stand around them."""
PURPOSES = {
    "to see", "to observe", "to find out", "to learn", "to study", "to check", "to test", "to measure", "to show", "to watch",
    "to investigate", "to understand", "to compare", "to examine", "to demonstrate", "to explore", "to analyse", "to analyze",
    "so we can see", "so that we can see", "so i can see", "so you can see", "so we see", "and see", "and we want to know",
    "and we want to see", "and i want to see", "and i want to know", "we want to know", "we want to see", "i want to know",
    "we would like to know", "i would like to know", "and let us see", "and let's see", "let's see", "let us see",
    "i wonder", "we wonder", "i am curious", "i'm curious", "just to see", "in order to see", "and watch", "and observe",
    "and find out", "and measure", "we ask", "the question is", "and then see", "i want to find out", "in order to study",
    "for us to see", "and check", "and then watch", "and show", "and record", "we are interested in", "i am interested in",
    "i'm interested in", "we're interested in", "this shows", "this should show", "it shows", "which shows",
}  # fmt: skip
"""What opens a part that says what the scene is for."""
ASKS = {"whether", "how", "what", "which", "if", "who", "why", "where", "when", "them", "it", "as"}
"""What comes after a purpose: `see how far it goes`."""
MANNERS = set(
    """equally dramatically spectacularly beautifully elegantly gracefully realistically naturally accurately properly correctly
neatly nicely exactly precisely perfectly clearly visibly noticeably merely eventually immediately instantly promptly
happily sadly angrily playfully carelessly clumsily proudly bravely boldly lazily nervously deliberately intentionally
accidentally unexpectedly surprisingly fortunately unfortunately luckily hopefully obviously apparently presumably supposedly
essentially practically virtually effectively independently individually separately jointly mutually merrily cheerfully
loudly noisily silently majestically wildly freely continuously constantly repeatedly successively consecutively briefly
momentarily temporarily permanently initially presently currently ordinarily typically generally commonly respectively
successfully correspondingly alike likewise altogether anyway though indeed certainly surely undoubtedly ideally preferably
purely entirely totally absolutely wholly mostly mainly primarily partly chiefly rather instead boom bang splash thud crash-bang
whoosh plop oops wow yay haha lol ooh aha hooray bam kaboom crunch""".split()
)
"""Adverbs and cries that nothing depends on."""


def framing(words: Words, at: int) -> int:
    """The token after words about the prompt itself; `at` where there are none."""
    first = at == 0 or words.low(at - 1) in (".", ";", "!", "?", ":")
    if first and (after := _title(words, at)) > at:
        return after
    if first and (after := _opening(words, at)) > at:
        return after
    found = phrase(words, at, PURPOSES, False, 6)
    if found is not None and words.low(found[1]) in ASKS:
        return _sentence(words, found[1])
    if found is not None and found[0].startswith(("we are", "i am", "i'm", "we're", "this", "it shows", "which")):
        return _sentence(words, found[1])
    return at + 1 if words.low(at) in MANNERS and not phrase(words, at, CUES, False, 4) else at


def _title(words: Words, at: int) -> int:
    """`Pinball: ...`: what stands before the first colon and names no thing, no verb and no cue."""
    if at > 0:
        return at
    end = next((k for k in range(at, min(at + 8, len(words.tokens))) if words.low(k) in (":", ".", ",")), 0)
    if not end or words.low(end) != ":":
        return at
    if phrase(words, at, CUES, False, 9) and phrase(words, at, CUES, False, 9)[1] > end:  # type: ignore[index]
        return at
    inside = range(at, end)
    named = any(noun(words, k) or tk.amount(words, k) for k in inside)
    cued = any(words.low(k) in ("camera", "view", "goal", "success", "failure", "reward", "penalty", "fail") for k in inside)
    return at if named or cued else end + 1


def _opening(words: Words, at: int) -> int:
    """`Generate episodes in which`, `for my class`: words about the prompt up to a sign or the first word of the scene."""
    here, about = at, 0
    while here < at + 14 and (words.low(here) in ABOUT or words.low(here) in LEADING):
        if noun(words, here) and words.low(here) not in ABOUT:
            break
        if words.low(here) in ABOUT:
            about = here + 1
        here += 1
    if not about:
        return at
    sign = words.low(about) in (":", ",")
    link = about
    while words.low(link) in (
        "in",
        "which",
        "where",
        "that",
        "of",
        "with",
        "showing",
        "about",
        "how",
        "on",
        ":",
        ",",
        "for",
    ) and (link < about + 3):
        link += 1
    spoken = words.low(at) in ("for", "in", "as", "we", "i", "this", "show", "generate", "create", "make", "produce", "give",
                               "simulate", "please", "a", "an", "the", "our", "my", "render", "illustrate", "demonstrate",
                               "study", "teach", "explain", "let")  # fmt: skip
    verb = any(words.low(k) in lex.VERBS and words.low(k) not in ABOUT | LEADING for k in range(at, about))
    robot = words.low(about - 1) in ("robot", "robots", "agent", "world") and not sign
    if not spoken or verb or robot or (not sign and link == about):
        return at
    return link


def _sentence(words: Words, at: int) -> int:
    """The end of the sentence, where nothing in it has a unit."""
    end = at
    while end < len(words.tokens) and words.low(end) not in (".", ";", "!", "?"):
        found = tk.amount(words, end)
        if found is not None and found[0].dimension != "count":
            return at - 9
        end += 1
    return end

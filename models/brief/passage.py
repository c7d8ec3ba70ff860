"""The sentence of a row's text that an ad may say as it stands: whole, about the item, nothing that the rest
of the ad says already."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations
from typing import Final
from zlib import crc32

from models.brief.brief import Brief, copy_channel_of, language_of, limits_of
from models.brief.facts import UNSPACED_LANGUAGES
from models.brief.quotes import may_be_said, telling_words
from models.text.graphemes import shown_width

SHORTEST: Final = 14
"""Columns; in scripts without spaces each character has two."""
_FEWEST_WORDS: Final = 3
_READ: Final = 2_000
_NEW_SHARE: Final = 0.5
"""Least share of a sentence's telling words that title, noun, brand and the campaign's facts do not say."""
_SHORTENED: Final = (
    r"(?<=\b(?:No|Nr|no|nr|Gr|ca|St|Dr|Mr|Mt|vs))\.|(?<=\b(?:max|min|Vol|Fig|Art|Abb|bzw|Mrs))\."
    r"|(?<=\b(?:incl|inkl|zzgl))\."
)
_SENTENCE: Final = re.compile(
    rf"[^.!?。！？\n]*(?:(?:\.(?=\S)|(?<=\b[^\W\d])(?<!\d \w)(?<!°\w)\.|{_SHORTENED})[^.!?。！？\n]*)*"
    r"(?:[.。](?=\s|$|[^\x00-\x7f])|(?=[\n!?！？]|$))"
)
"""A full stop inside a word or figure, after an initial or what is shortened, ends none."""
_STOP: Final = ".。"
_LEANS: Final = {
    "en": re.compile(
        r"(?:and|but|or|so|then|also|too|however|afterwards?|later|besides|otherwise|instead"
        r"|it|they|these|those|that|this|both|another|the other|which"
        r"|here|there|please|ignore|forget)\b|.*\b(?:this|that) one\b",
        re.I,
    ),
    "de": re.compile(
        r"(?:und|aber|oder|auch|doch|denn|dann|danach|anschließend|hinterher|außerdem|zudem|sonst|er|sie|es|diese[rsmn]?|dies|jene[rsmn]?|beide|dazu|dabei|damit"
        r"|darin|hier|bitte|vergiss)\b",
        re.I,
    ),
    "zh": re.compile(
        r"(?:而|但|也|并|且|或|之后|随后|然后|顺带|另外|此外|它|他|她|这|那|此|该|其|另|请|忽略)"
    ),
}
"""How sentences begin that lean on one before, or speak to whoever reads the row."""
_COMMANDS: Final = {
    "en": re.compile(
        r"(?:come|fit|hold|include|weigh|contain|keep|give|make|take|need|require|bring|let|allow|arrive|serve"
        r"|become|stay|remain|provide|offer|accept|hang|sit|have|are|do|go|use|wash|rinse|avoid|add|put"
        r"|insert|attach|wear|enjoy|choose|lift|pull|press|steep|soak|replace|never)\b"
        r"|(?:fold|run|stand|measure|last|work|open|close|turn|slide|lock|clip|snap|stack|roll|pack|ship|burn|float"
        r"|screw|tilt|dry|wipe|cut|walk|store|clean|charge|fire|glow|grow|sound|feel|look|play|rest|nest)\s"
        r"(?:in|on|at|up|down|out|into|to|from|through|over|under|between|flat|away|off|about|around|a|an|the"
        r"|your|upright|together|apart|well|for|like|as|\d)\b",
        re.I,
    ),
    "de": re.compile(
        r"(?:kommen|passen|halten|fassen|wiegen|haben|bestehen|liegen|stehen|lassen|brauchen|enthalten|sind|werden"
        r"|reichen|tragen|laufen|brennen|nimm|nehmen sie|achte|beachte|verwende)\b",
        re.I,
    ),
}
"""How sentences begin that have no subject and so read as a command, of goods or of whoever reads the ad."""
_TEMPTS: Final = re.compile(
    r"[€$£¥%=&{}\[\]<>|\\#@]|https?:|www\.|\b(?:instructions?|prompt|system|headline|description|assistant"
    r"|anweisung(?:en)?|translate|repeat|from now on|must say|this model|not included"
    r"|sold (?:apart|separately)|nicht enthalten|separat)\b|指示|标题|另售|不含",
    re.I,
)
"""Amounts, which change without the text, what is no prose, and what is missing."""
_WARNS: Final = re.compile(
    r"\b(?:do not|don't|not (?:for|on|in|with|suitable|recommended)|no (?:lift|refunds?|returns?)"
    r"|once open(?:ed)?|keep (?:away|out|in)|nicht (?:für|auf|im|in|mit|geeignet)|niemals"
    r"|keine? (?:aufzug|lift|rückgabe))\b"
    r"|请勿|切勿|不适合|不宜|禁止",
    re.I,
)
"""What a buyer is warned of: true, and no reason to buy."""
_STRANGE: Final = re.compile(r"[\u0370-\u1dff\u2c00-\uffef]")
"""Letters that neither English nor German has."""
_BEGINS: Final = re.compile(r"[^\W_a-zß-öø-ÿ]|\d")


def passage_of(brief: Brief) -> str:
    """One of the passages of a brief, drawn by its request; "" where there is none."""
    return drawn(passages_of(brief), crc32(brief.request_id.encode()) >> 8)


def drawn(texts: tuple[str, ...], number: int) -> str:
    """One of some texts for any number; "" of none."""
    return texts[number % len(texts)] if texts else ""


def passages_of(brief: Brief) -> tuple[str, ...]:
    """Sentences of the brief's `text` without their last stop, and pairs of them in the row's order, that fit
    the description of its slot beside what the campaign requires."""
    room = limits_of(brief.slot).description - 2 - sum(shown_width(each) + 2 for each in brief.must_use)
    stop = "。" if language_of(brief.locale) in UNSPACED_LANGUAGES else ". "
    return _paired(_news_of(brief), stop, room)


@lru_cache(maxsize=256)
def _paired(news: tuple[str, ...], stop: str, room: int) -> tuple[str, ...]:
    """Some hundreds of pairs each: kept once for whatever users an item is shown to."""
    pairs = (stop.join(each) for each in combinations(news, 2))
    return tuple(each for each in (*news, *pairs) if shown_width(each) <= room)


def headlines_of(brief: Brief) -> tuple[str, ...]:
    """Sentences of the brief's `text` that fit a headline."""
    limit = limits_of(brief.slot).headline
    return tuple(each for each in _news_of(brief) if shown_width(each) <= limit)


def _news_of(brief: Brief) -> tuple[str, ...]:
    """Sentences that say what title, noun, brand and the campaign's facts do not."""
    if copy_channel_of(brief.slot) == "video" or not brief.text:
        return ()
    told = " ".join((brief.title, brief.noun, brief.brand, *brief.facts, *brief.claims, *brief.must_use))
    return _news(brief.text, language_of(brief.locale), brief.markets, told)


@lru_cache(maxsize=256)
def _news(text: str, language: str, markets: tuple[str, ...], told: str) -> tuple[str, ...]:
    known = frozenset(telling_words(told))
    return tuple(each for each in sentences_that_stand(text, language, markets) if _is_news(each, known))


def _is_news(sentence: str, known: frozenset[str]) -> bool:
    words = set(telling_words(sentence))
    return len(words - known) >= max(1, _NEW_SHARE * len(words))


@lru_cache(maxsize=256)
def sentences_that_stand(text: str, language: str, markets: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences of a text, without their stops, that say something by themselves and that review would let
    copy repeat. One that is cut off at the text's end is none."""
    standing = standing_sentences(text, language)
    return tuple(each for each in standing if may_be_said(each, markets, language))


def standing_sentences(text: str, language: str) -> tuple[str, ...]:
    """The same before review is asked."""
    found = []
    for match in _SENTENCE.finditer(text[:_READ]):
        whole = match.group().strip()
        sentence = whole.rstrip(_STOP).strip()
        if whole.endswith(tuple(_STOP)) and _stands(sentence, language):
            found.append(sentence)
    return tuple(dict.fromkeys(found))


def _stands(sentence: str, language: str) -> bool:
    leans, commands = _LEANS.get(language), _COMMANDS.get(language)
    return (
        shown_width(sentence) >= SHORTEST
        and bool(_BEGINS.match(sentence))
        and (leans is None or not leans.match(sentence))
        and (commands is None or not commands.match(sentence))
        and _TEMPTS.search(sentence) is None
        and _WARNS.search(sentence) is None
        and not sentence.isupper()
        and (language in UNSPACED_LANGUAGES or len(sentence.split()) >= _FEWEST_WORDS)
        and (language in UNSPACED_LANGUAGES or _STRANGE.search(sentence) is None)
        and sentence.count("(") == sentence.count(")")
        and sentence.count('"') % 2 == 0
    )

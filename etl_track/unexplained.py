"""Serve, in words: the words of a question that nothing explains, and which of them may restrict what is measured.

Twin: nothing in the RAG track: there a word that nobody knows is near to some others.
"""

import re
from dataclasses import dataclass

from etl_track.words import Words, normal


def words_of(text: str) -> frozenset[str]:
    """Words as a question has them after it was made plain."""
    return frozenset(normal(text).split())


HARMLESS = words_of(  # words that change nothing about what is asked
    """a about account actually add adding additionally after again agent all almost already also altogether always am
    among amongst and answer any anybody anyhow anyone anything anyway appreciate approx approximately are
    around arrive arrived as ask asked asking at audit away awesome back basically be bear been begin beginning
    being believe besides between big bit boss both brand break breakdown bring broken brought but by calculate
    calculated call called came can case cause caused certain chart check client clients closed closing come
    comes coming company compare complete completely compute computed concerned concerning contact cool could
    count counted counting create created curious currently curve customer customers data day dear deck deliver
    desk detail determine determined develop did different differently do does doing done down draw during e
    each eg either elapse elapses end ended ends enter entered entire entirely even ever every everybody
    everyone everything exactly fact far fast few figure file filed filter find fine first for found fresh from
    full fully furthermore g general generally generate generates get gets getting give given glad go going gone
    good got graph grateful great guess guy had hand handed handle handled happen happened has hassle have
    having he hear heard hello help helping hence her here hers hey hi him his how however i ie if in inbound
    incoming info information instruction interested into is it just keep kept kind kindly know kpi land landed
    large lately left let like liked likewise limit line list listed log logged long look looked looking lot
    love lovely lying manner many matter me mean meanwhile measure measured meeting mention metric mind miss
    missed moment month more moreover much my name namely narrow nearly need needed needs new nice night no
    nobody note now nowadays number of off often ok on once one ones only open opened or other our ours
    ourselves out over overall overview part particular pass passes people per perfect place planning please
    plot plus point prepare preparing present presentation presently pretty problem produce promise promised
    provide provided pull pulling put quarter question quick quickly quite raise raised rank rather reach
    reached really receive received recently reckon regard regarding regards related reply report reported
    require required resolved resolving respect respectively restrict review right roughly row run said sake
    same say search see seen send sense sent serve serving set settle settled several shape she should show side
    simply since size slide slow small so solve solved solving some somebody someone sort speak split spoke
    stand start started stat statistics stats still stuff submit submitted subscribed such sum summary support
    suppose table take taken takes taking talk team tell terms than thank thanks that the their theirs them then
    there therefore these they thing think this those though through thus ticket till time to today together
    told too total trouble truly turn turned type until up us use user users value various very visit visiting
    volume wait waited waiting waits want wanted was way we week well went were what what's when where whereas
    whether which while whilst who whole whose why will wish with within wonder wondering work worked would wrap
    wrapped write writing year yet you your yours zoom"""
)
# What stands behind these says which: "from Narnia", "tagged gold", "that were lost".
BEFORE_NAMES = words_of(
    """about on for from by via with without of at in through like called named tagged except excluding outside inside
    within under over between against is are was were be been being get got that who which"""
)
# Harmless around a number ("as a chart"), but a topic or a time behind some words: "about filters", "at night".
THINGS = words_of(
    """audit call chart curve deck detail file filter graph hassle information limit line list meeting night
    presentation problem question reply report review row slide table team trouble"""
)
BEFORE_TOPICS = words_of("about on at with during regarding concerning containing mention mentioning")
BEFORE_VERBS = words_of("i we you they it to please can could would should will shall and or did do does")
NAMED = re.compile(r"(?<=[\w,] )[A-Z][\w-]*")  # with a capital, and not because a sentence begins


def unexplained(words: Words) -> list[str]:
    """The words that neither the semantic layer nor the language of questions knows.

    >>> unexplained(Words("Please show the total as a list")), unexplained(Words("the total about lists at night"))
    ([], ['list', 'night'])
    """
    return [one.word for one in told(words) if one.is_unknown]


@dataclass(frozen=True)
class Told:
    """A word of a question: whether it is understood, and whether nothing explains it. Harmless words are neither."""

    word: str
    is_taken: bool
    is_unknown: bool


def told(words: Words) -> list[Told]:
    """Each word of the question, in its order."""
    found, before = [], ""
    for match in re.finditer(r"\S+", words.text):
        word, is_taken = match[0], bool(words.taken & set(range(*match.span())))
        is_topic = word in THINGS and before in BEFORE_TOPICS
        found.append(Told(word, is_taken, not is_taken and (is_topic or word not in HARMLESS)))
        before = word
    return found


def restricting(words: Words) -> list[str]:
    """Those of them that may say which: leaving them out would answer another question.

    A verb or an adverb does not: "where do we blow it most", "sat there". A name does, and what stands where a filter
    would: behind a preposition, or before what is measured.

    >>> words = Words("What wriggled for the gold tier of Narnia?")
    >>> words.take("tier"), restricting(words)
    (True, ['gold', 'narnia'])
    """
    text = told(words)
    capital = {normal(name).strip() for name in NAMED.findall(words.question)}
    found = []
    for place, one in enumerate(text):
        if not one.is_unknown:
            continue
        before = next((other for other in text[:place][::-1] if not other.is_unknown), None)
        behind = next((other for other in text[place:] if not other.is_unknown), None)
        follows = before.word if before and not before.is_taken else ""  # behind a noun stands a verb: "tickets sit"
        is_before_noun = bool(follows and behind and behind.is_taken) and follows not in BEFORE_VERBS
        is_name = one.word in capital or any(map(str.isdigit, one.word))
        if follows in BEFORE_NAMES | BEFORE_TOPICS or is_before_noun or is_name:
            found.append(one.word)
    return found

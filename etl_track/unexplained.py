"""Serve, in words: the words of a question that nothing explains, and which of them may restrict what is measured.

Twin: nothing in the RAG track: there a word that nobody knows is near to some others.
"""

import re

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
BEFORE_VERBS = words_of("i we you they it to please can could would should will shall and or did do does")
NAMED = re.compile(r"(?<=[\w,] )[A-Z][\w-]*")  # with a capital, and not because a sentence begins


def unexplained(words: Words) -> list[str]:
    """The words that neither the semantic layer nor the language of questions knows."""
    return [word for word in words.left() if word not in HARMLESS]


def restricting(words: Words) -> list[str]:
    """Those of them that may say which: leaving them out would answer another question.

    A verb or an adverb does not: "where do we blow it most", "sat there". A name does, and what stands where a filter
    would: behind a preposition, or before what is measured.

    >>> words = Words("What wriggled for the gold tier of Narnia?")
    >>> words.take("tier"), restricting(words)
    (True, ['gold', 'narnia'])
    """
    told = [(match[0], bool(words.taken & set(range(*match.span())))) for match in re.finditer(r"\S+", words.text)]
    unknown = [not is_taken and word not in HARMLESS for word, is_taken in told]
    capital = {normal(name).strip() for name in NAMED.findall(words.question)}
    found = []
    for place, (word, _) in enumerate(told):
        if not unknown[place]:
            continue
        first = place
        while first and unknown[first - 1]:
            first -= 1
        last = place
        while last + 1 < len(told) and unknown[last + 1]:
            last += 1
        before = told[first - 1][0] if first and not told[first - 1][1] else ""
        is_before_noun = last + 1 < len(told) and told[last + 1][1] and first > 0 and before not in BEFORE_VERBS
        is_before_noun = is_before_noun and not told[first - 1][1]  # "tickets sit unsolved"
        if before in BEFORE_NAMES or is_before_noun or word in capital or any(map(str.isdigit, word)):
            found.append(word)
    return found

"""Tell Vietnamese syllables from other words, by their spelling alone."""

from __future__ import annotations

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHARP = {"\u0301", "\u0323"}
# Those of the mountain peoples' names are among them: Krông, Drắk, Lắk.
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x kr br dr đr pr pl bl kl"
_RIMES = """
a ac ach ai ak am an ang anh ao ap at au ay ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec ek em en eng eo ep et ê êch êk êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu ik im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi ok om on ong ooc oong op
ot ô ôc ôi ôk ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui uk um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt
uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu
"""
_AFTER_QU = "ynh yt ych yn"
_STOPS = ("c", "ch", "k", "p", "t")
_WORD = re.compile(r"[^\W\d_]+")


def _known() -> frozenset[str]:
    plain = {onset + rime for onset in ("", *_ONSETS.split()) for rime in _RIMES.split()}
    never = {f"qu{rime}" for rime in _RIMES.split() if rime[0] in "ouư"}
    return frozenset((plain - never) | {f"qu{rime}" for rime in _AFTER_QU.split()})


_SYLLABLES = _known()


def words(text: str) -> list[str]:
    """Give the runs of letters of a text, its accents composed."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def is_syllable(word: str) -> bool:
    """
    Tell whether a word is spelt as a Vietnamese syllable, in any case, with its tone at either place.

    A syllable that ends in a stop has the acute tone or the dot below, unless the word has no accents at all.

    Examples
    --------
    >>> [is_syllable(word) for word in ("Thuận", "Hoà", "Hòa", "Phuoc", "ThuËn", "Hôpital", "phưòc")]
    [True, True, True, True, False, False, False]
    """
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [sign for sign in apart if sign in _TONES]
    plain = unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in _TONES))
    if len(tones) > 1 or plain not in _written(word):
        return False
    return word.isascii() or not plain.endswith(_STOPS) or (bool(tones) and tones[0] in _SHARP)


def _written(word: str) -> frozenset[str]:
    """Give the syllables a word may be one of: without its accents where it is written without any."""
    return _WITHOUT_ACCENTS if word.isascii() else _SYLLABLES


def _plain(syllable: str) -> str:
    apart = unicodedata.normalize("NFD", syllable.replace("đ", "d"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


_WITHOUT_ACCENTS = frozenset(_plain(syllable) for syllable in _SYLLABLES)

"""Writes `tokens.tsv`: texts and what open_clip's `SimpleTokenizer` makes of them, for the Swift parity test.

    pip install open_clip_torch==3.3.0 ftfy==6.3.1 regex==2026.11.15      (Python 3.11, that is, Unicode 14)
    python Tests/ParityTests/Fixtures/make_token_fixtures.py

A line holds a kind, a text as a JSON string, and its tokens without start and end, separated by tabs.

Left out by construction, whoever else gets them right or wrong: texts that ftfy's repair of encodings changes (mojibake),
which the Swift tokenizer does not repair; texts with the literal name of a special token, which is ordinary text there;
and characters that are not assigned in Unicode 14, or stand for surrogates.
"""

import html.entities
import json
import random
import sys
import unicodedata
from pathlib import Path

import reference  # noqa: F401  before open_clip
import ftfy
from open_clip.tokenizer import SimpleTokenizer

TARGET = Path(__file__).resolve().parent / "tokens.tsv"
SEED = 20240311
tokenizer = SimpleTokenizer()
random = random.Random(SEED)

WORDS = [tokenizer.decode([i]).strip() for i in range(512, 49406)]
WORDS = [word for word in WORDS if "\ufffd" not in word and word]
ASSIGNED = [
    chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co") and c not in range(0x80, 0xA0)
]
# Drawn by block of 128 code points, so that Hangul and Han do not crowd out the rest.
BLOCKS = {}
for character in ASSIGNED:
    BLOCKS.setdefault(ord(character) >> 7, []).append(character)
BLOCKS = list(BLOCKS.values())
MARKS = [c for c in ASSIGNED if unicodedata.category(c) in ("Mn", "Mc")]
COMMON_MARKS = [chr(c) for c in range(0x300, 0x345)]
NUMBERS = [c for c in ASSIGNED if unicodedata.category(c)[0] == "N"]
SPACES = [c for c in map(chr, range(0x110000)) if c.isspace()]
CASED = [c for c in ASSIGNED if c.lower() != c]
WIDE = [chr(c) for c in range(0xFF01, 0xFFEF)] + ["\u3000"]
LIGATURES = list("ĲĳŉǱǲǳǄǅǆǇǈǉǊǋǌﬀﬁﬂﬃﬄﬅﬆ")
QUOTES = list("ʼ‘’‚‛“”„‟'\"«»`´")
CONTROLS = [chr(c) for c in [*range(0x20), 0x7F, *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD),
                             *range(0x200B, 0x2010), *range(0x202A, 0x202F)]]
CONTRACTIONS = ["it's", "DON'T", "we're", "I'VE", "i'm", "you'll", "he'd", "'ſ", "rock'n'roll", "o'clock", "'''s", "'re",
                "dogs'", "'v", "'l", "isn't", "'S", "5's", "!'s", "it’s", "it＇s", "it&#39;s", "'ll'd've"]
EMOJI = ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪🇫🇷", "1️⃣", "❤️", "🧑🏿‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☺", "©️", "🐱🐶", "✨", "🤷‍♀️", "🫠"]
SENTENCES = """a photo of a cat
A  Photo\tof a⏎CAT!
a photo of a tiger.
it's 2024, isn't it?
café
cafe\u0301
&amp;amp; &lt;b&gt;
“quoted” text
3.14
日本
hello_world
Ein schöner Tag in der Straße, GROẞ
Η Οδυσσέας ΟΔΥΣΣΕΑΣ ΣΣ ς Σ ΑΣ͂ ΑΣ. Α.Σ ΣΑ
İstanbul'da IŞIK ıslak
русский текст с Ёлкой и ЙОГОЙ
Երևան ԵՐԵՎԱՆ և ﬓ
ქართული ᲥᲐᲠᲗᲣᲚᲘ
עִבְרִית שָׁלוֹם
العَرَبِيَّة ١٢٣
हिन्दी में एक बिल्ली १२३
ภาษาไทย ๑๒๓
한국어 고양이 \u1112\u1161\u11ab\u1100\u116e\u11a8
中文的一只猫，坐在沙发上。
ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟ ＡＢＣ１２３！
<b>bold &amp; loud</b> &eacute;
&EACUTE;T&EACUTE; &NTILDE; &nTILDE;
AT&T; AT&amp;T AT&ampT &notit; &notin; &not &copy2024
&#65;&#x42;&#X43; &#128; &#0; &#xD800; &#1114112; &#99999999999999999999; &#x; &#; &#12ab; &#59; &#8217;
first line &lt;⏎second < line⏎third &lt; line
the \x1b[1;31mred\x1b[0m fox \x1b[ 1m \x1b[m
soft\u00adhyphen zero\u200bwidth join\u200der
α\u0345β !\u0345! ᾳ ᾼ
½ ² Ⅳ ㊿ 〇 ٣ 𝟘
𝕳𝖊𝖑𝖑𝖔 𝒯𝓮𝔁𝓽
tab\tvt\x0bff\x0ccr\rnel\u2028ls\u2029ps\u00a0nb\u1680og\u3000id
a.b,c;d:e!f?g(h)i[j]k{l}m<n>o"p'q/r\\s|t@u#v$w%x^y&z*1+2=3~4`5_6-7
__init__ snake_case_word CamelCaseWord x86_64
http://example.com/path?query=1&amp;other=2#frag
ΌΣΟΣ\u00adΣ ΑΣ'Σ ΑΣ1
ŉ ﬁne oﬃce ﬅop ǅ ǆ
\U00021f39\u0342 \U00010045\u0323 \U00011131\U00011127 \U000110a5\U000110ba
\x85\x91quoted\x92 \x80 5
" "
!!! ... --- ??? 😀😀😀
'
''
""".replace("\n", "¶").replace("⏎", "\n").split("¶")


def words(count):
    return " ".join(random.choice(WORDS) for _ in range(count))


def blocks(count):
    return "".join(random.choice(random.choice(BLOCKS)) for _ in range(count))


def script(count):
    block = random.choice(BLOCKS)
    return "".join(random.choice(block) if random.random() < 0.85 else " " for _ in range(count))


def marked(count):
    def cluster():
        base = random.choice([random.choice("aeiouAEIOUnNcCsSzZgGwWyY"), blocks(1), random.choice("αωΑΩиИаА")])
        marks = random.choice([COMMON_MARKS, COMMON_MARKS, MARKS])
        return base + "".join(random.choice(marks) for _ in range(random.randint(0, 4)))

    return "".join(cluster() for _ in range(count))


def hangul(count):
    def syllable():
        jamo = chr(random.randint(0x1100, 0x1112)) + chr(random.randint(0x1161, 0x1175))
        return jamo + (chr(random.randint(0x11A8, 0x11C2)) if random.random() < 0.5 else "")

    return "".join(random.choice([syllable(), chr(random.randint(0xAC00, 0xD7A3)), " "]) for _ in range(count))


ENTITY_NAMES = sorted(html.entities.html5)


def entity():
    def numbered():
        number = random.choice([random.randint(1, 0x2FF), random.randint(0x2000, 0x2BFF), random.randint(1, 0x11FFFF)])
        form = random.choice(["#{}", "#x{:x}", "#X{:X}"]).format(number)
        return form + random.choice([";", ";", "", "z;"])

    name = random.choice([random.choice(ENTITY_NAMES), random.choice(["amp;", "lt;", "gt;", "quot;", "nbsp;", "#39;"]),
                          numbered(), random.choice(ENTITY_NAMES).upper(), words(1)])
    return "&" + "amp;" * random.choice([0, 0, 0, 1, 1, 2, 3]) + name


def mixed(count):
    def pick(pool):
        return "".join(random.choice(pool) for _ in range(random.randint(1, 3)))

    makers = [lambda: words(2), lambda: blocks(3), lambda: script(6), lambda: marked(2), lambda: hangul(3), entity,
              lambda: pick(NUMBERS), lambda: pick(SPACES), lambda: pick(CASED), lambda: pick(WIDE),
              lambda: pick(LIGATURES), lambda: pick(QUOTES), lambda: pick(CONTROLS), lambda: random.choice(CONTRACTIONS),
              lambda: random.choice(EMOJI), lambda: random.choice(SENTENCES)[:12], lambda: random.choice("_'-.<>&#;\n \x1b[m")]
    return "".join(random.choice(makers)() + random.choice(["", "", " "]) for _ in range(count))


KINDS = {
    "sentence": SENTENCES,
    "words": [words(random.randint(1, 12)) for _ in range(400)],
    "shouted": [words(4).upper() for _ in range(100)],
    "run together": [words(5).replace(" ", "") for _ in range(200)],
    "blocks": [blocks(random.randint(1, 12)) for _ in range(400)],
    "script": [script(random.randint(2, 16)) for _ in range(500)],
    "marks": [marked(random.randint(1, 6)) for _ in range(400)],
    "hangul": [hangul(random.randint(1, 8)) for _ in range(100)],
    "entities": [" ".join(entity() for _ in range(random.randint(1, 4))) for _ in range(500)],
    "entities run together": ["".join(entity() for _ in range(random.randint(1, 4))) for _ in range(200)],
    "numbers": ["".join(random.choice(NUMBERS) for _ in range(random.randint(1, 8))) for _ in range(150)],
    "wide": ["".join(random.choice(WIDE) for _ in range(random.randint(1, 10))) for _ in range(150)],
    "contractions": ["".join(random.choice(CONTRACTIONS) + random.choice(["", " ", "'"]) for _ in range(4)) for _ in range(150)],
    "emoji": ["".join(random.choice(EMOJI + [" ", "a"]) for _ in range(random.randint(1, 6))) for _ in range(150)],
    "cased": ["".join(random.choice(CASED + list("ΣΣσς.'") ) for _ in range(random.randint(1, 8))) for _ in range(200)],
    "controls": ["".join(random.choice(CONTROLS + WORDS[:40] + [" "]) for _ in range(random.randint(1, 10))) for _ in range(200)],
    "bytes": ["".join(chr(random.randint(1, 0xFF)) for _ in range(random.randint(1, 12))) for _ in range(150)],
    "mixed": [mixed(random.randint(1, 8)) for _ in range(1200)],
    "long": [words(300), blocks(400), words(60).replace(" ", ""), "a" * 700, "ab" * 400, "猫" * 300, "!?" * 300],
}


def is_left_out(text):
    if any(unicodedata.category(c) in ("Cn", "Cs") for c in text):
        return True
    cleaned = tokenizer.clean_fn(text)
    if any(name in cleaned for name in ("<start_of_text>", "<end_of_text>")):
        return True
    if any(unicodedata.category(c) in ("Cn", "Cs") for c in cleaned):
        return True
    return ftfy.fix_text(text) != ftfy.fix_text(text, fix_encoding=False)


if __name__ == "__main__":
    assert unicodedata.unidata_version.startswith("14."), "tokens of other Unicode versions differ"
    lines, left_out = [], {}
    for kind, texts in KINDS.items():
        for text in texts:
            if is_left_out(text):
                left_out[kind] = left_out.get(kind, 0) + 1
                continue
            tokens = " ".join(map(str, tokenizer.encode(text)))
            lines.append(f"{kind}\t{json.dumps(text, ensure_ascii=False)}\t{tokens}\n")
    TARGET.write_text("".join(lines))
    print(f"{len(lines)} texts, {TARGET.stat().st_size} bytes; left out: {left_out}", file=sys.stderr)

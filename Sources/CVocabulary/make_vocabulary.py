"""Writes the two text files of this folder from the originals.

    pip install open_clip_torch==3.3.0 ftfy==6.3.1
    python Sources/CVocabulary/make_vocabulary.py

`clip_merges.txt`: the 48,894 merges that CLIP uses of `bpe_simple_vocab_16e6.txt.gz`, one a line, lowest rank first.
`html_entities.txt`: HTML's named character references as Python's `html.entities.html5` lists them, a name and the hex
code points that it stands for; names that begin with `!` are the upper-case ones that only ftfy's repair knows.
"""

import gzip
import hashlib
import html.entities
import importlib.util
from pathlib import Path

import ftfy.chardata

FOLDER = Path(__file__).resolve().parent
# Found without being imported, which would want torch.
SOURCE = Path(importlib.util.find_spec("open_clip").origin).parent / "bpe_simple_vocab_16e6.txt.gz"
SHA256 = "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"


def write_merges():
    packed = SOURCE.read_bytes()
    assert hashlib.sha256(packed).hexdigest() == SHA256, "another vocabulary than CLIP's"
    lines = gzip.decompress(packed).decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    assert len(lines) == 48894 and len(set(lines)) == len(lines)
    assert all(len(line.split(" ")) == 2 for line in lines)
    (FOLDER / "clip_merges.txt").write_text("\n".join(lines) + "\n")


def write_entities():
    def points(text):
        return " ".join(f"{ord(character):X}" for character in text)

    names = {name: points(text) for name, text in html.entities.html5.items()}
    for entity, text in ftfy.chardata.HTML_ENTITIES.items():
        name = entity[1:]
        if name not in html.entities.html5:
            names["!" + name] = points(text)
    lines = [f"{name} {names[name]}" for name in sorted(names)]
    (FOLDER / "html_entities.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write_merges()
    write_entities()

#!/usr/bin/python3
"""Cut the sprites of the desk world out of Noto Color Emoji and openclipart, as desk/SOURCES.tsv lists them.

    apt-get install fonts-noto-color-emoji openclipart-png python3-fonttools python3-pil
    Deploy/samples/sprites.py                 # rewrites desk/ and nouns.txt beside this file
    Deploy/samples/sprites.py --check         # writes nothing; says what differs, and fails if anything does
    Deploy/samples/sprites.py --sheet a.png   # also draws all sprites, a noun a row, held-out ones on a darker ground

The table is written by hand in its columns sprite, split, package, version and source; title, author and licence are
filled in from the packages. Somebody looked at every drawing before it got its line. To add one, add a line and run
this.
"""
import argparse
import csv
import functools
import io
import sys
import unicodedata
from itertools import combinations
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageOps

NOTO = "fonts-noto-color-emoji"
OPENCLIPART = "openclipart-png"
FONT = "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
CLIPART = "usr/share/openclipart/png"
COLUMNS = ["sprite", "split", "package", "version", "source", "title", "author", "licence"]
SPLITS = ["train", "held-out"]
SIDE = 96  # the longest side of a sprite
SEEN = 32  # a sprite is cropped to the pixels whose alpha is above this
NEAR = 8  # of 64 bits: closer hashes than this, or equal to it, are near duplicates

# Near by hash, looked at, and different things: a small hash of a simple shape on white says little across nouns.
LOOKED_AT = {
    ("held-out/sprites/dolphin/openclipart-3.png", "train/sprites/hammer/noto-1.png"),
    ("held-out/sprites/guitar/openclipart-4.png", "train/sprites/tent/openclipart-1.png"),
}


def cropped(picture):
    """The picture without the border that cannot be seen."""
    picture = picture.convert("RGBA")
    box = picture.getchannel("A").point(lambda a: 255 if a > SEEN else 0).getbbox()
    if box is None:
        raise ValueError("nothing can be seen in it: no alpha above %d" % SEEN)
    return picture.crop(box)


def sprite(picture):
    """The picture cropped, and scaled so that its longest side is 96."""
    picture = cropped(picture).convert("RGBa")  # premultiplied, or invisible colours would bleed into the rim
    scale = SIDE / max(picture.size)
    return picture.resize([max(1, round(side * scale)) for side in picture.size], Image.LANCZOS).convert("RGBA")


class Packages:
    """The two packages, installed or unpacked below `root`."""

    def __init__(self, root):
        self.root = root

    @functools.cached_property
    def strike(self):
        font = TTFont(self.root / FONT)
        return font.getBestCmap(), font["CBDT"].strikeData[0]

    def drawing(self, package, source):
        """Picture, title, author, licence of the drawing that the table's `source` names."""
        if package == NOTO:
            code_point = int(source.removeprefix("U+"), 16)
            glyphs, bitmaps = self.strike
            picture = Image.open(io.BytesIO(bitmaps[glyphs[code_point]].imageData))
            return picture, unicodedata.name(chr(code_point)).lower(), "Google", "OFL-1.1"
        if package == OPENCLIPART:
            picture = Image.open(self.root / CLIPART / source)
            picture.load()
            return picture, text(picture, "Title"), text(picture, "Author"), "public domain"
        raise ValueError(f"{package} is neither {NOTO} nor {OPENCLIPART}")


def text(picture, key):
    """A text chunk of a PNG, on one line. openclipart's writer put UTF-8 where the format asks for Latin-1."""
    value = picture.info.get(key, "")
    try:
        value = value.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        pass
    return " ".join(value.split())


def read_table(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    seen = {}
    for row in rows:
        if row["split"] not in SPLITS or not row["sprite"].startswith(row["split"] + "/"):
            raise ValueError(f"{row['sprite']}: the split {row['split']!r} and the folder disagree")
        for key in (row["sprite"], (row["package"], row["source"])):
            if key in seen:
                raise ValueError(f"{row['sprite']} and {seen[key]}: one line too many for {key}")
            seen[key] = row["sprite"]
    return rows


def table(rows):
    return "".join("\t".join(line) + "\n" for line in [COLUMNS] + [[row[c] for c in COLUMNS] for row in rows])


def noun(row):
    return row["sprite"].split("/")[2].replace("_", " ")


def difference_hash(picture):
    """64 bits: whether each of 8 x 8 cells, grey on white, is darker than its right neighbour."""
    ground = Image.new("RGBA", picture.size, "white")
    cells = Image.alpha_composite(ground, picture).convert("L").resize((9, 8), Image.BOX).load()
    return sum((cells[x, y] < cells[x + 1, y]) << (8 * y + x) for y in range(8) for x in range(8))


def leaks(rows, pictures):
    """Pairs of near duplicates, mirrored ones included, that lie on both sides of the split."""
    hashes = [(difference_hash(p), difference_hash(ImageOps.mirror(p))) for p in pictures]
    for (a, row_a), (b, row_b) in combinations(enumerate(rows), 2):
        if row_a["split"] == row_b["split"]:
            continue
        distance = min(bin(hashes[a][0] ^ other).count("1") for other in hashes[b])
        pair = tuple(sorted((row_a["sprite"], row_b["sprite"])))
        if distance <= NEAR and pair not in LOOKED_AT:
            yield f"{pair[0]} and {pair[1]} are near duplicates (distance {distance}) on both sides of the split"


def encoded(picture):
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def sheet(rows, pictures):
    """All sprites, a noun a row."""
    nouns = sorted({noun(row) for row in rows})
    widest = max(sum(noun(row) == name for row in rows) for name in nouns)
    cell = SIDE + 4
    page = Image.new("RGB", (110 + widest * cell, len(nouns) * cell), (235, 240, 235))
    draw, filled = ImageDraw.Draw(page), dict.fromkeys(nouns, 0)
    for row, picture in zip(rows, pictures):
        x, y = 110 + filled[noun(row)] * cell, nouns.index(noun(row)) * cell
        filled[noun(row)] += 1
        if row["split"] == "held-out":
            draw.rectangle((x, y, x + cell - 1, y + cell - 1), (190, 200, 215))
        page.paste(picture, (x + (cell - picture.width) // 2, y + (cell - picture.height) // 2), picture)
    for number, name in enumerate(nouns):
        draw.text((4, number * cell + cell // 2), name, (0, 0, 0))
    return page


def differences(wanted, folder):
    """What is missing, other or too much in a folder."""
    present = {p.relative_to(folder).as_posix() for p in (folder / "desk").rglob("*") if p.is_file()}
    for name, content in wanted.items():
        if not (folder / name).is_file():
            yield f"{name} is missing"
        elif (folder / name).read_bytes() != content:
            yield f"{name} differs"
    for name in sorted(present - set(wanted)):
        yield f"{name} is in no line of the table"


def main():
    parser = argparse.ArgumentParser(description="Cut the sprites of the desk world out of their packages.")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the packages are installed or unpacked")
    parser.add_argument("--output", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--sheet", type=Path, help="draw all sprites into this PNG")
    options = parser.parse_args()

    rows = read_table(Path(__file__).resolve().parent / "desk/SOURCES.tsv")
    packages, pictures = Packages(options.root), []
    for row in rows:
        picture, row["title"], row["author"], row["licence"] = packages.drawing(row["package"], row["source"])
        pictures.append(sprite(picture))
    wanted = {"desk/" + row["sprite"]: encoded(picture) for row, picture in zip(rows, pictures)}
    wanted["desk/SOURCES.tsv"] = table(rows).encode()
    wanted["nouns.txt"] = "".join(name + "\n" for name in sorted({noun(row) for row in rows})).encode()

    problems = list(leaks(rows, pictures))
    if options.check:
        problems += differences(wanted, options.output)
    else:
        for path in (options.output / "sprites").rglob("*.png"):
            path.unlink()
        for name, content in wanted.items():
            (options.output / name).parent.mkdir(parents=True, exist_ok=True)
            (options.output / name).write_bytes(content)
    if options.sheet:
        sheet(rows, pictures).save(options.sheet)
    for problem in problems:
        print("sprites:", problem, file=sys.stderr)
    counts = {split: sum(row["split"] == split for row in rows) for split in SPLITS}
    size = sum(map(len, wanted.values()))
    print(f"{len(rows)} sprites ({counts['train']} train, {counts['held-out']} held-out), {size:,} bytes")
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, KeyError, ValueError) as error:
        hint = "Are the packages installed, in the versions of the table? --root names their folder."
        sys.exit(f"sprites: {error}\n{hint}")

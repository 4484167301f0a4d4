#!/usr/bin/python3
"""Compose the sample scenes: drawings cut out of Noto Color Emoji, pasted on drawn backgrounds.

    apt-get install fonts-noto-color-emoji python3-fonttools python3-numpy python3-pil
    Deploy/samples/compose.py            # rewrites training/, held-out/ and their JSON beside this file

Each scene comes from a generator of its own, keyed by (seed, split, number), so one scene can be changed without
touching another. A drawing belongs to exactly one split; a noun may have drawings in both.
"""
import argparse
import colorsys
import io
import json
import math
import random
import shutil
from pathlib import Path

import numpy
from fontTools.ttLib import TTFont
from PIL import Image, ImageEnhance, ImageFilter

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
SEED = 20240
SCENES = {"training": 96, "held-out": 32}
SIZES = [(320, 240), (240, 320), (320, 256), (256, 320), (320, 214), (288, 288), (300, 225), (312, 208), (224, 300)]
# Objects in a scene: how often, and the longest side of each as a share of the scene's geometric mean side.
COUNTS = {2: (0.30, 0.42, 0.60), 3: (0.35, 0.34, 0.50), 4: (0.22, 0.30, 0.42), 5: (0.13, 0.26, 0.37)}
PLACEMENTS = 60
VISIBLE_AT_LEAST = 0.6
OPAQUE = 128  # an alpha above this belongs to the object

# noun: code points of the drawings used for training / of the drawings kept for held-out scenes
DRAWINGS = {
    "airplane": ("2708", "1F6E9"),
    "ambulance": ("1F691", ""),
    "apple": ("1F34E", "1F34F"),
    "backpack": ("1F392", ""),
    "ball": ("26BD 1F3C0", "1F3D0"),
    "banana": ("1F34C", ""),
    "bear": ("1F43B", ""),
    "bee": ("1F41D", ""),
    "bell": ("1F514", "1F6CE"),
    "bicycle": ("1F6B2", ""),
    "bird": ("1F426 1F99C", "1F54A"),
    "boat": ("26F5", "1F6A4"),
    "book": ("1F4D5 1F4D7", "1F4D8"),
    "bread": ("1F35E", "1F956"),
    "bus": ("1F68C", "1F68D"),
    "butterfly": ("1F98B", ""),
    "cactus": ("1F335", ""),
    "cake": ("1F370", "1F382"),
    "camel": ("1F42B", "1F42A"),
    "camera": ("1F4F7", "1F4F9"),
    "candle": ("1F56F", ""),
    "car": ("1F697 1F699", "1F698"),
    "carrot": ("1F955", ""),
    "cat": ("1F408", "1F431"),
    "chair": ("1FA91", ""),
    "cheese": ("1F9C0", ""),
    "cherries": ("1F352", ""),
    "chicken": ("1F413", "1F414"),
    "clock": ("23F0", "1F570"),
    "cow": ("1F404", "1F42E"),
    "crab": ("1F980", ""),
    "crocodile": ("1F40A", ""),
    "crown": ("1F451", ""),
    "cup": ("2615", "1F375"),
    "dog": ("1F415 1F436", "1F429"),
    "dolphin": ("1F42C", ""),
    "dress": ("1F457", ""),
    "drum": ("1F941", ""),
    "duck": ("1F986", ""),
    "elephant": ("1F418", ""),
    "fish": ("1F41F 1F421", "1F420"),
    "flower": ("1F33B 1F337", "1F339"),
    "fox": ("1F98A", ""),
    "frog": ("1F438", ""),
    "giraffe": ("1F992", ""),
    "glasses": ("1F453", "1F576"),
    "grapes": ("1F347", ""),
    "guitar": ("1F3B8", "1FA95"),
    "hamburger": ("1F354", ""),
    "hammer": ("1F528", ""),
    "handbag": ("1F45C", ""),
    "hat": ("1F3A9", "1F452"),
    "helicopter": ("1F681", ""),
    "horse": ("1F40E", "1F434"),
    "house": ("1F3E0", "1F3E1"),
    "ice cream": ("1F366", "1F368"),
    "jacket": ("1F9E5", ""),
    "key": ("1F511", "1F5DD"),
    "ladybug": ("1F41E", ""),
    "lemon": ("1F34B", ""),
    "lion": ("1F981", ""),
    "lobster": ("1F99E", ""),
    "monkey": ("1F412", "1F435"),
    "motorcycle": ("1F3CD", "1F6F5"),
    "mouse": ("1F401", "1F42D"),
    "mushroom": ("1F344", ""),
    "octopus": ("1F419", ""),
    "orange": ("1F34A", ""),
    "owl": ("1F989", ""),
    "peacock": ("1F99A", ""),
    "pear": ("1F350", ""),
    "penguin": ("1F427", ""),
    "piano": ("1F3B9", ""),
    "pig": ("1F416", "1F437"),
    "pineapple": ("1F34D", ""),
    "pizza": ("1F355", ""),
    "rabbit": ("1F407", "1F430"),
    "rocket": ("1F680", ""),
    "saxophone": ("1F3B7", ""),
    "scissors": ("2702", ""),
    "shark": ("1F988", ""),
    "sheep": ("1F411", "1F40F"),
    "ship": ("1F6A2", "1F6F3"),
    "shirt": ("1F455", ""),
    "shoe": ("1F45E 1F462", "1F45F"),
    "snail": ("1F40C", ""),
    "snake": ("1F40D", ""),
    "squirrel": ("1F43F", ""),
    "strawberry": ("1F353", ""),
    "teapot": ("1FAD6", ""),
    "teddy bear": ("1F9F8", ""),
    "telephone": ("260E", "1F4DE"),
    "tiger": ("1F405", "1F42F"),
    "tomato": ("1F345", ""),
    "tractor": ("1F69C", ""),
    "train": ("1F682", "1F686"),
    "tree": ("1F333 1F334", "1F332"),
    "truck": ("1F69B", "1F69A"),
    "trumpet": ("1F3BA", ""),
    "turtle": ("1F422", ""),
    "umbrella": ("2602", "26F1"),
    "violin": ("1F3BB", ""),
    "watermelon": ("1F349", ""),
    "whale": ("1F433", "1F40B"),
}


def cut_outs(font_path):
    """Sprites by split: (noun, code point, RGBA picture cropped to what can be seen)."""
    font = TTFont(font_path)
    glyphs, strike = font.getBestCmap(), font["CBDT"].strikeData[0]
    splits = {"training": [], "held-out": []}
    for noun, drawings in DRAWINGS.items():
        for split, code_points in zip(splits, drawings):
            for code_point in code_points.split():
                picture = Image.open(io.BytesIO(strike[glyphs[int(code_point, 16)]].imageData)).convert("RGBA")
                box = picture.getchannel("A").point(lambda a: 255 if a > 32 else 0).getbbox()
                splits[split].append((noun, "U+" + code_point, picture.crop(box)))
    return splits


def deal(sprites, count_of_scenes, generator):
    """For each scene its sprites: shuffled decks, so that every drawing occurs about equally often; a scene never
    shows a noun twice, because a region should have one right answer."""
    scenes, deck = [], []
    for _ in range(count_of_scenes):
        wanted = generator.choices(list(COUNTS), [share for share, _, _ in COUNTS.values()])[0]
        chosen = []
        while len(chosen) < wanted:
            taken = {noun for noun, _, _ in chosen}
            position = next((i for i, sprite in enumerate(deck) if sprite[0] not in taken), None)
            if position is None:
                fresh = list(sprites)
                generator.shuffle(fresh)
                deck += fresh
            else:
                chosen.append(deck.pop(position))
        scenes.append(chosen)
    return scenes


def colour(generator, light=(0.62, 0.92), saturation=(0.15, 0.55)):
    rgb = colorsys.hls_to_rgb(generator.random(), generator.uniform(*light), generator.uniform(*saturation))
    return numpy.array(rgb) * 255


def background(width, height, generator):
    """Flat, linear, radial, two-tone ground, or soft clouds; a grain of a few levels over all of them."""
    kind = generator.choice(["flat", "linear", "radial", "ground", "clouds"])
    first, second = colour(generator), colour(generator)
    y, x = numpy.mgrid[0:height, 0:width] / max(width, height)
    if kind == "flat":
        share = numpy.zeros((height, width))
    elif kind == "linear":
        angle = generator.uniform(0, 2 * math.pi)
        share = x * math.cos(angle) + y * math.sin(angle)
    elif kind == "radial":
        share = numpy.hypot(x - generator.uniform(0.2, 0.8), y - generator.uniform(0.2, 0.8))
    elif kind == "ground":
        share = 1 / (1 + numpy.exp(-(y / y.max() - generator.uniform(0.5, 0.75)) * 60))
    else:
        coarse = numpy.random.default_rng(generator.getrandbits(64)).integers(0, 256, (5, 6), dtype=numpy.uint8)
        share = numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC)) / 255
    if kind not in ("flat", "ground"):
        share = (share - share.min()) / (share.max() - share.min())
    pixels = first + (second - first) * share[..., None]
    grain = numpy.random.default_rng(generator.getrandbits(64)).normal(0, generator.uniform(0, 2.5), (height, width, 1))
    return Image.fromarray(numpy.clip(pixels + grain, 0, 255).round().astype(numpy.uint8), "RGB")


def shifted_hue(sprite, turns):
    hue, saturation, value = sprite.convert("RGB").convert("HSV").split()
    hue = hue.point(lambda h: (h + round(turns * 255)) % 256)
    picture = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    picture.putalpha(sprite.getchannel("A"))
    return picture


def varied(sprite, longest_side, generator):
    """A flipped, slightly turned and tinted copy whose longest side is the one asked for."""
    sprite = shifted_hue(sprite, generator.gauss(0, 0.012))
    alpha = sprite.getchannel("A")
    sprite = ImageEnhance.Brightness(sprite).enhance(generator.uniform(0.93, 1.05))
    sprite.putalpha(alpha)
    if generator.random() < 0.5:
        sprite = sprite.transpose(Image.FLIP_LEFT_RIGHT)
    # Premultiplied, or the colour of invisible pixels would bleed into the rim.
    sprite = sprite.convert("RGBa")
    sprite = sprite.rotate(math.degrees(generator.gauss(0, 0.13)), Image.BICUBIC, expand=True)
    scale = longest_side / max(sprite.size)
    size = [max(1, round(side * scale)) for side in sprite.size]
    sprite = sprite.resize(size, Image.LANCZOS).convert("RGBA")
    return sprite.crop(sprite.getchannel("A").point(lambda a: 255 if a > OPAQUE else 0).getbbox())


def placed(sprites, width, height, generator):
    """Sprites with positions, largest first, so that small things lie on top of big ones; masks of what stays visible.
    Returns None where some object would be hidden too much: the caller draws another arrangement."""
    occupied, layers = numpy.zeros((height, width), bool), []
    for noun, name, sprite in sorted(sprites, key=lambda s: -max(s[2].size)):
        solid = numpy.asarray(sprite.getchannel("A")) > OPAQUE
        best = None
        for _ in range(PLACEMENTS):
            x = generator.randint(2, max(2, width - sprite.width - 2))
            y = generator.randint(2, max(2, height - sprite.height - 2))
            overlap = int((occupied[y : y + sprite.height, x : x + sprite.width] & solid).sum())
            if best is None or overlap < best[0]:
                best = (overlap, x, y)
            if overlap == 0:
                break
        _, x, y = best
        mask = numpy.zeros((height, width), bool)
        mask[y : y + sprite.height, x : x + sprite.width] = solid
        for layer in layers:
            layer["mask"] &= ~mask
        occupied |= mask
        layers.append({"noun": noun, "name": name, "sprite": sprite, "at": (x, y), "mask": mask, "whole": solid.sum()})
    if any(layer["mask"].sum() < VISIBLE_AT_LEAST * layer["whole"] for layer in layers):
        return None
    return layers


def compose(sprites, generator):
    width, height = generator.choice(SIZES)
    _, low, high = COUNTS[len(sprites)]
    side = math.sqrt(width * height)
    while True:
        picture = background(width, height, generator)
        copies = [(n, c, varied(s, side * generator.uniform(low, high), generator)) for n, c, s in sprites]
        if any(copy.width > width - 4 or copy.height > height - 4 for _, _, copy in copies):
            continue
        layers = placed(copies, width, height, generator)
        if layers:
            break
    for layer in layers:
        x, y = layer["at"]
        shade = Image.new("L", (width, height))
        shade.paste(layer["sprite"].getchannel("A"), (x + 2, y + 3))
        shade = shade.filter(ImageFilter.GaussianBlur(3)).point(lambda a: a * 70 // 255)
        picture.paste((30, 25, 40), (0, 0), shade)
        picture.paste(layer["sprite"], (x, y), layer["sprite"])
    return picture, layers


def run_lengths(mask):
    """COCO's uncompressed RLE: column by column, starting with the count of zeros."""
    flat = numpy.concatenate([[False], mask.flatten(order="F"), [False]])
    edges = numpy.flatnonzero(flat[1:] != flat[:-1])
    counts = numpy.diff(numpy.concatenate([[0], edges, [mask.size]])).tolist()
    return counts if counts[-1] else counts[:-1]


def annotation(layer, number, image_number, categories):
    mask = layer["mask"]
    rows, columns = numpy.flatnonzero(mask.any(axis=1)), numpy.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return {
        "id": number,
        "image_id": image_number,
        "category_id": categories[layer["noun"]],
        "bbox": [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y],
        "area": int(mask.sum()),
        "iscrowd": 0,
        "segmentation": {"size": list(mask.shape), "counts": run_lengths(mask)},
        "cut_out": layer["name"],
    }


def write_split(folder, split, sprites):
    pictures = folder / split
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    categories = {noun: number for number, noun in enumerate(sorted(DRAWINGS), start=1)}
    coco = {
        "info": {"description": f"Stillhouse sample scenes, {split}", "version": "1"},
        "licenses": [{"id": 1, "name": "SIL Open Font License 1.1", "url": "https://openfontlicense.org"}],
        "categories": [{"id": number, "name": noun} for noun, number in categories.items()],
        "images": [],
        "annotations": [],
    }
    scenes = deal(sprites, SCENES[split], random.Random(f"{SEED}/{split}"))
    for number, chosen in enumerate(scenes, start=1):
        picture, layers = compose(chosen, random.Random(f"{SEED}/{split}/{number}"))
        name = f"{number:04}.jpg"
        picture.save(pictures / name, quality=90, optimize=True)
        image = {"id": number, "file_name": name, "width": picture.width, "height": picture.height, "license": 1}
        coco["images"].append(image)
        for layer in layers:
            coco["annotations"].append(annotation(layer, len(coco["annotations"]) + 1, number, categories))
    lines = [f'"{key}": ' + lined(value) for key, value in coco.items()]
    (folder / f"{split}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def lined(value):
    """JSON with one list element a line, so that a change of one scene is a short diff."""
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(element, separators=(",", ":")) for element in value) + "\n]"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compose Stillhouse's sample scenes.")
    parser.add_argument("--font", default=FONT, help="NotoColorEmoji.ttf with CBDT bitmaps")
    parser.add_argument("--output", type=Path, default=Path(__file__).resolve().parent)
    options = parser.parse_args()
    for split, sprites in cut_outs(options.font).items():
        write_split(options.output, split, sprites)

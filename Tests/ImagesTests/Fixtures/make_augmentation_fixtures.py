"""Writes what Pillow 10 makes of small pictures, for AugmentationTests: sources, one strip of results, one list of cases.

python make_augmentation_fixtures.py  (Pillow 10.4, numpy 2)

Jitter is torchvision's on Pillow pictures (`torchvision.transforms._functional_pil`, 0.15 and later): brightness, contrast
and saturation are Pillow's enhancers, the hue is added to Pillow's HSV in whole 255ths. Spelled out here, so that the
script needs no torch.
"""

from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

HERE = Path(__file__).parent / "Augmentation"
random = np.random.default_rng(20261121)


def hue(picture, share):
    h, s, v = picture.convert("HSV").split()
    moved = np.array(h, dtype=np.uint8)
    moved += np.int32(share * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(moved, "L"), s, v)).convert("RGB")


OPERATIONS = {
    "brightness": lambda picture, factor: ImageEnhance.Brightness(picture).enhance(factor),
    "contrast": lambda picture, factor: ImageEnhance.Contrast(picture).enhance(factor),
    "saturation": lambda picture, factor: ImageEnhance.Color(picture).enhance(factor),
    "hue": hue,
    "blur": lambda picture, sigma: picture.filter(ImageFilter.GaussianBlur(radius=sigma)),
    "grayscale": lambda picture, _: ImageOps.grayscale(picture).convert("RGB"),
    "solarise": lambda picture, threshold: ImageOps.solarize(picture, int(threshold)),
    "flip": lambda picture, _: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def sources():
    """Noise drives every rounding; the cube has every corner of the colours; thin ones meet the borders of the blur."""
    yield "noise", random.integers(0, 256, (13, 22, 3)).astype(np.uint8)
    levels = np.array([0, 1, 2, 63, 64, 127, 128, 129, 191, 254, 255])
    yield "cube", np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(11, 121, 3).astype(np.uint8)
    yield "row", random.integers(0, 256, (1, 9, 3)).astype(np.uint8)
    yield "column", random.integers(0, 256, (7, 1, 3)).astype(np.uint8)
    yield "dot", random.integers(0, 256, (1, 1, 3)).astype(np.uint8)
    for name, color in [("black", (0, 0, 0)), ("white", (255, 255, 255)), ("gray", (119, 119, 119)), ("red", (201, 7, 30))]:
        yield name, np.full((4, 5, 3), color, np.uint8)


VALUES = {
    "brightness": [0, 0.6, 1, 1.297072, 2.5],
    "contrast": [0, 0.6, 0.845023, 1, 1.4],
    "saturation": [0, 0.8, 1, 1.14375, 1.7],
    "hue": [-0.5, -0.085831, 0, 0.0123, 0.1, 0.5],
    "blur": [0, 0.1, 0.789885, 1.3, 2, 5.5],
    "grayscale": [0],
    "solarise": [128, 0, 200],
    "flip": [0],
}


def main():
    assert PIL.__version__.startswith("10."), PIL.__version__
    HERE.mkdir(exist_ok=True)
    lines, strip = [], []
    for name, pixels in sources():
        picture = Image.fromarray(pixels)
        picture.save(HERE / f"{name}.png", optimize=True)
        for operation, values in VALUES.items():
            for value in values:
                strip.append(np.asarray(OPERATIONS[operation](picture, value)).tobytes())
                lines.append(f"{name}.png {operation} {value}")
    (HERE / "cases.txt").write_text("\n".join(lines) + "\n")
    joined = b"".join(strip)
    joined += b"\0" * (-len(joined) % (3 * 256))
    Image.fromarray(np.frombuffer(joined, np.uint8).reshape(-1, 256, 3)).save(HERE / "expected.png", optimize=True)


if __name__ == "__main__":
    main()

"""Writes CenterCrop/: small pictures, and what open_clip's evaluation transform makes of them before it normalises.

Uses open_clip's own `image_transform`, that is, torchvision's Resize and CenterCrop over Pillow.
Run: python make_center_crop_fixtures.py
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ParityTests" / "Fixtures"))
from reference import open_clip  # noqa: E402

HERE = Path(__file__).resolve().parent / "CenterCrop"
SIZES = [(37, 23), (23, 37), (30, 30), (41, 10), (10, 44), (64, 48), (29, 30), (13, 57)]
SIDES = [16, 23, 24, 32, 33, 10]


def main():
    HERE.mkdir(exist_ok=True)
    random = np.random.default_rng(20_261_121)
    lines, strips = [], []
    for index, (width, height) in enumerate(SIZES):
        source = Image.fromarray(random.integers(0, 256, (height, width, 3)).astype(np.uint8))
        source.save(HERE / f"source{index}.png", optimize=True)
        for side in SIDES:
            transform = open_clip.transform.image_transform(side, is_train=False)
            resize, crop = transform.transforms[:2]
            assert type(resize).__name__ == "Resize" and type(crop).__name__ == "CenterCrop", transform
            strips.append(np.asarray(crop(resize(source))).tobytes())
            lines.append(f"source{index}.png {side}")
    (HERE / "cases.txt").write_text("\n".join(lines) + "\n")
    joined = b"".join(strips)
    joined += b"\0" * (-len(joined) % (3 * 256))
    Image.fromarray(np.frombuffer(joined, np.uint8).reshape(-1, 256, 3)).save(HERE / "expected.png", optimize=True)


if __name__ == "__main__":
    main()

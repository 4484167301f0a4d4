"""The same few scenes, coloured by what each training's weights say they show."""

import json
import tempfile
from pathlib import Path

SCENES = 6
OBJECTS = 3  # at least, in each


class Pictures:
    def __init__(self, fleet, folder):
        self.fleet, self.folder = fleet, folder

    def draw(self, name, scenes, options):
        """A sheet of the first scenes with several objects.

        It names every noun that one of them shows: which of those is where, is what the weights have to tell.

        - scenes: a folder of composed ones.
        - options: of `segment`, for weights and read-out.
        """
        path = self.folder / f"{name}.png"
        if path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        files, nouns = self._chosen(scenes)
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            # In the folder of the pictures, so that they have short names on the sheet.
            self.fleet.run("segment", *files, "--classes", ",".join(nouns), "--threshold", 0.5, *options, "-o", scratch,
                           directory=scenes / "images")
            (Path(scratch) / "sheet.png").rename(path)

    def _chosen(self, scenes):
        content = json.loads((scenes / "scenes.json").read_text())
        nouns = {category["id"]: category["name"] for category in content["categories"]}
        shown = {}
        for annotation in content["annotations"]:
            if "category_id" in annotation:
                shown.setdefault(annotation["image_id"], set()).add(nouns[annotation["category_id"]])
        chosen = [image for image in content["images"] if len(shown.get(image["id"], ())) >= OBJECTS][:SCENES]
        return [image["file_name"] for image in chosen], sorted(set().union(*(shown[image["id"]] for image in chosen)))

"""What was measured, as Markdown with tables, curves and pictures, and as one JSON document."""

import json
import statistics

from figures import Figures
from trainings import CLIP, PARTS

SEEN, HELD_OUT = "seen drawings", "held-out drawings"
BEFORE = "clipself-before"  # the small CLIP as it is, measured as what is made of it


def percent(values):
    """A mean with its lowest and highest, if there are several."""
    values = [100 * value for value in values if value is not None]
    if not values:
        return "–"
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{statistics.mean(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def at(answer, *keys):
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def read(folder):
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


class Report:
    """Of the files in `results`, into `folder`, where pictures may lie already."""

    def __init__(self, results, folder):
        self.results, self.folder = read(results), folder
        self.figures = Figures(folder, read(results / "curves"))
        self.known = {training.name: training for part in PARTS.values() for training in part.trainings}

    def write(self):
        folder = self.folder
        (folder / "results.json").write_text(json.dumps(self.results, indent=1, sort_keys=True) + "\n")
        path = folder / "report.md"
        path.write_text("\n".join(self.sections()))
        return path

    def sections(self):
        writers = {"clip": self.clip, "regions": self.regions, "prompts": self.prompts}
        for name, part in PARTS.items():
            trainings = [self.known[name] for name in part.beside] + list(part.trainings)
            rows = [(training.what, self.measured(training.name)) for training in trainings]
            rows = [(what, measured) for what, measured in rows if measured]
            if self.begins_at_clip(part) and self.measured(BEFORE):
                rows.insert(0, ("before", self.measured(BEFORE)))
            if any(self.measured(training.name) for training in part.trainings):
                yield f"## {part.title}\n\nClaim: {part.claim}.\n"
                yield from writers[part.measure](rows, part)
                yield from self.drawn(name, part, trainings, rows)
                yield self.cost(part)

    def begins_at_clip(self, part):
        return part.measure == "regions" and part.trainings[0].start == CLIP

    def drawn(self, name, part, trainings, rows):
        """Curves and pictures of a part."""
        if part.curve:
            yield self.figures.learning(part, name, trainings)
        if part.measure == "regions":
            sides = [(what, {side: self.mean(found, SEEN, f"regions at {side}", "boxes", "macc1")
                             for side in self.sides(found)}) for what, found in rows]
            yield self.figures.resolution(name, sides)
        if mixes := [training for training in trainings if training.mix]:
            yield self.mixes(name, mixes)
        for picture in [BEFORE] * self.begins_at_clip(part) + [training.name for training in part.trainings]:
            if (self.folder / f"pictures/{picture}.png").exists():
                yield f"{picture}:\n\n![{picture}](pictures/{picture}.png)\n"

    def mixes(self, name, trainings):
        of = {training.mix[1]: self.measured(training.name) for training in trainings}
        start = trainings[0].start
        of[0.0] = self.measured(BEFORE if start == CLIP else start)
        of[1.0] = self.measured(trainings[0].mix[0])
        of = {share: found for share, found in of.items() if found}  # a part by itself has not measured its ends
        side = self.sides(next(iter(of.values())))[1]
        kinds = {"boxes": (f"regions at {side}", "boxes", "macc1"),
                 "whole pictures": ("classification, difficulty 0.3", "top1")}
        return self.figures.mix(name, [
            (kind, {share: self.mean(found, SEEN, *keys) for share, found in of.items()})
            for kind, keys in kinds.items()])

    def mean(self, measured, *keys):
        return statistics.mean(at(answer, *keys) for answer in measured)

    def sides(self, measured):
        """The sides in pixels that regions were looked at in."""
        return sorted(int(key.split()[-1]) for key in measured[0][SEEN] if key.startswith("regions at "))

    def sets(self, rows):
        """What was looked at, the repository's own first."""
        names = {name for _, measured in rows for answer in measured for name in answer}
        return sorted(names, key=lambda name: (name != SEEN, name != HELD_OUT, name))

    def measured(self, training):
        """The measures of every seed of a training."""
        return [result["measures"] for name, result in self.results.items()
                if name == training or name.startswith(f"{training}-seed-")]

    def cost(self, part):
        rows = []
        for training in (training for training in part.trainings if not training.mix):
            for name, result in self.results.items():
                if name == training.name or name.startswith(f"{training.name}-seed-"):
                    rows.append((name, f"{result['updates']:,}", f"{result['samples']:,}",
                                 f"{result['seconds'] / 60:.0f} min", *(
                                     f"`{str(result[digest])[:12]}`" for digest in
                                     ("recipe_digest", "dataset_digest", "chain_digest", "weights_digest"))))
        head = ("run", "updates", "pictures", "time on the fleet", "recipe", "data", "chain of versions", "weights")
        return table(head, rows) + "\n" if rows else ""

    def of(self, measured, *keys):
        return percent([at(answer, *keys) for answer in measured])

    # --- One writer a kind of measures -------------------------------------------------------------------------------

    def clip(self, rows, part):
        for name in self.sets(rows):
            head = ["%, " + name]
            columns = []
            for difficulty in (0.3, 1.0):
                kind = f"difficulty {difficulty}"
                columns += [
                    (f"top-1, {kind}", (f"classification, {kind}", "top1")),
                    (f"top-5, {kind}", (f"classification, {kind}", "top5")),
                    (f"picture to text R@1, {kind}", (f"retrieval, {kind}", "image_to_text", "r1")),
                ]
            for readout in ("value-residual", "kk"):
                columns.append((f"pixels, {readout}", (f"segmentation by {readout}", "pixel_accuracy")))
                columns.append((f"mIoU, {readout}", (f"segmentation by {readout}", "mean_iou_present")))
            yield table(head + [title for title, _ in columns],
                        [[what] + [self.of(found, name, *keys) for _, keys in columns] for what, found in rows]) + "\n"

    def regions(self, rows, part):
        sizes = self.sides(rows[-1][1])
        for name in self.sets(rows):
            columns = [(f"{kind}, {size} px", (f"regions at {size}", kind, "macc1"))
                       for size in sizes for kind in ("boxes", "masks")]
            usual = f"regions at {sizes[1]}"
            columns += [
                ("crops", (usual, "crops", "macc1")), (f"cosine, {sizes[1]} px", (usual, "mean_cosine")),
                ("pixels", ("segmentation", "pixel_accuracy")), ("mIoU", ("segmentation", "mean_iou_present")),
                ("whole pictures, top-1", ("classification, difficulty 0.3", "top1")),
            ]
            yield table(["%, " + name] + [title for title, _ in columns],
                        [[what] + [self.of(found, name, *keys) for _, keys in columns] for what, found in rows]) + "\n"

    def prompts(self, rows, part):
        baseline = self.results.get(f"maskclip-{part.trainings[0].start}")
        columns = [("unseen mIoU", "unseen_iou"), ("seen mIoU", "seen_iou"), ("harmonic", "harmonic_iou"),
                   ("pixels", "pixel_accuracy")]
        for name in self.sets(rows):
            lines = []
            for templates in ("simple", "maskclip-85") if baseline else ():
                found = at(baseline, "measures", name, f"templates {templates}")
                lines.append([f"MaskCLIP, templates {templates}"] + [percent([found.get(key)]) for _, key in columns])
            lines += [[what] + [self.of(found, name, "prompts", key) for _, key in columns] for what, found in rows]
            yield table(["%, " + name] + [title for title, _ in columns], lines) + "\n"

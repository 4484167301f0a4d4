"""The desk study; `Deploy/desk-study` starts it. Reads top-down: parts, trainings, measures, report."""

import argparse
import fcntl
import shutil
import signal
import sys
from pathlib import Path

from figures import thinned
from fleet import Failure, Fleet, say
from measures import DRAWN, PHOTOGRAPHED, Measures, kept
from pictures import Pictures
from report import Report
from trainings import CLIP, ENCODER, METRICS, PARTS, SMOKE, Training

SCENES, SMOKE_SCENES = 800, 24


class Study:
    def __init__(self, fleet, arguments):
        self.fleet, self.is_smoke, self.is_offline = fleet, arguments.smoke, arguments.offline
        self.results = fleet.output / "results"
        self.weights = fleet.output / "weights"
        self.weights.mkdir(exist_ok=True)
        self.pictures = Pictures(fleet, fleet.output / "report/pictures")
        self.trains_clip = "clip" in arguments.parts
        self.known = {training.name: training for part in PARTS.values() for training in part.trainings}

    def run(self, name):
        part = PARTS[name]
        say(f"{name}: {part.title}")
        if part.measure == "prompts":
            self._baseline(part.trainings[0].start)
        seeds = 1 if self.is_smoke else max(training.seeds for training in part.trainings)
        for seed in range(seeds):  # all of the first one first: another only tells how far to trust it
            for training in (training for training in part.trainings if seed < training.seeds):
                if self._is_brought(training, seed):
                    say(f"  {self._name(training, seed)}: the result is there")
                    continue
                self._result(training, seed, part.measure)
                if not training.mix:
                    self._curves(self._name(training, seed), METRICS[training.recipe])

    def _baseline(self, encoder):
        """MaskCLIP: what templates make of the encoder that the prompts are learned for."""
        training = self.known[encoder]
        kept(self.results / f"maskclip-{encoder}.json",
             lambda: {"measures": self._measures(training, "prompts").prompts(None, self._file(training, 0))})

    def _is_brought(self, training, seed):
        """Whether its result was put there, perhaps the committed one: then it is not trained again."""
        result = self.results / f"{self._name(training, seed)}.json"
        return result.exists() and not self.fleet.knows(self._run(training, seed))

    def _curves(self, run, metrics):
        def values():
            rows = [(row["version"], row["values"]) for row in self.fleet.json("run", "metrics", run)]
            found = {metric: [(version, of[metric]) for version, of in rows if metric in of] for metric in metrics}
            return {metric: thinned(points) for metric, points in found.items() if points}
        kept(self.results / "curves" / f"{run}.json", values)

    def _result(self, training, seed, measure):
        weights, start = self._file(training, seed), self._start(training)
        measures, name = self._measures(training, measure), self._name(training, seed)
        kept(self.results / f"{name}.json", lambda: {
            **self._facts(self._run(training, seed), weights),
            "measures": getattr(measures, measure)(weights, weights if training.start == ENCODER else start)})
        if training.start == CLIP and measure == "regions":
            # What it began with, measured in the same way.
            kept(self.results / "clipself-before.json", lambda: {"measures": measures.regions(start, start)})
            self._picture("clipself-before", measures, start)
        if seed == 0 and measure == "regions":
            self._picture(name, measures, weights)
        if seed == 0 and measure == "prompts":
            self._picture(name, measures, start, "--prompts", weights)

    def _picture(self, name, measures, weights, *prompts):
        words = prompts or ("--templates", "simple", "--scale", 20)
        options = ("--weights", weights.resolve(), "--model", measures.model, *words)
        self.pictures.draw(name, measures.dense_scenes(), options)

    def _measures(self, training, measure):
        styles = None if measure == "prompts" else self._styles()  # which looks at the repository's own only
        return Measures(self.fleet, training.model, SMOKE_SCENES if self.is_smoke else SCENES, styles)

    def _styles(self):
        """The same nouns drawn by others and photographed, fetched; None where nothing may be."""
        if self.is_offline:
            return None
        folder = self.fleet.output / "styles"
        if not (folder / "SOURCES.tsv").exists():  # written last
            say("  fetching drawings and photographs that are only measured")
            shutil.rmtree(folder, ignore_errors=True)
            self.fleet.script("Deploy/evaluation-sprites", folder, "--only", *DRAWN, PHOTOGRAPHED)
        return folder

    def _facts(self, run, weights):
        shown = self.fleet.json("run", "show", run)
        inspected = self.fleet.json("weights", "inspect", weights, "--digests")
        state = self.fleet.status(run)
        return {
            "run": run, "seed": shown["seed"], "updates": state["steps"], "samples": state["samples"],
            "seconds": round(state["seconds_spent"]),
            "recipe_digest": shown["recipe_digest"], "dataset_digest": shown["dataset_digest"],
            "chain_digest": inspected["metadata"].get("version_chain_sha256"),
            "weights_digest": inspected["content_sha256"],
        }

    def _start(self, training):
        if training.start == ENCODER:
            return self._encoder()
        return self._file(self.known[training.start], 0) if training.start else None

    def _encoder(self):
        """The real image tower, fetched and brought to our layout, with a text tower that is drawn."""
        folder = self.weights / ENCODER
        if not (folder / "complete").exists():
            self.fleet.python("Deploy/study/encoder.py", folder)
            (folder / "complete").touch()
        return folder / "model.safetensors"

    def _run(self, training, seed):
        """The run whose versions the weights of a training are."""
        return self._name(self.known[training.mix[0]] if training.mix else training, seed)

    def _name(self, training, seed):
        return training.name if seed == 0 else f"{training.name}-seed-{seed}"

    def _file(self, training: Training, seed):
        """The trained weights, trained now unless they are there; of the small CLIP the committed ones do."""
        name = self._name(training, seed)
        path = self.weights / f"{name}.safetensors"
        if name == CLIP and not path.exists() and (not self.trains_clip or self._is_brought(training, seed)):
            return self.fleet.repository / "Deploy/samples/desk-clip/model.safetensors"
        if training.mix and not path.exists():
            of, share = training.mix
            self._file(self.known[of], seed)
            self.fleet.run("weights", "pull", self._run(training, seed), "--dtype", "fp16", "--mix", share, "-o", path)
        if not path.exists():
            if not self.fleet.knows(name):
                settings = training.settings_of(seed) + (SMOKE[training.recipe] if self.is_smoke else ())
                start = self._start(training)
                if start is not None:
                    settings += (f"start.weights={start}",)
                options = [word for setting in settings for word in ("--set", setting)]
                self.fleet.run("run", "create", name, "--recipe", training.recipe, *options)
            say(f"  training {name}")
            self.fleet.train(name)
            options = () if training.prompts else ("--dtype", "fp16", "--mix", "1")
            self.fleet.run("weights", "pull", name, *options, "-o", path)  # appears when it is complete
        return path


def parse():
    parser = argparse.ArgumentParser(prog="Deploy/desk-study", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # by Deploy/desk-study, before it builds
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--output", type=Path, default=Path("stillhouse-desk-study"))
    parser.add_argument("--repository", type=Path, help=argparse.SUPPRESS)  # these two by Deploy/desk-study
    parser.add_argument("--stillhouse", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.offline |= arguments.smoke
    arguments.parts = arguments.parts or [
        name for name, part in PARTS.items() if part.is_offline or not arguments.offline]
    for part in arguments.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part!r}: {', '.join(PARTS)}")
        if arguments.offline and not PARTS[part].is_offline:
            parser.error(f"part {part!r} has to fetch its encoder: no --offline, no --smoke")
    return arguments


def show(parts):
    home = {training.name: name for name, part in parts.items() for training in part.trainings}
    for name, part in parts.items():
        # What a part by itself trains first; the small CLIP is there.
        starts = {training.start for training in part.trainings} - {None, ENCODER, CLIP}
        needed = ", ".join(f"{start} ({home[start]})" for start in sorted(starts) if home[start] != name)
        print(f"{name:16} {part.minutes:4} min  {part.title}{f'; begins with {needed}' if needed else ''}")
        for training in part.trainings:
            seeds = f", {training.seeds} seeds" if training.seeds > 1 else ""
            print(f"{'':20}{training.name}: {training.recipe}, {training.what}{seeds}")
    print(f"{'all':16} {sum(part.minutes for part in parts.values()):4} min")


def main():
    arguments = parse()
    if arguments.check:
        return 0
    if arguments.list:
        show(PARTS)
        return 0
    output = arguments.output.resolve()
    (output / "report").mkdir(parents=True, exist_ok=True)
    if arguments.smoke != (output / "smoke").exists() and (output / "results").exists():
        raise Failure(f"{output} holds a study of the other kind (--smoke or not). Name another --output.")
    lock = open(output / "lock", "w")  # held until this process ends, however it does
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(f"Another study is at work in {output}. Wait for it, or name another --output.") from None
    if arguments.smoke:
        (output / "smoke").touch()
    with Fleet(arguments.stillhouse, arguments.repository, output) as fleet:
        study = Study(fleet, arguments)
        for part in arguments.parts:
            study.run(part)
        say("verifying the ledger")
        fleet.run("verify")
    print(Report(output / "results", output / "report").write())
    return 0


def stop(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Also where a shell that started it in the background has interrupts ignored: the roles must not outlive it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        sys.exit(main())
    except Failure as failure:
        say(f"Deploy/desk-study: {failure}")
        sys.exit(70)
    except KeyboardInterrupt:
        say("\nDeploy/desk-study: stopped; the same command goes on from here.")
        sys.exit(130)

"""Runs the same work in Stillhouse and in PyTorch + open_clip, in turn, and prints how their speeds compare.

`Deploy/compare-pytorch` starts it, with the versions it wants and a built `stillhouse`. Every work has a process on
each side, so that its peak memory is its own; a process computes when it is asked to, and the others wait meanwhile.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import time

# What is compared: rows of (title, Stillhouse's work, PyTorch's work). The contestants of one group take turns.
GROUPS = {
    "tower-training": [("ViT-B/16 training step, 224 px, batch 8", "tower-training", "tower-training")],
    "clipself": [
        ("CLIPSelf step, 512 px student, 18 crops of 224", "clipself", "clipself"),
        ("the same, targets cached on both sides", "clipself-cached", "clipself-cached"),
        ("the same, targets cached in Stillhouse only", "clipself-cached", "clipself"),
    ],
    "tower-1024": [("ViT-B/16 at 1,024 px, one image, forward + backward", "tower-1024", "tower-1024")],
    "silc": [("SILC step, 8 pairs, 2 x 224 + 8 x 96 px", "silc", "silc")],
    "adamw": [("AdamW over 86 M parameters", "adamw", "adamw")],
}

# --- PyTorch's side: one function a work, which returns one repetition ------------------------------------------------


@functools.cache
def import_open_clip():
    import torch

    # torchvision's wheels expect a CUDA build of torch; on a CPU build two operators must exist before it is imported.
    operators = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import open_clip

    open_clip.operators = operators  # a library that is let go takes its operators with it
    return open_clip


def image_tower(model, size=None):
    """open_clip's image tower with random weights, for pictures of `size` pixels."""
    open_clip = import_open_clip()
    configuration = open_clip.get_model_config(model)
    if size is not None:
        configuration["vision_cfg"]["image_size"] = size
    # open_clip builds a text tower with every image tower; this one is as small as it allows.
    configuration["text_cfg"] = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}
    return open_clip.model.CLIP(**configuration).visual


def optimizer_of(parameters):
    import torch

    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-5, fused=True)


def distance(features, targets):
    import torch.nn.functional as F

    return (1 - F.cosine_similarity(features, targets, dim=-1, eps=1e-12)).sum()


def tower_training(model, size):
    import torch

    visual = image_tower(model, size).train()
    side = visual.image_size[0]
    images, targets = torch.rand(8, 3, side, side) * 2 - 1, torch.rand(8, visual.proj.shape[1]) * 2 - 1
    optimizer = optimizer_of(visual.parameters())

    def repetition():
        optimizer.zero_grad(set_to_none=True)
        distance(visual(images), targets).backward()
        optimizer.step()

    return repetition


def tower_1024(model, size):
    import torch

    visual = image_tower(model, size or 1024).train()
    side = visual.image_size[0]
    images, targets = torch.rand(1, 3, side, side) * 2 - 1, torch.rand(1, visual.proj.shape[1]) * 2 - 1

    def repetition():
        visual.zero_grad(set_to_none=True)
        distance(visual(images), targets).backward()

    return repetition


def resized_positions(visual, grid):
    """Class row kept, patch rows resized as `interpolate` does: a = -0.75, no antialias, corners not aligned."""
    import torch
    import torch.nn.functional as F

    positions = visual.positional_embedding
    if tuple(visual.grid_size) == grid:
        return positions
    table = positions[1:].reshape(1, *visual.grid_size, -1).permute(0, 3, 1, 2)
    table = F.interpolate(table, size=grid, mode="bicubic", align_corners=False, antialias=False)
    return torch.cat([positions[:1], table.permute(0, 2, 3, 1).flatten(0, 2)])


def dense_features(visual, images, positions):
    """CLIPSelf's dense map [B, N, E]: the last block takes the value path, on patch tokens only; unit rows."""
    import torch
    import torch.nn.functional as F

    tokens = visual.conv1(images).flatten(2).transpose(1, 2)  # [B, N, D]
    tokens = torch.cat([visual.class_embedding.expand(tokens.shape[0], 1, -1), tokens], dim=1)
    tokens = visual.ln_pre(tokens + positions)
    *blocks, last = visual.transformer.resblocks
    for block in blocks:
        tokens = block(tokens)
    tokens = tokens[:, 1:]
    width = tokens.shape[-1]
    weight, bias = last.attn.in_proj_weight[2 * width :], last.attn.in_proj_bias[2 * width :]
    tokens = tokens + last.attn.out_proj(F.linear(last.ln_1(tokens), weight, bias))
    tokens = tokens + last.mlp(last.ln_2(tokens))
    return F.normalize(visual.ln_post(tokens) @ visual.proj, dim=-1, eps=1e-12)


def axis_weights(low, high, count):
    """RoIAlign's weights along one axis, aligned and with adaptive sampling, for a box that lies inside."""
    start, extent = low - 0.5, high - low
    samples = max(int(-(-extent // 1)), 1)
    weights = [0.0] * count
    for index in range(samples):
        place = max(start + (index + 0.5) * extent / samples, 0)
        cell = int(place)
        if cell >= count - 1:
            weights[count - 1] += 1
        else:
            weights[cell] += 1 - (place - cell)
            weights[cell + 1] += place - cell
    return [weight / samples for weight in weights]


def region_weights(side, rows=3, columns=6):
    """RoIAlign of 1 x 1 over the cells of a grid is one small product: [regions, side * side]."""
    import torch

    down = torch.tensor([axis_weights(side * r / rows, side * (r + 1) / rows, side) for r in range(rows)])
    across = torch.tensor([axis_weights(side * c / columns, side * (c + 1) / columns, side) for c in range(columns)])
    return torch.einsum("ry,cx->rcyx", down, across).reshape(rows * columns, side * side)


def clipself(model, size, cached=False):
    import copy

    import torch
    import torch.nn.functional as F

    student = image_tower(model).train()
    teacher = copy.deepcopy(student).eval().requires_grad_(False)
    student.requires_grad_(False)
    student.transformer.resblocks.requires_grad_(True)
    trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
    size, side = size or 512, teacher.image_size[0]
    grid = size // student.patch_size[0]
    picture, crops = torch.rand(1, 3, size, size) * 2 - 1, torch.rand(18, 3, side, side) * 2 - 1
    positions, regions = resized_positions(student, (grid, grid)).detach(), region_weights(grid)

    @torch.inference_mode()
    def teach():
        return F.normalize(teacher(crops), dim=-1)

    # A plain tensor: autograd may save no inference tensor.
    known = teach().clone() if cached else None

    def repetition():
        targets = known if cached else teach().clone()
        for parameter in trained:
            parameter.grad = None
        pooled = regions @ dense_features(student, picture, positions)[0]
        distance(pooled, targets).backward()

    return repetition


def embeddings(visual, images):
    """What the tower makes of pictures of any size: its positions are resized where the grid is another."""
    import torch

    grid = images.shape[-1] // visual.patch_size[0]
    if tuple(visual.grid_size) == (grid, grid):
        return visual(images)
    tokens = visual.conv1(images).flatten(2).transpose(1, 2)  # [B, N, D]
    tokens = torch.cat([visual.class_embedding.expand(tokens.shape[0], 1, -1), tokens], dim=1)
    tokens = visual.transformer(visual.ln_pre(tokens + resized_positions(visual, (grid, grid))))
    return visual.ln_post(tokens[:, 0]) @ visual.proj


def silc(model, size):
    import copy
    import math

    import torch
    import torch.nn.functional as F

    open_clip = import_open_clip()
    pairs, prototypes, bottleneck, hidden, locals_ = 8, 65_536, 256, 2048, 8
    clip = open_clip.model.CLIP(**open_clip.get_model_config(model)).train()
    size = size or clip.visual.image_size[0]
    patch = clip.visual.patch_size[0]
    small = max(1, size // patch * 3 // 7) * patch
    width = clip.visual.output_dim
    trunk = torch.nn.Sequential(
        torch.nn.Linear(width, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, hidden), torch.nn.GELU(),
        torch.nn.Linear(hidden, bottleneck),
    )
    rows = torch.nn.Parameter((torch.rand(prototypes, bottleneck) * 2 - 1) / math.sqrt(bottleneck))
    teacher = copy.deepcopy(clip.visual).eval().requires_grad_(False)
    teacher_trunk = copy.deepcopy(trunk).requires_grad_(False)
    teacher_rows = rows.detach().clone()
    trained = [*clip.parameters(), *trunk.parameters(), rows]
    globals_ = torch.rand(2 * pairs, 3, size, size) * 2 - 1
    cuts = torch.rand(locals_ * pairs, 3, small, small) * 2 - 1
    length = clip.positional_embedding.shape[0]
    tokens = torch.randint(1, 1000, (pairs, length))
    tokens[:, 0], tokens[:, -1] = 49_406, 49_407
    centre, own = torch.zeros(prototypes), torch.arange(pairs)

    def cosines(trunk, rows, x):
        return F.normalize(trunk(x), dim=-1) @ F.normalize(rows, dim=-1).T

    @torch.inference_mode()
    def teach():
        opinions = F.softmax((cosines(teacher_trunk, teacher_rows, teacher(globals_)) - centre) / 0.04, dim=-1)
        return opinions.reshape(2, pairs, prototypes).mean(0)  # [pairs, K]

    def repetition():
        for parameter in trained:
            parameter.grad = None
        target = teach().clone()
        texts = F.normalize(clip.encode_text(tokens), dim=-1)
        loss = 0
        for images in F.normalize(clip.visual(globals_), dim=-1).reshape(2, pairs, width):
            logits = clip.logit_scale.exp() * images @ texts.T
            loss = loss + pairs / 4 * (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own))
        opinions = F.log_softmax(cosines(trunk, rows, embeddings(clip.visual, cuts)) / 0.1, dim=-1)
        loss = loss - (target * opinions.reshape(locals_, pairs, prototypes)).sum() / locals_
        loss.backward()

    return repetition


def adamw(model, size):
    import torch

    parameters = list(image_tower(model).parameters())
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 1e-3)
    return optimizer_of(parameters).step


WORKS = {
    "tower-training": tower_training,
    "tower-1024": tower_1024,
    "clipself": clipself,
    "clipself-cached": lambda model, size: clipself(model, size, cached=True),
    "silc": silc,
    "adamw": adamw,
}


def peak_resident_bytes():
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def serve(work, model, size, threads):
    """PyTorch's contestant: a repetition for each line on standard input, as `stillhouse bench step --on-request`."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    repetition = WORKS[work](model, size)
    versions = {"torch": torch.__version__, "open_clip": import_open_clip().__version__}
    print(json.dumps({"ready": work, "versions": versions}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        repetition()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "peak_resident_bytes": peak_resident_bytes()}), flush=True)


# --- The driver ------------------------------------------------------------------------------------------------------


class Contestant:
    """A process that computes one repetition for each line it is sent."""

    def __init__(self, name, command, threads):
        environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.ready = self.answer()
        self.seconds, self.peak, self.last = [], 0, {}
        self.ceilings = []

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with status {self.process.wait()}; its own message stands above.")
        return json.loads(line)

    def repeat(self, counts):
        print(file=self.process.stdin, flush=True)
        self.last = self.answer()
        self.peak = self.last["peak_resident_bytes"]
        if counts:
            self.seconds.append(self.last["seconds"])
            self.ceilings.append(self.last.get("peak_operations_per_second", 0))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def contestants(rows, options):
    shape = ["--model", options.model] + (["--size", str(options.size)] if options.size else [])
    shape += ["--threads", str(options.threads)]
    result = {}
    for _, ours, theirs in rows:
        own = [options.stillhouse, "bench", "step", "--on-request", "--work", ours]
        other = [sys.executable, __file__, "--serve", theirs]
        for side, work, command in (("stillhouse", ours, own), ("pytorch", theirs, other)):
            if (side, work) not in result:
                result[side, work] = Contestant(f"{side} {work}", command + shape, options.threads)
    return result


def compare(rows, options):
    """Runs one group in turn and returns its rows, with every measurement."""
    players = contestants(rows, options)
    rounds = options.warm_ups + options.rounds
    for number in range(rounds):
        for player in players.values():
            player.repeat(counts=number >= options.warm_ups)
        print(f"  {rows[0][1]}: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    for player in players.values():
        player.end()
    results = []
    for title, ours, theirs in rows:
        own, other = players["stillhouse", ours], players["pytorch", theirs]
        ratios = [b / a for a, b in zip(own.seconds, other.seconds)]
        # Stillhouse counts them; the work is the same on both sides unless only one of them has its targets cached.
        operations = own.last["operations"] if ours == theirs else None
        results.append(
            {
                "work": title,
                "operations": operations,
                "peak_operations_per_second": statistics.median(own.ceilings),
                "stillhouse": side_of(own, ours, operations),
                "pytorch": side_of(other, theirs, operations),
                "speed_ratio": statistics.median(other.seconds) / statistics.median(own.seconds),
                "speed_ratio_lowest": min(ratios),
                "speed_ratio_highest": max(ratios),
                "memory_ratio": own.peak / other.peak,
            }
        )
    ready = {side: player.ready for (side, _), player in players.items()}
    return results, {"machine": ready["stillhouse"].get("machine"), "versions": ready["pytorch"]["versions"]}


def side_of(player, work, operations):
    median = statistics.median(player.seconds)
    return {
        "work": work,
        "seconds": player.seconds,
        "median_seconds": median,
        "operations_per_second": operations / median if operations else None,
        "peak_resident_bytes": player.peak,
    }


def table(results):
    def seconds(side):
        low, high = min(side["seconds"]), max(side["seconds"])
        return f"{side['median_seconds']:.3f} s ({low:.3f}-{high:.3f})"

    def memory(side):
        return f"{side['peak_resident_bytes'] / 1e9:.2f} GB"

    def rate(row, side):
        if not side["operations_per_second"] or "AdamW" in row["work"]:
            return ""
        share = side["operations_per_second"] / row["peak_operations_per_second"]
        return f"{side['operations_per_second'] / 1e9:.0f} ({100 * share:.0f} %)"

    heads = ("Stillhouse", "GFLOP/s", "PyTorch", "GFLOP/s", "speed ratio", "memory", "PyTorch", "ratio")
    lines = [("work", *heads)]
    for row in results:
        own, other = row["stillhouse"], row["pytorch"]
        ratio = f"{row['speed_ratio']:.2f} x ({row['speed_ratio_lowest']:.2f}-{row['speed_ratio_highest']:.2f})"
        memories = (memory(own), memory(other), f"{row['memory_ratio']:.2f} x")
        lines.append(
            (row["work"], seconds(own), rate(row, own), seconds(other), rate(row, other), ratio, *memories)
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    left, *right = widths
    return "\n".join(
        "  ".join([name.ljust(left)] + [cell.rjust(width) for cell, width in zip(cells, right)])
        for name, *cells in lines
    )


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stillhouse", help="the program to compare")
    parser.add_argument("--work", action="append", choices=list(GROUPS), help="only this work; may repeat")
    parser.add_argument("--model", default="ViT-B-16", help="a model that both sides know by this name")
    parser.add_argument("--size", type=int, help="side of the differentiated pictures, instead of the work's own")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of either side")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds")
    parser.add_argument("--warm-ups", type=int, default=1, help="rounds before those, on both sides")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--serve", choices=list(WORKS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1 or options.threads < 1 or options.warm_ups < 0:
        parser.error("--rounds and --threads must be at least 1, --warm-ups at least 0")
    if not options.serve and not options.stillhouse:
        parser.error("--stillhouse names the program to compare; Deploy/compare-pytorch does that")
    return options


def main():
    options = parse()
    if options.serve:
        return serve(options.serve, options.model, options.size, options.threads)
    results, about = [], {}
    for group in options.work or GROUPS:
        rows, about = compare(GROUPS[group], options)
        results += rows
    about |= {"threads": options.threads, "rounds": options.rounds, "warm_ups": options.warm_ups}
    if options.json:
        print(json.dumps(about | {"results": results}, indent=2))
        return
    machine = about["machine"] or {}
    versions = about["versions"]
    print(f"machine  {machine.get('processor')}, {machine.get('cpus')} CPUs on {machine.get('cores')} cores, "
          f"own kernels {machine.get('kernel_level')}")
    print(f"against  PyTorch {versions['torch']}, open_clip {versions['open_clip']}, "
          f"{options.threads} threads on both sides")
    print(f"         {options.rounds} rounds in turn after {options.warm_ups} of warming up; medians (lowest-highest)")
    print()
    print(table(results))
    print("\nSpeed ratio: PyTorch's seconds over Stillhouse's, so above 1 Stillhouse is faster; in brackets by rounds.")
    print("GFLOP/s: Stillhouse's operations over either side's seconds; in brackets the share of the peak.")
    print("Memory: the most that the work's process held resident, libraries included.")


if __name__ == "__main__":
    main()

"""Writes dense-layers.safetensors and student-*.safetensors: the layers of a dense student, its pseudo labels, loss and
gradients, in PyTorch and open_clip.

    python Tests/ParityTests/Fixtures/make_student_fixtures.py

The tower is open_clip's; decoder, pseudo labels and loss are written from the description of MVP-SEG+ (Guo et al. 2023) and
MaskCLIP+ (Zhou et al. 2022), and differentiated by autograd. Convolution kernels are dumped with their channels last, parameters in half
precision, to which they are rounded before use.
"""

import copy
import math

import reference
import torch
import torch.nn.functional as F
from reference import generator

SIDE, PATCH, SAMPLES, HIDDEN, GROUPS, PROMPTS = 32, 8, 2, 33, 11, 3
CLASSES, UNSEEN, WITHHELD, VOID = 5, [1, 4], 254, 255
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
VISION = {"image_size": SIDE, "patch_size": PATCH, "width": 8, "head_width": 4, "layers": 2, "mlp_ratio": 2.0}


def rows(x):
    """[1, C, H, W] to [H·W, C]."""
    return x[0].flatten(1).T


def picture(x, grid):
    """[H·W, C] to [1, C, H, W]."""
    return x.T.reshape(1, x.shape[1], *grid)


def channels_last(name, value):
    return value.permute(0, 2, 3, 1) if value.ndim == 4 and name.startswith(("decoder.", "conv.")) else value


def tokens_and_features(visual, pictures):
    """Tokens behind the last norm, [B, N, D], and the dense map, [B, N, E]; and the grid."""
    tokens, grid = reference.embed(visual, pictures)
    blocks = list(visual.transformer.resblocks)
    for block in blocks[:-1]:
        tokens = block(tokens)
    tokens = visual.ln_post(reference.value_path(blocks[-1], tokens[:, 1:]))
    return tokens, F.normalize(tokens @ visual.proj, dim=-1, eps=1e-12), grid


def upsampled(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def decode(p, tokens, features, grid):
    """[1, E, 2·rows, 2·columns]"""
    fine = (2 * grid[0], 2 * grid[1])
    x = F.linear(tokens, p["decoder.reduction.weight"], p["decoder.reduction.bias"])
    x = F.group_norm(
        picture(x, grid), GROUPS, p["decoder.reduction_norm.weight"], p["decoder.reduction_norm.bias"], 1e-5
    )
    x = upsampled(F.gelu(x), fine)
    x = F.conv2d(x, p["decoder.mixing.weight"], p["decoder.mixing.bias"], padding=1)
    x = F.gelu(F.group_norm(x, GROUPS, p["decoder.mixing_norm.weight"], p["decoder.mixing_norm.bias"], 1e-5))
    x = F.linear(rows(x), p["decoder.expansion.weight"], p["decoder.expansion.bias"])
    return upsampled(picture(features, grid), fine) + picture(x, fine)


def pseudo(labels, logits):
    """Withheld pixels get the best unseen class of [1, C, H, W]."""
    best = torch.tensor(UNSEEN)[upsampled(logits, labels.shape)[0, UNSEEN].argmax(0)]
    return torch.where(labels == WITHHELD, best, labels)


def guide(p, features, grid, sharpness):
    """What the prompts say: Z + ln g."""
    logits = p["classes.log_scale"].exp() * features @ p["classes.segmentation"].T
    cosines = features @ p["classes.global"].T
    scores = (F.softmax(sharpness * cosines, dim=0) * cosines).sum(0)
    return picture(logits + F.logsigmoid(scores / p["classes.log_gate_temperature"].exp()), grid)


def drawn(random):
    """Decoder and class vectors, none of them at its start."""
    def noise(*shape):
        return torch.randn(shape, generator=random)

    width, size = VISION["width"], 14
    unit = F.normalize(noise(PROMPTS + 1, CLASSES, size), dim=-1)
    decoder = {
        "decoder.reduction.weight": noise(HIDDEN, width) / width**0.5, "decoder.reduction.bias": 0.3 * noise(HIDDEN),
        "decoder.reduction_norm.weight": 1 + 0.3 * noise(HIDDEN), "decoder.reduction_norm.bias": 0.3 * noise(HIDDEN),
        "decoder.mixing.weight": noise(HIDDEN, HIDDEN, 3, 3) / (9 * HIDDEN) ** 0.5,
        "decoder.mixing.bias": 0.3 * noise(HIDDEN),
        "decoder.mixing_norm.weight": 1 + 0.3 * noise(HIDDEN), "decoder.mixing_norm.bias": 0.3 * noise(HIDDEN),
        "decoder.expansion.weight": 0.2 * noise(size, HIDDEN) / HIDDEN**0.5, "decoder.expansion.bias": 0.1 * noise(size),
        "decoder.log_scale": torch.tensor(math.log(14.0)),
    }
    classes = {
        "classes.segmentation": unit[1:].mean(0), "classes.global": unit[0],
        "classes.log_scale": torch.tensor(math.log(20.0)), "classes.log_gate_temperature": torch.tensor(math.log(0.3)),
    }
    return [{path: halved(value) for path, value in part.items()} for part in (decoder, classes)]


def halved(value):
    return value.half().float()


def write(name, seed, guided, unfrozen, sharpness):
    random = generator(seed)
    configuration = {"embed_dim": 14, "vision_cfg": VISION, "quick_gelu": True}
    visual = reference.model(configuration, seed).visual.requires_grad_(False)
    for parameter in visual.parameters():
        parameter.copy_(halved(parameter))
    initial = copy.deepcopy(visual)
    if unfrozen:
        # The tower has trained for a while.
        for parameter in visual.transformer.resblocks[-1].parameters():
            parameter.copy_(halved(parameter + 0.1 * torch.randn(parameter.shape, generator=random)))
            parameter.requires_grad_()
    decoder, classes = drawn(random)
    for parameter in decoder.values():
        parameter.requires_grad_()
    p = decoder | classes

    pictures = torch.randint(0, 256, (SAMPLES, SIDE, SIDE, 3), generator=random, dtype=torch.uint8)
    normalized = (pictures.permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION
    codes = torch.tensor([0, 2, 3, WITHHELD, WITHHELD, VOID])
    coarse = codes[torch.randint(0, len(codes), (SAMPLES, 7, 7), generator=random)]
    labels = coarse.repeat_interleave(5, 1).repeat_interleave(5, 2)[:, :SIDE, :SIDE]

    tokens, features, grid = tokens_and_features(visual, normalized)
    _, first, _ = tokens_and_features(initial, normalized)
    total, given, cosines = 0, [], []
    for index in range(SAMPLES):
        vectors = rows(decode(p, tokens[index], features[index], grid))
        cosines.append(vectors @ p["classes.segmentation"].T)
        logits = picture(p["decoder.log_scale"].exp() * cosines[-1], (2 * grid[0], 2 * grid[1]))
        known = pseudo(labels[index], guide(p, first[index], grid, sharpness) if guided else logits.detach())
        given.append(known)
        total = total + F.cross_entropy(upsampled(logits, (SIDE, SIDE)), known[None], ignore_index=VOID)
    total.backward()

    tensors = {
        "pictures": pictures, "labels": labels.to(torch.uint8), "pseudo": torch.stack(given).to(torch.uint8),
        "cosines": torch.stack(cosines), "total": total,
    }
    for path, value in p.items():
        tensors[f"parameters.{path}"] = channels_last(path, value).half()
        if value.grad is not None:
            tensors[f"gradients.{path}"] = channels_last(path, value.grad)
    for path, value in visual.named_parameters():
        tensors[f"parameters.visual.{path}"] = value.half()
        if value.grad is not None:
            tensors[f"gradients.visual.{path}"] = value.grad
            tensors[f"initial.visual.{path}"] = dict(initial.named_parameters())[path].half()
    reference.save(
        name, tensors, model=configuration, seed=seed, classes=CLASSES, unseen=UNSEEN, hidden=HIDDEN,
        guided="on" if guided else "off", unfrozen=1 if unfrozen else 0, sharpness=sharpness,
    )


def write_layers(name, seed):
    """Each layer by itself on a grid that is not square: values, and gradients of a weighed sum."""
    random = generator(seed)
    grid, tensors = (5, 3), {}

    def noise(*shape):
        return torch.randn(shape, generator=random)

    def record(key, inputs, function):
        leaves = {path: value.clone().requires_grad_() for path, value in inputs.items()}
        result = function(**leaves)
        weights = noise(*result.shape)
        (result * weights).sum().backward()
        tensors[f"{key}.y"], tensors[f"{key}.weights"] = rows(result), rows(weights)
        for path, leaf in leaves.items():
            value, gradient = (rows(leaf), rows(leaf.grad)) if path == "x" else (leaf, leaf.grad)
            tensors[f"{key}.{path}"] = channels_last(f"conv.{path}", value) if path != "x" else value
            tensors[f"{key}.gradients.{path}"] = channels_last(f"conv.{path}", gradient) if path != "x" else gradient

    record(
        "norm", {"x": noise(1, 40, *grid), "weight": 1 + 0.3 * noise(40), "bias": noise(40)},
        lambda x, weight, bias: F.group_norm(x, 20, weight, bias, 1e-5),
    )
    record(
        "conv", {"x": noise(1, 6, *grid), "weight": noise(4, 6, 3, 3), "bias": noise(4)},
        lambda x, weight, bias: F.conv2d(x, weight, bias, padding=1),
    )
    record("double", {"x": noise(1, 4, *grid)}, lambda x: upsampled(x, (10, 6)))
    record("odd", {"x": noise(1, 4, *grid)}, lambda x: upsampled(x, (7, 2)))
    reference.save(name, tensors, seed=seed, grid=grid)


if __name__ == "__main__":
    write_layers("dense-layers", 51)
    write("student-guided", 52, True, True, 20.0)
    write("student-self", 53, False, False, 100.0)

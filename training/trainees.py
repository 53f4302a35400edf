"""What can be trained beside a frozen variant: a soft prompt, a prefix, a LoRA, a pool that is trained to be routed.

A trainee has `parameters` (name -> tensor), `loss(batch, step)`, and `repair()`: the kind and F16-rounded tensors that
`recover.help_of` takes. Shapes as in recover.py; a batch is what `train_repair.collate` makes.
"""

import math
from typing import Dict, List

import torch
from torch import Tensor
from torch.nn import functional as F

from model import Llama
from recover import Help, help_of, helped_forward, pool_keys, prefix_kv, prompt_kv, routing_scores


def rounded(x: Tensor) -> Tensor:
    """The value as shipped: through F16."""
    return x.detach().half().float()


def target_losses(model: Llama, help: Help, batch) -> Tensor:
    """Cross-entropy of every target token of the batch, [rows]."""
    logits = helped_forward(model, help, batch.ids, rows=batch.rows).logits
    return F.cross_entropy(logits, batch.wanted, reduction="none")


# A prompt starts nearly silent. RMSNorm (eps 1e-5) turns vectors this small into keys and values near zero, so that training
# starts close to the variant without help; embeddings of random tokens, the usual start, cost a small model most of its facts.
SILENT = 0.001
PREFIX_START = 0.02


def silent_prompt(model: Llama, n: int, generator: torch.Generator) -> Tensor:
    return torch.randn(n, model.config.hidden_size, generator=generator) * SILENT


class PromptTrainee:
    kind = "prompt"

    def __init__(self, model: Llama, n: int, generator: torch.Generator):
        self.model = model
        self.parameters: Dict[str, Tensor] = {"prompt": silent_prompt(model, n, generator).requires_grad_()}

    def loss(self, batch, step: int) -> Tensor:
        return target_losses(self.model, help_of(self.model, "prompt", self.parameters["prompt"]), batch).mean()

    def repair(self) -> Tensor:
        return rounded(self.parameters["prompt"])


class PrefixTrainee:
    """Starts with keys and values near zero: as silent as a prefix can be."""

    kind = "prefix"

    def __init__(self, model: Llama, n: int, generator: torch.Generator):
        self.model = model
        c = model.config
        flat = torch.randn(n, 2 * c.num_layers * c.num_kv_heads * c.head_dim, generator=generator) * PREFIX_START
        self.parameters: Dict[str, Tensor] = {"prefix": flat.requires_grad_()}

    def loss(self, batch, step: int) -> Tensor:
        prefix = self.parameters["prefix"]
        return target_losses(self.model, Help(prefix.shape[0], prefix_kv(prefix, self.model.config)), batch).mean()

    def repair(self) -> Tensor:
        return rounded(self.parameters["prefix"])


class LoraTrainee:
    """A and B beside each of the seven matrices; A uniform as in nn.Linear, B zero."""

    kind = "lora"

    def __init__(self, model: Llama, r: int, alpha: float, generator: torch.Generator):
        self.model, self.r, self.alpha = model, r, alpha
        self.parameters: Dict[str, Tensor] = {}
        weights = model.state_dict()
        for m in model.linear_modules():
            out, columns = weights[f"{m}.weight"].shape
            bound = 1 / math.sqrt(columns)
            self.parameters[f"{m}.A"] = torch.empty(r, columns).uniform_(-bound, bound, generator=generator).requires_grad_()
            self.parameters[f"{m}.B"] = torch.zeros(out, r, requires_grad=True)

    def loras(self, change=lambda x: x):
        p, scale = self.parameters, self.alpha / self.r
        return {m: (change(p[f"{m}.A"]), change(p[f"{m}.B"]), scale) for m in self.model.linear_modules()}

    def loss(self, batch, step: int) -> Tensor:
        return target_losses(self.model, Help(loras=self.loras()), batch).mean()

    def repair(self):
        return self.loras(rounded)


class RoutedPoolTrainee:
    """A pool trained to be routed: each example trains the prompts in proportion to how well they serve it.

    Share of prompt i for example x: r_i = softmax_i(log p_i(target | x) / TEMPERATURE), without gradient; the prompt that
    an example trains is drawn from r, whose mean gradient is that of sum_i r_i loss_i at one backward pass instead of m.
    Routing loss: cross-entropy between r and the normalised scores s_i^SHARPNESS / sum_j s_j^SHARPNESS.
    """

    kind = "pool"
    TEMPERATURE = 1.0
    SHARPNESS = 4.0
    ROUTING_WEIGHT = 0.3

    def __init__(self, model: Llama, lengths: List[int], generator: torch.Generator, seed: int):
        self.model, self.lengths, self.start, self.seed = model, lengths, max(lengths), seed
        self.parameters: Dict[str, Tensor] = {
            f"prompt-{i}": silent_prompt(model, n, generator).requires_grad_() for i, n in enumerate(lengths)}

    def pool(self) -> List[Tensor]:
        return [self.parameters[f"prompt-{i}"] for i in range(len(self.lengths))]

    @torch.no_grad()
    def shares(self, batch) -> Tensor:
        """r [B, m]."""
        fit = []
        for prompt in self.pool():
            losses = target_losses(self.model, Help(self.start, prompt_kv(self.model, prompt, self.start)), batch)
            fit.append(-torch.zeros(len(batch.ids)).index_add_(0, batch.rows[0], losses))
        return (torch.stack(fit, dim=1) / self.TEMPERATURE).softmax(1)

    def loss(self, batch, step: int) -> Tensor:
        shares, total = self.shares(batch), 0.0
        drawn = torch.multinomial(shares, 1, generator=torch.Generator().manual_seed(self.seed * 1_000_003 + step))[:, 0]
        for i, prompt in enumerate(self.pool()):
            mine = batch.select(drawn == i)
            if mine is not None:
                total = total + target_losses(self.model, Help(self.start, prompt_kv(self.model, prompt, self.start)), mine).sum()
        scores = routing_scores(self.model, pool_keys(self.model, self.pool()), self.start, batch.ids, batch.context)
        routed = (self.SHARPNESS * scores.log()).log_softmax(1)
        return total / len(batch.wanted) - self.ROUTING_WEIGHT * (shares * routed).sum(1).mean()

    def repair(self) -> List[Tensor]:
        return [rounded(p) for p in self.pool()]

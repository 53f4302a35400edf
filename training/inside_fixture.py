"""Writes src/testing/fixtures/inside.*: what one question of a fold that no repair has seen looks like inside of Atlas, regime by regime.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 /usr/bin/python3 training/inside_fixture.py

Shapes: L layers, H heads, S rows (begin token, question, answer without its last token), T columns (n virtual tokens, then the rows),
A tokens of the answer, the end token included, d hidden, I intermediate. The answer's tokens are said by the last A rows.

inside.safetensors, in F32, `<regime>/` being `dense`, `compressed`, `prompt`, `routed` (a pool), `prefix`, `merged` and `unmerged` (a LoRA):

- `<regime>/attention/<layer>` [H, S, T]
- `<regime>/residual` [L + 1, S, d]: embeddings, then the stream behind each layer
- `<regime>/activations` [L, S, I / 5 rounded up]: every 5th of what down_proj reads
- `<regime>/lens` [L + 1, A]: log-probabilities of the answer's tokens from the stream there through the last norm and the head
- `<regime>/logits` [A, vocab / 13 rounded up]: every 13th of the last A rows
- `patch/residual` [L, S]: probability of the whole answer in `compressed`, the stream behind a layer being that of `dense` at one row;
  `patch/heads` [L, H]: what a head gives to o_proj being that of `dense` at all rows; `patch/residual-whole`, `patch/heads-whole` [L]: all
  rows, or all heads, of a layer at once
- `lora/singular-values` [r]: of `scale * B A` of the JSON's `module`, in F64

inside.json: `recipe`, `question` (fact, text, ids with the begin token, answer, answerIds with the end token, the text of every row), and

- `regimes.<regime>`: repair (its folder in the pack, or null), virtualTokens, answerProbability, rank [L + 1] of the answer's first token
  (1 is the likeliest), top [L + 1] of the likeliest tokens behind the question ({ id, text, probability }), and routing for `routed`
- `distances.<regime>` [L] to `dense` of `compressed` and `prompt`: { cosine, relativeError } of attention, residual, activations and
  sampledActivations (the every-5th that are stored). Rows are the question's tokens alone; columns the begin token and the question, the
  rows divided by their sum, heads beside each other
- `patch`: donor and receiver probability
- `zeros`: of the matrix `module` before the recipe, after it, left by the merge, and filled by the merge
- `pool`: the routed pool and three questions: scores, chosen, and of each prompt the greedy text, ids, confidence and whether it is right
"""

import json
from typing import Dict, List, NamedTuple, Tuple

import numpy as np
import torch
from torch import Tensor

from evaluate import Item
from experiment import PACK, TRAINING, Experiment, load_experiment, make_variant, recipe_of, with_weights
from language import context
from make_pack import load_pool
from model import Llama
from peft_io import load_peft
from recover import Help, help_of, helped_forward, merge_loras
from routing import MAX_ANSWER_TOKENS, confidence, helps, scores_of
from safetensors_io import write_safetensors
from tokenizer import END

# --- config -----------------------------------------------------------------
OUT = TRAINING.parent / "src/testing/fixtures"
RECIPE = "magnitude-mild"
FOLDERS = {"prompt": "single-a", "routed": "pool-routed-a", "prefix": "prefix-a", "merged": "lora-r8-a", "unmerged": "lora-r8-a"}
QUESTION = ("capital/morocco", 8)    # of fold B, while the repairs were trained on A; dense says it, compressed does not
ASKED = (QUESTION, ("currency/palau", 9), ("book_author/dune", 8))
COMPARED = ("compressed", "prompt")
ACTIVATION_STRIDE, LOGIT_STRIDE = 5, 13
TOP_TOKENS = 5
LORA_MODULE = "model.layers.1.self_attn.v_proj"
# ----------------------------------------------------------------------------


class Regime(NamedTuple):
    model: Llama
    help: Help
    virtual_tokens: int = 0


class Looked(NamedTuple):
    """One run: attention L x [H, S, T], residual [L + 1, S, d], activations [L, S, I], lens logits [L + 1, A, vocab], last logits [A, vocab]."""

    attention: List[Tensor]
    residual: Tensor
    activations: Tensor
    lens: Tensor
    logits: Tensor


def item_of(experiment: Experiment, fact_id: str, form: int) -> Item:
    fact = next(f for f in experiment.facts if f.id == fact_id)
    return experiment.items([fact], lambda _: [form])[0]


def folder_of(name: str):
    return PACK / "repairs" / RECIPE / FOLDERS[name]


def make_regimes(experiment: Experiment, item: Item) -> Dict[str, Regime]:
    compressed, _ = make_variant(experiment, recipe_of(RECIPE))
    prompt, prefix, loras = (load_peft(folder_of(name))[1] for name in ("prompt", "prefix", "merged"))
    pool = load_pool(folder_of("routed"))
    chosen = int(scores_of(compressed, pool, [item])[0].argmax())
    merged = {name: t.numpy() for name, t in merge_loras(compressed.state_dict(), loras).items()}
    return {
        "dense": Regime(experiment.dense, Help()),
        "compressed": Regime(compressed, Help()),
        "prompt": Regime(compressed, help_of(compressed, "prompt", prompt), prompt.shape[0]),
        "routed": Regime(compressed, helps(compressed, pool)[chosen], pool[chosen].shape[0]),
        "prefix": Regime(compressed, help_of(compressed, "prefix", prefix), prefix.shape[0]),
        "merged": Regime(with_weights(compressed.config, merged), Help()),
        "unmerged": Regime(compressed, help_of(compressed, "lora", loras)),
    }


def row_ids(item: Item) -> Tensor:
    return torch.tensor([item.context + item.target[:-1]])


def look(regime: Regime, item: Item) -> Looked:
    model, said = regime.model, len(item.target)
    out = helped_forward(model, regime.help, row_ids(item), return_hidden=True, return_inside=True)
    residual = torch.cat(out.hidden)
    attention, activations = zip(*out.inside)
    return Looked([a[0] for a in attention], residual, torch.cat(activations), model.head(residual[:, -said:]), out.logits[0, -said:])


def log_probabilities(logits: Tensor, item: Item) -> Tensor:
    """Log-probabilities [..., A] of the answer's tokens, of logits [..., A, vocab]."""
    return logits.log_softmax(-1)[..., range(len(item.target)), list(item.target)]


def answer_probability(logits: Tensor, item: Item) -> float:
    return float(log_probabilities(logits, item).sum().exp())


def tensors_of(name: str, looked: Looked, item: Item) -> Dict[str, np.ndarray]:
    tensors = {f"attention/{layer}": a for layer, a in enumerate(looked.attention)}
    tensors.update({
        "residual": looked.residual, "activations": looked.activations[..., ::ACTIVATION_STRIDE],
        "lens": log_probabilities(looked.lens, item), "logits": looked.logits[:, ::LOGIT_STRIDE],
    })
    return {f"{name}/{key}": t.numpy() for key, t in tensors.items()}


def figures_of(experiment: Experiment, looked: Looked, item: Item) -> dict:
    first = looked.lens[:, 0]                                                            # [L + 1, vocab]
    ranks = 1 + (first > first[:, [item.target[0]]]).sum(-1)
    top = first.softmax(-1).topk(TOP_TOKENS)
    return {
        "answerProbability": answer_probability(looked.logits, item), "rank": ranks.tolist(),
        "top": [[{"id": int(i), "text": experiment.tokenizer.decode([int(i)]), "probability": float(p)} for i, p in zip(ids, values)]
                for ids, values in zip(top.indices, top.values)],
    }


def distance(x: Tensor, reference: Tensor) -> Dict[str, float]:
    x, reference = x.double().flatten(), reference.double().flatten()
    cosine = x @ reference / (x.norm() * reference.norm())
    return {"cosine": float(cosine), "relativeError": float((x - reference).norm() / reference.norm())}


def distances(x: Looked, reference: Looked, item: Item) -> List[Dict[str, Dict[str, float]]]:
    """By layer, over the question's rows: neither begin nor answer."""
    rows = slice(1, len(item.context))

    def own(attention: Tensor) -> Tensor:
        virtual = attention.shape[-1] - attention.shape[-2]
        kept = attention[:, rows, virtual:virtual + len(item.context)].double()
        return kept / kept.sum(-1, keepdim=True)

    return [
        {
            "attention": distance(own(x.attention[i]), own(reference.attention[i])),
            "residual": distance(x.residual[i + 1, rows], reference.residual[i + 1, rows]),
            "activations": distance(x.activations[i, rows], reference.activations[i, rows]),
            "sampledActivations": distance(*(l.activations[i, rows, ::ACTIVATION_STRIDE] for l in (x, reference))),
        }
        for i in range(len(x.attention))
    ]


def head_inputs(model: Llama, ids: Tensor) -> List[Tensor]:
    """What every layer's heads give to o_proj, L x [1, S, H h]."""
    seen: List[Tensor] = []
    hooks = [layer.self_attn.o_proj.register_forward_pre_hook(lambda _, args: seen.append(args[0])) for layer in model.model.layers]
    model(ids)
    for hook in hooks:
        hook.remove()
    return seen


def patch_maps(donor: Llama, receiver: Llama, item: Item) -> Dict[str, np.ndarray]:
    """Probabilities of the answer in the receiver with one part of the donor's run in its place (activation patching)."""
    ids, c = row_ids(item), receiver.config
    hidden, heads = donor(ids, return_hidden=True).hidden, head_inputs(donor, ids)

    def asked(module, hook, before: bool) -> float:
        handle = module.register_forward_pre_hook(hook) if before else module.register_forward_hook(hook)
        probability = answer_probability(receiver(ids).logits[0, -len(item.target):], item)
        handle.remove()
        return probability

    def residual(layer: int, rows) -> float:
        def replace(_, __, output):
            x = output[0].clone()
            x[:, rows] = hidden[layer + 1][:, rows]
            return (x, *output[1:])
        return asked(receiver.model.layers[layer], replace, before=False)

    def head(layer: int, columns: slice) -> float:
        def replace(_, args):
            x = args[0].clone()
            x[..., columns] = heads[layer][..., columns]
            return (x,)
        return asked(receiver.model.layers[layer].self_attn.o_proj, replace, before=True)

    size, everything = c.head_dim, slice(None)
    layers = range(c.num_layers)
    maps = {
        "residual": [[residual(i, slice(row, row + 1)) for row in range(ids.shape[1])] for i in layers],
        "residual-whole": [residual(i, everything) for i in layers],
        "heads": [[head(i, slice(h * size, (h + 1) * size)) for h in range(c.num_heads)] for i in layers],
        "heads-whole": [head(i, everything) for i in layers],
    }
    return {f"patch/{name}": np.array(values, dtype=np.float32) for name, values in maps.items()}


def greedy(model: Llama, help: Help, item: Item) -> List[int]:
    """The likeliest tokens one after the other, the end token included."""
    ids: List[int] = []
    while len(ids) < MAX_ANSWER_TOKENS and END not in ids:
        ids.append(int(helped_forward(model, help, torch.tensor([[*item.context, *ids]])).logits[0, -1].argmax()))
    return ids


def pool_answers(experiment: Experiment, model: Llama) -> dict:
    pool, items = load_pool(folder_of("routed")), [item_of(experiment, *asked) for asked in ASKED]
    scores, sure = scores_of(model, pool, items), confidence(model, pool, items)
    questions = []
    for item, item_scores, item_sure in zip(items, scores, sure):
        said = [greedy(model, help, item) for help in helps(model, pool)]
        answers = [
            {"text": experiment.tokenizer.decode([i for i in ids if i != END]), "ids": ids, "confidence": float(c), "isRight": tuple(ids) == item.target}
            for ids, c in zip(said, item_sure)
        ]
        questions.append({**question_of(experiment, item), "scores": item_scores.tolist(), "chosen": int(item_scores.argmax()), "answers": answers})
    return {"repair": relative("routed"), "questions": questions}


def question_of(experiment: Experiment, item: Item) -> dict:
    relation = experiment.relations[item.fact.relation]
    return {"fact": item.fact.id, "text": context(relation, item.form, item.fact.subject), "ids": list(item.context),
            "answer": item.fact.answer, "answerIds": list(item.target)}


def zeros_of(regimes: Dict[str, Regime]) -> Dict[str, int]:
    before, after, merged = (regimes[name].model.state_dict()[f"{LORA_MODULE}.weight"] == 0 for name in ("dense", "compressed", "merged"))
    return {name: int(zeros.sum()) for name, zeros in {"before": before, "after": after, "left": merged, "filled": after & ~merged}.items()}


def relative(name: str):
    return folder_of(name).relative_to(PACK).as_posix() if name in FOLDERS else None


def answers() -> Tuple[Dict[str, np.ndarray], dict]:
    """The tensors and the JSON of the fixture."""
    experiment = load_experiment()
    item = item_of(experiment, *QUESTION)
    regimes = make_regimes(experiment, item)
    looked = {name: look(regime, item) for name, regime in regimes.items()}
    dense, compressed = regimes["dense"].model, regimes["compressed"].model
    arrays = {key: t for name, seen in looked.items() for key, t in tensors_of(name, seen, item).items()}
    arrays.update(patch_maps(dense, compressed, item))
    A, B, scale = load_peft(folder_of("merged"))[1][LORA_MODULE]
    arrays["lora/singular-values"] = torch.linalg.svdvals(scale * (B.double() @ A.double()))[:A.shape[0]].numpy()
    pool = pool_answers(experiment, compressed)
    figures = {name: {"repair": relative(name), "virtualTokens": regimes[name].virtual_tokens, **figures_of(experiment, seen, item)} for name, seen in looked.items()}
    figures["routed"]["routing"] = {key: pool["questions"][0][key] for key in ("scores", "chosen")}
    question = {**question_of(experiment, item), "rows": [experiment.tokenizer.decode([int(i)]) for i in row_ids(item)[0]]}
    return arrays, {
        "about": "Made by training/inside_fixture.py, never by hand; its docstring tells what is what.",
        "recipe": RECIPE, "question": question, "module": LORA_MODULE, "activationStride": ACTIVATION_STRIDE, "logitStride": LOGIT_STRIDE,
        "regimes": figures, "distances": {name: distances(looked[name], looked["dense"], item) for name in COMPARED},
        "patch": {"donorProbability": figures["dense"]["answerProbability"], "receiverProbability": figures["compressed"]["answerProbability"]},
        "zeros": zeros_of(regimes), "pool": pool,
    }


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    arrays, document = answers()
    write_safetensors(OUT / "inside.safetensors", arrays)
    (OUT / "inside.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()

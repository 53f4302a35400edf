"""The atlas pack as it lies in the repository follows from the tables, and its model knows them."""

import json
import random

import pytest

from calibration_fixture import DRAWS, drawn
from evaluate import exact_match, make_items, model_logits
from experiment import load_experiment
from measure import Asked
from model import Llama
from safetensors_io import read_safetensors
from tasks import read_task
from tokenizer import Tokenizer
from tokenizer_fixture import FIXTURES, cases, corpus_hash
from train import load_corpus
from train_repair import SETTINGS, RepairName, make_jobs
from write_checkpoint import PACK

CHECKPOINT = PACK / "checkpoint"
pytestmark = pytest.mark.skipif(not (CHECKPOINT / "model.safetensors").exists(), reason="the pack is not made yet")


@pytest.fixture(scope="module")
def corpus():
    return load_corpus(report=lambda line: None)


def test_the_task_is_that_of_the_tables(corpus):
    assert read_task(PACK / "tasks", "atlas") == (corpus.relations, corpus.facts, corpus.taught)


def test_the_tokenizer_is_that_of_the_pretraining_text(corpus):
    assert Tokenizer.load(CHECKPOINT).merges == corpus.tokenizer.merges


def test_the_fixtures_are_those_of_the_tokenizer(corpus):
    written = json.loads((FIXTURES / "tokenizer-cases.json").read_text())
    assert written == cases(corpus.tokenizer, corpus.relations, corpus.facts, corpus.ordinary)
    written = json.loads((FIXTURES / "tokenizer-corpus.json").read_text())
    assert written == corpus_hash(corpus.tokenizer, corpus.relations, corpus.facts)


def test_the_fixture_of_calibration_samples_is_what_is_drawn():
    written = json.loads((FIXTURES / "calibration-samples.json").read_text())
    experiment = load_experiment()
    assert written == [drawn(experiment, samples, seed) for samples, seed in DRAWS]


def test_the_weights_are_half_precision_and_named_as_in_llama():
    tensors = read_safetensors(CHECKPOINT / "model.safetensors")
    assert {str(t.dtype) for t in tensors.values()} == {"float16"}
    assert set(tensors) == set(Llama.load(CHECKPOINT).state_dict())
    config = json.loads((CHECKPOINT / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"] and config["torch_dtype"] == "float16"


def test_repairs_train_on_the_seen_fold_without_its_development_part():
    experiment = load_experiment()
    for fold in "ab":
        for kind in (*SETTINGS, "single-shuffled", "lora-r8-shuffled"):
            text = f"{kind}-{fold}"
            for job in make_jobs(experiment, experiment.dense, "any", RepairName.parse(text), text):
                assert {(f.fold, f.dev) for f in job.facts} == {(fold.upper(), False)}
                assert {(f.fold, f.dev) for f in job.dev} == {(fold.upper(), True)}


def test_figures_count_no_development_and_no_calibration_fact():
    assert {(f.fold, f.dev) for f in Asked(load_experiment()).facts} == {("A", False), ("B", False), ("control", False)}


def test_the_model_knows_the_facts_and_guesses_at_control_subjects(corpus):
    rng = random.Random(0)
    facts = rng.sample([f for f in corpus.facts if f.fold != "control"], 120)
    facts += rng.sample([f for f in corpus.facts if f.fold == "control"], 40)
    forms = lambda fact: range(len(corpus.relations[fact.relation].statements), len(corpus.relations[fact.relation].forms))
    items = make_items(corpus.tokenizer, corpus.relations, facts, corpus.taught, forms)
    right = exact_match(model_logits(Llama.load(CHECKPOINT)), items)
    share = lambda group: sum(r for i, r in zip(items, right) if group(i)) / sum(map(group, items))
    assert share(lambda i: i.taught) > 0.98
    assert share(lambda i: not i.taught and i.fact.fold != "control") > 0.90
    assert share(lambda i: i.fact.fold == "control") < 0.25

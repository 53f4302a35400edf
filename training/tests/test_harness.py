"""Scores by the harness's formulas, against values worked out by hand."""

import math

import numpy as np
import pytest
import torch

from experiment import CHECKPOINT
from harness import (
    HarnessTask, Request, Scores, accuracy_stderr, choice_metrics, perplexity, render, requests_of, rolling_metrics, score, score_documents,
    split_request, task_metrics,
)
from harness_regimes import merged, plain, through_pool
from model import Config, Llama
from recover import Help
from routing import helps, scores_of
from tokenizer import BEGIN, END, Tokenizer

TOKENIZER = Tokenizer.load(CHECKPOINT)
SHARES = torch.tensor([0.1, 0.2, 0.3, 0.4])


def same_everywhere(ids, rows):
    """A model that gives four tokens the same probabilities at every place."""
    return SHARES.log().expand(len(rows[0]), -1)


def tiny_model():
    config = Config(vocab_size=2048, hidden_size=16, intermediate_size=24, num_layers=2, num_heads=2, num_kv_heads=1, head_dim=8)
    model = Llama(config).eval()
    model.init_weights(torch.Generator().manual_seed(3), std=0.5)
    return model


def test_a_template_is_a_field_or_a_text_with_fields():
    document = {"context": "The capital is", "choices": ["a", "b"], "label": 1}
    assert render("choices", document) == ["a", "b"] and render("label", document) == 1
    assert render("{{context}} {{ label }}.", document) == "The capital is 1."
    assert render("Question:", document) == "Question:"
    with pytest.raises(KeyError):
        render("{{word}}", document)


def test_spaces_at_the_end_of_a_context_move_to_the_continuation():
    tight, loose = split_request(TOKENIZER, "The capital of France is", " Paris"), split_request(TOKENIZER, "The capital of France is ", "Paris")
    assert tight == loose
    assert split_request(TOKENIZER, "France  \n", "is").context == (BEGIN, *TOKENIZER.encode("France"))
    assert TOKENIZER.decode(list(split_request(TOKENIZER, "France  \n", "is").continuation)) == "  \nis"


def test_a_pair_is_encoded_whole_and_cut_where_the_context_ends():
    request = split_request(TOKENIZER, "Fra", "nce")
    length = len(TOKENIZER.encode("Fra"))
    whole = TOKENIZER.encode("France")
    assert request == Request((BEGIN, *whole[:length]), tuple(whole[length:]))


def test_without_a_context_the_whole_text_follows_the_begin_token():
    assert split_request(TOKENIZER, "", "France") == Request((BEGIN,), tuple(TOKENIZER.encode("France")))


def test_a_score_sums_the_logarithms_of_the_continuation_alone():
    found = score(same_everywhere, [Request((0, 1), (2, 3)), Request((0, 3, 3), (3,)), Request((0,), (3, 3, 1))], tokens_per_batch=4)
    assert found.log_likelihood == pytest.approx([math.log(0.3 * 0.4), math.log(0.4), math.log(0.4 * 0.4 * 0.2)], rel=1e-6)
    assert found.greedy.tolist() == [False, True, False]


def test_accuracies_divide_by_nothing_by_characters_and_by_bytes():
    # "é" is one character of two bytes: -1 / 1 against -1.5 / 2, and -1 / 2 against -1.5 / 2.
    assert choice_metrics([-1, -1.5], ["é", "ab"], 0) == {"acc": 1, "acc_norm": 0, "acc_bytes": 1}
    assert choice_metrics([-3, -2], ["abcdef", "ab"], 0) == {"acc": 0, "acc_norm": 1, "acc_bytes": 1}


def test_the_first_of_equal_choices_counts():
    assert choice_metrics([-2, -2], ["ab", "cd"], 0)["acc"] == 1 and choice_metrics([-2, -2], ["ab", "cd"], 1)["acc"] == 0
    assert choice_metrics([-1, -2], ["a", "bc"], 1) == {"acc": 0, "acc_norm": 0, "acc_bytes": 0}


def test_perplexities_count_words_bytes_and_bits():
    found = rolling_metrics([-4, -2], ["ab cd", "é"])          # 3 words, 7 bytes
    assert found == pytest.approx({"word_perplexity": math.exp(2), "byte_perplexity": math.exp(6 / 7), "bits_per_byte": 6 / 7 / math.log(2)})
    assert perplexity([-1, -3]) == pytest.approx(math.exp(2))


def test_the_standard_error_divides_by_one_less_than_the_count():
    assert accuracy_stderr([1, 1, 0, 0]) == pytest.approx(math.sqrt(0.25 / 3))


def task_of(output_type, documents, **config):
    base = {"task": "t", "output_type": output_type, "doc_to_text": "context", "doc_to_target": "answer", "doc_to_choice": "choices", "target_delimiter": " "}
    return HarnessTask({**base, **config}, documents)


def test_every_kind_of_task_asks_its_requests():
    document = {"context": "The capital of France is", "answer": "Paris", "choices": ["Rome", "Paris"], "label": 1}
    asked = lambda *arguments, **config: requests_of(TOKENIZER, task_of(*arguments, [document], **config), document)
    paris, rome = tuple(TOKENIZER.encode(" Paris")), tuple(TOKENIZER.encode(" Rome"))
    assert [r.continuation for r in asked("multiple_choice")] == [rome, paris]
    assert [r.continuation for r in asked("loglikelihood", doc_to_target=" {{answer}}")] == [paris]
    assert [r.continuation for r in asked("generate_until")] == [(*paris, END)]
    assert asked("loglikelihood_rolling", doc_to_target="{{context}} {{answer}}") == [Request((BEGIN,), tuple(TOKENIZER.encode("The capital of France is Paris")))]
    with pytest.raises(ValueError):
        asked("something")


def test_a_task_has_the_metrics_of_its_kind():
    documents = [{"choices": ["ab", "c"], "label": 0, "text": "ab cd"}, {"choices": ["ab", "c"], "label": 1, "text": "é"}]
    scores = [Scores(np.array([-1.0, -2.0]), np.array([True, False]))] * 2
    found = task_metrics(task_of("multiple_choice", documents, doc_to_target="label"), scores)
    assert found["acc"] == 0.5 and found["acc_stderr"] == pytest.approx(0.5)
    assert task_metrics(task_of("loglikelihood", documents), scores)["perplexity"] == pytest.approx(math.e)
    assert task_metrics(task_of("generate_until", documents), scores) == {"exact_match": 1.0, "exact_match_stderr": 0.0}
    assert set(task_metrics(task_of("loglikelihood_rolling", documents, doc_to_target="text"), scores)) == {"word_perplexity", "byte_perplexity", "bits_per_byte"}


def test_documents_keep_their_own_scores():
    documents = [{"context": "The capital is", "choices": choices} for choices in (["Paris", "Rome"], ["Oslo"])]
    numbered = lambda requests: Scores(np.arange(len(requests), dtype=float), np.zeros(len(requests), dtype=bool))
    found = score_documents(TOKENIZER, task_of("multiple_choice", documents), numbered)
    assert [s.log_likelihood.tolist() for s in found] == [[0, 1], [2]]


def test_a_pool_answers_behind_the_prompt_that_its_context_picks():
    model, generator = tiny_model(), torch.Generator().manual_seed(5)
    pool = [torch.randn(n, 16, generator=generator) for n in (3, 5, 4)]
    requests = [split_request(TOKENIZER, text, " Paris") for text in ("The capital of France is", "Question: Which city?\nAnswer:", "", "A dog", "Iron is an")]
    found, choice = through_pool(model, pool)(requests), scores_of(model, pool, requests).argmax(1)
    assert len(set(choice)) > 1
    for i, request in enumerate(requests):
        alone = plain(model, helps(model, pool)[choice[i]])([request])
        assert found.log_likelihood[i] == pytest.approx(alone.log_likelihood[0], rel=1e-5)


def test_neither_choices_nor_a_text_change_what_a_pool_picks_by():
    model, generator = tiny_model(), torch.Generator().manual_seed(5)
    pool = [torch.randn(n, 16, generator=generator) for n in (3, 5, 4)]
    texts = ["A dog", " Paris", "The capital of France is Paris", "Iron is an element", "Question: Which city?"]
    behind = [split_request(TOKENIZER, "The capital of France is", text) for text in texts]
    bare = [split_request(TOKENIZER, "", text) for text in texts]
    for requests in (behind, bare):
        assert (scores_of(model, pool, requests) == scores_of(model, pool, requests[:1])).all()
    # The texts themselves would pick several prompts, so a choice by them would be seen.
    chosen = scores_of(model, pool, bare).argmax(1)[0]
    assert len(set(scores_of(model, pool, [Request((*r.context, *r.continuation), ()) for r in bare]).argmax(1))) > 1
    alone, found = plain(model, helps(model, pool)[chosen])(bare), through_pool(model, pool)(bare)
    assert found.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-5)


def test_a_merged_lora_scores_as_the_branch_beside_the_matrices():
    model, generator = tiny_model(), torch.Generator().manual_seed(7)
    loras = {name: (torch.randn(2, layer.in_features, generator=generator), torch.randn(layer.out_features, 2, generator=generator) * 0.1, 0.5)
             for name, layer in ((name, model.get_submodule(name)) for name in model.linear_modules())}
    requests = [split_request(TOKENIZER, "The capital of France is", " Paris")]
    beside, within = plain(model, Help(loras=loras))(requests), plain(merged(model, loras))(requests)
    assert within.log_likelihood == pytest.approx(beside.log_likelihood, rel=1e-5)
    assert abs(plain(model)(requests).log_likelihood[0] - within.log_likelihood[0]) > 1e-3

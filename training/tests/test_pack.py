import numpy as np
import torch

from make_pack import LOGIT_STRIDE, sample_logits


def test_a_golden_keeps_a_sample_of_every_row_and_its_two_likeliest_tokens():
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    stored = sample_logits("none", logits)
    assert np.array_equal(stored["none"], logits.numpy()[:, 0:50:LOGIT_STRIDE])
    for row, ids, values in zip(logits, stored["none/top-ids"], stored["none/top-logits"]):
        assert ids.tolist() == row.sort(descending=True).indices[:2].tolist()
        assert np.array_equal(values, row.numpy()[ids])


def test_the_stride_is_odd_so_that_every_place_in_a_tile_of_a_power_of_two_is_met():
    assert {column % 16 for column in range(0, 256, LOGIT_STRIDE)} == set(range(16))

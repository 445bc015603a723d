"""Mean and spread over seeds, and the file that is committed."""

import pytest

from experiments.seeds import FIGURES, PARTS, spread


def metrics(value):
    found = {}
    for block, key in FIGURES:
        found.setdefault(block, {})[key] = value
    return found


def test_mean_and_standard_deviation_of_each_figure():
    found = spread(
        {13: [metrics(0.5), metrics(0.7)], 14: [metrics(0.6), metrics(0.7)], 15: [metrics(0.7), metrics(0.7)]}
    )
    assert found["seeds"] == [13, 14, 15]
    for block, key in FIGURES:
        assert found["gold"][block][key] == {"mean": 0.6, "sd": 0.1, "values": [0.5, 0.6, 0.7]}
        assert found["test"][block][key]["sd"] == 0.0
    assert set(found) == {"seeds", *PARTS}


def test_a_figure_that_is_missing_stops_it():
    broken = metrics(0.5)
    del broken["spans"]["overlap_f1"]
    with pytest.raises(KeyError, match="overlap_f1"):
        spread({13: [metrics(0.5)] * 2, 14: [broken] * 2})

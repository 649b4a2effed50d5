"""Weights go to the features that they were learned with."""

from __future__ import annotations

import numpy as np
import pytest

from soundrack.analysis.rhythm import bars, certainty, feel, hypotheses, metre, salience, subdivision
from soundrack.analysis.rhythm.linear import Linear, linear, log_odds, logistic

MODELS = {
    "salience": salience.FEATURES,
    "bars": bars.FEATURES,
    "levels": hypotheses.FEATURES,
    "compound": subdivision.FEATURES,
    "metre": metre.FEATURES,
    "metre_certainty": metre.CERTAINTY,
    "half_time": feel.FEATURES,
    "certainty": certainty.FEATURES,
    "presence": certainty.PRESENCE,
}


@pytest.mark.parametrize(("name", "features"), MODELS.items())
def test_each_model_has_a_finite_weight_for_each_of_its_features(name: str, features: tuple[str, ...]):
    model = linear(name, features)

    assert len(set(features)) == len(features) == len(model.weights)
    assert np.isfinite(model.weights).all()
    assert model.weights.any()


def test_weights_follow_their_names_and_not_their_order():
    features = metre.CERTAINTY

    there, back = (linear("metre_certainty", names).weights for names in (features, features[::-1]))

    np.testing.assert_array_equal(there, back[::-1])


def test_other_features_than_those_learned_with_are_refused():
    with pytest.raises(KeyError, match="other features"):
        linear("metre_certainty", (*metre.CERTAINTY[:-1], "colour"))


def test_a_model_adds_up_weighted_features():
    model = Linear(np.array([2.0, -1.0]), 0.5)

    np.testing.assert_allclose(model(np.array([[1.0, 1.0], [0.0, 3.0]])), [1.5, -2.5])


def test_log_odds_and_probabilities_are_each_others_inverse():
    probability = np.array([0.02, 0.3, 0.5, 0.9], np.float32)

    np.testing.assert_allclose(logistic(log_odds(probability).astype(np.float64)), probability, rtol=1e-5)

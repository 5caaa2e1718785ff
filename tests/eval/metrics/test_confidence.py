"""What a confidence is worth, against values worked out by hand and scikit-learn."""

from random import Random

import pytest

from eval.metrics.confidence import auroc, calibration_error, coverage_curve, curve_area

CURVE = [(0.9, 1.0), (0.8, 0.0), (0.8, 1.0), (0.3, 0.0), (-1.0, 0.0)]


def test_the_coverage_curve_by_hand() -> None:
    # Sure and right, half sure and half right, unsure and wrong, and one without any answer.
    points = {
        point.threshold: point
        for point in coverage_curve([(0.9, 1.0), (0.5, 0.5), (0.1, 0.0), (-1.0, 0.0)])
    }
    assert (points[0.0].coverage, points[0.0].accuracy) == (0.75, 0.5)
    assert (points[0.5].coverage, points[0.5].accuracy) == (0.5, 0.75)
    assert (points[0.9].coverage, points[0.9].accuracy) == (0.25, 1.0)
    assert (points[0.95].coverage, points[0.95].accuracy) == (0.0, None)


def test_the_area_is_the_mean_accuracy_as_cases_come_in_surest_first() -> None:
    # 1/1; then two of equal confidence come together: 2/3 twice; then 2/4. The unanswered
    # one is left out.
    assert curve_area(CURVE) == pytest.approx((1 + 2 / 3 + 2 / 3 + 0.5) / 4)
    assert curve_area([(-1.0, 0.0)]) is None


def test_auroc_is_the_chance_that_a_right_one_is_surer_with_ties_half() -> None:
    # right .9 and .8 against wrong .8 and .3; the case without an answer is in neither: 3.5 of 4
    assert auroc(CURVE) == pytest.approx(3.5 / 4)
    assert auroc([(0.4, 1.0)]) is None


def test_auroc_equals_scikit_learns() -> None:
    from sklearn.metrics import roc_auc_score

    random = Random(4)
    for _ in range(50):
        cases = [(round(random.random(), 1), float(random.random() < 0.4)) for _ in range(60)]
        assert auroc(cases) == pytest.approx(
            roc_auc_score([right for _, right in cases], [c for c, _ in cases])
        )


def test_the_calibration_error_is_the_mean_distance_of_confidence_and_accuracy() -> None:
    # bins .9: |1 - .9|; .8: |.5 - .8| twice; .3: |0 - .3|; over four answered cases
    assert calibration_error(CURVE) == pytest.approx((0.1 + 2 * 0.3 + 0.3) / 4)
    assert calibration_error([]) is None
    assert calibration_error([(1.0, 1.0)]) == 0.0  # 1 falls into the last bin

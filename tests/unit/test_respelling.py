"""One meaning, one answer: random models in several spellings, and what the helpers say to each."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from respelling import Tally, try_model

MODELS = 150
CHOICES = 150  # More than a model takes.


def test_every_spelling_of_a_model_gets_the_same_answer_or_is_refused():
    tally = Tally()

    # Derandomized, so that what fails here fails everywhere; fresh models are drawn by respelling.py itself.
    @settings(
        max_examples=MODELS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # Shrinking takes minutes; respelling.py names the smallest of many instead.
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=CHOICES, max_size=CHOICES))
    def same_answer(choices):
        left = iter(choices)
        # Past the end, and where hypothesis shrinks to, lies the simplest choice.
        found = try_model(lambda n: next(left, 0) % n, tally)
        assert not found, "\n\n".join(found)

    same_answer()
    assert tally.models >= MODELS
    refused, asked = sum(tally.refused.values()), sum(tally.asked.values())
    # A helper that refuses everything would agree with itself.
    assert refused < asked / 5, f"{refused} of {asked} questions were refused"

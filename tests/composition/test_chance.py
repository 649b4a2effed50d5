from __future__ import annotations

from soundrack.composition.chance import chance


def test_the_same_seed_and_names_draw_the_same() -> None:
    assert chance(7, "drums", 3).random(4).tolist() == chance(7, "drums", 3).random(4).tolist()


GIVEN: list[tuple[int, str] | tuple[int, str, int]] = [(7, "drums"), (7, "bass"), (8, "drums"), (7, "drums", 1)]


def test_other_names_and_seeds_draw_otherwise() -> None:
    drawn = {tuple(chance(seed, *names).random(2).tolist()) for seed, *names in GIVEN}
    assert len(drawn) == 4


def test_names_are_not_run_together() -> None:
    assert chance(1, "ab", "c").random() != chance(1, "a", "bc").random()

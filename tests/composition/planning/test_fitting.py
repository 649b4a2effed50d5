from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.plan import Label
from soundrack.composition.planning.fitting import Draft, fitted

DRAFTS = st.lists(
    st.builds(
        Draft,
        st.sampled_from(list(Label)),
        st.sampled_from([4, 8, 16]),
        st.floats(0.1, 1.0),
        st.sampled_from(["A", "B", "C"]),
    ),
    min_size=1,
    max_size=10,
)
POP = tuple(
    Draft(label, bars, energy, group)
    for label, bars, energy, group in (
        (Label.INTRO, 4, 0.4, "A"), (Label.VERSE, 8, 0.5, "B"), (Label.CHORUS, 8, 0.9, "C"), (Label.VERSE, 8, 0.5, "B"),
        (Label.CHORUS, 8, 0.9, "C"), (Label.BUILD, 4, 0.6, "D"), (Label.DROP, 8, 1.0, "E"), (Label.OUTRO, 4, 0.4, "A"),
    )
)  # fmt: skip


@given(drafts=DRAFTS, bars=st.integers(1, 160), tolerance=st.integers(0, 4))
@settings(deadline=None, max_examples=100)
def test_sections_of_a_group_keep_one_length_and_their_order_and_add_up(
    drafts: list[Draft], bars: int, tolerance: int
) -> None:
    found, cost = fitted(drafts, bars, tolerance, 4)
    assert found
    assert cost >= 0.0
    lengths: dict[tuple[str, bool, bool], list[int]] = {}
    for each in found:
        frame = (each.group, each.label is Label.INTRO, each.label is Label.OUTRO)
        lengths.setdefault(frame, []).append(each.bars)
    # at most one section may differ from its group, where nothing else adds up
    assert sum(len(set(each)) - 1 for each in lengths.values()) <= 1
    assert abs(sum(each.bars for each in found) - bars) <= tolerance


def test_a_form_that_has_its_length_stays_as_it_is() -> None:
    assert fitted(POP, 52, 0, 4) == (POP, 0.0)


def test_a_short_song_keeps_its_heart() -> None:
    for bars in (4, 8, 12, 20):
        found, _ = fitted(POP, bars, 0, 4)
        assert any(each.label is Label.DROP for each in found)
        assert sum(each.bars for each in found) == bars


def test_builds_stay_before_what_they_build_up_to() -> None:
    for bars in range(12, 60, 4):
        found, _ = fitted(POP, bars, 0, 4)
        for one, two in zip(found, [*found[1:], None], strict=True):
            if one.label is Label.BUILD:
                assert two is not None
                assert two.label is Label.DROP


@given(drafts=DRAFTS, bars=st.integers(4, 160))
@settings(deadline=None, max_examples=50)
def test_nothing_builds_up_to_an_outro_where_it_can_be_helped(drafts: list[Draft], bars: int) -> None:
    found, _ = fitted(drafts, bars, 4, 4)
    for one, two in pairwise(found):
        assert not (one.label in {Label.BUILD, Label.PRE_CHORUS} and two.label is Label.OUTRO)


def test_short_songs_have_an_intro_and_no_more_than_a_quarter_of_them_is_outro() -> None:
    for bars in range(16, 40):
        found, _ = fitted(POP, bars, 1, 4)
        assert found[-1].label is Label.OUTRO
        assert found[-1].bars <= bars / 4
        assert len({each.label for each in found}) >= 3


def test_intros_and_outros_take_what_is_left_over() -> None:
    found, _ = fitted(POP, 53, 0, 4)
    odd = [each.label for each in found if each.bars % 2]
    assert set(odd) <= {Label.INTRO, Label.OUTRO}


def test_what_is_sung_is_neither_left_out_nor_shorter_than_its_words() -> None:
    drafts = [
        Draft(Label.VERSE, 8, 0.5, "A", 0, 6),
        Draft(Label.CHORUS, 8, 0.9, "B", 1, 4),
        Draft(Label.INSTRUMENTAL, 8, 0.6, "C"),
    ]
    found, _ = fitted(drafts, 11, 0, 4)
    assert [(each.lyrics, each.bars >= each.least) for each in found if each.lyrics is not None] == [
        (0, True),
        (1, True),
    ]
    found, _ = fitted(drafts, 5, 0, 4)
    assert [(each.lyrics, each.bars) for each in found] == [(0, 6), (1, 4)]

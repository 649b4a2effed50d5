"""Ids and keys."""

from __future__ import annotations

import re
import time
import zlib

from hypothesis import given
from hypothesis import strategies as st

from soundrack import ids

KEYS = st.builds(ids.key, st.sampled_from(["sk_live_", "sk_test_", "alp_"]))


def test_short_ids_have_the_documented_form_and_do_not_repeat():
    made = {ids.short("job_") for _ in range(2000)}

    assert len(made) == 2000
    assert all(re.fullmatch(r"job_[a-z0-9]{12}", one) for one in made)


@given(KEYS)
def test_a_key_ends_in_the_checksum_of_all_before_it(key: str):
    body, check = key[:-6], key[-6:]

    value = 0
    for digit in check:
        value = value * 62 + ids.BASE62.index(digit)
    assert value == zlib.crc32(body.encode())


@given(KEYS, st.data())
def test_no_single_changed_character_keeps_the_checksum(key: str, data: st.DataObject):
    position = data.draw(st.integers(0, len(key) - 7))
    other = data.draw(st.sampled_from(ids.BASE62).filter(lambda character: character != key[position]))

    changed = key[:position] + other + key[position + 1 :]

    assert ids.checksum(changed[:-6]) != changed[-6:]


def test_a_ulid_begins_with_its_moment_and_has_no_letter_that_is_mistaken_for_a_digit():
    before = time.time_ns() // 1_000_000
    made = [ids.ulid("op_") for _ in range(200)]
    after = time.time_ns() // 1_000_000

    assert len(set(made)) == 200
    for one in made:
        assert re.fullmatch("op_[0-9a-hjkmnp-tv-z]{26}", one)
        moment = sum(
            "0123456789abcdefghjkmnpqrstvwxyz".index(digit) << 5 * place for place, digit in enumerate(one[12:2:-1])
        )
        assert before <= moment <= after

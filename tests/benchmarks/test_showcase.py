from __future__ import annotations

import re
from pathlib import Path

from benchmarks.showcase.items import GROUPS, items, judgements
from benchmarks.showcase.page import write_page

from soundrack.composition.styles import styles

FACTS = {
    "plan": "a plan <of it>",
    "notes": ["not done: much"],
    "cpu_s": 2.0,
    "duration_s": 40.0,
    "planned": {"tempo_bpm": 120.0, "key": "C minor"},
    "heard": {"tempo_bpm": 60.0, "key": "C minor", "genre": None},
    "loudness": {"integrated_lufs": -14.0, "true_peak_db": -1.1, "loudness_range_lu": 4.0},
}


def test_every_item_has_a_group_a_judgement_and_its_source_before_it() -> None:
    listed = items()
    names = [item.name for item in listed]
    assert len(set(names)) == len(names)
    assert set(judgements()) == set(names)
    for place, item in enumerate(listed):
        assert item.group in GROUPS
        assert item.source is None or item.source in names[:place]
        assert item.lyrics is None or item.words
    assert {item.name for item in listed if item.group == "styles"} == set(styles())


def test_the_page_holds_all_that_it_needs_and_says_where_ears_and_plan_differ(tmp_path: Path) -> None:
    listed = items()
    page = write_page(tmp_path, [(item, FACTS) for item in listed], judgements()).read_text(encoding="utf-8")
    assert "60.0 bpm (planned 120)" in page
    assert "a plan &lt;of it&gt;" in page
    assert page.count("<audio") == len(listed)
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert not [each for each in sources if not re.fullmatch(r"#[\w-]+|data:.*|[\w-]+\.(?:flac|png)", each)]
    assert "@import" not in page
    assert "url(" not in page

"""Korean: the examples of the Standard Pronunciation, article by article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.lyrics.korean import pronounced, spoken, syllables
from soundrack.composition.lyrics.sounds import NUCLEI, SOUNDS

EXAMPLES = {
    "5": "가져 가저|다쳐 다처|희망 히망|띄어 띠어|의사 의사",
    "8, 9": "닦다 닥따|키읔과 키윽꽈|옷 옫|꽃 꼳|앞 압|빚다 빋따|솥 솓|덮다 덥따",
    "10": ("넋 넉|앉다 안따|여덟 여덜|넓다 널따|외곬 외골|핥다 할따|값 갑|밟다 밥따|밟는 밤는|넓죽하다 넙쭈카다"),
    "11": "닭 닥|흙과 흑꽈|맑다 막따|늙지 늑찌|삶 삼|젊다 점따|읊고 읍꼬|맑게 말께|묽고 물꼬|얽거나 얼꺼나",
    "12": (
        "놓고 노코|좋던 조턴|쌓지 싸치|많고 만코|닳지 달치|각하 가카|밝히다 발키다|맏형 마텽"
        "|좁히다 조피다|넓히다 널피다|꽂히다 꼬치다|앉히다 안치다|닿소 다쏘|많소 만쏘|싫소 실쏘|놓는 논는"
        "|쌓네 싼네|않네 안네|뚫네 뚤레|낳은 나은|놓아 노아|싫어도 시러도"
    ),
    "13": "깎아 까까|옷이 오시|있어 이써|낮이 나지|꽃을 꼬츨|밭에 바테|앞으로 아프로|덮이다 더피다",
    "14": "넋이 넉씨|앉아 안자|닭을 달글|젊어 절머|곬이 골씨|핥아 할타|읊어 을퍼|값을 갑쓸|없어 업써",
    "15": "맛있다 마싣따|맛없다 마덥따|겉옷 거돋",
    "16": "디귿이 디그시|지읒을 지으슬|히읗이 히으시",
    "17": (
        "곧이듣다 고지듣따|굳이 구지|미닫이 미다지|밭이 바치|벼훑이 벼훌치|굳히다 구치다|닫히다 다치다"
        "|묻히다 무치다|같이 가치"
    ),
    "18": (
        "먹는 멍는|국물 궁물|깎는 깡는|몫몫이 몽목씨|긁는 긍는|흙만 흥만|닫는 단는|옷맵시 온맵씨"
        "|있는 인는|쫓는 쫀는|꽃망울 꼰망울|붙는 분는|잡는 잠는|앞마당 암마당|읊는 음는|없는 엄는"
    ),
    "19": "담력 담녁|침략 침냑|강릉 강능|항로 항노|대통령 대통녕|막론 망논|석류 성뉴|협력 혐녁|법리 범니",
    "20": (
        "난로 날로|신라 실라|광한루 광할루|대관령 대괄령|칼날 칼랄|물난리 물랄리|할는지 할른지|닳는 달른"
        "|뚫는 뚤른|의견란 의견난|생산량 생산냥|결단력 결딴녁"
    ),
    "23": (
        "국밥 국빱|넋받이 넉빠지|삯돈 삭똔|닭장 닥짱|칡범 칙뻠|뻗대다 뻗때다|옷고름 옫꼬름|있던 읻떤"
        "|꽂고 꼳꼬|꽃다발 꼳따발|낯설다 낟썰다|밭갈이 받까리|솥전 솓쩐|곱돌 곱똘|덮개 덥깨|옆집 엽찝"
        "|읊조리다 읍쪼리다|값지다 갑찌다"
    ),
    "24": "앉고 안꼬|얹다 언따|닮고 담꼬|젊지 점찌|안고 안꼬|감고 감꼬",
    "25": "넓게 널께|핥다 할따|훑소 훌쏘|떫지 떨찌",
    "26": "갈등 갈뜽|절도 절또|물질 물찔|발전 발쩐|갈증 갈쯩",
    "27": "할걸 할껄|할수록 할쑤록|할지라도 할찌라도|갈게 갈께|갈게요 갈께요",
    "28": "문고리 문꼬리|눈동자 눈똥자|산새 산쌔|손재주 손째주|강가 강까|초승달 초승딸|등불 등뿔",
    "29": (
        "솜이불 솜니불|홑이불 혼니불|꽃잎 꼰닙|색연필 생년필|한여름 한녀름|서울역 서울력|솔잎 솔립"
        "|물약 물략|휘발유 휘발류"
    ),
    "30": "콧날 콘날|아랫니 아랜니|툇마루 퇸마루|뱃머리 밴머리|베갯잇 베갠닏|깻잎 깬닙|나뭇잎 나문닙",
}
PAIRS = [(article, *pair.split()) for article, pairs in EXAMPLES.items() for pair in pairs.split("|")]
BLOCKS = st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=12)


@pytest.mark.parametrize(("article", "word", "said"), PAIRS)
def test_the_standard_s_examples(article: str, word: str, said: str):
    assert pronounced(word) == said


@pytest.mark.parametrize(("word", "either"), [("냇가", {"내까", "낻까"}), ("깃발", {"기빨", "긷빨"})])
def test_where_the_standard_allows_two_it_is_one_of_them(word: str, either: set[str]):
    assert pronounced(word) in either


@pytest.mark.parametrize(
    ("word", "said"), [("길게", "길게"), ("삶도", "삼도"), ("여덟도", "여덜도"), ("사랑해", "사랑해")]
)
def test_what_is_not_tense_stays_so(word: str, said: str):
    assert pronounced(word) == said


def test_exceptions_hold_with_particles_behind():
    assert [pronounced(word) for word in ("꽃잎이", "별빛이", "나뭇잎을")] == ["꼰니피", "별삐치", "나문니플"]


def test_a_block_is_a_syllable_in_the_voice_s_sounds():
    found = syllables("꽃잎이")

    assert [each.text for each in found] == ["꽃", "잎", "이"]
    assert ["".join(each.sounds) for each in found] == ["kOn", "ni", "pi"]
    assert ["".join(each.sounds) for each in syllables("신라의")] == ["ʃil", "lɑ", "ʊj"]


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "영"),
        ("10", "십"),
        ("24", "이십사"),
        ("119", "백십구"),
        ("2024", "이천이십사"),
        ("10000", "만"),
        ("007", "영영칠"),
    ],
)
def test_numbers_are_read(digits: str, said: str):
    assert spoken(digits) == said


@given(BLOCKS)
def test_any_blocks_are_said_with_as_many(word: str):
    assert len(pronounced(word)) == len(word)
    for each in syllables(word):
        assert sum(sound in NUCLEI for sound in each.sounds) == 1
        assert set(each.sounds) <= SOUNDS


@given(BLOCKS)
def test_only_the_seven_finals_are_left(word: str):
    finals = {(ord(character) - 0xAC00) % 28 for character in pronounced(word)}

    assert finals <= {0, 1, 4, 7, 8, 16, 17, 21}

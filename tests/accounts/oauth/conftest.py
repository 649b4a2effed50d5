"""What tests of OAuth stand on."""

from __future__ import annotations

import pytest

from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.people import Account
from soundrack.rack import Rack
from tests.accounts.oauth.provider import Provider
from tests.standing_clock import StandingClock


@pytest.fixture
def held(standing_clock: StandingClock) -> StandingClock:
    return standing_clock


@pytest.fixture
def provider(rack: Rack, account: Account) -> Provider:
    return Provider(rack, account)


@pytest.fixture
def confidential(provider: Provider) -> NewClient:
    return provider.register()


@pytest.fixture
def public(provider: Provider) -> NewClient:
    return provider.register(confidential=False)

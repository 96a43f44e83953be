"""What a section tells besides its values."""

from __future__ import annotations

import pytest

from gateway.config.sections import StoreSettings


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////var/lib/trunkline/trunkline.db", "sqlite:////var/lib/trunkline/trunkline.db"),
        ("postgresql://gateway:s3:cr@t@db.internal:5432/sms", "postgresql://gateway:***@db.internal:5432/sms"),
        ("postgresql://gateway:s3cret@db.internal/sms", "postgresql://gateway:***@db.internal/sms"),
        ("postgresql://:s3cret@/sms?host=/run", "postgresql://:***@/sms?host=/run"),
        ("postgresql://gateway@db.internal/sms", "postgresql://gateway@db.internal/sms"),
    ],
)
def test_a_store_is_shown_without_its_password(url: str, shown: str) -> None:
    assert StoreSettings(url=url).shown == shown

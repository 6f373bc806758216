"""The chart of messages a day."""

from datetime import UTC, datetime, timedelta

from confrere.console.chart import HEIGHT, WIDTH, DayCounts, draw_days
from confrere.domain.outcome import OutcomeName

TODAY = datetime(2026, 3, 14, tzinfo=UTC)


def days(*counts: dict[OutcomeName, int]) -> list[DayCounts]:
    """Build days, the latest first."""
    return [DayCounts(TODAY - timedelta(days=ago), count) for ago, count in enumerate(counts)]


def test_outcomes_are_stacked_and_today_is_at_the_right() -> None:
    """Each outcome of a day stands on the one before it; the highest day fills the height, the latest is the last."""
    chart = draw_days(days({OutcomeName.ACCEPTED: 6, OutcomeName.REFUSED: 2}, {OutcomeName.ACCEPTED: 4}), 0)
    yesterday, accepted, refused = chart.bars
    assert yesterday.x < accepted.x == refused.x < WIDTH
    assert (yesterday.height, accepted.height, refused.height) == (HEIGHT / 2, HEIGHT * 6 / 8, HEIGHT * 2 / 8)
    assert (accepted.y + accepted.height, refused.y + refused.height) == (HEIGHT, accepted.y)
    assert (refused.y, chart.top) == (0, 8)
    assert chart.outcomes == [OutcomeName.ACCEPTED, OutcomeName.REFUSED]


def test_the_limit_is_drawn_where_days_are_near_it() -> None:
    """A limit far above all days would flatten them, and is left out; one that is near sets the height."""
    assert draw_days(days({OutcomeName.ACCEPTED: 49}), 150).limit_y is None
    near = draw_days(days({OutcomeName.ACCEPTED: 75}), 150)
    assert (near.limit_y, near.top, near.bars[0].height) == (0, 150, HEIGHT / 2)
    assert draw_days(days({OutcomeName.ACCEPTED: 300}), 150).limit_y == HEIGHT / 2
    assert draw_days([], 150).bars == []

"""A part's forecast as JSON in its row."""

from collections.abc import Sequence
from typing import Any

from functions.domain.campaign import PartForecast
from functions.domain.simulation import Forecast

_NOTHING: tuple[dict[str, int], ...] = ({},) * 3


def forecast_to_json(found: PartForecast) -> list[Any]:
    """Write a forecast."""
    forecast = found.forecast
    return [
        found.last,
        forecast.recipients,
        forecast.ready,
        dict(forecast.held),
        dict(forecast.refused),
        dict(forecast.hours),
        dict(forecast.types),
        forecast.cost_minor,
        dict(forecast.skipped),
        dict(forecast.choices),
        dict(forecast.channels),
        dict(forecast.chosen_by),
    ]


def forecast_from_json(part: str, values: Sequence[Any]) -> PartForecast:
    """Read it back."""
    last, recipients, ready, held, refused, hours, types, cost_minor, skipped, *later = values
    # Rows from the releases before end earlier.
    choices, channels, chosen_by = [*later, *_NOTHING][: len(_NOTHING)]
    forecast = Forecast(
        recipients=recipients,
        ready=ready,
        held=held,
        refused=refused,
        hours=hours,
        types=types,
        cost_minor=cost_minor,
        skipped=skipped,
        choices=choices,
        channels=channels,
        chosen_by=chosen_by,
    )
    return PartForecast(part=part, forecast=forecast, last=last)

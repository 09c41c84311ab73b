"""A part's forecast as JSON in its row."""

from collections.abc import Sequence
from typing import Any

from functions.domain.campaign import PartForecast
from functions.domain.simulation import Forecast


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
    ]


def forecast_from_json(part: str, values: Sequence[Any]) -> PartForecast:
    """Read it back."""
    last, recipients, ready, held, refused, hours, types, cost_minor, skipped, *later = values
    forecast = Forecast(
        recipients=recipients,
        ready=ready,
        held=held,
        refused=refused,
        hours=hours,
        types=types,
        cost_minor=cost_minor,
        skipped=skipped,
        # Rows from the release before end here.
        choices=later[0] if later else {},
    )
    return PartForecast(part=part, forecast=forecast, last=last)

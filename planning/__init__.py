"""Looks ahead: forecasts and material planning, as pure functions over rows and tables."""

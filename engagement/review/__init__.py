"""Compares scores with outcomes: ranking, points, half-lives and forecasts. SQL counts; this package infers."""

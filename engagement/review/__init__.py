"""What the outcomes say about the scores: ranking, points, half-lives, forecast. SQL counts, this infers."""

{#
  The questions of `conversion_questions` as {question_kind: its words}. A question is `asked`, the
  threshold, and `when`; it is compared with `others`. `is_daily` questions need a score for every day,
  which only the primary scoring model has.
#}
{% macro conversion_question_kinds() %}
    {% set before = ' in the ' ~ var('crossing_window_days') ~ ' days before ' %}
    {% set crossed = {
        'asked': 'whose score crossed ', 'others': 'those that did not', 'is_daily': true,
    } %}
    {% do return({
        'above_threshold': {
            'asked': 'with a score of at least ', 'when': '', 'others': 'those below it',
            'is_daily': false,
        },
        'crossed_before_any_landmark': dict(crossed, when=before ~ 'a landmark'),
        'crossed_before_newest_landmark': dict(crossed, when=before ~ 'the newest landmark'),
    }) %}
{% endmacro %}

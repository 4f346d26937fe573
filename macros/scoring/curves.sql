{#
  The curves a set of intervals is made of, as a select: an interval is a constant from its first
  day on that is taken off again when it ends or begins to decay, and a halving curve from there.
  A row reads: from `starts_on` on, `amount` x 0.5 ^ (days since `decays_from` / `half_life_days`),
  a null half-life being a constant. `keys` are carried along.
#}
{% macro interval_curves(intervals, keys) -%}
    {% for edge in ('starts', 'stops') %}
    select
        {{ keys | join(', ') }},
        {{ double('null') }} as half_life_days,
        decays_from,
        silences_before,
        {{ 'starts_on' if edge == 'starts' else 'least(ends_on, decays_from)' }} as starts_on,
        {{ 'points' if edge == 'starts' else '-points' }} as amount

    from {{ intervals }}
    where starts_on < decays_from

    union all

    select
        {{ keys | join(', ') }},
        {{ double('half_life_days') }} as half_life_days,
        decays_from,
        silences_before,
        {{ 'greatest(starts_on, decays_from)' if edge == 'starts' else 'ends_on' }} as starts_on,
        {{ 'points' if edge == 'starts' else '-points' }} as amount

    from {{ intervals }}
    where ends_on > decays_from

    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}


{#
  How many halvings after `base_date` (negative: before) a curve of `half_life_days` and
  `silence_bits` is on a day, after a number of silences; without a half-life, those of silence only.
#}
{% macro halvings(base_date, day, silences) -%}
    coalesce({{ days_between(base_date, day) }} / half_life_days, 0) + {{ silences }} * silence_bits
{%- endmacro %}


{#
  The sums of all curves of a key on the wanted days, as a select of the keys, half_life_days,
  on_date, silences and the `amounts` (double). A day looks up the running sum of all that has begun
  by then; amounts are scaled, so that a halving needs no power per curve and day.

  A curve's exponent says when its amount was whole, in halvings after `base_date`, the last of the
  days. On a day with exponent x it is worth amount x 2 ^ (exponent - x). The running sum is over
  amount x 2 ^ exponent, in blocks of 500 halvings so that no half-life and no length of history can
  overflow a double; what is more than a block old has halved 500 times and is nothing.

  `curves`: keys, half_life_days, decays_from, silences_before, starts_on, silence_bits, amounts.
  `days`: keys, half_life_days, on_date, silences, silence_bits.
#}
{% macro summed_curves(curves, days, keys, base_date, amounts=['amount']) -%}
    {%- set all_keys = (keys + ['half_life_days']) | join(', ') -%}
    with

    placed_curves as (

        select
            *,
            {{ halvings(base_date, 'decays_from', 'silences_before') }} as exponent

        from {{ curves }}
        where starts_on <= {{ base_date }}

    ),

    curve_sums as (

        select
            {{ all_keys }},
            silence_bits,
            starts_on,
            exponent,
            {%- for amount in amounts %}
            sum({{ exact_points(amount) }}) as {{ amount }}{{ ',' if not loop.last }}
            {%- endfor %}

        from placed_curves
        group by {{ all_keys }}, silence_bits, starts_on, exponent

    ),

    curve_blocks as (

        -- worth something in its own block and in the next one
        select
            curve_sums.*,
            cast(ceil(curve_sums.exponent / 500) as integer) + steps.step as block

        from curve_sums
        cross join (select 0 as step union all select 1) as steps

    ),

    running_sums as (

        select
            {{ all_keys }},
            block,
            starts_on,
            coalesce(
                lead(starts_on) over (
                    partition by {{ all_keys }}, block order by starts_on, exponent
                ),
                {{ last_day() }}
            ) as next_starts_on,
            {%- for amount in amounts %}
            sum({{ double(amount) }} * power({{ double('2') }}, exponent - 500 * block)) over (
                -- a total order, so that floating-point noise is the same in every run
                partition by {{ all_keys }}, block order by starts_on, exponent
                rows between unbounded preceding and current row
            ) as {{ amount }}{{ ',' if not loop.last }}
            {%- endfor %}

        from curve_blocks
        -- without silences no day is in a later block than the base date
        where block <= 0 or silence_bits > 0

    ),

    daily_sums as (

        -- with all that begins on the day
        select * from running_sums
        where starts_on < next_starts_on

    ),

    placed_days as (

        select
            *,
            {{ halvings(base_date, 'on_date', 'silences') }} as exponent

        from {{ days }}

    )

    select
        {%- for key in keys %}
        placed_days.{{ key }},
        {%- endfor %}
        placed_days.half_life_days,
        placed_days.on_date,
        placed_days.silences,
        {%- for amount in amounts %}
        coalesce(
            daily_sums.{{ amount }}
            * power({{ double('2') }}, 500 * daily_sums.block - placed_days.exponent),
            0
        ) as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from placed_days
    left join daily_sums
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}placed_days.{{ key }} = daily_sums.{{ key }}
            {%- endfor %}
            and coalesce(placed_days.half_life_days, 0) = coalesce(daily_sums.half_life_days, 0)
            and ceil(placed_days.exponent / 500) = daily_sums.block
            and placed_days.on_date >= daily_sums.starts_on
            and placed_days.on_date < daily_sums.next_starts_on
{%- endmacro %}

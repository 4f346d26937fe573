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
  The sums of all curves of a key on the wanted days, as a select of the keys, half_life_days,
  on_date, silences and the `amounts` (double). Linear in curves and days: every curve is a running sum,
  scaled so that its halving needs no power per day.

  A curve's exponent says when its amount was whole: days / half-life + silences x silence_bits.
  On a day with exponent x it is worth amount x 2 ^ (exponent - x). The running sum is over
  amount x 2 ^ exponent, in blocks of 500 so that no half-life and no length of history can
  overflow a double; what is more than a block old has halved 500 times and is nothing.

  `curves`: keys, half_life_days, decays_from, silences_before, starts_on, silence_bits, amounts.
  `days`: keys, half_life_days, on_date, silences, silence_bits.
#}
{% macro summed_curves(curves, days, keys, base_date, amounts=['amount']) -%}
    {%- set all_keys = keys + ['half_life_days'] -%}
    select
        {{ all_keys | join(', ') }},
        on_date,
        silences,
        {%- for amount in amounts %}
        running_{{ amount }} * power({{ double('2') }}, 500 * block - day_exponent)
            as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from (
        select
            {{ all_keys | join(', ') }},
            on_date,
            silences,
            block,
            day_exponent,
            {%- for amount in amounts %}
            sum({{ amount }}) over (
                partition by {{ all_keys | join(', ') }}, block
                -- the day itself comes last; a total order, so that floating-point noise is the
                -- same in every run
                order by on_date, curve_exponent nulls last
                rows between unbounded preceding and current row
            ) as running_{{ amount }}{{ ',' if not loop.last }}
            {%- endfor %}

        from (
            select
                {{ all_keys | join(', ') }},
                on_date,
                silences,
                floor(day_exponent / 500) as block,
                day_exponent,
                {%- for amount in amounts %}
                {{ double('0') }} as {{ amount }},
                {%- endfor %}
                {{ double('null') }} as curve_exponent

            from (
                select
                    *,
                    coalesce({{ days_between(base_date, 'on_date') }} / half_life_days, 0)
                    + silences * silence_bits as day_exponent

                from {{ days }}
            ) as wanted_days

            union all

            select
                {{ all_keys | join(', ') }},
                starts_on as on_date,
                0 as silences,
                block,
                {{ double('null') }} as day_exponent,
                {%- for amount in amounts %}
                {{ double(amount) }} * power({{ double('2') }}, curve_exponent - 500 * block)
                    as {{ amount }},
                {%- endfor %}
                curve_exponent

            from (
                -- a curve is worth something in its own block and in the one after it
                select
                    curve_sums.*,
                    floor(curve_exponent / 500) + blocks_later.number as block

                from (
                    select
                        {{ all_keys | join(', ') }},
                        starts_on,
                        curve_exponent,
                        {%- for amount in amounts %}
                        sum({{ exact_points(amount) }}) as {{ amount }}{{ ',' if not loop.last }}
                        {%- endfor %}

                    from (
                        select
                            *,
                            coalesce(
                                {{ days_between(base_date, 'decays_from') }} / half_life_days, 0
                            ) + silences_before * silence_bits as curve_exponent

                        from {{ curves }}
                    ) as placed_curves
                    group by {{ all_keys | join(', ') }}, starts_on, curve_exponent
                ) as curve_sums
                cross join (select 0 as number union all select 1) as blocks_later
            ) as curves_in_blocks
        ) as blocks
    ) as running_sums
    where day_exponent is not null
{%- endmacro %}

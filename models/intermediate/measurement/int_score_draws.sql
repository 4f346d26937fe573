{#
  One row per draw and account of `int_stability_accounts` with anything that earns points: its score
  of the as-of date under the rules of that draw. What was earned, by whom and when comes from `int_score_items`, which settles
  resets, silence and who is engaged; only numbers of points and half-lives differ.
#}
with

primary_model as (

    select scoring_model from {{ ref('scoring_models') }}
    where is_primary

),

accounts as (

    select account_id from {{ ref('int_stability_accounts') }}

),

items as (

    -- a reset has taken the item away; breadth of 0 is that of too few people
    select items.*
    from {{ ref('int_score_items') }} as items
    inner join primary_model on items.scoring_model = primary_model.scoring_model
    inner join accounts on items.account_id = accounts.account_id
    where
        items.reset_on is null
        and (items.entry_type <> 'breadth' or items.base_points <> 0)

),

rules as (

    select * from {{ ref('int_rule_draws') }}

),

bands as (

    select * from {{ ref('int_score_bands') }}

),

aged_items as (

    -- all people of an account at once: a draw does not tell them apart
    select
        account_id,
        entry_type,
        coalesce(signal, combination, 'breadth') as rule_name,
        age_days,
        sum({{ exact_points(
            'event_count * ' ~ double('persona_weight') ~ ' * silence_factor'
        ) }}) as units

    from items
    group by account_id, entry_type, coalesce(signal, combination, 'breadth'), age_days

),

rule_points as (

    select
        aged_items.account_id,
        rules.draw,
        rules.max_points,
        sum(
            {{ exact_points(
                double('rules.points') ~ ' * ' ~ double('aged_items.units') ~ ' * '
                ~ decay_factor(
                    'aged_items.age_days', 'rules.full_value_days', 'rules.half_life_days',
                    'rules.lookback_days'
                )
            ) }}
        ) as points

    from aged_items
    inner join rules
        on aged_items.entry_type = rules.entry_type and aged_items.rule_name = rules.rule_name
    group by
        aged_items.account_id,
        aged_items.entry_type,
        aged_items.rule_name,
        rules.draw,
        rules.max_points

),

scores as (

    select
        account_id,
        draw,
        {{ exact_points(
            'greatest(sum(case when points > max_points then max_points else points end), 0)'
        ) }} as score_raw

    from rule_points
    group by account_id, draw

),

rounded as (

    select
        *,
        {{ round_score('score_raw') }} as score

    from scores

),

final as (

    select
        rounded.account_id,
        rounded.draw,
        rounded.score_raw,
        rounded.score,
        bands.band

    from rounded
    inner join bands on rounded.score >= bands.min_score and rounded.score < bands.next_min_score

)

select * from final

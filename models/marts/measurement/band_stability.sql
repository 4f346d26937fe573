{#
  One row per prospect account with one of the highest scores: whether its band is still the same when every number of points and
  every half-life of the primary scoring model is moved at random, all at once.
#}
with

account_scores as (

    select * from {{ ref('int_stability_accounts') }}

),

draws as (

    select distinct draw from {{ ref('int_rule_draws') }}

),

score_draws as (

    select * from {{ ref('int_score_draws') }}

),

bands as (

    select * from {{ ref('int_score_bands') }}

),

drawn_scores as (

    -- an account that never earned anything scores 0 under any numbers
    select
        account_scores.account_id,
        coalesce(score_draws.score, 0) as score,
        case
            when coalesce(score_draws.band, account_scores.band) = account_scores.band then 1
            else 0
        end as is_same_band

    from account_scores
    cross join draws
    left join score_draws
        on
            account_scores.account_id = score_draws.account_id
            and draws.draw = score_draws.draw

),

ranges as (

    select
        account_id,
        cast(count(*) as integer) as draw_count,
        cast(sum(is_same_band) * 1.0 / count(*) as decimal(18, 6)) as same_band_share,
        cast(min(score) as integer) as lowest_score,
        cast(max(score) as integer) as highest_score

    from drawn_scores
    group by account_id

),

final as (

    select
        account_scores.account_id,
        account_scores.account_name,
        account_scores.scoring_model,
        account_scores.score,
        account_scores.band,
        ranges.draw_count,
        ranges.same_band_share,
        ranges.same_band_share = 1 as is_stable,
        ranges.lowest_score,
        lowest_bands.band as lowest_band,
        ranges.highest_score,
        highest_bands.band as highest_band,
        account_scores.config_version,
        account_scores.as_of_date

    from account_scores
    inner join ranges on account_scores.account_id = ranges.account_id
    inner join bands as lowest_bands
        on
            ranges.lowest_score >= lowest_bands.min_score
            and ranges.lowest_score < lowest_bands.next_min_score
    inner join bands as highest_bands
        on
            ranges.highest_score >= highest_bands.min_score
            and ranges.highest_score < highest_bands.next_min_score

)

select * from final

{# One row per fault in the scoring seeds; `int_seed_check` ends the build if there is any. #}
{{ refuse_seed_columns() }}
-- depends_on: {{ ref('signal_tiers') }}, {{ ref('signal_overrides') }}, {{ ref('next_actions') }}
-- depends_on: {{ ref('machine_user_agents') }}, {{ ref('placeholders') }}, {{ ref('own_domains') }}
-- depends_on: {{ ref('role_mailboxes') }}, {{ ref('mailbox_rules') }}, {{ ref('domain_kinds') }}
-- depends_on: {{ ref('public_suffixes') }}, {{ ref('free_mail_domains') }}
-- depends_on: {{ ref('crawler_agents') }}
with

signals as (

    select * from {{ ref('signals') }}

),

signal_combinations as (

    select * from {{ ref('signal_combinations') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

score_bands as (

    select * from {{ ref('score_bands') }}

),

fit_rules as (

    select * from {{ ref('fit_rules') }}

),

fit_grades as (

    select * from {{ ref('fit_grades') }}

),

personas as (

    select * from {{ ref('personas') }}

),

page_categories as (

    select * from {{ ref('page_categories') }}

),

alert_rules as (

    select * from {{ ref('alert_rules') }}

),

resets as (

    select * from {{ ref('resets') }}

),

event_words as (

    select
        *,
        'source_table=' || source_table || ', word=' || word as row_key,
        {{ plain_word('word') }} as plain_word

    from {{ ref('event_words') }}

),

known_words as (

    {{ known_words() }}

),

event_types as (

    {{ known_event_types() }}

),

opportunity_stages as (

    select * from {{ ref('opportunity_stages') }}

),

lifecycle_stages as (

    select * from {{ ref('lifecycle_stages') }}

),

cell_faults as (

    {{ seed_column_faults() }}

),

active_signals as (

    select
        signals.*,
        lower(signals.asset_pattern) as matched_pattern,
        coalesce(signals.match_priority, 0) as priority,
        {{ count_match_columns('signals') }} as match_columns,
        split_part(replace(lower(signals.asset_pattern), '_', '%'), '%', 1) as asset_prefix

    from signals
    where
        signals.is_active
        -- a pattern that would run away is refused, and not compared with others first
        and coalesce({{ count_wildcards('signals.asset_pattern') }} <= {{ most_wildcards() }}, true)

),

unreachable_signals as (

    select
        'signals' as seed,
        'signal=' || active_signals.signal as row_key,
        'no event of the landing contract can ever be this signal' as fault,
        'Use a channel, an event_type of that channel, and match columns that such events have.'
            as remedy

    from active_signals
    left join event_types
        on
            (active_signals.channel is null or active_signals.channel = event_types.channel)
            and (
                active_signals.event_type is null
                or event_types.event_type is null
                or active_signals.event_type = event_types.event_type
            )
            and (active_signals.page_category is null or event_types.has_page_category)
            and (active_signals.asset_pattern is null or event_types.has_asset_pattern)
            and (active_signals.outcome is null or event_types.has_outcome)
            and (active_signals.persona is null or event_types.has_persona)
            and (active_signals.min_value is null or event_types.has_min_value)
    where event_types.channel is null

),

ambiguous_signals as (

    select
        'signals' as seed,
        'signal=' || one.signal as row_key,
        'can match the same event as signal ' || other.signal || ' with the same rank' as fault,
        'Give one of them a higher match_priority, or fill another match column.' as remedy

    from active_signals as one
    inner join active_signals as other
        on
            one.signal < other.signal
            and one.priority = other.priority
            and one.match_columns = other.match_columns
            and coalesce(one.channel = other.channel, true)
            and coalesce(one.event_type = other.event_type, true)
            and coalesce(one.page_category = other.page_category, true)
            and coalesce(one.outcome = other.outcome, true)
    where
        coalesce(
            one.persona = other.persona
            or (
                one.persona = 'decision_maker'
                and other.persona in (select persona from personas where is_decision_maker)
            )
            or (
                other.persona = 'decision_maker'
                and one.persona in (select persona from personas where is_decision_maker)
            ),
            true
        )
        -- two patterns are told apart only by their literal beginnings; whatever else may match the
        -- same asset is refused
        and coalesce(
            case
                when one.matched_pattern = one.asset_prefix
                    then one.matched_pattern like other.matched_pattern
                when other.matched_pattern = other.asset_prefix
                    then other.matched_pattern like one.matched_pattern
                else
                    substr(one.asset_prefix, 1, length(other.asset_prefix)) = other.asset_prefix
                    or substr(other.asset_prefix, 1, length(one.asset_prefix)) = one.asset_prefix
            end,
            true
        )

),

combination_faults as (

    select
        'signal_combinations' as seed,
        'combination=' || combination as row_key,
        'first_signal and second_signal are the same' as fault,
        'Name two different signals.' as remedy

    from signal_combinations
    where first_signal = second_signal

    union all

    select
        'signal_combinations' as seed,
        'combination=' || signal_combinations.combination as row_key,
        'signal ' || signals.signal || ' is not active' as fault,
        'Activate the signal in seeds/signals.csv or deactivate the combination.' as remedy

    from signal_combinations
    inner join signals
        on signals.signal in (signal_combinations.first_signal, signal_combinations.second_signal)
    where signal_combinations.is_active and not signals.is_active

),

scoring_model_faults as (

    select
        'scoring_models' as seed,
        'is_primary=true' as row_key,
        cast(count(*) as {{ dbt.type_string() }}) || ' scoring models are primary' as fault,
        'Set is_primary to true in exactly one row.' as remedy

    from scoring_models
    where is_primary
    having count(*) <> 1

    union all

    select
        'scoring_models' as seed,
        'scoring_model=' || scoring_model as row_key,
        'only one of silence_days and silence_factor is filled' as fault,
        'Fill both, or neither.' as remedy

    from scoring_models
    where (silence_days is null) <> (silence_factor is null)

),

lower_bounds as (

    select
        'score_bands' as seed,
        'band=' || band as row_key,
        'min_score' as column_name,
        cast(min_score as {{ dbt.type_numeric() }}) as lower_bound,
        sort_order

    from score_bands

    union all

    select
        'fit_grades' as seed,
        'grade=' || grade as row_key,
        'min_fit_score' as column_name,
        min_fit_score as lower_bound,
        cast(null as integer) as sort_order

    from fit_grades

),

ranked_bounds as (

    select
        *,
        lag(row_key) over (partition by seed order by lower_bound, row_key) as row_key_before,
        lag(lower_bound) over (partition by seed order by lower_bound, row_key) as bound_before,
        lag(sort_order) over (partition by seed order by lower_bound, row_key) as sort_order_before

    from lower_bounds

),

expected_seeds as (

    select 'score_bands' as seed
    union all
    select 'fit_grades' as seed

),

bound_faults as (

    select
        seed,
        row_key,
        column_name || ' is the same as in row ' || row_key_before || ': they overlap' as fault,
        'Give each row a lower bound of its own.' as remedy

    from ranked_bounds
    where lower_bound = bound_before

    union all

    select
        seed,
        row_key,
        'sort_order is not above that of row ' || row_key_before || ', which starts lower' as fault,
        'Number the bands in the order of min_score.' as remedy

    from ranked_bounds
    where sort_order <= sort_order_before

    union all

    select
        expected_seeds.seed,
        coalesce(min(ranked_bounds.row_key), 'none') as row_key,
        'the lowest row does not start at 0, so there is a gap below it' as fault,
        'Let one row start at 0.' as remedy

    from expected_seeds
    left join ranked_bounds
        on expected_seeds.seed = ranked_bounds.seed and ranked_bounds.row_key_before is null
    group by expected_seeds.seed
    having min(ranked_bounds.lower_bound) is null or min(ranked_bounds.lower_bound) <> 0

),

persona_faults as (

    select
        'personas' as seed,
        'persona=' || persona as row_key,
        'the rows of this persona differ in weight or is_decision_maker' as fault,
        'Write the same weight and is_decision_maker in all rows of a persona.' as remedy

    from personas
    group by persona
    having count(distinct weight) > 1 or count(distinct is_decision_maker) > 1

    union all

    select
        'personas' as seed,
        'title_pattern=' || title_pattern as row_key,
        'the persona is called decision_maker' as fault,
        'Choose another name: decision_maker stands for all personas that decide.' as remedy

    from personas
    where persona = 'decision_maker'

),

path_faults as (

    select
        'page_categories' as seed,
        'path_pattern=' || path_pattern as row_key,
        'path_pattern starts with neither / nor %, so no path can fit' as fault,
        'Begin it with / (or % for anything).' as remedy

    from page_categories
    where substr(path_pattern, 1, 1) not in ('/', '%')

    union all

    select
        'page_categories' as seed,
        'path_pattern=' || path_pattern as row_key,
        'path_pattern ends with /, and no path does' as fault,
        'Leave it out: the pattern fits all that is below, too.' as remedy

    from page_categories
    where path_pattern like '_%/'

),

title_faults as (

    select
        'personas' as seed,
        'title_pattern=' || title_pattern as row_key,
        'title_pattern has other marks than letters and digits, and titles are compared without'
            as fault,
        'Write a blank for each: co founder, it chef.' as remedy

    from personas
    where
        {{ words_of("replace(replace(title_pattern, '%', 'x'), '_', 'x')") }}
        <> ' ' || replace(replace(lower(title_pattern), '%', 'x'), '_', 'x') || ' '

),

word_faults as (

    select
        'event_words' as seed,
        min(row_key) as row_key,
        'another spelling of it, ' || max(word) || ', means something else' as fault,
        'Keep one of the rows.' as remedy

    from event_words
    group by source_table, case when column_name = 'outcome' then 1 else 0 end, plain_word
    having count(distinct means) > 1

    union all

    select
        'event_words' as seed,
        event_words.row_key,
        event_words.source_table || ' has no words in column ' || event_words.column_name as fault,
        'Use event_type; in crm_activities, activity_type or outcome.' as remedy

    from event_words
    left join known_words
        on
            event_words.source_table = known_words.source_table
            and event_words.column_name = known_words.column_name
    where known_words.source_table is null

    union all

    select
        'event_words' as seed,
        event_words.row_key,
        'means is ''' || event_words.means || ''', which is no word of column '
        || event_words.column_name as fault,
        'Use one of: ' || {{ ordered_text('known_words.word') }} || '.' as remedy

    from event_words
    inner join known_words
        on
            event_words.source_table = known_words.source_table
            and event_words.column_name = known_words.column_name
    group by event_words.row_key, event_words.means, event_words.column_name
    having
        max(case when known_words.word = event_words.means then 1 else 0 end) = 0
        -- a null stands for any word
        and count(known_words.word) = count(*)

),

reset_faults as (

    select
        'resets' as seed,
        'reset=' || resets.reset as row_key,
        'no event of the landing contract has this channel, event_type and outcome' as fault,
        'Use a channel and one of its event types; only sales has outcomes.' as remedy

    from resets
    left join event_types
        on
            resets.channel = event_types.channel
            and (
                resets.event_type is null
                or event_types.event_type is null
                or resets.event_type = event_types.event_type
            )
            and (resets.outcome is null or event_types.has_outcome)
    where event_types.channel is null

    union all

    select
        'resets' as seed,
        'reset=' || reset as row_key,
        'event_type and outcome are both empty' as fault,
        'Fill one of them: otherwise every event of the channel would be a reset.' as remedy

    from resets
    where event_type is null and outcome is null

),

alert_faults as (

    select
        'alert_rules' as seed,
        'alert=' || alert as row_key,
        'window_days is empty, but kind ' || kind || ' counts over a window' as fault,
        'Fill in window_days.' as remedy

    from alert_rules
    where kind in ('acceleration', 'new_contacts') and window_days is null

),

fit_faults as (

    select
        'fit_rules' as seed,
        'fit_rule=' || fit_rule as row_key,
        'operator ' || operator || ' needs a number in value and an attribute that is one' as fault,
        'Use equals, not_equals or like for text.' as remedy

    from fit_rules
    where
        operator in ('at_least', 'less_than')
        and (
            {{ to_number('value') }} is null
            or attribute not in ('account_tier', 'employee_count', 'annual_revenue_usd')
        )

    union all

    select
        'fit_rules' as seed,
        'fit_rule=' || fit_rule as row_key,
        'value is ''' || value || ''', which has more than {{ most_wildcards() }} % before its end'
            as fault,
        'Use fewer, or several rows: with more, one long text could take hours.' as remedy

    from fit_rules
    where operator = 'like' and {{ count_wildcards('value') }} > {{ most_wildcards() }}

),

stage_faults as (

    {% for seed, meaning in [
        ('opportunity_stages', 'outcome'), ('lifecycle_stages', 'lifecycle')
    ] %}
    select
        '{{ seed }}' as seed,
        'stage=' || min(stage) as row_key,
        'another spelling of it, ' || max(stage) || ', has another {{ meaning }}' as fault,
        'Give both the same {{ meaning }}, or delete one of them.' as remedy

    from {{ seed }}
    group by {{ plain_word('stage') }}
    having min({{ meaning }}) <> max({{ meaning }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from cell_faults
    union all
    select * from stage_faults
    union all
    select * from unreachable_signals
    union all
    select * from ambiguous_signals
    union all
    select * from combination_faults
    union all
    select * from scoring_model_faults
    union all
    select * from bound_faults
    union all
    select * from persona_faults
    union all
    select * from path_faults
    union all
    select * from title_faults
    union all
    select * from word_faults
    union all
    select * from reset_faults
    union all
    select * from alert_faults
    union all
    select * from fit_faults

)

select * from final

-- Today's scores of the primary scoring model, as an analyst would compute them in one script: plain
-- DuckDB, no staging, no checks, no explanation. Written from the rules, for the shipped seeds: no
-- signal with an asset pattern, no overrides, a primary model without silence. Reads the raw tables
-- in schema `raw` and the seeds in schema `seeds`. The scores are in `present_scores`.

-- An address in lower case. Gmail ignores dots.
create temp macro mailbox(address) as if(
    lower(address) like '%@gmail.com',
    replace(split_part(lower(address), '@', 1), '.', '') || '@gmail.com', lower(address)
);

-- Usable rows; the newest load if several rows have the same key.
create temp table accounts as
from raw.crm_accounts
where account_id is not null and coalesce(created_at, loaded_at) <= loaded_at + interval 1 day
qualify row_number() over (partition by account_id order by loaded_at desc) = 1;

create temp table contacts as
select * replace (mailbox(email) as email, lower(job_title) as job_title)
from raw.crm_contacts
where contact_id is not null and coalesce(created_at, loaded_at) <= loaded_at + interval 1 day
qualify row_number() over (partition by contact_id order by loaded_at desc) = 1;

create temp table opportunities as
from raw.crm_opportunities
where opportunity_id is not null and coalesce(created_at, loaded_at) <= loaded_at + interval 1 day
qualify row_number() over (partition by opportunity_id order by loaded_at desc) = 1;

create temp view landed as
select
    'email' as channel, event_id, event_type, email, lower(link_url) as asset,
    lower(campaign) as campaign, lower(user_agent) as user_agent, occurred_at, loaded_at
from raw.email_events
union all by name
select
    'web' as channel, event_id, event_type, visitor_id, email, company_domain, page_url,
    lower(campaign) as campaign, duration_seconds as value, occurred_at, loaded_at
from raw.web_events
union all by name
select
    'content' as channel, event_id, event_type, email, lower(asset) as asset,
    lower(campaign) as campaign, occurred_at, loaded_at
from raw.content_events
union all by name
select
    'linkedin' as channel, event_id, event_type, email, company_domain,
    lower(campaign) as campaign, occurred_at, loaded_at
from raw.linkedin_events
union all by name
select
    'ads' as channel, event_id, event_type, visitor_id, email, company_domain,
    lower(campaign) as campaign, occurred_at, loaded_at
from raw.ad_events
union all by name
select
    'sales' as channel, activity_id as event_id, activity_type as event_type, account_id,
    contact_id, email, lower(outcome) as outcome, occurred_at, loaded_at
from raw.crm_activities
union all by name
select
    'intent' as channel, event_id, 'surge' as event_type, company_domain, lower(topic) as asset,
    surge_score as value, occurred_at, loaded_at
from raw.intent_events
union all by name
select
    'product' as channel, event_id, event_type, email, account_id, occurred_at, loaded_at
from raw.product_events;

create temp view usable as
select * replace (
    -- a row without an id is identified by its content
    coalesce(event_id, md5(landed::varchar)) as event_id,
    lower(event_type) as event_type,
    mailbox(email) as email,
    if(
        outcome in ('positive', 'neutral', 'negative', 'no_show', 'not_interested'),
        outcome, if(outcome is null, null, 'no_conversation')
    ) as outcome
)
from landed
where occurred_at <= loaded_at + interval 1 day;

create temp table reloads as
select channel, event_id, max(loaded_at) as loaded_at
from usable
group by all
having count(*) > 1;

create temp table newest as
select usable.* exclude (loaded_at)
from usable
anti join reloads using (channel, event_id)
union all
select distinct on (channel, event_id) usable.* exclude (loaded_at)
from usable
semi join reloads using (channel, event_id, loaded_at);

set variable as_of = (
    select greatest(
        (select max(loaded_at) from usable), (select max(loaded_at) from accounts),
        (select max(loaded_at) from contacts), (select max(loaded_at) from opportunities)
    )::date
);

-- The contact that a merged one leads to; none for a deleted one.
create temp table survivors as
with recursive steps as (
    select contact_id, contact_id as survivor_id, 0 as step from contacts
    union all
    select steps.contact_id, contacts.merged_into_contact_id as survivor_id, step + 1 as step
    from steps
    join contacts on steps.survivor_id = contacts.contact_id
    semi join contacts as targets on contacts.merged_into_contact_id = targets.contact_id
    where step < 20
)

select contact_id, case when step = 20 then contact_id else survivor_id end as survivor_id
from steps
qualify row_number() over (partition by contact_id order by step desc) = 1;

create temp table live_contacts as
select contacts.*
from contacts
join survivors using (contact_id)
where survivor_id = contact_id and not coalesce(is_deleted, false);

-- The account of a domain or of one above it, never of a free-mail domain. If two accounts give the
-- same domain: the most contacts, then the oldest, then the smallest id.
create temp macro bare_domain(name) as
    nullif(regexp_extract(lower(name), '^(?:.*?://)?(?:www\.)?([^/:]*)', 1), '');

create temp table domain_owners as
select bare_domain(domain) as domain, account_id
from accounts
left join (
    select account_id, count(*) as people from live_contacts group by all
) using (account_id)
where bare_domain(domain) not in (select domain from seeds.free_mail_domains)
qualify row_number() over (
    partition by bare_domain(domain) order by coalesce(people, 0) desc, created_at, account_id
) = 1;

create temp table domains as
with seen as (
    select split_part(email, '@', 2) as name from newest
    union distinct
    select company_domain as name from newest
    union distinct
    select split_part(email, '@', 2) as name from contacts
),

labels as (
    select name, string_split(bare_domain(name), '.') as labels
    from seen
    where name <> '' and bare_domain(name) not in (select domain from seeds.free_mail_domains)
),

endings as (
    select name, place, array_to_string(labels[place:], '.') as ending
    from labels, range(1, len(labels) + 1) as places(place)
)

select name, account_id
from endings
join domain_owners on ending = domain
qualify row_number() over (partition by name order by place) = 1;

-- The person behind an email, and that person's role.
create temp table titles as
select job_title, persona, weight, is_decision_maker
from (select distinct job_title from contacts)
join seeds.personas
    on
        ' ' || trim(regexp_replace(job_title, '[^\pL\pM\pN]+', ' ', 'g')) || ' '
        like '% ' || lower(title_pattern) || ' %'
qualify row_number() over (
    partition by job_title order by priority desc, length(title_pattern) desc, title_pattern
) = 1;

create temp table people as
select
    live_contacts.contact_id,
    coalesce(accounts.account_id, domains.account_id) as account_id,
    persona,
    coalesce(weight, 1) as weight,
    coalesce(is_decision_maker, false) as is_decision_maker
from live_contacts
left join accounts using (account_id)
left join domains on split_part(live_contacts.email, '@', 2) = domains.name
left join titles using (job_title);

create temp table addresses as
with holders as (
    -- if several contacts share an address: a live one, then a merged one, then the oldest
    select contacts.email, people.contact_id, people.account_id
    from contacts
    join survivors using (contact_id)
    left join people on survivor_id = people.contact_id
    where contacts.email is not null
    qualify row_number() over (
        partition by contacts.email
        order by
            contacts.contact_id = people.contact_id desc nulls last,
            contacts.created_at,
            contacts.contact_id
    ) = 1
)

select
    email,
    case when holders.email is null then seen.email else holders.contact_id end as person_id,
    holders.contact_id,
    coalesce(holders.account_id, domains.account_id) as account_id
from (select distinct email from newest where email is not null) as seen
left join holders using (email)
left join domains on split_part(seen.email, '@', 2) = domains.name;

-- The person and account of an event: by ids on the row, the email on the row, the visitor's email
-- (the last one known by the end of the event's day, or else the first one after it), the company domain.
create temp table visitor_days as
select visitor_id, cast(occurred_at as date) as named_on, email
from newest
where
    visitor_id is not null and email is not null
    and occurred_at < getvariable('as_of') + 1
qualify row_number() over (
    partition by visitor_id, cast(occurred_at as date) order by occurred_at desc, email
) = 1;

create temp table first_visitor_days as
select visitor_id, arg_min(email, named_on) as email from visitor_days group by all;

create temp table machines as
select user_agent
from (select distinct user_agent from newest)
left join seeds.machine_user_agents on user_agent like lower(user_agent_pattern)
left join seeds.crawler_agents on position(fragment in '^' || user_agent || '$') > 0
group by user_agent
having bool_and(coalesce(is_machine, fragment is not null));

-- Opens, clicks and replies within 20 seconds of sending or delivery to the same address.
create temp table scanned as
with buckets as (
    select *, epoch(occurred_at)::bigint // 20 as bucket from newest where channel = 'email'
),

reactions as (
    select *, unnest([bucket - 1, bucket]) as delivery_bucket
    from buckets
    where event_type in ('open', 'click', 'reply')
)

select distinct reactions.event_id, reactions.event_type
from reactions
join buckets as deliveries
    on
        reactions.email = deliveries.email
        and reactions.delivery_bucket = deliveries.bucket
        and deliveries.event_type in ('sent', 'delivered')
        and reactions.occurred_at >= deliveries.occurred_at
        and reactions.occurred_at <= deliveries.occurred_at + interval 20 second
        and coalesce(reactions.campaign = deliveries.campaign, true);

create temp table pages as
with paths as (
    select
        page_url,
        regexp_extract(lower(page_url), '^(?:[^?#]*://)?[^/?#]*(/[^?#]*)', 1).rtrim('/') as path
    from (select distinct page_url from newest where page_url is not null)
)

select page_url, if(path = '', '/', path) as path, page_category
from paths
left join seeds.page_categories on if(path = '', '/', path) || '/' like lower(path_pattern) || '/%'
qualify row_number() over (
    partition by page_url order by priority desc, length(path_pattern) desc, path_pattern
) = 1;

create temp table identified as
select
    newest.channel,
    newest.event_id,
    newest.event_type,
    newest.outcome,
    newest.value,
    newest.visitor_id,
    coalesce(pages.path, newest.asset, newest.campaign) as asset,
    pages.page_category,
    newest.occurred_at,
    coalesce(
        accounts.account_id, named.account_id, addresses.account_id, domains.account_id
    ) as account_id,
    if(survivors.contact_id is null, addresses.person_id, named.contact_id) as person_id,
    if(survivors.contact_id is null, addresses.contact_id, named.contact_id) as contact_id
from newest
asof left join visitor_days
    on
        newest.visitor_id = visitor_days.visitor_id
        and cast(newest.occurred_at as date) >= visitor_days.named_on
left join first_visitor_days on newest.visitor_id = first_visitor_days.visitor_id
left join addresses
    on coalesce(newest.email, visitor_days.email, first_visitor_days.email) = addresses.email
left join accounts on newest.account_id = accounts.account_id
left join survivors on newest.contact_id = survivors.contact_id
left join people as named on survivors.survivor_id = named.contact_id
left join domains on newest.company_domain = domains.name
left join pages on newest.page_url = pages.page_url
left join machines on newest.user_agent = machines.user_agent
left join scanned
    on
        newest.channel = 'email'
        and newest.event_id = scanned.event_id
        and newest.event_type = scanned.event_type
where
    newest.occurred_at < getvariable('as_of') + 1
    and (machines.user_agent is null or newest.event_type = 'unsubscribe')
    and scanned.event_id is null;

-- One signal per event: highest priority, then most match columns. Looked up per kind of event.
-- Only some channels have signals that look at the asset.
create temp macro compared_asset(of_channel, of_asset) as
    if(
        of_channel in (select channel from seeds.signals where asset_pattern is not null),
        lower(of_asset), null
    );

create temp table kinds as
select distinct
    channel, event_type, page_category, outcome, value, persona,
    coalesce(is_decision_maker, false) as decides,
    compared_asset(channel, asset) as compared
from identified
left join people on identified.contact_id = people.contact_id;

create temp table kind_signals as
select kinds.*, signals.signal
from kinds
join seeds.signals as signals
    on
        is_active
        and coalesce(signals.channel = kinds.channel, signals.channel is null)
        and coalesce(signals.event_type = kinds.event_type, signals.event_type is null)
        and coalesce(signals.page_category = kinds.page_category, signals.page_category is null)
        and coalesce(signals.outcome = kinds.outcome, signals.outcome is null)
        and coalesce(
            signals.persona = kinds.persona or (signals.persona = 'decision_maker' and decides),
            signals.persona is null
        )
        and coalesce(kinds.value >= signals.min_value, signals.min_value is null)
        and coalesce(
            kinds.compared like signals.asset_pattern, signals.asset_pattern is null
        )
qualify row_number() over (
    partition by kinds
    order by
        coalesce(match_priority, 0) desc,
        (signals.channel is not null)::int + (signals.event_type is not null)::int
        + (signals.page_category is not null)::int + (signals.outcome is not null)::int
        + (signals.persona is not null)::int + (signals.min_value is not null)::int
        + (signals.asset_pattern is not null)::int desc,
        signals.signal
) = 1;

create temp table reset_kinds as
select channel, takes_from, event_type as reset_type, outcome as reset_outcome
from seeds.resets
where is_active;

create temp macro is_reset(event_type, outcome, reset_type, reset_outcome) as
    coalesce(event_type = reset_type, reset_type is null)
    and coalesce(outcome = reset_outcome, reset_outcome is null);

-- Events that count: no repeats of the same person (or else visitor, or else account), signal and asset.
create temp table counted as
with matched as (
    select
        identified.account_id,
        person_id,
        if(person_id is null, identified.account_id, null) as nobody_at,
        if(person_id is null, visitor_id, null) as unknown_visitor_id,
        kind_signals.signal,
        asset,
        occurred_at,
        identified.channel,
        event_id,
        repeat_minutes,
        coalesce(weight, 1) as weight
    from identified
    left join people on identified.contact_id = people.contact_id
    join kind_signals
        on
            identified.channel = kind_signals.channel
            and identified.event_type = kind_signals.event_type
            and identified.page_category is not distinct from kind_signals.page_category
            and identified.outcome is not distinct from kind_signals.outcome
            and identified.value is not distinct from kind_signals.value
            and compared_asset(identified.channel, identified.asset)
            is not distinct from kind_signals.compared
            and people.persona is not distinct from kind_signals.persona
            and coalesce(people.is_decision_maker, false) = kind_signals.decides
    join seeds.signals on kind_signals.signal = signals.signal
    where identified.account_id is not null
),

visits as (
    from matched
    qualify not coalesce(
        occurred_at - lag(occurred_at) over (
            partition by person_id, nobody_at, unknown_visitor_id, signal, asset
            order by occurred_at, channel, event_id
        ) < coalesce(to_minutes(repeat_minutes), interval 1 microsecond),
        false
    )
)

-- A reset takes everything the account, or the person, has earned so far.
select account_id, person_id, signal, weight, occurred_at::date as day, count(*) as events
from visits
left join (
    select identified.account_id, max(occurred_at) as reset_at
    from identified
    join reset_kinds using (channel)
    where takes_from = 'account' and is_reset(event_type, outcome, reset_type, reset_outcome)
    group by all
) as account_resets using (account_id)
left join (
    select identified.person_id, max(occurred_at) as reset_at
    from identified
    join reset_kinds using (channel)
    where takes_from = 'person' and is_reset(event_type, outcome, reset_type, reset_outcome)
    group by all
) as person_resets using (person_id)
where
    coalesce(occurred_at > account_resets.reset_at, true)
    and coalesce(occurred_at > person_resets.reset_at, true)
group by all;

create temp table kept as
select *, getvariable('as_of') - day as age
from counted;

-- Points: decay, caps, combinations, breadth.
create temp table signal_numbers as
select
    signal,
    coalesce(signals.points, tiers.points) as points,
    coalesce(signals.full_value_days, model.full_value_days) as full_value_days,
    coalesce(signals.half_life_days, model.half_life_days) as half_life_days,
    signals.max_points,
    direction <> 'outbound' and counts_for_breadth as is_breadth
from seeds.signals as signals
join seeds.signal_tiers as tiers using (signal_tier)
join seeds.scoring_models as model on is_primary;

create temp macro decay(age, full_value_days, half_life_days) as
    power(0.5::double, greatest(age - full_value_days, 0) / half_life_days);

create temp table signal_points as
with sums as (
    select
        account_id,
        signal,
        any_value(max_points) as max_points,
        sum(
            points * weight * events
            * decay(age, numbers.full_value_days, numbers.half_life_days)
        ) as points
    from kept
    join signal_numbers as numbers using (signal)
    join seeds.scoring_models on is_primary and age < lookback_days
    group by all
)

select account_id, sum(least(points, coalesce(max_points, points))) as points
from sums
group by all;

create temp table combination_points as
with pairs as (
    -- the latest pair of a person
    select
        ones.account_id,
        ones.person_id,
        combination,
        any_value(ones.weight) as weight,
        min(least(ones.age, others.age)) as age,
        any_value(greatest(combinations.points - one.points - other.points, 0)) as points
    from seeds.signal_combinations as combinations
    join signal_numbers as one on combinations.first_signal = one.signal
    join signal_numbers as other on combinations.second_signal = other.signal
    join kept as ones on combinations.first_signal = ones.signal
    join kept as others
        on
            combinations.second_signal = others.signal
            and ones.account_id = others.account_id
            and ones.person_id = others.person_id
            and abs(ones.age - others.age) <= within_days
    where combinations.is_active
    group by all
)

select
    account_id,
    sum(pairs.points * weight * decay(age, full_value_days, half_life_days)) as points
from pairs
join seeds.scoring_models on is_primary and age < lookback_days
group by all;

create temp table breadth_points as
with engaged as (
    select account_id, person_id, min(age) as age
    from kept
    join signal_numbers using (signal)
    join seeds.scoring_models on is_primary and age < breadth_window_days
    where is_breadth and person_id is not null
    group by all
)

select
    account_id,
    least(
        sum(breadth_points * decay(age, full_value_days, half_life_days)),
        any_value(breadth_max_points)
    ) as points
from engaged
join seeds.scoring_models on is_primary
group by account_id
having count(*) >= any_value(breadth_min_contacts);

-- Customers aren't prospects.
create or replace table present_scores as
select
    account_id,
    greatest(
        coalesce(signal_points.points, 0) + coalesce(combination_points.points, 0)
        + coalesce(breadth_points.points, 0),
        0
    ) as score_raw
from accounts
left join signal_points using (account_id)
left join combination_points using (account_id)
left join breadth_points using (account_id)
anti join (
    select account_id
    from opportunities
    left join seeds.opportunity_stages as stages on lower(opportunities.stage) = stages.stage
    where
        coalesce(stages.outcome = 'won', is_won)
        and coalesce(closed_at, loaded_at)::date <= getvariable('as_of')
) as won using (account_id);

{#
  A number of the rules as it is in one draw: moved up or down by a random factor, evenly spread from
  1 - `spread` to 1 + `spread`. The factor depends on var `stability_seed` and on the texts in
  `names` alone, so the same draw is the same in every run. Null stays null.
#}
{% macro drawn_number(number, spread, names) -%}
    {%- set seeded = ["'" ~ var('stability_seed') ~ "'"] + names -%}
    cast(
        {{ double(number) }}
        * (1 + {{ spread }} * (2 * {{ uniform_number(key_text(seeded)) }} - 1)) as decimal(18, 6)
    )
{%- endmacro %}

"""The rules: the CSV files in seeds/, and what is wrong with them, found before dbt starts.

`schema` reads what seeds/_seeds.yml says of each column, `files` the CSV files, `cells` judges one cell at a time, and
`signals`, `words`, `patterns` and `bounds` what several rows say together. `check` calls them all.
"""

from engagement.seeds.check import check_seeds, refuse_faulty_seeds

__all__ = ["check_seeds", "refuse_faulty_seeds"]

"""The rules: reads the CSV files in seeds/, and finds their faults before dbt starts.

`schema` reads the columns in seeds/_seeds.yml, `files` reads the CSV files, and `cells` checks one cell at a time.
`signals`, `words`, `patterns` and `bounds` check several rows together. `check` calls all of them.
"""

from engagement.seeds.check import check_seeds, refuse_faulty_seeds

__all__ = ["check_seeds", "refuse_faulty_seeds"]

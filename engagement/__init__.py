"""Account engagement scoring: the commands around the dbt project."""

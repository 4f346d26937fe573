"""The dashboard: a folder of HTML, written from the published marts, that needs no server.

`marts` reads, `queries` says what each page reads, `site` writes. `assets/` holds the pages, `vendor/` the two libraries
that draw charts.
"""

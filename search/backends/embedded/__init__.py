"""The search in the database itself: always filled, and asked where Elasticsearch is not or does not answer.

Its rows say which words a report has and where they stand; whom it is shown to is asked of the reports.
"""

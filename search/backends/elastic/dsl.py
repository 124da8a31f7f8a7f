"""The words that questions are made of, and nothing that could send one."""

from elasticsearch.dsl import SF, A, Q, Search
from elasticsearch.dsl.query import Query

__all__ = ["SF", "A", "Q", "Query", "Search"]

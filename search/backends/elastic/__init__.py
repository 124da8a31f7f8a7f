"""The search on Elasticsearch 8: real parts through its own client, and nothing but documents in it."""

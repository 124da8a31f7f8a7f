"""The whole product in one process: web, worker and beat on one laptop. Started by `script/server`."""

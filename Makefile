# Every task of this repository. The first run on a machine also makes what the task needs: the Python environment, and
# for everything that touches the cluster its tools (20 minutes once, shown as it goes). Nothing is installed by hand.

PYTHON = scripts/python
CLUSTER = $(PYTHON) -m local_cluster

.DEFAULT_GOAL := help
.PHONY: help demo scenarios test unit cluster-test check format bench golden screenshots lock tools up down status logs shell

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## walk a canary release on a local cluster and measure every stage (SCENARIO=list names other walks)
	@$(PYTHON) -m demo $(SCENARIO)

scenarios: ## walk every scenario to its destroy, and fill in the README's table
	@$(PYTHON) -m demo release --destroy; release=$$?; \
	$(PYTHON) -m pytest -q tests/cluster/scenarios; others=$$?; \
	$(PYTHON) -m demo.table && exit $$((release + others))

test: unit cluster-test ## run every test: first without, then with a cluster

unit: ## run the tests that need no cluster (seconds)
	@$(PYTHON) -m pytest -q --ignore=tests/cluster
	@$(PYTHON) -m local_cluster.tools.go_modules test

cluster-test: ## run the tests that need the cluster, starting it where it is not up
	@$(PYTHON) -m local_cluster.tools.go_modules integration
	@$(PYTHON) -m pytest -q tests/cluster

check: ## format, lint, strict types, import directions; the same for Go
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy .
	@$(PYTHON) -m pytest -q tests/test_architecture.py
	@$(PYTHON) -m local_cluster.tools.go_modules check

format: ## rewrite the Python and Go sources in the one format that `make check` accepts
	@$(PYTHON) -m ruff check --fix-only --quiet .
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m local_cluster.tools.go_modules format

bench: ## list the benchmarks; NAME=... runs one and prints `figure value unit`
	@$(PYTHON) -m bench $(NAME)

golden: ## rewrite the golden files; review them as a diff
	@GOLDEN=rewrite $(PYTHON) -m pytest -q --ignore=tests/cluster

screenshots: ## photograph Bookinfo and a trace into docs/screenshots (Chromium; look at them)
	@$(PYTHON) -m demo.screenshots

lock: ## resolve the Python dependencies anew into requirements.lock (hashes, no addresses)
	@scripts/lock

tools: ## build the tools of the local cluster into the cache (20 minutes once)
	@$(CLUSTER) tools

up: ## start the local cluster
	@$(CLUSTER) up

down: ## end the local cluster and remove everything it made
	@$(CLUSTER) down

status: ## say what runs; name what died, with its last log lines
	@$(CLUSTER) status

logs: ## list the logs; NAME=... shows one process or pod
	@$(CLUSTER) logs $(NAME)

shell: ## open a shell in which pulumi, kubectl and istioctl speak to the local cluster
	@$(CLUSTER) shell

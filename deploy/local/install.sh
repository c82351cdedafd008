#!/usr/bin/env bash
# Installs the servers that the AppHost starts: RabbitMQ, Redis, PostgreSQL. Their system services are neither needed nor started.
# With --tests also what only the tests need: python3 with pika, for the producer in another language.
set -euo pipefail

missing=()
command -v rabbitmq-server >/dev/null || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
if [ "${1:-}" = --tests ] && command -v apt-get >/dev/null && ! /usr/bin/python3 -c "import pika" 2>/dev/null; then missing+=(python3 python3-pika); fi

if [ ${#missing[@]} -eq 0 ]; then
  echo "All is installed."
  exit 0
fi

if command -v apt-get >/dev/null; then
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $sudo apt-get update
  $sudo apt-get install -y --no-install-recommends "${missing[@]}"
elif command -v brew >/dev/null; then
  brew install "${missing[@]/rabbitmq-server/rabbitmq}"
else
  echo "Install these with your system's packages: ${missing[*]}. Or use servers of yours by connection string; see the README." >&2
  exit 2
fi

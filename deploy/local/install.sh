#!/usr/bin/env bash
# Installs the servers that the AppHost starts: RabbitMQ, Redis, PostgreSQL. Their system services are neither needed nor started.
set -euo pipefail

missing=()
command -v rabbitmq-server >/dev/null || [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)

if [ ${#missing[@]} -eq 0 ]; then
  echo "Broker, cache and database are installed."
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

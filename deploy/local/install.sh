#!/usr/bin/env bash
# Installs the servers that the AppHost starts: RabbitMQ, Redis, PostgreSQL. Their system services are not needed, and are
# kept from starting where apt installs them, unless the machine has a policy-rc.d of its own.
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
  # What Debian's packages ask before they start a service; 101 forbids it.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap '$sudo rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
  fi
  $sudo apt-get install -y --no-install-recommends "${missing[@]}"
elif command -v brew >/dev/null; then
  missing=("${missing[@]/rabbitmq-server/rabbitmq}")
  brew install "${missing[@]/redis-server/redis}"
else
  echo "Install these with your system's packages: ${missing[*]}. Or use servers of yours by connection string; see docs/apphost.md." >&2
  exit 2
fi

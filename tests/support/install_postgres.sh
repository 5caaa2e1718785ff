#!/usr/bin/env bash
# Installs a PostgreSQL server with pgvector for the tests, from Debian's packages. Does nothing
# where both are there. Debian 12 has no package of pgvector: it is compiled from the source package
# of Debian 13, whose signature apt checks. Needs root.
set -euo pipefail

if compgen -G '/usr/share/postgresql/*/extension/vector.control' >/dev/null; then
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
packaged=$(apt-cache search --names-only '^postgresql-[0-9]+-pgvector$' | cut -d' ' -f1 | sort -V | tail -1)
if [ -n "$packaged" ]; then
  apt-get install -y -q --no-install-recommends "$packaged"
  exit 0
fi

version=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
apt-get install -y -q --no-install-recommends \
  "postgresql-$version" "postgresql-server-dev-$version" gcc libc6-dev make
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p parts lists/partial
sed -n '1,/^$/p' /etc/apt/sources.list.d/debian.sources \
  | sed -e 's/^Types: deb$/Types: deb-src/' -e 's/^Suites: .*/Suites: trixie/' >parts/trixie.sources
# A list of sources of its own, so that nothing else is ever installed from Debian 13.
apt=(apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/parts"
  -o "Dir::State::lists=$folder/lists")
"${apt[@]}" update
"${apt[@]}" source --download-only pgvector
tar xzf pgvector_*.orig.tar.gz
config=/usr/lib/postgresql/$version/bin/pg_config
# OPTFLAGS: code for every machine of this architecture, not for this one's processor alone.
make -s -C pgvector-*/ OPTFLAGS= with_llvm=no PG_CONFIG="$config"
make -s -C pgvector-*/ with_llvm=no PG_CONFIG="$config" install

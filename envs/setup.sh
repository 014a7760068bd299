#!/usr/bin/env bash
# Makes a checkout ready: virtual environment, package, Chromium, Docker engine, images.
# Idempotent; a second run takes seconds. NO_INSTALL=1: install nothing on the system.
# EXTRAS: which extras of the package are installed; `dev` unless told, `ci` adds PyTorch and transformers.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}
EXTRAS=${EXTRAS:-dev}
NO_INSTALL=${NO_INSTALL:-}
say() { printf 'setup: %s\n' "$*" >&2; }

# --- Python and the package ----------------------------------------------------------------------
python=""
for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    say "No Python 3.11 or newer with venv was found. Install one (Debian: apt-get install python3-venv) or name it in PYTHON."
    exit 2
fi
stamp="$VENV/.riosim-setup"
wanted=$( (cat pyproject.toml .ci/constraints.txt && echo "$EXTRAS") | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    say "making the virtual environment $VENV with $($python --version)"
    [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV"
    # The variables pin what builds the package, too (the second one for pip from 25.3 on).
    PIP_CONSTRAINT=.ci/constraints.txt PIP_BUILD_CONSTRAINT=.ci/constraints.txt \
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$EXTRAS]"
    printf '%s' "$wanted" >"$stamp"
fi

# --- Docker engine and Chromium ------------------------------------------------------------------
answers() { "$VENV/bin/python" -c 'import docker; docker.from_env(timeout=5).ping()' 2>/dev/null; }
can_install() { [ -z "$NO_INSTALL" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
packages=()
answers || command -v dockerd >/dev/null || packages+=(docker.io)
command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
command -v chromium >/dev/null || [ -n "${RIOSIM_CHROMIUM:-}" ] || packages+=(chromium)
if [ ${#packages[@]} -gt 0 ]; then
    if can_install; then
        say "installing with apt-get: ${packages[*]} (undo: apt-get purge --autoremove ${packages[*]})"
        log=$(mktemp)
        if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            say "apt-get failed; its whole output is in $log"
            exit 2
        fi
        rm -f "$log"
    else
        say "not installed: ${packages[*]} (needs root on Debian or Ubuntu, and NO_INSTALL unset)"
    fi
fi
if ! answers && [ -z "$NO_INSTALL" ] && [ "$(id -u)" = 0 ] && command -v dockerd >/dev/null; then
    say "starting a Docker engine (stop it with: kill \$(cat /var/run/docker.pid))"
    if [ -d /run/systemd/system ]; then
        systemctl start docker || true
    else
        setsid --fork dockerd >/var/log/dockerd.log 2>&1 </dev/null || true
    fi
    for _ in $(seq 60); do answers && break || sleep 0.5; done
    answers || { say "the engine did not start; see /var/log/dockerd.log"; tail -n 5 /var/log/dockerd.log >&2; }
fi

# --- Images --------------------------------------------------------------------------------------
if answers; then
    "$VENV/bin/riosim" image build
else
    say "no Docker engine answers: desktop tasks cannot be played, browser tasks use the embedded sandbox"
fi

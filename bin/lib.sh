# What the scripts in bin/ share; sourced, never run. Everything runs from the project's folder.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Toolchains from swift.org are often unpacked here without being put on the PATH.
if ! command -v swift >/dev/null && [[ -x /opt/swift/usr/bin/swift ]]; then
    PATH=/opt/swift/usr/bin:$PATH
fi

# Standard output belongs to the programs that the scripts run.
say() { printf '%s\n' "$*" >&2; }

die() {
    say "${0##*/}: $*"
    exit 1
}

# A script's help is the comment at its top.
usage() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "bin/${0##*/}"; }

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
    usage
    exit 0
fi

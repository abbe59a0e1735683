# shellcheck shell=sh disable=SC2034,SC2154
# Read by the programs beside it, which set `here`: leaves in `node` what they are run with.
if [ -x "$here/node" ]; then
	node=$here/node
elif ! node=$(command -v node); then
	echo "${0##*/}: needs Node.js, and there is no \"node\" in PATH ($PATH)" >&2
	exit 71
fi

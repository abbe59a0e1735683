#!/bin/sh
# The steps of deb-test under the init of System V, in order: each uses what the ones before it left.
# shellcheck disable=SC2317 # functions are called through check()
set -u

# Small packages are not what is looked at; time is.
export DPKG_DEB_COMPRESSOR_TYPE=gzip DPKG_DEB_COMPRESSOR_LEVEL=1

. scripts/deb-test/check.sh
. scripts/deb-test/machine.sh
. scripts/deb-test/packages.sh
. scripts/deb-test/building.sh
. scripts/deb-test/serving.sh
. scripts/deb-test/keeping.sh
. scripts/deb-test/leaving.sh

sum_up

#!/bin/sh
# Maintainer scripts start and stop the services that they install and remove, as on a machine that was booted.
exit 0

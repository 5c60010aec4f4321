#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of processor.t translated, each run of a translation compared with the interpreter's.
exec "$(dirname "$0")/processor.t" --lockstep 40

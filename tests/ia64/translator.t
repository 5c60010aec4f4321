#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The same programs as processor.t, run so often that the translator takes them over.
exec sh "$(dirname "$0")/processor.t" --translate 40

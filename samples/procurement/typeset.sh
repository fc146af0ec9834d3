#!/bin/sh
# 重新排版全部演示 PDF,并由排版结果生成页码索引与机器可读声明。
# Rebuild every sample PDF and what is derived from the typeset pages.
#
# Needs: python3 with the PyPI package `typst` 0.15 (or PYTHON=/path/to/venv/bin/python),
# and the Noto CJK fonts (Debian: fonts-noto-cjk, fonts-noto-cjk-extra is not needed).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
SOURCE_DATE_EPOCH=0
export SOURCE_DATE_EPOCH
exec "${PYTHON:-python3}" "$here/typeset.py" "$here"

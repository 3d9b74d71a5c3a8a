#!/usr/bin/env bash
# A virtual environment of the peers alone, with the versions that the page reports:
#     bash tests/benchmarks/peers/make_environment.sh FOLDER
# One is enough: evidently and alibi-detect hold numpy and pandas back, and the others run on those too.
set -euo pipefail
folder=${1:?say where: make_environment.sh FOLDER}
"${PYTHON:-python3.11}" -m venv "$folder"
# alibi-detect needs numpy < 2; evidently fails at import on pandas 3; the CPU build of torch is enough
"$folder/bin/pip" install --disable-pip-version-check --quiet \
    alibi-detect==0.13.0 torch==2.13.0 \
    driftvane==0.1.0 \
    evidently==0.7.23 pandas==2.3.3 \
    livingeval==0.1.0 \
    mauve-text==0.4.0 faiss-cpu==1.15.1 \
    numpy==1.26.4 scikit-learn==1.9.1 scipy==1.17.1
"$folder/bin/pip" check

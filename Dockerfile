# An image that runs the lander and the warehouse: `docker run … land`, `docker run … run`.
# `make image` builds it without Docker, out of Debian's packages, and tries what docs/guides/image.md promises.
#
# Settings come from the environment (LANDFALL_LAKE, LANDFALL_WAREHOUSE, LANDFALL_TARGET,
# LANDFALL_KEY_SECRET); nothing secret is built in. On AWS the role of the task gives the access.
# It runs with a read-only root: all that is written goes to /data and /tmp.

ARG BASE=python:3.11-slim
FROM ${BASE} AS build

WORKDIR /opt/landfall
COPY requirements/runtime.txt requirements/runtime.txt
# what no command of ours opens is left out: the installer, tests and headers of the two largest, and stubs of types
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check \
        --require-hashes -r requirements/runtime.txt \
    && .venv/bin/python -m pip uninstall --quiet --yes pip \
    && find .venv/lib/python3.11/site-packages/pyarrow .venv/lib/python3.11/site-packages/numpy \
        -type d \( -name tests -o -name include \) -prune -exec rm -r {} + \
    && find .venv/lib -type f -name '*.pyi' -delete
COPY ingestion ingestion
RUN python -m compileall -q ingestion


FROM ${BASE}

ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Landfall" \
    org.opencontainers.image.description="Lands the extracts of systems in a lake and builds its warehouse with dbt" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"

ENV PATH=/opt/landfall/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    LANDFALL_LAKE=/data/lake \
    LANDFALL_WAREHOUSE=/data/warehouse.duckdb \
    LANDFALL_WORK=/data/work \
    DBT_TARGET_PATH=/data/work \
    DBT_LOG_PATH=/data/work/logs

RUN useradd --uid 10001 --no-create-home --home-dir /tmp landfall \
    && mkdir /data \
    && chown landfall /data

WORKDIR /opt/landfall
COPY --from=build /opt/landfall/.venv .venv
COPY --from=build /opt/landfall/ingestion ingestion
COPY dbt_project.yml dbt_project.yml
COPY profiles.yml.example profiles.yml
COPY macros macros
COPY models models
COPY seeds seeds
COPY snapshots snapshots
COPY pages pages
COPY tests/generic tests/generic
COPY tests/singular tests/singular

USER 10001
VOLUME ["/data", "/tmp"]

# a run is a job: its exit code and its alerts tell how it is
HEALTHCHECK NONE

# SIGTERM ends a command as Ctrl-C does, process 1 included: nothing is published, the lease is given back.
ENTRYPOINT ["python", "-m", "ingestion"]
CMD ["run"]

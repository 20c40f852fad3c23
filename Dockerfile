# An image that runs the lander and the warehouse: `docker run … land`, `docker run … run`.
# It is linted in `make lint`, and so far not built there: no test of this project needs Docker.
#
# Settings come from the environment (LANDFALL_LAKE, LANDFALL_WAREHOUSE, LANDFALL_TARGET,
# LANDFALL_KEY_SECRET); nothing secret is built in. On AWS the role of the task gives the access.

FROM python:3.11-slim AS build

WORKDIR /opt/landfall
COPY requirements/runtime.txt requirements/runtime.txt
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes \
        -r requirements/runtime.txt


FROM python:3.11-slim

ENV PATH=/opt/landfall/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    LANDFALL_LAKE=/data/lake \
    LANDFALL_WAREHOUSE=/data/warehouse.duckdb

RUN useradd --uid 10001 --create-home landfall \
    && mkdir /data \
    && chown landfall /data

WORKDIR /opt/landfall
COPY --from=build /opt/landfall/.venv .venv
COPY dbt_project.yml profiles.yml.example ./
COPY ingestion ingestion
COPY macros macros
COPY models models
COPY seeds seeds
COPY snapshots snapshots
COPY tests/generic tests/generic
COPY tests/singular tests/singular
# dbt writes its target and its logs beside the project
RUN chown landfall .

USER 10001
VOLUME /data

# SIGTERM ends a command as Ctrl-C does, process 1 included: nothing is published, the lease is given back.
ENTRYPOINT ["python", "-m", "ingestion"]
CMD ["run"]

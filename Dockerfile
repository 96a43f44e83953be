# syntax=docker/dockerfile:1

# The image of the gateway: the same `trunkline` command as .venv/bin/trunkline.
#
#   docker build -t trunkline .
#   docker run --rm trunkline demo --once
#   docker run -v "$PWD/gateway.toml:/etc/trunkline/gateway.toml:ro" -v trunkline:/var/lib/trunkline \
#       -p 8080:8080 --stop-timeout 60 trunkline
#
# In the config, listen on 0.0.0.0 and keep the store below /var/lib/trunkline.
# SIGTERM drains: give `docker stop` longer than `drain_timeout_s`.

FROM python:3.14-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/trunkline
WORKDIR /src
# Before the sources: the libraries change seldom, so this layer is kept.
COPY requirements.txt ./
RUN /opt/trunkline/bin/pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md ./
COPY requirements/ requirements/
COPY gateway/ gateway/
COPY http_api/ http_api/
COPY routing/ routing/
COPY smpp/ smpp/
COPY storage/ storage/
RUN /opt/trunkline/bin/pip install --no-deps --no-build-isolation .

FROM python:3.14-slim-trixie
# A fixed number, so that a volume keeps its owner from one image to the next.
RUN groupadd --gid 10001 trunkline \
    && useradd --no-log-init --uid 10001 --gid 10001 --home-dir /var/lib/trunkline --no-create-home \
        --shell /usr/sbin/nologin trunkline \
    && install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/trunkline
COPY --from=build /opt/trunkline /opt/trunkline
COPY conf/ /usr/share/doc/trunkline/conf/
ENV PATH=/opt/trunkline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TRUNKLINE_CONFIG=/etc/trunkline/gateway.toml \
    TRUNKLINE_READY_URL=http://127.0.0.1:8081/health/ready
USER 10001
WORKDIR /var/lib/trunkline
VOLUME ["/var/lib/trunkline"]
EXPOSE 8080 8081
# Any status but 200 raises, and so does a proxy from the environment if it were asked for 127.0.0.1.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(os.environ['TRUNKLINE_READY_URL'], timeout=4)"]
ENTRYPOINT ["trunkline"]
CMD ["serve", "--config", "/etc/trunkline/gateway.toml"]

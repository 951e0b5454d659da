# The agent with a browser inside. Built by `make image`; docs: deploy/README.md.
ARG BASE=debian:bookworm-slim

# What is needed to install the program, and nothing of it, stays in this stage.
FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
# Where packages come from, if not from pip's default; known to this stage only.
ARG PIP_CONFIG_FILE
ARG PIP_CERT
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python3 -m venv /opt/dvcwatch && python3 -m venv /opt/build
# The parts change seldom, our own code often: they are layers of their own.
COPY pyproject.toml constraints.txt ./
RUN python3 -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && /opt/dvcwatch/bin/pip install -c constraints.txt -r requirements.txt \
    && /opt/build/bin/pip install -c constraints.txt hatchling
COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/dvcwatch/bin/pip install --no-deps /dist/*.whl \
    && /opt/dvcwatch/bin/pip uninstall -y pip setuptools \
    && python3 -m compileall -q /opt/dvcwatch

FROM ${BASE}
# Liberation Serif is the metric twin of Times New Roman; DejaVu has every Vietnamese letter. tini reaps what a browser
# leaves behind: without an init as PID 1, dead renderers stay for ever. libatomic1 is for the driver of Playwright.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates chromium-headless-shell fontconfig fonts-dejavu-core fonts-liberation libatomic1 python3 tini \
        tzdata \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/fontconfig/* \
    && groupadd --gid 10001 dvcwatch \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin dvcwatch \
    && install -d -o dvcwatch -g dvcwatch /srv/dvcwatch/data
COPY --from=build /opt/dvcwatch /opt/dvcwatch
WORKDIR /srv/dvcwatch
COPY checks.yaml ./
COPY journeys ./journeys
COPY sandbox/practice-password.txt ./sandbox/
ENV PATH=/opt/dvcwatch/bin:$PATH PYTHONUNBUFFERED=1 LANG=C.UTF-8 HOME=/tmp XDG_CACHE_HOME=/tmp/.cache
USER 10001:10001
VOLUME /srv/dvcwatch/data
EXPOSE 9464
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "dvcwatch"]
CMD ["run", "--listen", "0.0.0.0:9464"]

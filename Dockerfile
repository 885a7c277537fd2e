# syntax=docker/dockerfile:1
# The command `ctx` in an image: `docker run --rm -v "$PWD:/data:ro" ghcr.io/ctxtools/ctxtools count .`
# docs/install.md has more.
ARG PYTHON=python:3.13-slim-bookworm

FROM rust:1.90-slim-bookworm AS rust

FROM ${PYTHON} AS build
# docs/install.md says what extras are. Those that are left out are large: parquet alone is 170 MB.
ARG EXTRAS=chat,mcp,pdf,sentencepiece,serve
COPY --from=rust /usr/local/cargo /usr/local/cargo
COPY --from=rust /usr/local/rustup /usr/local/rustup
ENV CARGO_HOME=/usr/local/cargo \
    RUSTUP_HOME=/usr/local/rustup \
    PATH=/usr/local/cargo/bin:$PATH \
    CTXTOOLS_KERNEL=require \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# An environment without pip, which nothing in the image needs.
RUN python -m venv --without-pip /opt/ctx \
    && python -m pip --python /opt/ctx/bin/python install ".[${EXTRAS}]" \
    && /opt/ctx/bin/ctx info \
    && cp LICENSE NOTICE /opt/ctx/

FROM ${PYTHON}
LABEL org.opencontainers.image.title="ctxtools" \
      org.opencontainers.image.description="Counts, chunks and packs text against the context limits of language models, exactly" \
      org.opencontainers.image.source="https://github.com/ctxtools/ctxtools" \
      org.opencontainers.image.documentation="https://ctxtools.github.io/ctxtools/" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0"
RUN useradd --no-log-init --uid 10001 --create-home --shell /usr/sbin/nologin ctx
COPY --from=build /opt/ctx /opt/ctx
ENV PATH=/opt/ctx/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
# Of `ctx serve`. There is no health check in the image, since it also runs commands that end;
# docs/install.md has one for the server.
EXPOSE 8080
ENTRYPOINT ["ctx"]
CMD ["--help"]

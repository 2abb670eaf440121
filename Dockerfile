# The version is that of rust-toolchain.toml, which is kept out of the image: it would fetch tools for development.
FROM rust:1.95.0-slim-trixie AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked -p provoco --bin provoco && cp target/release/provoco /provoco

FROM debian:trixie-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates curl libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 provoco \
    && useradd --uid 10001 --gid provoco --home-dir /var/lib/provoco --no-create-home --shell /usr/sbin/nologin provoco \
    && install -d -o provoco -g provoco -m 0700 /var/lib/provoco
COPY --from=build /provoco /usr/local/bin/provoco

# A number, so that Kubernetes can see that it is not root. Nothing is written outside the volume.
USER 10001:10001
VOLUME /var/lib/provoco
WORKDIR /var/lib/provoco
ENV PROVOCO__DATA=/var/lib/provoco PROVOCO__LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/livez"]
ENTRYPOINT ["provoco"]
CMD ["serve"]

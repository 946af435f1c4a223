# docker build -t il2 . && docker run --rm -v "$PWD:/data" il2 run study.toml
FROM rust:1-slim-bookworm AS build
WORKDIR /il2
COPY . .
RUN cargo build --profile dist --locked

FROM debian:bookworm-slim
COPY --from=build /il2/target/dist/il2 /usr/local/bin/il2
COPY --from=build /il2/LICENSE-MIT /il2/LICENSE-APACHE /usr/share/doc/il2/
# Not root: `docker run --user "$(id -u):$(id -g)"` writes results as yours.
RUN useradd --create-home il2 && mkdir /data && chown il2 /data
USER il2
WORKDIR /data
ENTRYPOINT ["il2"]

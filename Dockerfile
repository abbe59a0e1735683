# Container image of picosocks5: docker build -t picosocks5 . (docs/container.md)
FROM node:22-bookworm-slim AS build
RUN apt-get update \
	&& apt-get install -y --no-install-recommends g++ make python3 \
	&& rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json Makefile binding.gyp tsconfig.json tsconfig.build.json LICENSE ./
COPY bin bin
COPY native native
COPY page page
COPY scripts scripts
COPY src src
COPY man man
COPY etc etc
RUN make install ENGINE=yes PREFIX=/usr DESTDIR=/image

FROM node:22-bookworm-slim
COPY --from=build /image/usr /usr
# The account of the image of Node.js; for ports below 1024 see docs/container.md.
USER node
# To the log of the container, in the foreground.
ENV PICOSOCKS5_LOGMODE=stderr
EXPOSE 1080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["picosocks5", "healthcheck"]
ENTRYPOINT ["picosocks5"]
